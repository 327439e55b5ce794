/*
 * watch_backlog: a cart that is heard and does not get rid of what it keeps.
 *
 * Judged by its own statuses alone: what a silent cart keeps, nobody knows.
 */
#include "backend/rules/watch_parts.h"

static struct alert_damping
damping(int64_t backlog_ms)
{
	return (struct alert_damping){
		.raise_ms = backlog_ms / WATCH_BACKLOG_LASTS,
		.again_ms = backlog_ms,
		.again_clear_ms = backlog_ms / 6,
	};
}

/* How long the oldest event is kept already; it is over at half the limit. */
static bool
is_old(const struct watch *w, const struct watch_status *said,
    const struct watch_now *now)
{
	bool on = w->backlog.phase == CASE_ON ||
	    w->backlog.phase == CASE_CEASING;
	int64_t limit = on ? now->backlog_ms / 2 : now->backlog_ms;

	return said->status->backlog > 0 &&
	    said->oldest_ms != INSTANT_MISSING &&
	    now->record_ms - said->oldest_ms >= limit;
}

static int
tell_drained(
    struct watch *w, const struct alert_damping *d, const struct watch_now *now)
{
	struct alert_now when = watch_alert_now(now);
	const struct alert_event *event;
	struct alert_event facts;

	/* At nearly every status. */
	if (w->backlog.phase == CASE_CALM)
		return 0;
	facts = watch_facts(w, ALERT_BACKLOG, 0);
	facts.until_ms = now->record_ms;
	event = alert_cease(&w->backlog, &facts, d, &when);
	return event != NULL ? now->emit(now->ctx, event) : 0;
}

int
watch_backlog_status(struct watch *w, const struct watch_status *said,
    const struct watch_now *now)
{
	struct alert_damping d = damping(now->backlog_ms);
	struct alert_now when = watch_alert_now(now);
	bool was_silent = now->witnessed_ms - w->backlog_w >= now->missing_ms;
	const struct alert_event *event;
	struct alert_event facts;

	w->backlog_w = now->witnessed_ms;
	if (!is_old(w, said, now))
		return tell_drained(w, &d, now);
	/* It could not drain meanwhile. */
	if (was_silent && w->backlog.phase == CASE_RISING &&
	    tell_drained(w, &d, now) == -1)
		return -1;
	facts = watch_facts(w, ALERT_BACKLOG, said->oldest_ms);
	facts.count = said->status->backlog;
	while ((event = alert_raise(&w->backlog, &facts, &d, &when)) != NULL) {
		if (now->emit(now->ctx, event) == -1)
			return -1;
	}
	return 0;
}
