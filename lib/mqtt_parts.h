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

/*
 * mqtt_direct.c: packets of QoS 0 that we write ourselves.
 */
struct direct {
	uint8_t *bytes;
	size_t len, sent, cap;
	bool midway; /* in a packet, perhaps: nobody else may write */
};
/* -1: ENOMEM. */
int direct_publish(struct direct *, const char *topic, size_t topic_len,
    const void *payload, size_t payload_len, bool retain);
/* What the socket takes now; -1: errno. */
int direct_write(struct direct *, int fd);
size_t direct_bytes(const struct direct *);
void direct_forget(struct direct *);
void direct_release(struct direct *);

/*
 * mqtt_peek.c: packets of QoS 0 that we read ourselves.
 */
struct peek {
	bool off; /* libmosquitto reads all, until the next connection */
	bool lent; /* and so until its next message: it is in a packet */
};
enum peek_next {
	PEEK_DONE, /* nothing more for now */
	PEEK_LIBRARY /* what comes next is libmosquitto's to read */
};
struct mqtt;
/* The connection is new. */
void peek_begin(struct mqtt *);
/* Hands on what came; one window at most. */
enum peek_next peek_read(struct mqtt *);
/* Does the next look belong to us? */
bool peek_may(const struct mqtt *);
/* libmosquitto has read a message to its end. */
void peek_given_back(struct mqtt *);

enum phase { PHASE_WAITING, PHASE_LOOKING_UP, PHASE_CONNECTING, PHASE_UP };

struct mqtt {
	struct ev_loop *loop;
	struct mqtt_settings settings; /* strings are our copies */
	struct mqtt_handler handler;
	void *ctx;
	struct mosquitto *mosq;
	struct connector *connector; /* PHASE_LOOKING_UP only */
	enum phase phase;
	ev_io readable, writable;
	ev_timer timer; /* next try, or the connect timeout */
	ev_timer keepalive;
	ev_async looked_up;
	ev_prepare flush; /* never started: fed, to come last in a turn */
	struct unsent unsent;
	struct direct direct;
	struct peek peek;
	bool answered; /* CONNACK came, with connack */
	int connack;
	bool drop; /* mqtt_reconnect was called */
	int tries;
	int64_t up_since_ms;
	int64_t said_ms; /* when all that was to be said had been written */
	bool doubted; /* mqtt_doubt, and nothing was heard since */
	uint64_t random;
};

/* mqtt_handle.c: settings, and libmosquitto's handle made from them. */
int mqtt_settings_copy(struct mqtt_settings *to, const struct mqtt_settings *);
void mqtt_settings_release(struct mqtt_settings *);
/* Sets m->mosq; -1: errno, EINVAL or what a TLS file's reading gives. */
int mqtt_handle_make(struct mqtt *);
/* Before each try: the will, and who hears libmosquitto's complaints. */
void mqtt_handle_prepare(struct mqtt *);

/* mqtt_io.c: a connection that is up. */
/* Writes what is queued, as far as the socket takes it; -1: a libmosquitto
 * code in *rc, errno as it says. */
int mqtt_write(struct mqtt *, int *rc);
bool mqtt_wants_write(const struct mqtt *);
void mqtt_write_queued(struct mqtt *);
void mqtt_read_packets(struct mqtt *);
void mqtt_ping_if_needed(struct mqtt *);

/* mqtt_phases.c */
/* The connection is gone, for the reason of this code (and errno). */
void mqtt_lose_by_code(struct mqtt *, int rc);
void mqtt_phases_start(struct mqtt *);
void mqtt_phases_stop(struct mqtt *);
/* Writes what is queued later in this turn of the loop, after all that may
 * publish yet. */
void mqtt_want_flush(struct mqtt *);

#endif
