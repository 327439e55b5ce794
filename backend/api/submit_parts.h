/*
 * submit_parts: what submit's two files share; nobody else's.
 */
#ifndef PREGON_API_SUBMIT_PARTS_H
#define PREGON_API_SUBMIT_PARTS_H

#include <pthread.h>

#include "backend/api/submission.h"
#include "lib/log.h"

struct submit {
	struct submit_settings set;
	struct config_pair *pairs; /* set.kafka.pass: ours, then theirs */
	struct config_pass pass;
	char timeout_text[24];
	struct kafka_producer *producer;
	pthread_t thread;
	int wake_fd;

	pthread_mutex_t lock; /* over what follows */
	struct submission *arrived, **arrived_end;
	size_t under_way, bytes;
	bool closing;
	int64_t close_ms; /* not later */

	/* The thread's own. */
	struct submission *first, *last, *unsent;
	struct kafka_partitions partitions;
	int64_t now_ms;
	struct log_limit limit;
};

/* The thread; ctx: the struct submit. */
void *submit_run(void *ctx);
/* What the producer calls, from that thread (or from submit_free). */
void submit_delivered(void *ctx, const struct kafka_delivery *);

#endif
