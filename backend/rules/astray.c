/*
 * astray: see the header.
 */
#include "backend/rules/astray.h"

#include <string.h>

void
astray_init(struct astray *a)
{
	memset(a, 0, sizeof(*a));
	a->last_ms = a->inside_ms = a->out_ms = a->back_ms = INSTANT_MISSING;
	a->zone.until_ms = a->hours.until_ms = INSTANT_MISSING;
	a->zone.since_ms = a->hours.since_ms = INSTANT_MISSING;
	a->zone.place_at_ms = a->hours.place_at_ms = INSTANT_MISSING;
}

static void
finding_begin(struct astray_finding *finding, int64_t since_ms)
{
	finding->wrong = true;
	finding->since_ms = since_ms;
	finding->until_ms = INSTANT_MISSING;
}

static void
finding_end(struct astray_finding *finding, int64_t until_ms)
{
	if (!finding->wrong)
		return;
	finding->wrong = false;
	finding->until_ms = until_ms > finding->since_ms ? until_ms
							 : finding->since_ms;
}

static void
finding_place(struct astray_finding *finding, const struct fix *f)
{
	finding->lat_e6 = f->lat_e6;
	finding->lon_e6 = f->lon_e6;
	finding->place_at_ms = f->at.ms;
}

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
most(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* When it crossed the edge, on a straight way between two fixes. */
static int64_t
crossed_ms(const struct astray *a, const struct astray_rules *rules,
    int64_t at_ms, double distance_m)
{
	int64_t lead = least(ASTRAY_LEAD_MS, rules->dwell_ms / 2);
	double way = a->inside_depth_m + distance_m;
	double outside;

	if (a->inside_ms == INSTANT_MISSING || way <= 0)
		return at_ms;
	outside = (double)(at_ms - a->inside_ms) * distance_m / way;
	return at_ms - least((int64_t)outside, lead);
}

static double
accuracy_of(const struct fix *f)
{
	return f->accuracy_m == FIX_ACCURACY_UNKNOWN ? AREA_ACCURACY_DEFAULT_M
						     : f->accuracy_m;
}

static void
was_inside(struct astray *a, const struct astray_fix *in)
{
	a->inside_ms = in->fix->at.ms;
	a->inside_depth_m = in->where->depth_m;
	a->out_ms = INSTANT_MISSING;
	a->out_proven = a->out_clearly = false;
	if (a->zone.wrong && a->back_ms == INSTANT_MISSING)
		a->back_ms = in->fix->at.ms;
}

static void
was_not_inside(struct astray *a, const struct astray_rules *rules,
    const struct astray_fix *in)
{
	double metres = in->where->distance_m;

	if (a->out_ms == INSTANT_MISSING)
		a->out_ms = crossed_ms(a, rules, in->fix->at.ms, metres);
	a->out_proven = in->where->where == AREA_OUTSIDE;
	if (!a->out_proven)
		return;
	a->back_ms = INSTANT_MISSING;
	if (metres > ASTRAY_CLEARLY * accuracy_of(in->fix))
		a->out_clearly = true;
	finding_place(&a->zone, in->fix);
}

static void
forget_zone(struct astray *a, int64_t now_ms)
{
	a->inside_ms = a->out_ms = a->back_ms = INSTANT_MISSING;
	a->out_proven = a->out_clearly = false;
	finding_end(&a->zone, now_ms);
}

/* What the evidence amounts to at this time. */
static void
judge_zone(struct astray *a, const struct astray_rules *rules, int64_t now_ms)
{
	bool calm = a->zone.until_ms == INSTANT_MISSING ||
	    now_ms - a->zone.until_ms >= ASTRAY_CALM_MS;

	if (a->zone.wrong) {
		if (a->back_ms != INSTANT_MISSING &&
		    now_ms - a->back_ms >=
			most(rules->dwell_ms, ASTRAY_SETTLE_MS)) {
			finding_end(&a->zone, a->back_ms);
			a->back_ms = INSTANT_MISSING;
		}
		return;
	}
	if (a->last_live && now_ms - a->last_ms <= ASTRAY_LATE_MS &&
	    a->out_proven && (calm || a->out_clearly) &&
	    now_ms - a->out_ms >= rules->dwell_ms)
		finding_begin(&a->zone, a->out_ms);
}

static void
add_zone(struct astray *a, const struct astray_rules *rules,
    const struct astray_fix *in)
{
	a->bound = in->where->where != AREA_FREE;
	switch (in->where->where) {
	case AREA_FREE:
		forget_zone(a, in->fix->at.ms);
		return;
	case AREA_INSIDE:
		was_inside(a, in);
		break;
	case AREA_NEAR:
	case AREA_OUTSIDE:
		was_not_inside(a, rules, in);
		break;
	}
	judge_zone(a, rules, in->fix->at.ms);
}

/* These off hours, or what is left of them, are judged from here on. */
static void
begin_off_hours(struct astray *a, const struct astray_fix *in)
{
	a->off_hours = true;
	a->off_ms = in->fix->at.ms;
	a->off_distance_m = motion_distance_m(in->motion);
}

static void
add_hours(struct astray *a, const struct astray_fix *in)
{
	const struct motion *m = in->motion;
	int64_t standing = motion_standing_since(m);

	if (in->working) {
		finding_end(&a->hours, in->fix->at.ms);
		a->off_hours = false;
		return;
	}
	/* Less than then: its motion was begun anew. */
	if (!a->off_hours || motion_distance_m(m) < a->off_distance_m)
		begin_off_hours(a, in);
	if (a->hours.wrong) {
		if (standing == INSTANT_MISSING) {
			finding_place(&a->hours, in->fix);
		} else if (in->fix->at.ms - standing >= ASTRAY_STOOD_MS) {
			finding_end(&a->hours, standing);
			begin_off_hours(a, in);
		}
		return;
	}
	if (a->last_live && standing == INSTANT_MISSING &&
	    motion_distance_m(m) - a->off_distance_m >= ASTRAY_MOVED_M) {
		finding_begin(&a->hours, most(m->trip.ms, a->off_ms));
		finding_place(&a->hours, in->fix);
	}
}

void
astray_add(struct astray *a, const struct astray_rules *rules,
    const struct astray_fix *in)
{
	int64_t at_ms = in->fix->at.ms;

	if (a->last_ms != INSTANT_MISSING && at_ms < a->last_ms)
		return;
	a->last_ms = at_ms;
	a->last_live = in->record_ms - at_ms <= ASTRAY_LATE_MS;
	add_zone(a, rules, in);
	add_hours(a, in);
}

void
astray_tick(struct astray *a, const struct astray_rules *rules, int64_t now_ms,
    bool working)
{
	judge_zone(a, rules, now_ms);
	if (working) {
		finding_end(&a->hours, now_ms);
		a->off_hours = false;
	}
}
