/*
 * hook: notices as JSON to a web address of the guild's choice, signed.  The
 * back end of a sender: all but hook_new and hook_free run on its thread.
 */
#ifndef PREGON_CONSUMER_HOOK_H
#define PREGON_CONSUMER_HOOK_H

#include <stdatomic.h>

#include "backend/consumer/sender.h"

struct hook_settings {
	const char *url;
	const char *secret; /* "": not signed */
	int64_t timeout_s; /* a request takes no longer */
};

struct hook;
/* The settings' texts and *stop outlive it; once *stop is set, what is under
 * way is broken off.  NULL: ENOMEM. */
struct hook *hook_new(const struct hook_settings *, atomic_bool *stop);
void hook_free(struct hook *);

extern const struct sender_way hook_way;

/* "sha256=<hex HMAC-SHA-256 of the body>": 71 characters. */
#define HOOK_SIGNATURE_MAX 71
void hook_sign(const char *secret, const void *body, size_t len,
    char signature[HOOK_SIGNATURE_MAX + 1]);

/* What an answer's status means. */
enum courier_outcome hook_judge(long status);

#endif
