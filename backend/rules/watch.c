/*
 * watch: what is known of a cart, and when it is judged.
 */
#include <stdio.h>
#include <string.h>

#include "backend/rules/watch_parts.h"

void
watch_init(struct watch *w, const char *cart)
{
	memset(w, 0, sizeof(*w));
	snprintf(w->cart, sizeof(w->cart), "%s", cart);
	w->partition = -1;
	w->state = STATUS_ONLINE;
	w->has_fix = true;
}

struct alert_event
watch_facts(const struct watch *w, enum alert_cause cause, int64_t since_ms)
{
	struct alert_event facts = { .cause = cause,
		.since_ms = since_ms,
		.until_ms = INSTANT_MISSING,
		.has_place = w->has_place,
		.lat_e6 = w->lat_e6,
		.lon_e6 = w->lon_e6,
		.place_at_ms = w->has_place ? w->place_at_ms : INSTANT_MISSING,
		.moved_m = -1 };

	memcpy(facts.cart, w->cart, sizeof(facts.cart));
	return facts;
}

static void
case_move(struct alert_case *c, int64_t witnessed_ms)
{
	c->phase_ms = witnessed_ms;
	c->closed_ms = 0;
}

/* Partitions were added, and its records come through another one, whose
 * clock is another one. */
static void
partition_move(struct watch *w, const struct watch_now *now)
{
	if (w->partition == now->partition)
		return;
	w->partition = now->partition;
	w->contact_w = w->fix_w = w->from_w = now->witnessed_ms;
	w->back_w = w->backlog_w = now->witnessed_ms;
	case_move(&w->missing, now->witnessed_ms);
	case_move(&w->backlog, now->witnessed_ms);
}

static void
contact(struct watch *w, const struct watch_now *now)
{
	/* Silence counts from the first word on. */
	if (w->contact_ms == 0) {
		w->fix_ms = now->record_ms;
		w->fix_w = now->witnessed_ms;
	}
	if (now->record_ms > w->contact_ms)
		w->contact_ms = now->record_ms;
	if (now->witnessed_ms > w->contact_w)
		w->contact_w = now->witnessed_ms;
}

static void
report(struct watch *w, const struct watch_now *now)
{
	if (now->record_ms > w->fix_ms)
		w->fix_ms = now->record_ms;
	if (now->witnessed_ms > w->fix_w)
		w->fix_w = now->witnessed_ms;
}

static void
rest(struct watch *w, const struct watch_now *now)
{
	bool resting = w->off_hours || (w->epoch != 0 && !w->day_open);

	if (w->resting && !resting) {
		w->from_ms = now->record_ms;
		w->from_w = now->witnessed_ms;
	}
	w->resting = resting;
}

static void
place(struct watch *w, int32_t lat_e6, int32_t lon_e6, int64_t at_ms)
{
	if (w->has_place && at_ms < w->place_at_ms)
		return;
	w->has_place = true;
	w->lat_e6 = lat_e6;
	w->lon_e6 = lon_e6;
	w->place_at_ms = at_ms;
}

/* It says where it is now, not where it was when it last knew. */
static bool
has_fresh_fix(const struct watch_status *said)
{
	const struct status *s = said->status;

	return s->has_fix && s->fix_mode >= FIX_MODE_2D &&
	    said->at_ms - said->fix_at_ms <= WATCH_FRESH_MS;
}

/* The broker kept it for a reader that is new; who knows when it was sent. */
static bool
is_stale(const struct watch *w, const struct watch_status *said,
    const struct watch_now *now)
{
	return w->contact_ms == 0 &&
	    now->record_ms - said->at_ms > WATCH_STALE_MS;
}

/* A sign of life: it is judged by it. */
static int
heard(struct watch *w, const struct watch_status *said,
    const struct watch_now *now)
{
	contact(w, now);
	w->said = true;
	/* A day that is closed ends an absence too, fix or no fix. */
	if ((w->has_fix || !said->status->day_open) &&
	    watch_missing_report(w, now) == -1)
		return -1;
	if (w->has_fix)
		report(w, now);
	return watch_backlog_status(w, said, now);
}

int
watch_status(struct watch *w, const struct watch_status *said,
    const struct watch_now *now)
{
	const struct status *s = said->status;
	bool stale = is_stale(w, said, now);

	partition_move(w, now);
	w->epoch = s->epoch;
	w->boot = s->boot;
	w->has_fix = has_fresh_fix(said);
	if (!stale && heard(w, said, now) == -1)
		return -1;
	if (w->has_fix || w->fix_epoch == 0) {
		w->fix_epoch = s->epoch;
		w->fix_boot = s->boot;
	}
	w->state = said->state;
	w->status_at_ms = said->at_ms;
	w->day_open = s->day_open;
	rest(w, now);
	if (s->has_fix)
		place(w, s->fix.lat_e6, s->fix.lon_e6, said->fix_at_ms);
	return s->backlog == 0 ? watch_late_tell(w, true, now) : 0;
}

int
watch_frame(struct watch *w, int64_t newest_ms, const struct watch_now *now)
{
	partition_move(w, now);
	contact(w, now);
	if (newest_ms == INSTANT_MISSING ||
	    now->record_ms - newest_ms > WATCH_LATE_MS)
		return 0;
	/* What lingered since before it said that it has no fix any more. */
	if (!w->has_fix && newest_ms <= w->status_at_ms)
		return 0;
	w->has_fix = true;
	if (watch_missing_report(w, now) == -1)
		return -1;
	report(w, now);
	if (!w->absent) {
		w->fix_epoch = w->epoch;
		w->fix_boot = w->boot;
	}
	return 0;
}

void
watch_place(struct watch *w, const struct fix *fix)
{
	place(w, fix->lat_e6, fix->lon_e6, fix->at.ms);
}

void
watch_lost(struct watch *w)
{
	w->state = STATUS_LOST;
}

int
watch_settle(struct watch *w, const struct alert_resolution *said,
    const struct watch_now *now)
{
	struct alert_now when = watch_alert_now(now);
	struct alert_case *cases[] = { &w->missing, &w->backlog };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct alert_event *event = alert_settle(
		    cases[i], said, &when);

		if (event != NULL && now->emit(now->ctx, event) == -1)
			return -1;
	}
	return 0;
}

void
watch_adopt(struct watch *w, const struct alert_event *open)
{
	struct alert_case *c = open->cause == ALERT_BACKLOG ? &w->backlog
							    : &w->missing;

	c->phase = CASE_ON;
	c->held = open->state == ALERT_RESOLVED;
	c->told = true;
	c->event = *open;
	if (open->cause != ALERT_MISSING)
		return;
	w->absent = w->silent = true;
	w->said = open->known == KNOWN_NO_FIX;
	if (open->known == KNOWN_LINK_LOST)
		w->state = STATUS_LOST;
	if (open->known == KNOWN_STOPPED)
		w->state = STATUS_STOPPED;
	watch_outage_begin(w);
}

int
watch_beat(struct watch *w, bool in_hours, const struct watch_now *now)
{
	if (w->contact_ms == 0 || now->partition != w->partition)
		return 0;
	w->off_hours = !in_hours;
	rest(w, now);
	if (watch_missing_beat(w, now) == -1)
		return -1;
	return watch_late_tell(w, false, now);
}

int64_t
watch_next(const struct watch *w, int64_t missing_ms)
{
	if (w->contact_ms == 0)
		return INT64_MAX;
	if (watch_late_untold(w))
		return 0;
	return watch_missing_next(w, missing_ms);
}

bool
watch_is_live(const struct watch *w, int64_t witnessed_ms, int64_t missing_ms)
{
	return w->contact_ms != 0 && !w->absent && w->state != STATUS_STOPPED &&
	    witnessed_ms - w->fix_w < missing_ms;
}
