/*
 * uplink: the cart's end of the link: frames up, acks and commands down,
 * over lib/link.h (the rules), lib/outbox.h (what there is to send) and
 * lib/mqtt.h (the connection).
 *
 * A status goes first after each connect, so that the live map never waits
 * behind a backlog.  Then each stream has one frame under way, as large as
 * its backlog allows: sale, stock and help at once, fixes after link.linger_s
 * (the first after a connect at once too).
 */
#ifndef PREGON_GATEWAY_UPLINK_H
#define PREGON_GATEWAY_UPLINK_H

#include <ev.h>

#include "firmware-gateway/beacon.h"
#include "firmware-gateway/commands.h"

struct uplink;

struct uplink_needs {
	const struct settings *settings;
	const struct clock *clock;
	struct outbox *outbox;
	struct timekeeper *time;
	const struct locator *locator;
	const struct shop *shop;
	struct commands *commands;
	/* A trusted time may have come with an ack. */
	void (*time_came)(void *ctx);
	void *ctx;
};

struct uplink_counts {
	bool connected;
	uint64_t connections;
	uint64_t frames, resent, bytes;
	uint64_t acks, acks_ignored;
	uint64_t statuses;
	uint64_t unreadable; /* messages from the broker */
	uint64_t storage_errors;
	/* Of these credentials: fixes that the guild has acknowledged, and
	 * why the last try to connect failed ("": it did not). */
	uint64_t fix_acks;
	bool refused; /* by the broker itself */
	char why[128];
};

/* Begins to connect.  NULL: errno. */
struct uplink *uplink_new(struct ev_loop *, const struct uplink_needs *);
/* Says that it stops, disconnects, frees. */
void uplink_free(struct uplink *);

/* Something was appended to a stream. */
void uplink_appended(struct uplink *, enum stream);
/* What a status shows has changed: day, fix mode. */
void uplink_changed(struct uplink *);
/* The settings name another broker, or another password. */
void uplink_enrolled(struct uplink *);
/* Each second. */
void uplink_tick(struct uplink *);
/* Is this event in the frame that waits for its ack? */
bool uplink_under_way(
    const struct uplink *, enum stream, uint64_t epoch, uint64_t seq);
void uplink_counts(const struct uplink *, struct uplink_counts *);

#endif
