/*
 * pos: writes runs of fixes.  schemas/frames.md is the text of the layout.
 */
#include <errno.h>

#include "schemas/pos_parts.h"

static bool
fix_is_valid(const struct fix *fix)
{
	return time_is_valid(fix->at.ms, fix->at.boot) &&
	    within(fix->lat_e6, -LAT_E6_MAX, LAT_E6_MAX) &&
	    within(fix->lon_e6, -LON_E6_MAX, LON_E6_MAX) &&
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
	mp_write_int(w, (form & FORM_MS) != 0 ? fix->at.ms : fix->at.ms / 1000);
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
	bool change = fix->accuracy_m != t->accuracy || fix->flags != t->flags;

	mp_write_int(w, change ? -1 - dt : dt);
	mp_write_int(w, dlat - t->dlat);
	mp_write_int(w, dlon - t->dlon);
	mp_write_int(w, fix->speed_dm_s - t->speed);
	mp_write_int(w, turn(t->course, course));
	if (change) {
		accuracy_write(w, fix->accuracy_m);
		mp_write_uint(w, fix->flags);
	}
	*t = (struct track){ fix->at.ms, fix->lat_e6, fix->lon_e6, dlat, dlon,
		fix->speed_dm_s, course, fix->accuracy_m, fix->flags };
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
	t = (struct track){ fixes[0].at.ms, fixes[0].lat_e6, fixes[0].lon_e6, 0,
		0, fixes[0].speed_dm_s, course_of(&fixes[0], 0),
		fixes[0].accuracy_m, fixes[0].flags };
	for (size_t i = 1; i < count; i++)
		further_write(
		    w, &fixes[i], &t, (form & FORM_MS) != 0 ? 1 : 1000);
	return 0;
refuse:
	errno = EINVAL;
	return -1;
}
