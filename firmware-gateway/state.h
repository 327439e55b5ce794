/*
 * state: everything an operator wants to know of a gateway, as JSON: the
 * gateway has no other port.
 */
#ifndef PREGON_GATEWAY_STATE_H
#define PREGON_GATEWAY_STATE_H

#include <jansson.h>

#include "firmware-gateway/pos_server.h"
#include "firmware-gateway/receiver.h"
#include "firmware-gateway/uplink.h"

struct state_parts {
	const struct settings *settings;
	struct outbox *outbox;
	const struct timekeeper *time;
	const struct events *events;
	const struct locator *locator;
	const struct receiver *receiver;
	const struct shop *shop;
	const struct commands *commands;
	const struct inbox *inbox;
	const struct uplink *uplink;
	const struct pos *pos;
	const struct pos_server *server;
	int64_t started_ms; /* boottime */
};

/* A new object; NULL: no memory. */
json_t *state_json(const struct state_parts *);

#endif
