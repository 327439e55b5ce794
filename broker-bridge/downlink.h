/*
 * downlink: from topic_comandos to the carts.
 *
 * Reads every partition from its beginning, keeps what each cart has yet to
 * be told (postbox.h) and publishes it; hands the guild's record on.  On
 * the loop's thread.
 */
#ifndef PREGON_DOWNLINK_H
#define PREGON_DOWNLINK_H

#include <ev.h>

#include "broker-bridge/postbox.h"
#include "broker-bridge/figures.h"
#include "broker-bridge/forward.h"

struct downlink_settings {
	struct kafka_settings kafka;
	struct postbox_settings postbox;
};

struct downlink_handler {
	/* A record `guild` was read; `live`: after the first reading. */
	void (*guild)(void *ctx, const struct guild *, bool live);
	/* topic_comandos is not there, or shorter than it was. */
	void (*log_doubt)(void *ctx);
};

struct downlink;

/* NULL: `why` in words.  `forward` writes its tombstones. */
struct downlink *downlink_new(struct ev_loop *,
    const struct downlink_settings *, struct forward *, struct figures *,
    const struct downlink_handler *, void *ctx, char *why, size_t why_cap);
void downlink_free(struct downlink *);

/* The connection that commands go through; NULL: none. */
void downlink_set_mqtt(struct downlink *, struct mqtt *);
void downlink_set_ledger(struct downlink *, uint64_t ledger);

/* Begins to read `partitions` partitions from their beginning; if it reads
 * already, what it knew of the log is forgotten.  -1: `why`. */
int downlink_read(struct downlink *, int partitions, char *why, size_t why_cap);

/* A cart's status, retained or live. */
void downlink_status(
    struct downlink *, const char *topic, const void *, size_t);
/* About once a second. */
void downlink_tick(struct downlink *);
/* Are all of the cluster's brokers out of reach, as far as we know? */
bool downlink_sees_no_broker(const struct downlink *);

#endif
