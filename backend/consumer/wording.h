/*
 * wording: words with places for values, as people write them in files:
 *
 *     Subject: {{cart}} is missing
 *
 *     Last heard of at {{since}}.
 *     It was at {{place}}.
 *
 * A value that is not there is empty, and a line whose values are all empty is
 * left out, so that "It was at ." is never sent.
 */
#ifndef PREGON_CONSUMER_WORDING_H
#define PREGON_CONSUMER_WORDING_H

#include <stddef.h>

struct wording {
	char *subject;
	char *body;
};
/* Subject line, empty line, body.  -1: EINVAL with `why`, or ENOMEM. */
int wording_parse(
    struct wording *, const char *text, char *why, size_t why_cap);
void wording_release(struct wording *);

/* The value of a name; NULL or "": there is none.  Valid until the next. */
struct wording_values {
	const char *(*find)(void *ctx, const char *name);
	void *ctx;
};
#define WORDING_NAME_MAX 40

/* A body; the caller frees it.  NULL: ENOMEM. */
char *wording_fill(const char *words, const struct wording_values *);
/* A subject: one line, which is there whatever it lacks. */
char *wording_fill_line(const char *words, const struct wording_values *);

#endif
