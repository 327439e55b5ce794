/*
 * judge: where a cart goes: out of its zone, or on its way outside its hours
 * (backend/rules/astray.h).
 *
 * A cart that no zone binds and no hours limit costs next to nothing.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "backend/consumer/judge_parts.h"
#include "backend/rules/plane.h"

/* Of a run of a backlog, so many fixes are looked at: they open nothing. */
#define LATE_LOOKS 8

static const struct area_verdict anywhere = { .where = AREA_FREE };

/*
 * Whoever was so far inside of its zone is still in it when it has not gone
 * as far: the edges need not be asked.  How deep it is then is an estimate,
 * and mended before it is needed (mend_depth).
 */
#define SURE 0.98 /* a plane's metres are that good */

static bool
is_still_inside(const struct watched *one, const struct rulebook *book,
    const struct fix *fix, struct area_verdict *verdict)
{
	double gone_m;

	if (one->anchor.depth_m <= 0 || one->rules->hours.limited ||
	    one->zones_seen != rulebook_zones_version(book))
		return false;
	gone_m = plane_metres(
	    one->anchor_lat_e6, one->anchor_lon_e6, fix->lat_e6, fix->lon_e6);
	if (gone_m >= one->anchor.depth_m * SURE)
		return false;
	*verdict = one->anchor;
	verdict->depth_m -= gone_m;
	return true;
}

static int
find_area(struct judge_call *call, const struct fix *fix,
    struct area_verdict *verdict)
{
	struct watched *one = call->one;
	struct rulebook *book = call->judge->book;
	uint32_t version = rulebook_zones_version(book);

	*verdict = anywhere;
	if (one->is_free && one->zones_seen == version)
		return 0;
	if (area_judge(rulebook_areas(book), one->kept.watch.cart, fix->lat_e6,
		fix->lon_e6, fix->accuracy_m, verdict) == -1)
		return -1;
	one->is_free = verdict->where == AREA_FREE;
	one->zones_seen = version;
	one->anchor = *verdict;
	one->anchor_lat_e6 = fix->lat_e6;
	one->anchor_lon_e6 = fix->lon_e6;
	return 0;
}

/* One of the two findings, with what is open of it. */
struct level {
	enum alert_cause cause;
	const struct astray_finding *finding;
	bool *told;
	int64_t *refused_ms;
};

static void
copy_subject(struct judge_call *call, struct alert_event *event)
{
	const struct watched *one = call->one;
	struct area_verdict verdict;

	if (event->cause != ALERT_ASTRAY_ZONE || !one->kept.has_last ||
	    area_judge(rulebook_areas(call->judge->book), one->kept.watch.cart,
		one->kept.last.lat_e6, one->kept.last.lon_e6,
		one->kept.last.accuracy_m, &verdict) == -1 ||
	    verdict.zone_name == NULL)
		return;
	snprintf(
	    event->subject, sizeof(event->subject), "%s", verdict.zone_name);
}

static int
open_level(struct judge_call *call, const struct level *level)
{
	const struct astray_finding *finding = level->finding;
	const char *cart = call->one->kept.watch.cart;
	struct alerts *alerts = call->judge->alerts;
	const struct alert_event *open;
	struct alert_event event;

	alert_begin(
	    &event, cart, level->cause, finding->since_ms, call->now.record_ms);
	event.has_place = true;
	event.lat_e6 = finding->lat_e6;
	event.lon_e6 = finding->lon_e6;
	event.place_at_ms = finding->place_at_ms;
	copy_subject(call, &event);
	if (alerts_open(alerts, &event) == -1 ||
	    alerts_find(alerts, cart, level->cause, &open) == -1)
		return -1;
	*level->told = open != NULL;
	*level->refused_ms = open != NULL ? 0 : finding->since_ms;
	return 0;
}

static int
close_level(struct judge_call *call, const struct level *level)
{
	struct alerts *alerts = call->judge->alerts;
	const struct alert_event *open;
	struct alert_event event;

	*level->told = false;
	if (alerts_find(
		alerts, call->one->kept.watch.cart, level->cause, &open) == -1)
		return -1;
	if (open == NULL)
		return 0;
	event = *open;
	event.at_ms = call->now.record_ms;
	event.until_ms = level->finding->until_ms != INSTANT_MISSING
	    ? level->finding->until_ms
	    : call->now.record_ms;
	return alerts_resolve(alerts, &event);
}

static int
settle_level(struct judge_call *call, const struct level *level)
{
	if (!level->finding->wrong)
		return *level->told ? close_level(call, level) : 0;
	if (*level->told || !call->now.caught_up ||
	    *level->refused_ms == level->finding->since_ms)
		return 0;
	return open_level(call, level);
}

static int
settle_findings(struct judge_call *call)
{
	struct watched *one = call->one;
	const struct level zone = { ALERT_ASTRAY_ZONE, &one->kept.astray.zone,
		&one->zone_told, &one->zone_refused_ms };
	const struct level hours = { ALERT_ASTRAY_HOURS,
		&one->kept.astray.hours, &one->hours_told,
		&one->hours_refused_ms };

	return settle_level(call, &zone) == -1 ||
		settle_level(call, &hours) == -1
	    ? -1
	    : 0;
}

static void
give(struct judge_call *call, const struct fix *fix,
    const struct area_verdict *verdict, int64_t record_ms)
{
	struct watched *one = call->one;
	const struct astray_rules rules = { one->rules->dwell_ms };
	struct astray_fix evidence = {
		.fix = fix,
		.record_ms = record_ms,
		.where = verdict,
		.motion = &one->kept.motion,
		.working = rulebook_works(one->rules, fix->at.ms),
	};

	astray_add(&one->kept.astray, &rules, &evidence);
}

/* From how deep it left says when it left: its last fix is given again. */
static int
mend_depth(struct judge_call *call)
{
	struct watch_kept *kept = &call->one->kept;
	struct area_verdict verdict;

	if (!kept->estimated)
		return 0;
	if (find_area(call, &kept->last, &verdict) == -1)
		return -1;
	give(call, &kept->last, &verdict, kept->last_record_ms);
	kept->estimated = false;
	return 0;
}

static int
look_at(struct judge_call *call, const struct fix *fix, int64_t record_ms)
{
	struct watch_kept *kept = &call->one->kept;
	struct area_verdict verdict;
	bool inside = is_still_inside(
	    call->one, call->judge->book, fix, &verdict);

	if (!inside &&
	    (mend_depth(call) == -1 || find_area(call, fix, &verdict) == -1))
		return -1;
	give(call, fix, &verdict, record_ms);
	if (!kept->has_last || fix->at.ms >= kept->last.at.ms) {
		kept->has_last = true;
		kept->last = *fix;
		kept->last_record_ms = record_ms;
		kept->estimated = inside;
	}
	return 0;
}

/* Neither zone nor hours, now or since its last fix. */
static bool
is_unbound(struct judge_call *call)
{
	const struct watched *one = call->one;

	return one->is_free && !one->rules->hours.limited &&
	    one->zones_seen == rulebook_zones_version(call->judge->book) &&
	    !one->kept.astray.zone.wrong && !one->kept.astray.hours.wrong &&
	    !one->kept.astray.bound && !one->zone_told && !one->hours_told;
}

int
judge_way(struct judge_call *call, const struct fix *fixes, size_t count,
    int64_t record_ms)
{
	struct watched *one = call->one;
	bool limited = one->rules->hours.limited;
	size_t step = 1;

	/* The last one alone, so that zones to come find where it is. */
	if (is_unbound(call))
		return look_at(call, &fixes[count - 1], record_ms);
	if (record_ms - fixes[0].at.ms > ASTRAY_LATE_MS && count > LATE_LOOKS)
		step = count / LATE_LOOKS;
	for (size_t i = 0; i < count; i++) {
		if (limited)
			motion_add(&one->kept.motion, &fixes[i], NULL);
		if ((count - 1 - i) % step == 0 &&
		    look_at(call, &fixes[i], record_ms) == -1)
			return -1;
	}
	return settle_findings(call);
}

/* Zones have changed: where it was last seen may be another place now. */
static int
look_again(struct judge_call *call)
{
	struct watched *one = call->one;
	struct fix last = one->kept.last;

	if (!one->kept.has_last ||
	    one->zones_seen == rulebook_zones_version(call->judge->book))
		return 0;
	return look_at(call, &last, one->kept.last_record_ms);
}

int
judge_way_tick(struct judge_call *call)
{
	struct watched *one = call->one;
	const struct astray_rules rules = { one->rules->dwell_ms };

	if (look_again(call) == -1)
		return -1;
	if (is_unbound(call))
		return 0;
	astray_tick(&one->kept.astray, &rules, call->now.record_ms,
	    rulebook_works(one->rules, call->now.record_ms));
	return settle_findings(call);
}

int64_t
judge_way_due(const struct watched *one)
{
	const struct astray *astray = &one->kept.astray;
	int64_t dwell_ms = one->rules != NULL ? one->rules->dwell_ms : 0;

	if (!astray->zone.wrong)
		return astray->out_ms != INSTANT_MISSING && astray->out_proven
		    ? astray->out_ms + dwell_ms
		    : WATCH_NEVER;
	if (astray->back_ms == INSTANT_MISSING)
		return WATCH_NEVER;
	return astray->back_ms +
	    (dwell_ms > ASTRAY_SETTLE_MS ? dwell_ms : ASTRAY_SETTLE_MS);
}
