/*
 * network: the carts' connections to the broker, and how bad they are.
 */
#ifndef PREGON_SIM_NETWORK_H
#define PREGON_SIM_NETWORK_H

#include <ev.h>

#include "tools/sim/settings.h"

struct network;

struct network_handler {
	void (*connected)(void *ctx, size_t cart);
	void (*disconnected)(void *ctx, size_t cart);
	/* `what`: "ack" or "cmd". */
	void (*message)(void *ctx, size_t cart, const char *what,
	    const void *bytes, size_t len);
	void (*guild)(void *ctx, size_t cart, const void *bytes, size_t len);
	/* The will of a cart with a connection of its own; 0: none. */
	size_t (*will)(void *ctx, size_t cart, void *buf, size_t cap);
};

/* `plates` are settings->carts names, the caller's.  NULL: errno, said. */
struct network *network_new(struct ev_loop *, const struct settings *,
    const char (*plates)[9], const struct network_handler *, void *ctx);
void network_free(struct network *);

/* Makes connections, breaks some, delivers what was delayed. */
void network_tick(struct network *, int64_t now_us);
/* Up: `what` is the topic's last word, a literal or a stream's name. */
void network_send(struct network *, size_t cart, const char *what,
    const void *bytes, size_t len, bool retain);
size_t network_up(const struct network *);
size_t network_connections(const struct network *);
/* At first it is good; from here on as bad as the settings say, or good
 * again. */
void network_set_bad(struct network *, bool);

#endif
