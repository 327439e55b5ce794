/*
 * listen: a listening socket whose failure can be explained.
 */
#ifndef PREGON_API_LISTEN_H
#define PREGON_API_LISTEN_H

#include <stddef.h>

/* The socket, or -1 with `why` in words.  *port: the real one, if it was 0. */
int listen_on(const char *host, int *port, char *why, size_t why_cap);

#endif
