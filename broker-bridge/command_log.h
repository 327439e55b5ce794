/*
 * command_log: reads topic_comandos, every partition from its beginning, and
 * then whatever is written, on the loop's thread.
 *
 * librdkafka's simple consumer: no group, no coordinator, one queue whose
 * eventfd wakes the loop.
 */
#ifndef PREGON_COMMAND_LOG_H
#define PREGON_COMMAND_LOG_H

#include <ev.h>

#include "lib/kafka.h"

struct command_log_handler {
	void (*record)(void *ctx, const rd_kafka_message_t *);
	/* Every partition was read to its end once. */
	void (*caught_up)(void *ctx);
	/* The topic is not there, or shorter than it was. */
	void (*doubt)(void *ctx);
};

struct command_log;

/* NULL: errno.  The settings' strings outlive it. */
struct command_log *command_log_new(struct ev_loop *,
    const struct kafka_settings *, const struct command_log_handler *,
    void *ctx);
void command_log_free(struct command_log *);

/* Begins, or begins anew; not from within a handler.  -1: `why`. */
int command_log_read(
    struct command_log *, int partitions, char *why, size_t why_cap);
bool command_log_is_caught_up(const struct command_log *);
/* Takes librdkafka's own errors; about once a second. */
void command_log_tick(struct command_log *);
/* Are all brokers out of reach, as far as it knows? */
bool command_log_sees_no_broker(const struct command_log *);

#endif
