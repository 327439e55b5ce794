/*
 * chunk: see the header for the form.  The consumer appends millions of
 * fixes a second.
 */
#include <errno.h>
#include <string.h>

#include "backend/store/chunk.h"

#define CHUNK_VERSION 1

enum tag {
	TAG_MS = 1, /* time in ms, else in s */
	TAG_MOTION = 2, /* speed and course follow */
	TAG_QUALITY = 4, /* accuracy and flags follow */
	TAG_PROVISIONAL = 8
};

static inline uint64_t
zigzag(int64_t v)
{
	return ((uint64_t)v << 1) ^ (v < 0 ? UINT64_MAX : 0);
}

static inline int64_t
unzigzag(uint64_t v)
{
	return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

static inline uint8_t *
put(uint8_t *p, uint64_t v)
{
	while (v >= 0x80) {
		*p++ = (uint8_t)(v | 0x80);
		v >>= 7;
	}
	*p++ = (uint8_t)v;
	return p;
}

static inline uint8_t *
put_signed(uint8_t *p, int64_t v)
{
	return put(p, zigzag(v));
}

void
chunk_init(struct chunk *chunk, int64_t start_ms)
{
	chunk->start_ms = start_ms;
	chunk->fixes = 0;
	chunk->len = 1;
	chunk->bytes[0] = CHUNK_VERSION;
	memset(&chunk->last, 0, sizeof(chunk->last));
	chunk->last.at_ms = start_ms;
}

static inline unsigned
tag_of(const struct chunk_last *last, const struct fix *fix, int64_t dt)
{
	unsigned tag = 0;

	if (dt % 1000 != 0)
		tag |= TAG_MS;
	if (fix->speed_dm_s != last->speed || fix->course_deg != last->course)
		tag |= TAG_MOTION;
	if (fix->accuracy_m != last->accuracy || fix->flags != last->flags)
		tag |= TAG_QUALITY;
	return tag;
}

bool
chunk_append(struct chunk *chunk, const struct fix *fix, bool provisional)
{
	struct chunk_last *last = &chunk->last;
	int64_t dt = fix->at.ms - last->at_ms;
	int64_t dlat = fix->lat_e6 - last->lat;
	int64_t dlon = fix->lon_e6 - last->lon;
	unsigned tag = tag_of(last, fix, dt);
	uint8_t *p = chunk->bytes + chunk->len;

	if (chunk->len > CHUNK_BYTES_MAX - CHUNK_FIX_BYTES_MAX)
		return false;
	*p++ = (uint8_t)(tag | (provisional ? TAG_PROVISIONAL : 0));
	p = put_signed(p, (tag & TAG_MS) != 0 ? dt : dt / 1000);
	p = put_signed(p, dlat - last->dlat);
	p = put_signed(p, dlon - last->dlon);
	if ((tag & TAG_MOTION) != 0) {
		p = put_signed(p, fix->speed_dm_s - last->speed);
		p = put_signed(p, fix->course_deg - last->course);
	}
	if ((tag & TAG_QUALITY) != 0) {
		p = put(p, fix->accuracy_m);
		*p++ = fix->flags;
	}
	chunk->len = (uint32_t)(p - chunk->bytes);
	chunk->fixes++;
	*last = (struct chunk_last){ fix->at.ms, fix->lat_e6, fix->lon_e6, dlat,
		dlon, fix->speed_dm_s, fix->course_deg, fix->accuracy_m,
		fix->flags };
	return true;
}

int
chunk_reader_init(
    struct chunk_reader *r, int64_t start_ms, const void *bytes, size_t len)
{
	r->at = bytes;
	r->end = r->at + len;
	memset(&r->last, 0, sizeof(r->last));
	r->last.at_ms = start_ms;
	if (len == 0 || *r->at++ != CHUNK_VERSION) {
		errno = EBADMSG;
		return -1;
	}
	return 0;
}

static int
get(struct chunk_reader *r, uint64_t *v)
{
	*v = 0;
	for (int shift = 0; shift < 64 && r->at < r->end; shift += 7) {
		uint8_t b = *r->at++;

		*v |= (uint64_t)(b & 0x7f) << shift;
		if ((b & 0x80) == 0)
			return 0;
	}
	return -1;
}

/* Adds a difference; what overflows its field is cut by the caller's type:
 * the bytes are our own, a damaged disk gives a wrong fix, not a crash. */
static int
add(struct chunk_reader *r, int64_t *v)
{
	uint64_t d;

	if (get(r, &d) == -1)
		return -1;
	*v = (int64_t)((uint64_t)*v + (uint64_t)unzigzag(d));
	return 0;
}

static int
motion_read(struct chunk_reader *r, struct chunk_last *last)
{
	int64_t speed = last->speed, course = last->course;

	if (add(r, &speed) == -1 || add(r, &course) == -1)
		return -1;
	last->speed = (uint16_t)speed;
	last->course = (uint16_t)course;
	return 0;
}

static int
quality_read(struct chunk_reader *r, struct chunk_last *last)
{
	uint64_t accuracy;

	if (get(r, &accuracy) == -1 || r->at == r->end)
		return -1;
	last->accuracy = (uint16_t)accuracy;
	last->flags = *r->at++;
	return 0;
}

static int
place_read(struct chunk_reader *r, struct chunk_last *last, unsigned tag)
{
	int64_t dt = 0;

	if (add(r, &dt) == -1 || add(r, &last->dlat) == -1 ||
	    add(r, &last->dlon) == -1)
		return -1;
	if ((tag & TAG_MS) == 0)
		dt = (int64_t)((uint64_t)dt * 1000);
	last->at_ms = (int64_t)((uint64_t)last->at_ms + (uint64_t)dt);
	last->lat = (int32_t)((uint64_t)last->lat + (uint64_t)last->dlat);
	last->lon = (int32_t)((uint64_t)last->lon + (uint64_t)last->dlon);
	return 0;
}

int
chunk_read(struct chunk_reader *r, struct fix *fix, bool *provisional)
{
	struct chunk_last *last = &r->last;
	unsigned tag;

	if (r->at == r->end)
		return 0;
	tag = *r->at++;
	if (place_read(r, last, tag) == -1 ||
	    ((tag & TAG_MOTION) != 0 && motion_read(r, last) == -1) ||
	    ((tag & TAG_QUALITY) != 0 && quality_read(r, last) == -1)) {
		errno = EBADMSG;
		return -1;
	}
	*fix = (struct fix){
		.at = { .ms = last->at_ms },
		.lat_e6 = (int32_t)last->lat,
		.lon_e6 = (int32_t)last->lon,
		.speed_dm_s = last->speed,
		.course_deg = last->course,
		.accuracy_m = last->accuracy,
		.flags = last->flags,
	};
	*provisional = (tag & TAG_PROVISIONAL) != 0;
	return 1;
}

int
chunk_resume(
    struct chunk *chunk, int64_t start_ms, const void *bytes, size_t len)
{
	struct chunk_reader r;
	struct fix fix;
	bool provisional;
	int rc;

	if (len > CHUNK_BYTES_MAX) {
		errno = EBADMSG;
		return -1;
	}
	if (chunk_reader_init(&r, start_ms, bytes, len) == -1)
		return -1;
	chunk->start_ms = start_ms;
	chunk->fixes = 0;
	while ((rc = chunk_read(&r, &fix, &provisional)) == 1)
		chunk->fixes++;
	if (rc == -1)
		return -1;
	memcpy(chunk->bytes, bytes, len);
	chunk->len = (uint32_t)len;
	chunk->last = r.last;
	return 0;
}
