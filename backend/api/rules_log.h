/*
 * rules_log: reads topic_reglas, every partition from its beginning, and then
 * whatever is written.
 *
 * librdkafka's consumer without a group, on a thread of its own: it waits for
 * Kafka, perhaps for hours, and nobody's request shall.
 */
#ifndef PREGON_API_RULES_LOG_H
#define PREGON_API_RULES_LOG_H

#include "lib/kafka.h"

/* Called from rules_log's thread. */
struct rules_log_handler {
	/* It begins (again): what was heard before counts no more. */
	void (*begin)(void *ctx);
	/* value NULL: a tombstone. */
	void (*record)(void *ctx, const char *key, size_t key_len,
	    const void *value, size_t len);
	/* Every partition was read to its end. */
	void (*caught_up)(void *ctx);
};

/* Who listens; the handler outlives the log. */
#define RULES_LOG_FEEDS_MAX 4
struct rules_log_feed {
	const struct rules_log_handler *handler;
	void *ctx;
};

struct rules_log;
/* NULL: `why` in words.  That Kafka is away is no error. */
struct rules_log *rules_log_start(const struct kafka_settings *,
    const struct rules_log_feed *, size_t count, char *why, size_t why_cap);
void rules_log_stop(struct rules_log *);

#endif
