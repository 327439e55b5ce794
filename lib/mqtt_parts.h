/*
 * mqtt_parts: what mqtt's own files share; nobody else's.
 */
#ifndef PREGON_MQTT_PARTS_H
#define PREGON_MQTT_PARTS_H

#include <mosquitto.h>

#include "lib/mqtt.h"

/*
 * mqtt_connect.c: look-up, and the begin of connecting.  A numeric address
 * needs no look-up and no thread.
 */
struct connector;
enum connector_state {
	CONNECTOR_FAILED, /* rc and errno say why */
	CONNECTOR_BEGUN, /* the handle has a socket that connects */
	CONNECTOR_LOOKING_UP /* a thread owns the handle until `wake` */
};
/* Begins; in LOOKING_UP *c must be given to one of the two below. */
enum connector_state connector_start(struct mosquitto *,
    const struct mqtt_settings *, struct ev_loop *, ev_async *wake,
    struct connector **c, int *rc);
/* After `wake`: libmosquitto's code (with errno); c is freed. */
int connector_finish(struct connector *c);
/* Nobody waits any more: its thread frees the handle too. */
void connector_abandon(struct connector *c);

/*
 * mqtt_unsent.c: what libmosquitto was given and has not written yet.  It
 * keeps packets in order and says when one of QoS 0 was written, or one of
 * QoS 1 acknowledged.
 */
struct unsent_packet {
	int mid;
	uint32_t bytes;
};
struct unsent {
	struct unsent_packet *ring; /* QoS 0, in the order of writing */
	size_t ring_size, first, count;
	struct unsent_packet *kept; /* QoS 1, until acknowledged */
	size_t kept_size, kept_count;
	size_t bytes; /* of both */
};
int unsent_add(struct unsent *, int mid, size_t bytes, int qos);
void unsent_done(struct unsent *, int mid);
/* The connection is gone, and packets of QoS 0 with it. */
void unsent_forget(struct unsent *);
void unsent_release(struct unsent *);

#endif
