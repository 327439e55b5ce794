/*
 * address: where a request comes from, a proxy's word heeded.
 */
#ifndef PREGON_API_ADDRESS_H
#define PREGON_API_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

/* An IPv4 address is kept as ::ffff:a.b.c.d. */
struct address {
	struct in6_addr in6;
};
/* -1: neither form of address. */
int address_parse(const char *text, size_t len, struct address *);
int address_of(const struct sockaddr *, struct address *);
bool address_equal(const struct address *, const struct address *);

/* Proxies whose word in X-Forwarded-For is believed. */
#define PROXIES_MAX 16
struct proxies {
	size_t count;
	struct address at[PROXIES_MAX];
};
/* "10.0.0.1, ::1"; "": none.  -1: EINVAL. */
int proxies_parse(const char *, struct proxies *);
/*
 * Who asked `peer`, if that is a proxy of ours: the last address of the
 * header that is none of ours, for those before it are the client's own
 * claim.  `forwarded` is the last such header, or NULL.
 */
struct address proxies_origin(
    const struct proxies *, const struct address *peer, const char *forwarded);

#endif
