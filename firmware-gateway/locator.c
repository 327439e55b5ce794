#include "firmware-gateway/locator.h"

#include <math.h>
#include <string.h>

/* Without a course gpsd has reckoned the speed itself, from two places: it
 * is believed only where it says that the cart stands. */
#define RECKONED_SPEED_MAX 1.0

void
locator_init(struct locator *l, struct timekeeper *time,
    const struct quality_limits *limits, const struct keeper_settings *settings)
{
	memset(l, 0, sizeof(*l));
	l->time = time;
	quality_init(&l->gate, limits);
	keeper_init(&l->keeper, settings);
	l->mode = l->seen = FIX_MODE_NO_GPSD;
}

static uint16_t
clamp(double v, double max)
{
	return (uint16_t)(v < 0 ? 0 : v > max ? max : v + 0.5);
}

/* In coarse steps: a change costs a run four bytes, and the figure is a rough
 * one. */
static uint16_t
coarse(double error)
{
	double step = error < 10 ? 1 : error < 50 ? 5 : error < 200 ? 10 : 50;

	return clamp(round(error / step) * step, FIX_ACCURACY_UNKNOWN - 1);
}

static void
set_motion(struct fix *f, const struct report *r)
{
	f->flags = (uint8_t)(f->flags & ~(FIX_2D | FIX_NO_COURSE));
	if (r->mode < 3)
		f->flags |= FIX_2D;
	if (isfinite(r->speed) &&
	    (isfinite(r->course) || r->speed <= RECKONED_SPEED_MAX))
		f->speed_dm_s = clamp(r->speed * 10, FIX_SPEED_MAX);
	if (isfinite(r->course) && isfinite(r->speed))
		f->course_deg =
		    (uint16_t)(clamp(fmod(r->course + 360, 360), 360) % 360);
	else
		f->flags |= FIX_NO_COURSE;
	f->accuracy_m = isfinite(r->error) ? coarse(r->error)
					   : FIX_ACCURACY_UNKNOWN;
}

/* A report of a moment that was judged already: its motion is truer. */
static void
refine(struct locator *l, const struct report *r)
{
	if (l->has_latest && r->time_ms == l->latest_gnss_ms)
		set_motion(&l->latest, r);
}

size_t
locator_report(
    struct locator *l, const struct report *r, struct fix out[KEEPER_OUT_MAX])
{
	struct fix fix = { .lat_e6 = 0 };
	bool system_time;
	size_t n;

	if (r->again) {
		refine(l, r);
		return 0;
	}
	if (r->mode >= 2 && r->has_time)
		timekeeper_gnss(l->time, r->time_ms, r->read_ms);
	if (quality_judge(&l->gate, r) != QUALITY_GOOD)
		return 0;
	l->taken++;
	fix.at = timekeeper_fix(l->time, r->time_ms, r->read_ms, &system_time);
	if (system_time)
		fix.flags |= FIX_SYSTEM_TIME;
	fix.lat_e6 = (int32_t)lround(r->lat * 1e6);
	fix.lon_e6 = (int32_t)lround(r->lon * 1e6);
	set_motion(&fix, r);
	l->latest = fix;
	l->latest_gnss_ms = r->time_ms;
	l->latest_read_ms = r->read_ms;
	l->has_latest = true;

	/* Whole seconds are kept: half the bytes of a run, and a cart walks
	 * 0.7 m in half of one. */
	fix.at.ms = (fix.at.ms + 500) / 1000 * 1000;
	n = keeper_add(&l->keeper, &fix, out);
	l->gate.counts[QUALITY_DRIFT] = l->keeper.drifted;
	l->kept += n;
	return n;
}

bool
locator_mode(struct locator *l, enum fix_mode seen, int64_t now_ms)
{
	if (seen != l->seen) {
		l->seen = seen;
		l->seen_since_ms = now_ms;
	}
	if (seen == l->mode)
		return false;
	/* From nothing to something is no flicker. */
	if (now_ms - l->seen_since_ms < LOCATOR_SETTLE_MS &&
	    l->mode != FIX_MODE_NO_GPSD && l->mode != FIX_MODE_SILENT)
		return false;
	l->mode = seen;
	return true;
}

bool
locator_latest(const struct locator *l, struct fix *f)
{
	if (!l->has_latest)
		return false;
	*f = l->latest;
	keeper_show(&l->keeper, f);
	return true;
}

void
locator_place(const struct locator *l, int64_t now_ms, struct place *place)
{
	struct fix f;

	memset(place, 0, sizeof(*place));
	if (!locator_latest(l, &f))
		return;
	place->given = true;
	place->lat_e6 = f.lat_e6;
	place->lon_e6 = f.lon_e6;
	place->age_s = (uint32_t)((now_ms - l->latest_read_ms) / 1000);
}

bool
locator_standing(const struct locator *l)
{
	return keeper_standing(&l->keeper, &l->latest);
}
