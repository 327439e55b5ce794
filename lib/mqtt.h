/*
 * mqtt: a connection to the broker on a libev loop, over libmosquitto.
 *
 * Everything runs on the loop's thread but one thing: name look-up and
 * connecting (libmosquitto resolves with a blocking call), which has a
 * thread of its own while it lasts and owns the handle then.  Reconnects by
 * itself with backoff (to 5 s) and jitter.
 */
#ifndef PREGON_MQTT_H
#define PREGON_MQTT_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mqtt;

struct mqtt_settings {
	const char *host;
	int port;
	const char *client_id;
	const char *user; /* NULL: none */
	const char *password;
	bool clean_session;
	int keepalive_s; /* 25 */
	int connect_timeout_ms; /* 5000 */
	int backoff_max_ms; /* 5000 */
	/* TLS: on if cafile is given */
	const char *cafile, *certfile, *keyfile;
	const char *tls_version; /* NULL: library's choice */
};

struct mqtt_handler {
	/* Connected (CONNACK 0): subscribe here. */
	void (*connected)(void *ctx);
	/* Connection gone, or could not be made; `why` in words. */
	void (*disconnected)(void *ctx, const char *why);
	/* The payload is the library's until return. */
	void (*message)(void *ctx, const char *topic, const void *payload,
	    size_t len, bool retained);
	/* Before each connect, to set a will: fill and return length, 0 for
	 * none.  Called on the loop's thread. */
	size_t (*will)(
	    void *ctx, const char **topic, void *buf, size_t cap, bool *retain);
};

/* Begins connecting.  Strings are copied.  NULL: errno. */
struct mqtt *mqtt_new(struct ev_loop *, const struct mqtt_settings *,
    const struct mqtt_handler *, void *ctx);
/* Disconnects cleanly (waits at most 1 s for what is queued) and frees. */
void mqtt_free(struct mqtt *);

bool mqtt_is_connected(const struct mqtt *);
/* -1: ENOTCONN, ENOBUFS (more than 1 MiB waits to be written), EIO. */
int mqtt_publish(struct mqtt *, const char *topic, const void *, size_t,
    int qos, bool retain);
int mqtt_subscribe(struct mqtt *, const char *filter, int qos);
/* Bytes that libmosquitto has not written yet (an estimate). */
size_t mqtt_unsent(const struct mqtt *);
/* An answer is overdue: asks the broker for a sign of life, if it gave none
 * within the keepalive. */
void mqtt_doubt(struct mqtt *);
/* Drops the connection at once and reconnects (a dead peer). */
void mqtt_reconnect(struct mqtt *);

#endif
