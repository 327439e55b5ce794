/*
 * inflight: what was handed to Kafka and is not yet known to stand there.
 *
 * A pool of slots made once: no allocation a frame, and the bound on what
 * the bridge may hold while Kafka is slow or away.  A hash of what is under
 * way finds a cart's repetition of a frame, which must not go to Kafka a
 * second time while the first copy's report is still to come.
 */
#ifndef PREGON_INFLIGHT_H
#define PREGON_INFLIGHT_H

#include "broker-bridge/address.h"

/*
 * Which frame this is.  A repetition may be cut longer, but it starts at the
 * same number.  Of a status: its epoch and count.  Of bytes without a
 * readable envelope: their hash in place of the epoch.
 */
struct inflight_key {
	plate_t plate;
	uint64_t epoch;
	uint64_t first_seq;
	uint32_t ledger;
	uint8_t stream; /* enum stream, or one of: */
};
#define INFLIGHT_STATUS 254
#define INFLIGHT_REFUSED 255

struct inflight_slot {
	struct inflight_key key;
	uint64_t next_seq;
	int64_t received_us; /* monotonic */
	uint64_t remember; /* seen_add() this once it stands; 0: no */
	uint32_t bytes;
	uint8_t waiting; /* delivery reports still to come */
	bool failed; /* one of them was bad */
	bool wants_ack;
	bool retained; /* a retained status: lost means ask again */
	/* inflight's own: indices, NONE at an end */
	uint32_t chain;
	uint32_t older, newer;
};

struct inflight;

/* NULL: ENOMEM. */
struct inflight *inflight_new(uint32_t max_frames, int64_t max_bytes);
void inflight_free(struct inflight *);

/*
 * A slot for `bytes` bytes, its key, time and bytes filled, all else zero.
 * NULL: EEXIST the same frame is under way, ENOBUFS full.
 */
struct inflight_slot *inflight_take(struct inflight *,
    const struct inflight_key *, size_t bytes, int64_t received_us);
void inflight_release(struct inflight *, struct inflight_slot *);

uint32_t inflight_frames(const struct inflight *);
int64_t inflight_bytes(const struct inflight *);
/* Under half of both bounds. */
bool inflight_is_calm(const struct inflight *);
/* When the oldest one came; INT64_MAX: none is under way. */
int64_t inflight_oldest_us(const struct inflight *);

#endif
