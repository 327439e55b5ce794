/*
 * uplink_parts: what uplink's own files share; nobody else's.
 */
#ifndef PREGON_GATEWAY_UPLINK_PARTS_H
#define PREGON_GATEWAY_UPLINK_PARTS_H

#include "firmware-gateway/uplink.h"
#include "lib/link.h"
#include "lib/log.h"
#include "lib/mqtt.h"

#define TOPIC_BYTES 40
#define UPLINK_NEVER INT64_MAX

struct uplink {
	struct ev_loop *loop;
	struct uplink_needs needs;
	struct mqtt *mqtt;
	struct link link;
	struct beacon beacon;
	struct uplink_counts counts;
	struct log_limit said_storage, said_refused;
	int64_t connected_ms; /* boottime */
	/* Streams that may have something to send though nothing was
	 * appended since: after a connect, an ack, a raised ledger. */
	bool look[STREAM_COUNT];
	bool pos_at_once; /* no lingering for the next pos frame */
	int64_t pos_since_ms; /* the oldest fix not sent yet; UPLINK_NEVER */
	ev_timer wake;
	char topics[STREAM_COUNT][TOPIC_BYTES];
	char status_topic[TOPIC_BYTES];
	char ack_topic[TOPIC_BYTES];
	char cmd_topic[TOPIC_BYTES];
	uint8_t frame[FRAME_BYTES_MAX];
};

/* boottime */
int64_t uplink_now_ms(const struct uplink *);
/* The outbox failed (errno): counted, and said now and then. */
void uplink_storage_failed(struct uplink *, const char *doing);
/* Sends what may and should be sent now. */
void uplink_pump(struct uplink *);
/* Every stream may have something to send, at once. */
void uplink_look_again(struct uplink *);

#endif
