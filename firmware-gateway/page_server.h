/*
 * page_server: the vendor's page over HTTP, by libmicrohttpd on the
 * gateway's own loop: no thread.
 *
 * Bounds: PAGE_GUESTS_MAX connections (half of them of one address; more
 * wait in the socket's backlog), a body of POS_LINE_MAX, and one that has
 * asked nothing whole for PAGE_GUEST_S is closed, however slowly it talks.
 */
#ifndef PREGON_GATEWAY_PAGE_SERVER_H
#define PREGON_GATEWAY_PAGE_SERVER_H

#include <ev.h>

#include "firmware-gateway/page_request.h"

#define PAGE_GUESTS_MAX 32
#define PAGE_GUEST_S 15

struct page_server;

/* NULL with `why` in words that say what to do. */
struct page_server *page_server_new(struct ev_loop *, const char *host,
    int port, struct page *, char *why, size_t why_cap);
void page_server_free(struct page_server *);
/* The real one, if 0 was asked for. */
int page_server_port(const struct page_server *);

#endif
