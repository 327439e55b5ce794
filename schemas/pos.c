/*
 * pos: runs of fixes.  The consumer reads millions of these a second, so the
 * loop of run_decode looks at most values once, in one byte.
 */
#include <errno.h>

#include "schemas/pos.h"

enum form {
	FORM_MS = 1,		/* times are in ms, else in s */
	FORM_BOOT = 2,		/* a boot id follows: times count from it */
	FORM_FLAGS = 4,		/* the first fix's flags follow, else 0 */
	FORM_ALL = 7
};

#define LAT_MAX 90000000
#define LON_MAX 180000000
#define BOOT_MS_MAX (INT64_C(10) * 366 * 86400 * 1000)
/* Kind, form, time, lat, lon, speed, course, accuracy. */
#define BASE_VALUES 8
#define FIX_VALUES 5		/* dt, ddlat, ddlon, dspeed, dcourse */
#define CHANGE_VALUES 2		/* accuracy, flags */
/* No difference on the wire is larger; sums of a few cannot overflow, nor
 * can one times 1000. */
#define DIFFERENCE_MAX (INT64_C(1) << 48)

/* The fix before, in the arithmetic of the wire. */
struct track {
	int64_t time_ms;
	int64_t lat, lon;
	int64_t dlat, dlon;	/* from the fix before that one */
	int64_t speed, course;
	uint16_t accuracy;
	uint8_t flags;
};

static bool
within(int64_t v, int64_t min, int64_t max)
{
	return v >= min && v <= max;
}

static bool
time_is_valid(int64_t ms, uint64_t boot)
{
	if (boot != 0)
		return within(ms, 0, BOOT_MS_MAX);
	return within(ms, TIME_MIN_MS, TIME_MAX_MS);
}

static bool
fix_is_valid(const struct fix *fix)
{
	return time_is_valid(fix->at.ms, fix->at.boot) &&
	    within(fix->lat_e6, -LAT_MAX, LAT_MAX) &&
	    within(fix->lon_e6, -LON_MAX, LON_MAX) &&
	    fix->speed_dm_s <= FIX_SPEED_MAX && fix->course_deg < 360;
}

/* Accuracy and flags hold until they change. */
static bool
quality_changes(const struct fix *before, const struct fix *fix)
{
	return fix->accuracy_m != before->accuracy_m ||
	    fix->flags != before->flags;
}

/* The course to write: where it means nothing, what costs least. */
static int64_t
course_of(const struct fix *fix, int64_t before)
{
	return (fix->flags & FIX_NO_COURSE) != 0 ? before : fix->course_deg;
}

static void
accuracy_write(struct mp_writer *w, uint16_t accuracy)
{
	if (accuracy == FIX_ACCURACY_UNKNOWN)
		mp_write_nil(w);
	else
		mp_write_uint(w, accuracy);
}

static void
first_write(struct mp_writer *w, const struct fix *fix, unsigned form)
{
	mp_write_int(w, ITEM_FIXES);
	mp_write_uint(w, form);
	mp_write_int(w, (form & FORM_MS) != 0 ? fix->at.ms :
	    fix->at.ms / 1000);
	if ((form & FORM_BOOT) != 0)
		mp_write_uint(w, fix->at.boot);
	mp_write_int(w, fix->lat_e6);
	mp_write_int(w, fix->lon_e6);
	mp_write_uint(w, fix->speed_dm_s);
	mp_write_int(w, course_of(fix, 0));
	accuracy_write(w, fix->accuracy_m);
	if ((form & FORM_FLAGS) != 0)
		mp_write_uint(w, fix->flags);
}

static int64_t
turn(int64_t from, int64_t to)
{
	int64_t d = to - from;

	if (d < -180)
		return d + 360;
	return d >= 180 ? d - 360 : d;
}

static void
further_write(struct mp_writer *w, const struct fix *fix, struct track *t,
    int64_t unit_ms)
{
	int64_t dt = (fix->at.ms - t->time_ms) / unit_ms;
	int64_t dlat = fix->lat_e6 - t->lat;
	int64_t dlon = fix->lon_e6 - t->lon;
	int64_t course = course_of(fix, t->course);
	bool change = fix->accuracy_m != t->accuracy ||
	    fix->flags != t->flags;

	mp_write_int(w, change ? -1 - dt : dt);
	mp_write_int(w, dlat - t->dlat);
	mp_write_int(w, dlon - t->dlon);
	mp_write_int(w, fix->speed_dm_s - t->speed);
	mp_write_int(w, turn(t->course, course));
	if (change) {
		accuracy_write(w, fix->accuracy_m);
		mp_write_uint(w, fix->flags);
	}
	*t = (struct track){ fix->at.ms, fix->lat_e6, fix->lon_e6, dlat,
	    dlon, fix->speed_dm_s, course, fix->accuracy_m, fix->flags };
}

int
run_encode(const struct fix *fixes, size_t count, struct mp_writer *w)
{
	unsigned form = 0;
	size_t values = BASE_VALUES;
	struct track t;

	if (count == 0 || count > RUN_FIXES_MAX)
		goto refuse;
	for (size_t i = 0; i < count; i++) {
		const struct fix *fix = &fixes[i];

		if (!fix_is_valid(fix) || fix->at.boot != fixes[0].at.boot)
			goto refuse;
		if (fix->at.ms % 1000 != 0)
			form |= FORM_MS;
		if (i == 0)
			continue;
		if (fix->at.ms < fix[-1].at.ms)
			goto refuse;
		values += FIX_VALUES;
		if (quality_changes(&fix[-1], fix))
			values += CHANGE_VALUES;
	}
	form |= fixes[0].at.boot != 0 ? FORM_BOOT : 0;
	form |= fixes[0].flags != 0 ? FORM_FLAGS : 0;
	values += (form & FORM_BOOT) != 0;
	values += (form & FORM_FLAGS) != 0;
	mp_write_array(w, (uint32_t)values);
	first_write(w, &fixes[0], form);
	t = (struct track){ fixes[0].at.ms, fixes[0].lat_e6, fixes[0].lon_e6,
	    0, 0, fixes[0].speed_dm_s, course_of(&fixes[0], 0),
	    fixes[0].accuracy_m, fixes[0].flags };
	for (size_t i = 1; i < count; i++)
		further_write(w, &fixes[i], &t,
		    (form & FORM_MS) != 0 ? 1 : 1000);
	return 0;
refuse:
	errno = EINVAL;
	return -1;
}

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
	return mp_refuse(r, "fixes.time", boot != 0 ?
	    "at most 10 years since the boot" : "a time from 2020 to 2100");
}

/* What stands before the differences; *values is what is left of them. */
static int
first_read(struct mp_reader *r, struct track *t, int64_t *form,
    uint64_t *boot, uint32_t *values)
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
	if (mp_read_int(r, "fixes.lat", -LAT_MAX, LAT_MAX, &t->lat) == -1 ||
	    mp_read_int(r, "fixes.lon", -LON_MAX, LON_MAX, &t->lon) == -1 ||
	    mp_read_int(r, "fixes.speed", 0, FIX_SPEED_MAX,
	    &t->speed) == -1 ||
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
	if (!within(t->lat, -LAT_MAX, LAT_MAX))
		return mp_refuse(r, "fixes.lat", "-90 to 90 degrees");
	if (!within(t->lon, -LON_MAX, LON_MAX))
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
	for (*count = 0; ; values -= used) {
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
