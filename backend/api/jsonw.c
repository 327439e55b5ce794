/*
 * A writer of its own: jansson would build a tree of a track first, some
 * 200 MB for the largest that may be asked for.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/api/jsonw.h"
#include "lib/clock.h"

void
jsonw_init(struct jsonw *j)
{
	memset(j, 0, sizeof(*j));
}

void
jsonw_release(struct jsonw *j)
{
	free(j->text);
	jsonw_init(j);
}

int
jsonw_failed(const struct jsonw *j)
{
	return j->failed;
}

static bool
reserve(struct jsonw *j, size_t more)
{
	size_t cap = j->cap > 0 ? j->cap : 1024;
	char *text;

	if (j->failed != 0)
		return false;
	if (more > JSONW_BYTES_MAX - j->len) {
		j->failed = EFBIG;
		return false;
	}
	if (j->len + more <= j->cap)
		return true;
	while (cap < j->len + more)
		cap *= 2;
	text = realloc(j->text, cap);
	if (text == NULL) {
		j->failed = ENOMEM;
		return false;
	}
	j->text = text;
	j->cap = cap;
	return true;
}

static void
put(struct jsonw *j, const char *s, size_t len)
{
	if (!reserve(j, len))
		return;
	memcpy(j->text + j->len, s, len);
	j->len += len;
}

static void
value(struct jsonw *j, const char *s, size_t len)
{
	if (j->comma)
		put(j, ",", 1);
	put(j, s, len);
	j->comma = true;
}

void
jsonw_raw(struct jsonw *j, const char *json, size_t len)
{
	value(j, json, len);
}

void
jsonw_open(struct jsonw *j, char bracket)
{
	value(j, &bracket, 1);
	j->comma = false;
}

void
jsonw_close(struct jsonw *j, char bracket)
{
	put(j, &bracket, 1);
	j->comma = true;
}

void
jsonw_key(struct jsonw *j, const char *key)
{
	jsonw_text(j, key);
	put(j, ":", 1);
	j->comma = false;
}

static bool
is_plain(unsigned char c)
{
	return c >= 0x20 && c != 0x7f && c != '"' && c != '\\';
}

static void
put_escaped(struct jsonw *j, unsigned char c)
{
	char out[8] = "";

	if (c == '"' || c == '\\')
		put(j, c == '"' ? "\\\"" : "\\\\", 2);
	else
		put(j, out, (size_t)snprintf(out, sizeof(out), "\\u%04x", c));
}

void
jsonw_text(struct jsonw *j, const char *s)
{
	const char *plain;

	if (s == NULL) {
		jsonw_null(j);
		return;
	}
	value(j, "\"", 1);
	while (*s != '\0') {
		for (plain = s; is_plain((unsigned char)*s); s++)
			;
		put(j, plain, (size_t)(s - plain));
		if (*s != '\0')
			put_escaped(j, (unsigned char)*s++);
	}
	put(j, "\"", 1);
}

void
jsonw_int(struct jsonw *j, int64_t n)
{
	char text[24];

	value(j, text, (size_t)snprintf(text, sizeof(text), "%" PRId64, n));
}

void
jsonw_bool(struct jsonw *j, bool b)
{
	if (b)
		value(j, "true", 4);
	else
		value(j, "false", 5);
}

void
jsonw_null(struct jsonw *j)
{
	value(j, "null", 4);
}

void
jsonw_decimal(struct jsonw *j, int64_t n, unsigned places)
{
	uint64_t size = n < 0 ? -(uint64_t)n : (uint64_t)n;
	uint64_t one = 1;
	unsigned i;
	char text[48];
	int len;

	for (i = 0; i < places; i++)
		one *= 10;
	len = snprintf(text, sizeof(text), "%s%" PRIu64 ".%0*" PRIu64,
	    n < 0 ? "-" : "", size / one, (int)places, size % one);
	value(j, text, (size_t)len);
}

void
jsonw_adopt(struct jsonw *j, char *text)
{
	jsonw_release(j);
	j->text = text;
	if (text == NULL)
		j->failed = ENOMEM;
	else
		j->len = j->cap = strlen(text);
}

void
jsonw_time(struct jsonw *j, int64_t unix_ms)
{
	char text[CLOCK_TEXT];

	if (unix_ms == INT64_MIN) {
		jsonw_null(j);
		return;
	}
	clock_format(unix_ms, text);
	jsonw_text(j, text);
}
