/*
 * watch_missing: a cart that is silent, or says no more where it is.
 */
#include "backend/rules/watch_parts.h"

/* In times of what counts as silence: a cart whose network comes and goes is
 * one alert, not one a minute. */
#define AGAIN_WITHIN 10
#define AGAIN_CLEAR 3

static struct alert_damping
damping(int64_t missing_ms)
{
	return (struct alert_damping){
		.again_ms = AGAIN_WITHIN * missing_ms,
		.again_clear_ms = AGAIN_CLEAR * missing_ms,
	};
}

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Absent from now on, or still; only a report ends it. */
static void
look(struct watch *w, const struct watch_now *now)
{
	int64_t heard = now->witnessed_ms - later(w->contact_w, w->from_w);
	int64_t seen = now->witnessed_ms - later(w->fix_w, w->from_w);

	if (!w->absent && !w->resting)
		w->absent = heard >= now->missing_ms ||
		    (!w->has_fix && seen >= now->missing_ms);
	if (w->absent && heard >= now->missing_ms) {
		w->silent = true;
		w->said = false;
	}
}

static enum alert_known
known(const struct watch *w)
{
	/* Heard, and not to be seen. */
	if (w->said)
		return KNOWN_NO_FIX;
	if (w->state == STATUS_LOST)
		return KNOWN_LINK_LOST;
	return w->state == STATUS_STOPPED ? KNOWN_STOPPED : KNOWN_NOTHING;
}

static int
tell_absent(struct watch *w, const struct watch_now *now)
{
	struct alert_event facts = watch_facts(
	    w, ALERT_MISSING, later(w->fix_ms, w->from_ms));
	struct alert_damping d = damping(now->missing_ms);
	struct alert_now when = watch_alert_now(now);
	const struct alert_event *event;

	facts.known = known(w);
	while ((event = alert_raise(&w->missing, &facts, &d, &when)) != NULL) {
		if (event->state == ALERT_OPENED)
			watch_outage_begin(w);
		if (now->emit(now->ctx, event) == -1)
			return -1;
	}
	return 0;
}

static int
tell_present(struct watch *w, enum alert_why why, const struct watch_now *now)
{
	struct alert_damping d = damping(now->missing_ms);
	struct alert_now when = watch_alert_now(now);
	const struct alert_event *event;
	struct alert_event facts;

	if (w->missing.phase == CASE_CALM)
		return 0;
	facts = watch_facts(w, ALERT_MISSING, 0);
	facts.until_ms = w->back_ms != 0 ? w->back_ms : now->record_ms;
	facts.why = why;
	event = alert_cease(&w->missing, &facts, &d, &when);
	return event != NULL ? now->emit(now->ctx, event) : 0;
}

static int
conclude(struct watch *w, enum alert_why why, const struct watch_now *now)
{
	int rc = tell_present(w, why, now);

	w->absent = w->silent = false;
	w->back_ms = w->back_w = 0;
	return rc;
}

/* By its newest status. */
static enum alert_why
why_absent(const struct watch *w)
{
	if (w->fix_epoch == 0)
		return WHY_UNKNOWN;
	if (w->boot != w->fix_boot)
		return WHY_POWER;
	if (w->epoch != w->fix_epoch)
		return WHY_GATEWAY;
	if (w->silent)
		return WHY_NETWORK;
	return w->has_fix ? WHY_RECEIVER : WHY_UNKNOWN;
}

int
watch_missing_report(struct watch *w, const struct watch_now *now)
{
	if (!w->absent)
		return 0;
	if (w->back_ms == 0) {
		w->back_ms = now->record_ms;
		w->back_w = now->witnessed_ms;
		if (w->missing.told)
			watch_outage_end(
			    w, w->missing.event.since_ms, w->back_ms);
	}
	/* A frame may be of an earlier start: a status says why. */
	return w->said ? conclude(w, why_absent(w), now) : 0;
}

int
watch_missing_beat(struct watch *w, const struct watch_now *now)
{
	if (w->back_ms != 0) {
		if (now->witnessed_ms - w->back_w < WATCH_WHY_MS)
			return 0;
		if (conclude(w, w->said ? why_absent(w) : WHY_UNKNOWN, now) ==
		    -1)
			return -1;
	}
	look(w, now);
	if (w->absent)
		return tell_absent(w, now);
	return tell_present(w, WHY_UNKNOWN, now);
}

int64_t
watch_missing_next(const struct watch *w, int64_t missing_ms)
{
	struct alert_damping d = damping(missing_ms);
	int64_t next = alert_next(&w->missing, &d), due;

	/* They are few, and what is known of them may change. */
	if (w->absent || w->back_ms != 0)
		return 0;
	if (w->resting)
		return next;
	due = later(w->has_fix ? w->contact_w : w->fix_w, w->from_w) +
	    missing_ms;
	return due < next ? due : next;
}
