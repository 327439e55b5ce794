/*
 * limits: how often one address may do what anyone may: a token bucket each.
 *
 * An IPv4 address counts by itself, IPv6 by its /64 (one household has that
 * many).  The table is bounded: when it is full, the bucket not used for the
 * longest time goes, which has filled up again if any has.  Any thread.
 */
#ifndef PREGON_API_LIMITS_H
#define PREGON_API_LIMITS_H

#include "backend/api/access.h"

enum limit_class {
	LIMIT_NONE,
	LIMIT_PUBLIC, /* who has a token is not held by it */
	LIMIT_CLASSES
};

struct limits_settings {
	int burst; /* at once */
	int64_t every_ms; /* then one each */
	size_t addresses; /* kept at most */
};

struct limits;
/* NULL: ENOMEM. */
struct limits *limits_new(const struct limits_settings *);
void limits_free(struct limits *);
/* 0: go on, counted; else how many ms to wait for the next. */
int64_t limits_take(struct limits *, const struct address *, int64_t now_ms);

#endif
