/*
 * pos_server: the sockets of the point of sale: a Unix socket (mode 0660),
 * and 127.0.0.1 by setting.  JSON lines, see pos_request.h.
 *
 * Bounds: POS_CLIENTS_MAX clients (the longest idle one gives way after a
 * minute, else a new one is refused with words), a line of POS_LINE_MAX, one
 * answer waiting: who does not read his answer is not read from.
 */
#ifndef PREGON_GATEWAY_POS_SERVER_H
#define PREGON_GATEWAY_POS_SERVER_H

#include <ev.h>

#include "firmware-gateway/pos_request.h"

#define POS_CLIENTS_MAX 16

struct pos_server;

/*
 * tcp_port 0: none.  NULL with `why` in words that say what to do: EADDRINUSE
 * above all.  A socket file that nobody listens on any more is replaced.
 */
struct pos_server *pos_server_new(struct ev_loop *, const char *path,
    int tcp_port, struct pos *, char *why, size_t why_cap);
/* Closes all and removes the socket's file. */
void pos_server_free(struct pos_server *);
unsigned pos_server_clients(const struct pos_server *);

#endif
