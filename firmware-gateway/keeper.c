#include "firmware-gateway/keeper.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "firmware-gateway/report.h"

/*
 * A pushed cart makes 3 km/h (8 dm/s).  A receiver that stands is said to do
 * up to 3 dm/s, and wanders by some 10 m within minutes; it does not go 16 m
 * in half a minute and end up over 20 m away.
 */
#define WALKING_DM_S 5
#define FAST_IN_A_ROW 5
#define PROGRESS_M 16.0
#define PROGRESS_MS 25000
#define TRAIL_STEP_MS 5000
/* A standing cart's receiver strays for a moment. */
#define STRAYS_IN_A_ROW 3
/* So far out three fixes in a row are enough. */
#define OUTRIGHT_FACTOR 3.0
#define OUTRIGHT_IN_A_ROW 3
/* Who stays out for so long is out, whatever its speed. */
#define STAYED_OUT_MS 45000
/* A turn is one only after some metres: courses of a slow cart jitter. */
#define TURN_AFTER_M 5.0
#define STANDING_MS 60000

static double
metres(const struct fix *a, const struct fix *b)
{
	return report_distance(a->lat_e6 * 1e-6, a->lon_e6 * 1e-6,
	    b->lat_e6 * 1e-6, b->lon_e6 * 1e-6);
}

/* Times of two kinds (before and after the clock was trusted) are far
 * apart: whatever waits for the time to pass is then due. */
static int64_t
elapsed_ms(struct instant from, struct instant to)
{
	return from.boot == to.boot ? to.ms - from.ms : INT64_MAX;
}

static bool
has_course(const struct fix *f)
{
	return !(f->flags & FIX_NO_COURSE) && f->speed_dm_s >= WALKING_DM_S;
}

static void
stand_here(struct keeper *k, const struct fix *f)
{
	k->stand = k->middle = *f;
	k->sum_lat = k->sum_lon = 0;
	k->sum_count = 1;
	k->strays = 0;
}

static void
begin(struct keeper *k, const struct fix *f)
{
	k->begun = true;
	k->parked = false;
	k->pending_count = k->far_count = k->far_fast = 0;
	k->trail_count = 0;
	stand_here(k, f);
}

void
keeper_init(struct keeper *k, const struct keeper_settings *settings)
{
	memset(k, 0, sizeof(*k));
	k->settings = *settings;
}

void
keeper_tune(struct keeper *k, const struct keeper_settings *settings)
{
	k->settings = *settings;
}

void
keeper_forget(struct keeper *k)
{
	k->begun = false;
	k->parked = false;
}

/* Remembers where the cart was, each 5 s for half a minute. */
static void
trail_add(struct keeper *k, const struct fix *f)
{
	if (k->trail_count > 0 &&
	    elapsed_ms(k->trail[k->trail_count - 1].at, f->at) < TRAIL_STEP_MS)
		return;
	if (k->trail_count == KEEPER_TRAIL) {
		memmove(k->trail, k->trail + 1,
		    sizeof(k->trail) - sizeof(k->trail[0]));
		k->trail_count--;
	}
	k->trail[k->trail_count++] = *f;
}

/* Has it gone far since half a minute ago? */
static bool
made_progress(const struct keeper *k, const struct fix *f)
{
	for (int i = k->trail_count - 1; i >= 0; i--)
		if (elapsed_ms(k->trail[i].at, f->at) >= PROGRESS_MS)
			return metres(&k->trail[i], f) >= PROGRESS_M;
	return false;
}

static size_t
keep(struct keeper *k, const struct fix *f, struct fix *out, size_t n)
{
	k->last = *f;
	k->course = has_course(f) ? f->course_deg : -1;
	out[n] = *f;
	return n + 1;
}

static bool
turned(struct keeper *k, const struct fix *f)
{
	int turn;

	if (!has_course(f))
		return false;
	if (k->course == -1) {
		k->course = f->course_deg;
		return false;
	}
	turn = abs((int)f->course_deg - k->course) % 360;
	if (turn > 180)
		turn = 360 - turn;
	return turn >= k->settings.turn_deg &&
	    metres(&k->last, f) >= TURN_AFTER_M;
}

/*
 * Takes a fix into the mean of where the cart stands, and sees whether it is
 * the real one nearest to it.  It stands no more when fixes in a row are too
 * far from there.
 */
static void
stand_add(struct keeper *k, const struct fix *f)
{
	struct fix mean = k->stand;

	mean.lat_e6 += (int32_t)lround(k->sum_lat / k->sum_count);
	mean.lon_e6 += (int32_t)lround(k->sum_lon / k->sum_count);
	if (metres(&mean, f) >= k->settings.distance_m) {
		if (++k->strays >= STRAYS_IN_A_ROW)
			stand_here(k, f);
		return;
	}
	k->strays = 0;
	k->sum_lat += f->lat_e6 - k->stand.lat_e6;
	k->sum_lon += f->lon_e6 - k->stand.lon_e6;
	k->sum_count++;
	if (metres(&mean, f) < metres(&mean, &k->middle))
		k->middle = *f;
}

static void
hold(const struct keeper *k, struct fix *f)
{
	f->lat_e6 = k->anchor.lat_e6;
	f->lon_e6 = k->anchor.lon_e6;
	f->speed_dm_s = 0;
	f->course_deg = 0;
	f->flags |= FIX_PARKED | FIX_NO_COURSE;
}

static size_t
add_moving(struct keeper *k, const struct fix *f, struct fix *out, size_t n)
{
	const struct keeper_settings *s = &k->settings;

	stand_add(k, f);
	if (metres(&k->last, f) >= s->distance_m || turned(k, f) ||
	    elapsed_ms(k->last.at, f->at) >= s->interval_ms)
		n = keep(k, f, out, n);
	if (k->stand.at.boot != f->at.boot) {
		/* Of the other kind: the standing begins again. */
		stand_here(k, f);
	} else if (elapsed_ms(k->stand.at, f->at) >= s->park_ms) {
		k->parked = true;
		k->anchor = k->middle;
		k->inside = *f;
		k->pending_count = k->far_count = k->far_fast = 0;
	}
	return n;
}

static size_t
keep_held(struct keeper *k, const struct fix *f, struct fix *out, size_t n)
{
	struct fix held = *f;

	hold(k, &held);
	return keep(k, &held, out, n);
}

/* Has a cart that is beyond the distance left, or does its receiver stray? */
static bool
has_left(const struct keeper *k, const struct fix *f)
{
	double outright = OUTRIGHT_FACTOR * k->settings.distance_m;

	if (k->pending_count == KEEPER_PENDING ||
	    elapsed_ms(k->far_since, f->at) >= STAYED_OUT_MS)
		return true;
	return k->far_count >= OUTRIGHT_IN_A_ROW &&
	    (k->far_fast >= FAST_IN_A_ROW || made_progress(k, f) ||
		metres(&k->anchor, f) >= outright);
}

static size_t
add_outside(struct keeper *k, const struct fix *f, struct fix *out, size_t n)
{
	const struct fix *before;

	if (k->far_count++ == 0) {
		k->far_since = f->at;
		k->far_fast = 0;
	}
	k->far_fast = has_course(f) ? k->far_fast + 1 : 0;
	before = k->pending_count > 0 ? &k->pending[k->pending_count - 1]
				      : &k->anchor;
	if (metres(before, f) >= k->settings.distance_m)
		k->pending[k->pending_count++] = *f;
	if (has_left(k, f)) {
		for (int i = 0; i < k->pending_count; i++)
			n = keep(k, &k->pending[i], out, n);
		k->parked = false;
		stand_here(k, f);
		return n;
	}
	/* Until it is known, the last time inside keeps the interval; what
	 * waits is later than that. */
	if (elapsed_ms(k->last.at, f->at) >= k->settings.interval_ms &&
	    elapsed_ms(k->last.at, k->inside.at) > 0)
		n = keep_held(k, &k->inside, out, n);
	return n;
}

static size_t
add_parked(struct keeper *k, const struct fix *f, struct fix *out, size_t n)
{
	if (metres(&k->anchor, f) >= k->settings.distance_m)
		return add_outside(k, f, out, n);
	k->drifted += (uint64_t)k->far_count;
	k->far_count = k->pending_count = 0;
	k->inside = *f;
	if (elapsed_ms(k->last.at, f->at) >= k->settings.interval_ms)
		n = keep_held(k, f, out, n);
	return n;
}

size_t
keeper_add(
    struct keeper *k, const struct fix *f, struct fix out[KEEPER_OUT_MAX])
{
	size_t n = 0;

	if (k->begun && elapsed_ms(k->last.at, f->at) < 0)
		k->begun = false;
	if (k->begun && k->last.at.boot != f->at.boot) {
		/* What waits to be measured in time cannot be any more. */
		k->trail_count = k->far_count = k->pending_count = 0;
		k->inside = *f;
	}
	if (!k->begun) {
		begin(k, f);
		n = keep(k, f, out, n);
	} else if (k->parked) {
		n = add_parked(k, f, out, n);
	} else {
		n = add_moving(k, f, out, n);
	}
	trail_add(k, f);
	return n;
}

void
keeper_show(const struct keeper *k, struct fix *f)
{
	if (k->begun && k->parked)
		hold(k, f);
}

bool
keeper_standing(const struct keeper *k, const struct fix *latest)
{
	if (!k->begun)
		return true;
	return k->parked || elapsed_ms(k->stand.at, latest->at) >= STANDING_MS;
}
