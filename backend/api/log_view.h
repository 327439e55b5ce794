/*
 * log_view: what Kafka holds, asked when somebody wants to know: how far its
 * partitions go, and records from here or there.
 *
 * One thread (errands.h has it).  Each question is bounded by a moment of the
 * boot time clock (clock.h); when Kafka was not there a moment ago it is not
 * asked again at once.  The consumer is made with the first question.
 */
#ifndef PREGON_API_LOG_VIEW_H
#define PREGON_API_LOG_VIEW_H

#include <stdatomic.h>

#include "lib/kafka.h"

/* That it was not there is kept for so long. */
#define LOG_VIEW_AWAY_MS 2000

struct log_end {
	enum topic topic;
	int32_t partition;
	int64_t low,
	    end; /* the first offset, and after the last; -1: unknown */
};

struct log_view;
/* `stop`: whoever waits is let go when it is set.  NULL: ENOMEM. */
struct log_view *log_view_new(
    const struct kafka_settings *, const atomic_bool *stop);
void log_view_free(struct log_view *);
/* In words, after a -1. */
const char *log_view_why(const struct log_view *);

/*
 * Every partition of each of our topics, by topic and number; valid until the
 * next call.  -1: Kafka does not say.
 */
int log_view_ends(struct log_view *, int64_t deadline_ms,
    const struct log_end **, size_t *count);

/* Where to begin; `open` is set when it does. */
struct log_start {
	enum topic topic;
	int32_t partition;
	int64_t offset;
	bool open;
};
/*
 * Hands records over as they come, in order within a partition, of each until
 * its end or until `each` returns false.  0: of all; 1: the time is over; -1:
 * Kafka does not say.
 */
int log_view_read(struct log_view *, struct log_start *, size_t count,
    int64_t deadline_ms, bool (*each)(void *ctx, const rd_kafka_message_t *),
    void *ctx);

#endif
