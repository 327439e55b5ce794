/*
 * pos_read: reads runs of fixes (declared in pos.h).  The consumer reads
 * millions of these a second, so the loop of run_decode looks at most values
 * once, in one byte.
 */
#include <errno.h>

#include "schemas/pos_parts.h"

/* No difference on the wire is larger; sums of a few cannot overflow, nor
 * can one times 1000. */
#define DIFFERENCE_MAX (INT64_C(1) << 48)

/* One difference: one byte mostly, two often. */
static inline int
difference(struct mp_reader *r, const char *field, int64_t *v)
{
	if (r->end - r->at >= 2) {
		int8_t b = (int8_t)r->at[0];

		if (b >= -32) {
			*v = b;
			r->at++;
			return 0;
		}
		if (r->at[0] == 0xcc || r->at[0] == 0xd0) {
			*v = r->at[0] == 0xcc ? r->at[1] : (int8_t)r->at[1];
			r->at += 2;
			return 0;
		}
	}
	return mp_read_int(r, field, -DIFFERENCE_MAX, DIFFERENCE_MAX, v);
}

static int
quality_read(struct mp_reader *r, bool accuracy, bool flags, struct track *t)
{
	int64_t v;

	if (accuracy && mp_read_nil(r)) {
		t->accuracy = FIX_ACCURACY_UNKNOWN;
	} else if (accuracy) {
		if (mp_read_int(r, "fixes.accuracy", 0,
			FIX_ACCURACY_UNKNOWN - 1, &v) == -1)
			return -1;
		t->accuracy = (uint16_t)v;
	}
	if (flags) {
		if (mp_read_int(r, "fixes.flags", 0, FIX_FLAGS_MAX, &v) == -1)
			return -1;
		t->flags = (uint8_t)v;
	}
	return 0;
}

static int
refuse_time(struct mp_reader *r, uint64_t boot)
{
	return mp_refuse(r, "fixes.time",
	    boot != 0 ? "at most 10 years since the boot"
		      : "a time from 2020 to 2100");
}

/* What stands before the differences; *values is what is left of them. */
static int
first_read(struct mp_reader *r, struct track *t, int64_t *form, uint64_t *boot,
    uint32_t *values)
{
	uint32_t base = BASE_VALUES;

	*t = (struct track){ .flags = 0 };
	*boot = 0;
	if (mp_read_array(r, "fixes", BASE_VALUES, UINT32_MAX, values) == -1 ||
	    mp_read_int(r, "fixes", ITEM_FIXES, ITEM_FIXES, form) == -1 ||
	    mp_read_int(r, "fixes.form", 0, FORM_ALL, form) == -1 ||
	    mp_read_int(r, "fixes.time", 0, TIME_MAX_MS, &t->time_ms) == -1)
		return -1;
	if ((*form & FORM_MS) == 0)
		t->time_ms *= 1000;
	if ((*form & FORM_BOOT) != 0) {
		base++;
		if (mp_read_uint(r, "fixes.boot", UINT64_MAX, boot) == -1)
			return -1;
		if (*boot == 0)
			return mp_refuse(r, "fixes.boot", "a boot id, not 0");
	}
	if (!time_is_valid(t->time_ms, *boot))
		return refuse_time(r, *boot);
	if (mp_read_int(r, "fixes.lat", -LAT_E6_MAX, LAT_E6_MAX, &t->lat) ==
		-1 ||
	    mp_read_int(r, "fixes.lon", -LON_E6_MAX, LON_E6_MAX, &t->lon) ==
		-1 ||
	    mp_read_int(r, "fixes.speed", 0, FIX_SPEED_MAX, &t->speed) == -1 ||
	    mp_read_int(r, "fixes.course", 0, 359, &t->course) == -1)
		return -1;
	if ((*form & FORM_FLAGS) != 0)
		base++;
	if (quality_read(r, true, (*form & FORM_FLAGS) != 0, t) == -1)
		return -1;
	if (*values < base)
		return mp_refuse(r, "fixes", "a base and its differences");
	*values -= base;
	return 0;
}

/* Moves `t` on to the next fix; *used is how many values that took. */
static inline int
further_read(struct mp_reader *r, struct track *t, int64_t unit_ms,
    uint64_t boot, uint32_t *used)
{
	int64_t dt, ddlat, ddlon, dspeed, dcourse;
	bool change;

	if (difference(r, "fixes.time", &dt) == -1 ||
	    difference(r, "fixes.lat", &ddlat) == -1 ||
	    difference(r, "fixes.lon", &ddlon) == -1 ||
	    difference(r, "fixes.speed", &dspeed) == -1 ||
	    difference(r, "fixes.course", &dcourse) == -1)
		return -1;
	change = dt < 0;
	*used = FIX_VALUES + (change ? CHANGE_VALUES : 0);
	if (change && quality_read(r, true, true, t) == -1)
		return -1;
	t->time_ms += (change ? -1 - dt : dt) * unit_ms;
	t->dlat += ddlat;
	t->dlon += ddlon;
	t->lat += t->dlat;
	t->lon += t->dlon;
	t->speed += dspeed;
	if (!time_is_valid(t->time_ms, boot))
		return refuse_time(r, boot);
	if (!within(t->lat, -LAT_E6_MAX, LAT_E6_MAX))
		return mp_refuse(r, "fixes.lat", "-90 to 90 degrees");
	if (!within(t->lon, -LON_E6_MAX, LON_E6_MAX))
		return mp_refuse(r, "fixes.lon", "-180 to 180 degrees");
	if (!within(t->speed, 0, FIX_SPEED_MAX))
		return mp_refuse(r, "fixes.speed", "0 to 5000 dm/s");
	if (!within(dcourse, -180, 179))
		return mp_refuse(r, "fixes.course", "a turn of -180 to 179");
	t->course += dcourse;
	if (t->course < 0)
		t->course += 360;
	else if (t->course >= 360)
		t->course -= 360;
	return 0;
}

static inline void
fix_fill(struct fix *fix, const struct track *t, uint64_t boot)
{
	fix->at.ms = t->time_ms;
	fix->at.boot = boot;
	fix->lat_e6 = (int32_t)t->lat;
	fix->lon_e6 = (int32_t)t->lon;
	fix->speed_dm_s = (uint16_t)t->speed;
	fix->course_deg = (uint16_t)t->course;
	fix->accuracy_m = t->accuracy;
	fix->flags = t->flags;
}

int
run_decode(struct mp_reader *r, struct fix *fixes, size_t cap, size_t *count)
{
	uint32_t values, used;
	int64_t form, unit_ms;
	struct track t;
	uint64_t boot;

	if (first_read(r, &t, &form, &boot, &values) == -1)
		return -1;
	unit_ms = (form & FORM_MS) != 0 ? 1 : 1000;
	for (*count = 0;; values -= used) {
		if (*count == cap) {
			mp_refuse(r, "fixes", "fewer fixes");
			errno = E2BIG;
			return -1;
		}
		fix_fill(&fixes[(*count)++], &t, boot);
		if (values == 0)
			return 0;
		if (values < FIX_VALUES)
			return mp_refuse(r, "fixes", "5 or 7 values a fix");
		if (further_read(r, &t, unit_ms, boot, &used) == -1)
			return -1;
		if (used > values)
			return mp_refuse(r, "fixes", "5 or 7 values a fix");
	}
}

int
run_count(const struct mp_reader *reader, uint32_t *count)
{
	struct decode_error ignored;
	struct mp_reader r = *reader;
	uint32_t values, base, used;
	int64_t form, dt;

	r.error = &ignored;
	if (mp_read_array(&r, "", BASE_VALUES, UINT32_MAX, &values) == -1 ||
	    mp_read_int(&r, "", ITEM_FIXES, ITEM_FIXES, &form) == -1 ||
	    mp_read_int(&r, "", 0, FORM_ALL, &form) == -1)
		return -1;
	base = BASE_VALUES;
	base += (form & FORM_BOOT) != 0;
	base += (form & FORM_FLAGS) != 0;
	if (values < base || mp_skip(&r, "", base - 2) == -1)
		return -1;
	values -= base;
	for (*count = 1; values > 0; values -= used, (*count)++) {
		if (mp_read_int(&r, "", INT64_MIN, INT64_MAX, &dt) == -1)
			return -1;
		used = FIX_VALUES + (dt < 0 ? CHANGE_VALUES : 0);
		if (used > values)
			return mp_refuse(&r, "", "");
		if (mp_skip(&r, "", used - 1) == -1)
			return -1;
	}
	return 0;
}
