/*
 * pos_listen: the POS's listening sockets.  Non-blocking descriptors; -1 with
 * `why` in words.
 */
#ifndef PREGON_GATEWAY_POS_LISTEN_H
#define PREGON_GATEWAY_POS_LISTEN_H

#include <stddef.h>

int pos_listen_unix(const char *path, char *why, size_t why_cap);
int pos_listen_tcp(int port, char *why, size_t why_cap);

#endif
