/*
 * jsonw: writes JSON text into a growing buffer, value after value, so that a
 * track of 200,000 points needs no tree in memory.
 *
 * Commas come by themselves.  A failure sticks (no memory, more than
 * JSONW_BYTES_MAX): look at jsonw_failed() once, at the end.
 */
#ifndef PREGON_API_JSONW_H
#define PREGON_API_JSONW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 200,000 track points need 33 MB. */
#define JSONW_BYTES_MAX ((size_t)64 * 1024 * 1024)

struct jsonw {
	char *text; /* owned; not NUL-terminated */
	size_t len;
	size_t cap;
	bool comma; /* the next value has one before it */
	int failed; /* errno: ENOMEM, EFBIG */
};

void jsonw_init(struct jsonw *);
void jsonw_release(struct jsonw *);
int jsonw_failed(const struct jsonw *);

void jsonw_open(struct jsonw *, char bracket); /* '{' or '[' */
void jsonw_close(struct jsonw *, char bracket); /* '}' or ']' */
void jsonw_key(struct jsonw *, const char *);
/* NULL: null. */
void jsonw_text(struct jsonw *, const char *);
void jsonw_int(struct jsonw *, int64_t);
void jsonw_bool(struct jsonw *, bool);
void jsonw_null(struct jsonw *);
/* value * 10^-places, exactly: jsonw_decimal(j, -33437800, 6) is -33.437800 */
void jsonw_decimal(struct jsonw *, int64_t value, unsigned places);
/* A value that is JSON already. */
void jsonw_raw(struct jsonw *, const char *, size_t len);
/* Takes over a whole text of another form (malloc'ed); NULL: no memory. */
void jsonw_adopt(struct jsonw *, char *text);
/* RFC 3339 with ms, in UTC; INT64_MIN (INSTANT_MISSING): null. */
void jsonw_time(struct jsonw *, int64_t unix_ms);

#endif
