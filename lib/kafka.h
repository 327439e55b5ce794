/*
 * kafka: librdkafka as Pregón sets it: properties in one place, a producer
 * that is made anew after a fatal error, the guild's record.
 */
#ifndef PREGON_KAFKA_H
#define PREGON_KAFKA_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/config.h"
#include "schemas/down.h"
#include "schemas/topics.h"

struct kafka_settings {
	const char *bootstrap;
	const char *client_id;
	const struct config_pass *pass; /* any librdkafka property; NULL */
};

/* A conf with bootstrap, client id, socket.nagle.disable, log to lib/log,
 * and then the passed-through ones.  NULL: EINVAL, `why` says which. */
rd_kafka_conf_t *kafka_conf(
    const struct kafka_settings *, char *why, size_t why_cap);

/*
 * rd_kafka_destroy() that waits some seconds at most: what of the handle has
 * not ended by then is left behind, with a warning.  NULL: nothing.  The
 * handle's callbacks do not come any more: a consumer was closed before.
 */
void kafka_destroy(rd_kafka_t *);

/*
 * An idempotent, acks=all, lz4 producer.  One thread.
 *
 * A record's fate comes to `delivered` exactly once for each accepted
 * record: err 0, or the reason.  After a fatal error the producer is made
 * anew by itself (each record that was under way has then been told its
 * failure).
 */
struct kafka_producer;
struct kafka_delivery {
	void *opaque; /* as given with the record */
	rd_kafka_resp_err_t err;
	int32_t partition;
	int64_t offset;
};
struct kafka_producer *kafka_producer_new(const struct kafka_settings *,
    void (*delivered)(void *ctx, const struct kafka_delivery *), void *ctx,
    char *why, size_t why_cap);
/* Waits at most timeout_ms for what is under way; then frees. */
void kafka_producer_free(struct kafka_producer *, int timeout_ms);

struct kafka_record {
	enum topic topic;
	int32_t partition; /* from topic_partition() */
	const void *key;
	size_t key_len;
	const void *value; /* copied; len 0 with tombstone false is an
				   empty value, not a tombstone */
	size_t value_len;
	bool tombstone;
	const char *schema; /* header; NULL: none */
	const char *reason; /* header; NULL: none */
	const char *origin; /* header; NULL: none */
	int64_t timestamp_ms; /* 0: now */
	void *opaque;
};
/* -1: ENOBUFS (queue full), EIO (`delivered` will not be called). */
int kafka_produce(struct kafka_producer *, const struct kafka_record *);
/* Calls `delivered`; never blocks.  Number of reports. */
int kafka_producer_poll(struct kafka_producer *);
/* An fd that becomes readable when reports wait (level, nonblocking). Stable
 * for the producer's life, also over a fatal error. */
int kafka_producer_fd(const struct kafka_producer *);
int kafka_producer_queued(const struct kafka_producer *);
rd_kafka_t *kafka_producer_handle(const struct kafka_producer *);

/*
 * How many partitions each topic has, asked of Kafka when it is needed and
 * again each minute: all topics, because asking for one by name could create
 * it.  Zeroed at first; one thread.
 */
struct kafka_partitions {
	int count[TOPIC_COUNT];
	int64_t learnt_ms; /* 0: never, or doubted: set it so */
	int64_t retry_ms; /* not asked before */
};
/*
 * All partitions of a topic; blocks half a second at most, and that not more
 * than every two.  -1: EAGAIN (Kafka does not say), ENOENT (it is not there,
 * or too small).
 */
int kafka_partitions_count(
    struct kafka_partitions *, rd_kafka_t *, enum topic, int64_t now_ms);

/*
 * Which log is this?  Reads the newest `guild` record of topic_comandos and
 * the cluster's id.  0: found; 1: the log has none; -1: errno ETIMEDOUT,
 * EIO.  Blocks up to timeout_ms.
 */
int kafka_guild_read(const struct kafka_settings *, int timeout_ms,
    struct guild *, char *why, size_t why_cap);
/* Writes one (waits for the acknowledgement). */
int kafka_guild_write(const struct kafka_settings *, int timeout_ms,
    const struct guild *, char *why, size_t why_cap);
/* A first ledger for a new guild: hours since 2020, at least above `over`. */
uint64_t guild_next_ledger(int64_t now_ms, uint64_t over);

#endif
