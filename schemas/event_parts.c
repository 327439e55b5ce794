/*
 * event_parts: what the items share: beginnings, times, texts, places.
 */
#include "schemas/event_parts.h"

int
item_begin(struct mp_reader *r, const char *field, enum item_kind kind,
    uint32_t fields, uint32_t *appended)
{
	uint32_t count;
	int64_t is;

	if (mp_read_array(r, field, 1 + fields, UINT32_MAX, &count) == -1 ||
	    mp_read_int(r, field, kind, kind, &is) == -1)
		return -1;
	*appended = count - 1 - fields;
	return 0;
}

void
item_begin_write(struct mp_writer *w, enum item_kind kind, uint32_t fields)
{
	mp_write_array(w, 1 + fields);
	mp_write_int(w, kind);
}

void
moment_write(struct mp_writer *w, int64_t ms)
{
	if (ms == INSTANT_MISSING)
		mp_write_nil(w);
	else
		mp_write_int(w, ms);
}

int
moment_read(struct mp_reader *r, const char *field, int64_t *ms)
{
	*ms = INSTANT_MISSING;
	if (mp_read_nil(r))
		return 0;
	return mp_read_int(r, field, 0, TIME_MAX_MS, ms);
}

void
boot_write(struct mp_writer *w, uint64_t boot)
{
	if (boot == 0)
		mp_write_nil(w);
	else
		mp_write_uint(w, boot);
}

int
boot_read(struct mp_reader *r, const char *field, uint64_t *boot)
{
	*boot = 0;
	if (mp_read_nil(r))
		return 0;
	return mp_read_uint(r, field, UINT64_MAX, boot);
}

int
moment_check(struct mp_reader *r, const char *field, struct instant *at)
{
	if (at->ms == INSTANT_MISSING) {
		at->boot = 0;
		return 0;
	}
	if (at->boot != 0 && at->ms > BOOT_MS_MAX)
		return mp_refuse(r, field, "at most 10 years since the boot");
	if (at->boot == 0 && (at->ms < TIME_MIN_MS || at->ms > TIME_MAX_MS))
		return mp_refuse(r, field, "a time from 2020 to 2100");
	return 0;
}

void
instant_encode(struct instant at, struct mp_writer *w)
{
	moment_write(w, at.ms);
	boot_write(w, at.ms == INSTANT_MISSING ? 0 : at.boot);
}

int
instant_decode(struct mp_reader *r, const char *field, struct instant *at)
{
	if (moment_read(r, field, &at->ms) == -1 ||
	    boot_read(r, field, &at->boot) == -1)
		return -1;
	return moment_check(r, field, at);
}

void
text_encode(struct text text, struct mp_writer *w)
{
	if (text.s == NULL)
		mp_write_nil(w);
	else
		mp_write_str(w, text.s, text.len);
}

int
text_decode(
    struct mp_reader *r, const char *field, size_t max, struct text *text)
{
	*text = (struct text){ .s = NULL };
	if (mp_read_nil(r))
		return 0;
	return mp_read_str(r, field, max, &text->s, &text->len);
}

void
place_encode(const struct place *place, struct mp_writer *w)
{
	if (!place->given) {
		mp_write_nil(w);
		return;
	}
	mp_write_array(w, 3);
	mp_write_int(w, place->lat_e6);
	mp_write_int(w, place->lon_e6);
	mp_write_uint(w, place->age_s);
}

int
place_decode(struct mp_reader *r, const char *field, struct place *place)
{
	int64_t lat, lon, age;
	uint32_t count;

	*place = (struct place){ .given = false };
	if (mp_read_nil(r))
		return 0;
	if (mp_read_array(r, field, 3, UINT32_MAX, &count) == -1 ||
	    mp_read_int(r, field, -LAT_E6_MAX, LAT_E6_MAX, &lat) == -1 ||
	    mp_read_int(r, field, -LON_E6_MAX, LON_E6_MAX, &lon) == -1 ||
	    mp_read_int(r, field, 0, UINT32_MAX, &age) == -1 ||
	    mp_skip(r, field, count - 3) == -1)
		return -1;
	place->given = true;
	place->lat_e6 = (int32_t)lat;
	place->lon_e6 = (int32_t)lon;
	place->age_s = (uint32_t)age;
	return 0;
}
