/*
 * astray: is a cart outside its zone, or moving outside its hours?
 *
 * A state per cart, flat, which the store keeps.  It is given fixes and ticks
 * (beats) and says at any time what is wrong *now*, as a level and not as an
 * edge: the caller opens an alert where something is wrong and none is open,
 * and resolves it once nothing is.
 *
 * Zone.  A fix is evidence (area.h): inside, outside by more than its own
 * accuracy, or neither.  The cart is astray once it has been out for dwell_ms
 * with no fix inside in between and its latest fix outside.  It is out since
 * its way crossed the edge, between its last fix inside and its next (but no
 * more than ASTRAY_LEAD_MS, or half the dwell, before that one).  It is back
 * after it was inside for dwell_ms (ASTRAY_SETTLE_MS at least) with no fix
 * outside in between, and was so since the first of those.  Within
 * ASTRAY_CALM_MS of that it must have been outside by three times its
 * accuracy to be astray again: an edge that is skimmed with poor reception
 * does not flap.
 *
 * Hours.  Astray once it has gone ASTRAY_MOVED_M outside its hours, by
 * motion.h, which drift does not.  Over when its hours begin, or when it has
 * stood for ASTRAY_STOOD_MS.
 *
 * Late.  A fix older than the one before it is ignored.  One that came more
 * than ASTRAY_LATE_MS after its own time is evidence of what was, but neither
 * it nor a tick so long after the latest fix makes the cart astray: what is
 * still so at the next live fix is said then, with its true `since`.
 */
#ifndef PREGON_RULES_ASTRAY_H
#define PREGON_RULES_ASTRAY_H

#include "backend/rules/area.h"
#include "backend/rules/motion.h"

#define ASTRAY_LATE_MS 150000 /* 60 s lingering, 60 s apart, and a margin */
#define ASTRAY_LEAD_MS 25000 /* 20 m at 3 km/h */
#define ASTRAY_SETTLE_MS 60000 /* inside so long at least to be back */
#define ASTRAY_CALM_MS 3600000
#define ASTRAY_CLEARLY 3 /* accuracies */
#define ASTRAY_MOVED_M 50.0
#define ASTRAY_STOOD_MS 900000

/* Something that is so, or was. */
struct astray_finding {
	bool wrong; /* now */
	int64_t since_ms; /* fix time; while wrong, and of the last time */
	int64_t until_ms; /* of the last time; INSTANT_MISSING while wrong or
			     if there was none */
	int32_t lat_e6, lon_e6; /* the latest place that shows it */
	int64_t place_at_ms;
};

struct astray {
	int64_t last_ms; /* latest fix's; INSTANT_MISSING: none yet */
	bool last_live;
	bool bound; /* some zone binds it, at the latest fix */

	struct astray_finding zone;
	/* Zone: the evidence. */
	int64_t inside_ms; /* the latest fix inside; INSTANT_MISSING */
	double inside_depth_m;
	int64_t out_ms; /* it left then; INSTANT_MISSING: it has not */
	bool out_proven; /* the latest fix is outside */
	bool out_clearly; /* ... by ASTRAY_CLEARLY, once since out_ms */
	int64_t back_ms; /* while wrong: inside since; INSTANT_MISSING */

	struct astray_finding hours;
	bool off_hours; /* at the latest fix */
	int64_t off_ms; /* the first fix of these off hours */
	double off_distance_m; /* its motion's distance, then or at the end of
				  the last finding */
};

void astray_init(struct astray *);

struct astray_rules {
	int64_t dwell_ms;
};

/*
 * A fix with its verdict (area_judge), the cart's motion with this fix
 * already added, and whether it is within hours at the fix's time.
 * record_ms: when it came.  The latest fix may be given again, with another
 * verdict, after zones have changed.
 */
struct astray_fix {
	const struct fix *fix; /* at: Unix time */
	int64_t record_ms;
	const struct area_verdict *where;
	const struct motion *motion;
	bool working;
};
void astray_add(
    struct astray *, const struct astray_rules *, const struct astray_fix *);

/* Time passes: now_ms is a beat's, judged against the times of fixes. */
void astray_tick(
    struct astray *, const struct astray_rules *, int64_t now_ms, bool working);

#endif
