/*
 * pos_parts: what the writer and the reader of runs share.  For pos.c and
 * pos_read.c alone.
 */
#ifndef PREGON_POS_PARTS_H
#define PREGON_POS_PARTS_H

#include "schemas/pos.h"

enum form {
	FORM_MS = 1, /* times are in ms, else in s */
	FORM_BOOT = 2, /* a boot id follows: times count from it */
	FORM_FLAGS = 4, /* the first fix's flags follow, else 0 */
	FORM_ALL = 7
};

/* Kind, form, time, lat, lon, speed, course, accuracy. */
#define BASE_VALUES 8
#define FIX_VALUES 5 /* dt, ddlat, ddlon, dspeed, dcourse */
#define CHANGE_VALUES 2 /* accuracy, flags */

/* The fix before, in the arithmetic of the wire. */
struct track {
	int64_t time_ms;
	int64_t lat, lon;
	int64_t dlat, dlon; /* from the fix before that one */
	int64_t speed, course;
	uint16_t accuracy;
	uint8_t flags;
};

static inline bool
within(int64_t v, int64_t min, int64_t max)
{
	return v >= min && v <= max;
}

static inline bool
time_is_valid(int64_t ms, uint64_t boot)
{
	if (boot != 0)
		return within(ms, 0, BOOT_MS_MAX);
	return within(ms, TIME_MIN_MS, TIME_MAX_MS);
}

#endif
