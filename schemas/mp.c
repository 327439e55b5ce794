/*
 * mp: MessagePack, bounded.  The format is
 * https://github.com/msgpack/msgpack/blob/master/spec.md; what is not used
 * here (maps, floats, extensions) is only ever skipped.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "schemas/mp.h"

/* A value's header: what it is, and how much belongs to it. */
struct head {
	enum mp_type type;
	size_t header; /* bytes of the header itself */
	uint64_t body; /* bytes after it (not of elements) */
	uint64_t elements; /* values after it (a map: twice its pairs) */
};

static uint64_t
big_endian(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++)
		v = v << 8 | p[i];
	return v;
}

/* What each of 0xc0..0xdf says: its type, how many bytes of length follow,
 * and how many of body beside that length. */
static const struct form {
	uint8_t type;
	uint8_t length_bytes;
	uint8_t body;
} forms[32] = { { MP_NIL, 0, 0 }, { MP_NONE, 0, 0 }, { MP_BOOL, 0, 0 },
	{ MP_BOOL, 0, 0 }, { MP_BIN, 1, 0 }, { MP_BIN, 2, 0 }, { MP_BIN, 4, 0 },
	{ MP_EXT, 1, 1 }, { MP_EXT, 2, 1 }, { MP_EXT, 4, 1 },
	{ MP_FLOAT, 0, 4 }, { MP_FLOAT, 0, 8 }, { MP_INT, 0, 1 },
	{ MP_INT, 0, 2 }, { MP_INT, 0, 4 }, { MP_INT, 0, 8 }, { MP_INT, 0, 1 },
	{ MP_INT, 0, 2 }, { MP_INT, 0, 4 }, { MP_INT, 0, 8 }, { MP_EXT, 0, 2 },
	{ MP_EXT, 0, 3 }, { MP_EXT, 0, 5 }, { MP_EXT, 0, 9 }, { MP_EXT, 0, 17 },
	{ MP_STR, 1, 0 }, { MP_STR, 2, 0 }, { MP_STR, 4, 0 },
	{ MP_ARRAY, 2, 0 }, { MP_ARRAY, 4, 0 }, { MP_MAP, 2, 0 },
	{ MP_MAP, 4, 0 } };

/* False: the header or the body is not all there, or no value starts so. */
static bool
read_head(const uint8_t *at, const uint8_t *end, struct head *h)
{
	size_t left = (size_t)(end - at);
	uint8_t b;

	*h = (struct head){ .type = MP_NONE, .header = 1 };
	if (left == 0)
		return false;
	b = *at;
	if (b < 0x80 || b >= 0xe0) {
		h->type = MP_INT;
	} else if (b < 0x90) {
		h->type = MP_MAP;
		h->elements = 2 * (uint64_t)(b & 0x0f);
	} else if (b < 0xa0) {
		h->type = MP_ARRAY;
		h->elements = b & 0x0f;
	} else if (b < 0xc0) {
		h->type = MP_STR;
		h->body = b & 0x1f;
	} else {
		const struct form *f = &forms[b - 0xc0];
		uint64_t length;

		if (left < 1 + (size_t)f->length_bytes)
			return false;
		length = big_endian(at + 1, f->length_bytes);
		h->type = (enum mp_type)f->type;
		h->header += f->length_bytes;
		h->body = f->body;
		if (h->type == MP_ARRAY)
			h->elements = length;
		else if (h->type == MP_MAP)
			h->elements = 2 * length;
		else
			h->body += length;
	}
	return h->type != MP_NONE && h->body <= left - h->header;
}

void
mp_reader_init(struct mp_reader *r, const void *bytes, size_t len,
    struct decode_error *error)
{
	static const uint8_t none[1];

	r->at = len == 0 ? none : bytes;
	r->end = r->at + len;
	r->error = error;
}

enum mp_type
mp_peek(const struct mp_reader *r)
{
	struct head h;

	read_head(r->at, r->end, &h);
	return h.type;
}

size_t
mp_left(const struct mp_reader *r)
{
	return (size_t)(r->end - r->at);
}

int
mp_refuse(struct mp_reader *r, const char *field, const char *expected)
{
	snprintf(r->error->field, sizeof(r->error->field), "%s", field);
	snprintf(
	    r->error->expected, sizeof(r->error->expected), "%s", expected);
	errno = EBADMSG;
	return -1;
}

/* An integer of any width; *negative tells how to read *bits. */
static bool
read_integer(struct mp_reader *r, bool *negative, uint64_t *bits)
{
	struct head h;
	uint8_t b;

	if (!read_head(r->at, r->end, &h) || h.type != MP_INT)
		return false;
	b = *r->at;
	if (h.body == 0) {
		*bits = b < 0x80 ? b : (uint64_t)(int64_t)(int8_t)b;
		*negative = b >= 0xe0;
	} else {
		*bits = big_endian(r->at + 1, (size_t)h.body);
		*negative = b >= 0xd0 && (*bits >> (8 * h.body - 1) & 1) != 0;
		if (*negative && h.body < 8)
			*bits |= UINT64_MAX << (8 * h.body);
	}
	r->at += h.header + h.body;
	return true;
}

int
mp_read_int(struct mp_reader *r, const char *field, int64_t min, int64_t max,
    int64_t *value)
{
	const uint8_t *start = r->at;
	char expected[64];
	bool negative;
	uint64_t bits;

	if (read_integer(r, &negative, &bits) &&
	    (negative || bits <= INT64_MAX)) {
		*value = (int64_t)bits;
		if (*value >= min && *value <= max)
			return 0;
	}
	r->at = start;
	snprintf(expected, sizeof(expected),
	    "an integer from %" PRId64 " to %" PRId64, min, max);
	return mp_refuse(r, field, expected);
}

int
mp_read_uint(
    struct mp_reader *r, const char *field, uint64_t max, uint64_t *value)
{
	const uint8_t *start = r->at;
	char expected[64];
	bool negative;

	if (read_integer(r, &negative, value) && !negative && *value <= max)
		return 0;
	r->at = start;
	snprintf(
	    expected, sizeof(expected), "an integer from 0 to %" PRIu64, max);
	return mp_refuse(r, field, expected);
}

int
mp_read_bool(struct mp_reader *r, const char *field, bool *value)
{
	if (r->at == r->end || (*r->at != 0xc2 && *r->at != 0xc3))
		return mp_refuse(r, field, "true or false");
	*value = *r->at++ == 0xc3;
	return 0;
}

bool
mp_read_nil(struct mp_reader *r)
{
	if (r->at == r->end || *r->at != 0xc0)
		return false;
	r->at++;
	return true;
}

/* Shortest forms only, no surrogates (RFC 3629); and no NUL, which would
 * end the text early for half of its readers. */
static bool
is_text(const uint8_t *s, size_t len)
{
	for (size_t i = 0; i < len;) {
		uint8_t b = s[i++];
		uint32_t c, least;
		int more;

		if (b < 0x80) {
			if (b == 0)
				return false;
			continue;
		}
		if (b >= 0xc2 && b < 0xe0) {
			more = 1;
			c = b & 0x1f;
			least = 0x80;
		} else if (b >= 0xe0 && b < 0xf0) {
			more = 2;
			c = b & 0x0f;
			least = 0x800;
		} else if (b >= 0xf0 && b < 0xf5) {
			more = 3;
			c = b & 0x07;
			least = 0x10000;
		} else {
			return false;
		}
		for (; more > 0; more--) {
			if (i == len || (s[i] & 0xc0) != 0x80)
				return false;
			c = c << 6 | (s[i++] & 0x3f);
		}
		if (c < least || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
			return false;
	}
	return true;
}

int
mp_read_str(struct mp_reader *r, const char *field, size_t max_len,
    const char **s, size_t *len)
{
	char expected[64];
	struct head h;

	if (!read_head(r->at, r->end, &h) || h.type != MP_STR ||
	    h.body > max_len || !is_text(r->at + h.header, (size_t)h.body)) {
		snprintf(expected, sizeof(expected),
		    "UTF-8 text of at most %zu bytes", max_len);
		return mp_refuse(r, field, expected);
	}
	*s = (const char *)r->at + h.header;
	*len = (size_t)h.body;
	r->at += h.header + h.body;
	return 0;
}

int
mp_read_bin(struct mp_reader *r, const char *field, size_t max_len,
    const uint8_t **bytes, size_t *len)
{
	char expected[64];
	struct head h;

	if (!read_head(r->at, r->end, &h) || h.type != MP_BIN ||
	    h.body > max_len) {
		snprintf(expected, sizeof(expected),
		    "a bin of at most %zu bytes", max_len);
		return mp_refuse(r, field, expected);
	}
	*bytes = r->at + h.header;
	*len = (size_t)h.body;
	r->at += h.header + h.body;
	return 0;
}

int
mp_read_array(struct mp_reader *r, const char *field, uint32_t min,
    uint32_t max, uint32_t *count)
{
	char expected[64];
	struct head h;

	if (read_head(r->at, r->end, &h) && h.type == MP_ARRAY &&
	    h.elements >= min && h.elements <= max &&
	    h.elements <= mp_left(r) - h.header) {
		*count = (uint32_t)h.elements;
		r->at += h.header;
		return 0;
	}
	if (max == UINT32_MAX)
		snprintf(expected, sizeof(expected),
		    "an array of at least %" PRIu32 " values", min);
	else
		snprintf(expected, sizeof(expected),
		    "an array of %" PRIu32 " to %" PRIu32 " values", min, max);
	return mp_refuse(r, field, expected);
}

int
mp_skip(struct mp_reader *r, const char *field, uint32_t count)
{
	uint64_t left[MP_DEPTH_MAX + 1];
	const uint8_t *at = r->at;
	struct head h;
	int depth = 0;

	left[0] = count;
	for (;;) {
		if (left[depth] == 0) {
			if (depth-- == 0)
				break;
			continue;
		}
		left[depth]--;
		if (at != r->end && (*at < 0x80 || *at >= 0xe0)) {
			at++; /* most of a run of fixes is this */
			continue;
		}
		if (!read_head(at, r->end, &h))
			return mp_refuse(r, field, "whole values");
		at += h.header + h.body;
		if (h.elements == 0)
			continue;
		/* Each element needs a byte at least: no long walk for a lie */
		if (h.elements > (uint64_t)(r->end - at))
			return mp_refuse(r, field, "whole values");
		if (depth == MP_DEPTH_MAX)
			return mp_refuse(r, field, "a nesting of at most 8");
		left[++depth] = h.elements;
	}
	r->at = at;
	return 0;
}
