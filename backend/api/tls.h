/*
 * tls: a certificate and its key, read whole for libmicrohttpd.
 */
#ifndef PREGON_API_TLS_H
#define PREGON_API_TLS_H

#include <stddef.h>

struct tls {
	char *cert; /* PEM; NULL: no TLS */
	char *key;
};

/* Both names empty: no TLS.  0, or -1 with `why` in words. */
int tls_read(
    struct tls *, const char *cert, const char *key, char *why, size_t why_cap);
/* Wipes the key. */
void tls_release(struct tls *);

#endif
