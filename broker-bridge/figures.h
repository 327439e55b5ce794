/*
 * figures: what the bridge counts, for /metrics.
 */
#ifndef PREGON_FIGURES_H
#define PREGON_FIGURES_H

#include "lib/metrics.h"
#include "schemas/identity.h"

/* Why bytes of a cart were refused. */
enum refusal {
	REFUSED_ADDRESS, /* no valid plate in the topic */
	REFUSED_SIZE, /* more than FRAME_BYTES_MAX */
	REFUSED_VERSION, /* of a version that we do not know */
	REFUSED_ENVELOPE, /* no envelope that could be acknowledged */
	REFUSED_ITEM, /* some items, the others went on */
	REFUSED_ALL, /* the envelope alone was good */
	REFUSED_STATUS,
	REFUSALS
};

/* Why a frame was let fall, to be sent again by its cart. */
enum drop {
	DROPPED_FULL, /* as much is under way as is allowed */
	DROPPED_REPEAT, /* the same frame is under way */
	DROPPED_KAFKA, /* the producer did not take it */
	DROPS
};

struct figures {
	struct metric *frames[STREAM_COUNT];
	struct metric *statuses;
	struct metric *refused[REFUSALS];
	struct metric *refused_sales;
	struct metric *refused_known; /* not kept: they are already */
	struct metric *refused_huge; /* not kept: too large even for that */
	struct metric *dropped[DROPS];
	struct metric *beats;
	struct metric *acks;
	struct metric *acks_lost; /* connection gone, or full */
	struct metric *failed; /* delivery reports with an error */
	struct metric *in_flight;
	struct metric *in_flight_bytes;
	struct histogram *delivery; /* from receipt to Kafka's word */
	struct metric *commands_sent;
	struct metric *commands_erased;
	struct metric *commands_refused;
	struct metric *commands_held;
	struct metric *commands_bytes;
	struct metric *commands_gave_way;
	struct metric *carts;
	struct metric *ledger;
	struct metric *new_logs; /* guild records that we made */
	struct metric *connected; /* both MQTT connections */
};

/* Registers them all.  -1: ENOMEM. */
int figures_init(struct figures *, struct metrics *);

#endif
