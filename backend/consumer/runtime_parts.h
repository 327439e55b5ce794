/*
 * runtime_parts: what the runtime's own files share; nobody else's.
 */
#ifndef PREGON_CONSUMER_RUNTIME_PARTS_H
#define PREGON_CONSUMER_RUNTIME_PARTS_H

#include "backend/consumer/membership.h"
#include "backend/consumer/outbound.h"
#include "backend/consumer/runtime.h"
#include "lib/log.h"

#define MINUTE_MS 60000

struct runtime {
	const struct role *role;
	const struct runtime_settings *settings;
	struct membership_settings member_settings;
	char group[64];
	struct database *db;
	struct role_context ctx;
	void *self; /* the role's */
	struct membership member;
	struct outbound *outbound;
	struct meters *meters;
	struct health *health;
	const struct clock *clock;
	bool stopping;
	bool scrub; /* what was erased may stand in the database's log */
	int64_t tick_ms; /* boottime: when next */
	int64_t commit_ms;
	int64_t ledger_ms;
	int64_t retry_ms; /* not to try again before; 0: nothing */
	struct log_limit limit;
	char words[256]; /* why it waits */
};

static inline int64_t
runtime_now_ms(const struct runtime *rt)
{
	return clock_boottime_ms(rt->clock);
}

/* runtime_transaction.c */

/* It waits for better times: said, but not too often. */
void runtime_wait(struct runtime *, const char *event, const char *why);
/* Undoes the transaction, and with it all that is in memory, because of
 * `error`; what is stored is read again. */
void runtime_undo(struct runtime *, int error);
/* Writes what is in memory only and commits.  -1: it was undone. */
int runtime_commit(struct runtime *);

/* runtime_batch.c */

/* The next record; NULL: none waits, or it was an error, which was heeded. */
rd_kafka_message_t *runtime_next(struct runtime *, int wait_ms);
/* A batch that begins with this record, which it destroys. */
void runtime_batch(struct runtime *, rd_kafka_message_t *);

#endif
