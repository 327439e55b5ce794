/*
 * beacon: the cart's status and its will, and when a status is due.
 */
#ifndef PREGON_GATEWAY_BEACON_H
#define PREGON_GATEWAY_BEACON_H

#include "firmware-gateway/commands.h"
#include "firmware-gateway/locator.h"
#include "firmware-gateway/settings.h"
#include "firmware-gateway/shop.h"

struct beacon {
	const struct settings *settings;
	struct outbox *outbox;
	const struct timekeeper *time;
	const struct locator *locator;
	const struct shop *shop;
	const struct commands *commands;
	uint64_t epoch; /* that the numbers below are of */
	uint64_t count;
	uint64_t connection;
	int64_t shown_ms; /* boottime: when a fix last went out */
	uint64_t sent;
};

/* True: the epoch is another than the will speaks of. */
bool beacon_outdated(const struct beacon *);
/* A connection begins: its will, encoded; length. */
size_t beacon_will(struct beacon *, void *buf, size_t cap);
/* The next status, encoded; length. */
size_t beacon_status(struct beacon *, enum status_state, void *buf, size_t cap);
/* Another frame with the latest fix went out, or a status did. */
void beacon_shown(struct beacon *, int64_t now_ms);
bool beacon_due(const struct beacon *, int64_t now_ms);

#endif
