/*
 * runtime: reads a role's topics and applies each record once in effect.
 *
 * Records are taken in batches, each in one transaction with the offsets
 * after it, which are written by compare-and-swap: a process that has lost its
 * partition without knowing (a zombie) changes nothing.  What the transaction
 * puts in the table `outgoing` is sent after the commit.  Runs on the
 * caller's thread and loop.
 */
#ifndef PREGON_CONSUMER_RUNTIME_H
#define PREGON_CONSUMER_RUNTIME_H

#include <ev.h>

#include "backend/consumer/health.h"
#include "backend/consumer/meters.h"
#include "backend/consumer/role.h"
#include "lib/kafka.h"

struct runtime_settings {
	struct kafka_settings kafka;
	const char *instance_id;
	int64_t batch_max; /* records */
	int64_t batch_wait_ms;
	struct role_settings role;
};

struct runtime;
/* NULL: `why`.  The database, meters and health outlive it. */
struct runtime *runtime_new(const struct role *,
    const struct runtime_settings *, struct database *, const struct clock *,
    struct meters *, struct health *, char *why, size_t why_cap);
void runtime_free(struct runtime *);

enum runtime_end {
	RUNTIME_STOPPED, /* as asked */
	RUNTIME_FAILED, /* for good; it is said in the log */
	RUNTIME_OTHER_LOG /* another log, or one cut off; said */
};
/* Runs until runtime_stop; signals and timers of the loop are served. */
enum runtime_end runtime_run(struct runtime *, struct ev_loop *);
void runtime_stop(struct runtime *);

#endif
