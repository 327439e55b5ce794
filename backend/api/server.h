/*
 * server: HTTP or HTTPS around api.h, by libmicrohttpd.
 *
 * A few threads of the library's share the listening socket; each owns the
 * connections that it took and a reader of its own, because a reader belongs
 * to one thread and a long track must not make the live map wait.
 *
 * A request that writes is suspended until Kafka has acknowledged it, and
 * costs no thread meanwhile (submit.h); and so is one for whose answer Kafka
 * is asked (errands.h).
 *
 * Who looks on at /api/v1/events is suspended whenever there is nothing new
 * (stream.h).
 *
 * Bounds: connections (in all, and of one address), idle time, how long a
 * request may take to come, bytes of its head, of its body, of all bodies coming in, of one answer, and of
 * all answers that slow clients have yet to fetch (503 beyond).
 */
#ifndef PREGON_API_SERVER_H
#define PREGON_API_SERVER_H

#include "backend/api/api.h"
#include "backend/api/errands.h"
#include "backend/api/submit.h"

struct server_settings {
	const char *host;
	int port; /* 0: any free one */
	int threads;
	const char *cert; /* PEM files; both "" : plain HTTP */
	const char *key;
	int connections; /* at most */
	int connections_per_address; /* at most; 0: no bound */
	int head_s; /* until a request's head is whole */
	int body_s; /* and then until its body is */
	int viewers; /* of /api/v1/events, at most */
	int64_t held_bytes_max; /* of answers not fetched yet */
	struct proxies proxies;
	/* Called by each thread when it first needs one. */
	struct reader *(*open_reader)(void *ctx);
	void *ctx;
};

struct server;
/* Registers its metrics with api->metrics.  NULL, and `why` in words. */
struct server *server_start(const struct server_settings *, const struct api *,
    char *why, size_t why_cap);
int server_port(const struct server *);
/* Until then writes are answered with 503.  Outlives the server, which closes
 * it when it stops. */
void server_open_writes(struct server *, struct submit *);
/* Until then nobody can ask Kafka.  As with writes. */
void server_open_errands(struct server *, struct errands *);
/* Ends every connection and thread. */
void server_stop(struct server *);

#endif
