/*
 * page_listen: the vendor's page's socket.
 */
#ifndef PREGON_GATEWAY_PAGE_LISTEN_H
#define PREGON_GATEWAY_PAGE_LISTEN_H

#include <stddef.h>

/*
 * Listens on an address or name; *bound is the port (a free one, if 0).  An
 * address that the machine does not have yet will do: the cart's Wi-Fi may
 * come up later.  -1 with `why` in words that name the setting.
 */
int page_listen(
    const char *host, int port, int *bound, char *why, size_t why_cap);

#endif
