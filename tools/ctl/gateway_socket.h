/*
 * gateway_socket: one request to a gateway and its answer, JSON lines over
 * its Unix socket.  What goes wrong is said (ctl_say); -1 then.
 */
#ifndef PREGON_CTL_GATEWAY_SOCKET_H
#define PREGON_CTL_GATEWAY_SOCKET_H

#include <stdio.h>

/* A stream for both ways; NULL. */
FILE *gateway_connect(const char *path);
/*
 * Sends `line` (without its line feed) and reads the answer's into *answer,
 * which getline(3) grows and the caller frees.
 */
int gateway_ask(FILE *, const char *line, char **answer, size_t *cap);

#endif
