/*
 * json: writes JSON text into a growing buffer, value after value, so that a
 * track of 200,000 points needs no tree in memory.
 *
 * Commas come by themselves.  A failure sticks (no memory, more than
 * JSON_BYTES_MAX): look at json_failed() once, at the end.
 */
#ifndef PREGON_API_JSON_H
#define PREGON_API_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 200,000 track points need 33 MB. */
#define JSON_BYTES_MAX ((size_t)64 * 1024 * 1024)

struct json {
	char *text; /* owned; not NUL-terminated */
	size_t len;
	size_t cap;
	bool comma; /* the next value has one before it */
	int failed; /* errno: ENOMEM, EFBIG */
};

void json_init(struct json *);
void json_release(struct json *);
int json_failed(const struct json *);

void json_open(struct json *, char bracket); /* '{' or '[' */
void json_close(struct json *, char bracket); /* '}' or ']' */
void json_key(struct json *, const char *);
/* NULL: null. */
void json_text(struct json *, const char *);
void json_int(struct json *, int64_t);
void json_bool(struct json *, bool);
void json_null(struct json *);
/* value * 10^-places, exactly: json_decimal(j, -33437800, 6) is -33.437800 */
void json_decimal(struct json *, int64_t value, unsigned places);
/* Takes over a whole text of another form (malloc'ed); NULL: no memory. */
void json_adopt(struct json *, char *text);
/* RFC 3339 with ms, in UTC; INT64_MIN (INSTANT_MISSING): null. */
void json_time(struct json *, int64_t unix_ms);

#endif
