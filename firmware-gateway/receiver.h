/*
 * receiver: a source on the loop: waits for it, opens it again when it is
 * gone, joins its reports of one moment, and notices its silence.
 */
#ifndef PREGON_GATEWAY_RECEIVER_H
#define PREGON_GATEWAY_RECEIVER_H

#include <ev.h>

#include "firmware-gateway/source.h"
#include "lib/clock.h"
#include "schemas/status.h"

struct receiver;

struct receiver_handler {
	/* One moment; again, with report->again, if more of it came late. */
	void (*report)(void *ctx, const struct report *);
	/* What the receiver does: each time it is seen, changed or not. */
	void (*mode)(void *ctx, enum fix_mode);
};

/* Reports of one moment are waited for so long. */
#define RECEIVER_MERGE_MS 30
/* No report for so long: silent (slow receivers give one each 5 s). */
#define RECEIVER_SILENT_MS 10000
/* No report for so long: connects anew. */
#define RECEIVER_GIVE_UP_MS 60000

/* Takes the source.  NULL: ENOMEM. */
struct receiver *receiver_new(struct ev_loop *, const struct clock *,
    struct source *, const struct receiver_handler *, void *ctx);
void receiver_free(struct receiver *);
bool receiver_connected(const struct receiver *);
const char *receiver_device(const struct receiver *);
/* Connections made so far. */
uint64_t receiver_connections(const struct receiver *);

#endif
