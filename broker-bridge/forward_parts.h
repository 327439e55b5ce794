/*
 * forward_parts: what forward's own files share; nobody else's.
 */
#ifndef PREGON_FORWARD_PARTS_H
#define PREGON_FORWARD_PARTS_H

#include <time.h>

#include "broker-bridge/forward.h"
#include "broker-bridge/inflight.h"
#include "broker-bridge/recut.h"
#include "broker-bridge/seen.h"
#include "lib/log.h"

/* What topic_rechazados takes whole; librdkafka's limit is 1,000,000. */
#define REFUSED_BYTES_MAX 900000

/* Carts in partitions beyond it are never judged missing. */
#define BEAT_PARTITIONS_MAX 4096

struct forward {
	struct figures *figures;
	struct kafka_producer *producer;
	struct mqtt *mqtt;
	struct inflight *inflight;
	struct seen *seen;
	int partitions[TOPIC_COUNT];
	/* slots whose ack had no room in the connection: a ring */
	struct inflight_slot **unsent;
	uint32_t unsent_cap, unsent_first, unsent_count;
	bool log_doubt;
	/* beats (forward_beat.c) */
	uint64_t beats;
	bool let_fall; /* a frame, since the last beat */
	bool beat_under_way[BEAT_PARTITIONS_MAX];
	bool retained_lost;
	struct log_limit sale_limit, refused_limit, failed_limit;
	struct recut recut;
};

/* A message on its way in. */
struct arrival {
	const char *topic;
	const void *bytes;
	size_t len;
	int64_t received_us; /* monotonic */
	int64_t received_ms; /* Unix */
	bool retained;
	struct address from; /* cart_len 0: none could be read */
};

int64_t forward_now_us(clockid_t);

/* kafka_producer_new()'s handler; ctx is the struct forward. */
void forward_delivered(void *ctx, const struct kafka_delivery *);
/* What a delivery is of: a slot; a beat's partition, told by its odd value;
 * or nothing that waits. */
static inline void *
forward_beat_opaque(int partition)
{
	return (void *)((uintptr_t)partition << 1 | 1);
}
static inline bool
forward_is_beat(const void *opaque)
{
	return ((uintptr_t)opaque & 1) != 0;
}
void forward_beat_delivered(struct forward *, const void *opaque);
/* Every report of the slot is there: acks, or forgets. */
void forward_slot_done(struct forward *, struct inflight_slot *);

/* Hands one record of the slot to Kafka.  -1: counted; if nothing of the
 * slot is under way then, it is free again. */
int forward_produce(
    struct forward *, struct inflight_slot *, const struct kafka_record *);

/* Counts and logs a refusal. */
void refuse_count(
    struct forward *, const struct arrival *, enum refusal, const char *reason);
/* ... and keeps the bytes whole, once; nothing will be acknowledged. */
void refuse_whole(
    struct forward *, const struct arrival *, enum refusal, const char *reason);
/* Keeps the bytes whole as part of a slot's work. */
int refuse_keep(struct forward *, struct inflight_slot *,
    const struct arrival *, const char *reason);

#endif
