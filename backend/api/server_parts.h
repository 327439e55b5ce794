/*
 * server_parts: what server.c and serve.c share; nobody else's.
 */
#ifndef PREGON_API_SERVER_PARTS_H
#define PREGON_API_SERVER_PARTS_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "backend/api/exchange.h"
#include "backend/api/patience.h"
#include "backend/api/reply.h"
#include "backend/api/server.h"
#include "backend/api/stream.h"

#define CLASSES 4 /* 2xx to 5xx */

struct server {
	const struct api *api;
	struct reader *(*open_reader)(void *);
	void *ctx;
	struct MHD_Daemon *daemon;
	pthread_key_t reader_key; /* each thread's struct reader */
	_Atomic(struct submit *) submit; /* NULL: not yet */
	_Atomic(struct errands *) errands; /* NULL: not yet */
	_Atomic int unfinished; /* requests, from suspended to answered */
	struct proxies proxies;
	struct events *events;
	struct patience *patience;
	int head_s, body_s;
	struct reply_budget budget;
	struct body_budget bodies;
	int port;
	struct metric *requests[CLASSES];
	struct histogram *latency;
};

void server_close_reader(void *reader); /* as pthread_key_create() calls it */
/* As libmicrohttpd calls them; ctx: the server. */
enum MHD_Result server_handle(void *ctx, struct MHD_Connection *,
    const char *path, const char *method, const char *version, const char *body,
    size_t *body_len, void **state);
void server_completed(void *ctx, struct MHD_Connection *, void **state,
    enum MHD_RequestTerminationCode);
void server_on_connection(void *ctx, struct MHD_Connection *, void **watch,
    enum MHD_ConnectionNotificationCode);

#endif
