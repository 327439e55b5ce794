/*
 * events: what happened, into the outbox, with its time.
 *
 * Times never go back within an epoch: by up to a minute they stand still,
 * beyond that a new epoch begins.  An event from before the first trusted
 * time is stamped with boot id and boottime, and each stream that has such
 * events gets a time marker as soon as a time is trusted, after a restart of
 * the gateway too.  Nothing here logs.
 */
#ifndef PREGON_GATEWAY_EVENTS_H
#define PREGON_GATEWAY_EVENTS_H

#include "firmware-gateway/timekeeper.h"
#include "lib/outbox.h"

struct events_order {
	int64_t fix_ms; /* of the last fix; INSTANT_MISSING: none */
	int64_t now_ms; /* of the last of anything else */
	unsigned unmended; /* streams (bits) that need a marker */
};

struct events {
	struct outbox *outbox;
	struct timekeeper *time;
	uint64_t epoch; /* that `order` is about */
	struct events_order order;
	struct events_order next; /* in the composition under way */
	unsigned touched; /* streams (bits) in it */
	bool dirty; /* fixes wait for events_flush */
	uint64_t lost_fixes; /* the disk refused them */
	/* After each commit, for each stream that got something. */
	void (*appended)(void *ctx, enum stream);
	void *ctx;
};

void events_init(struct events *, struct outbox *, struct timekeeper *);

/*
 * One composition: begin (gives its time), append..., commit or roll back.
 * As outbox.h; a failed commit has rolled back.
 */
int events_begin(struct events *, struct instant *at);
int events_append(struct events *, enum stream, struct instant at,
    const struct mp_writer *item, uint64_t *seq);
int events_commit(struct events *, enum outbox_durability);
void events_rollback(struct events *);

/* Kept fixes, in order; group-committed.  -1: they are lost, and counted. */
int events_fixes(struct events *, const struct fix *, size_t count);
/* Markers, if the time is trusted now and some stream needs one. */
int events_mend(struct events *);
/* All that was committed so far is on the flash, acknowledgements too. */
int events_flush(struct events *);

#endif
