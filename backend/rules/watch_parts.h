/*
 * watch_parts: what the files of watch share; nobody else's.
 */
#ifndef PREGON_RULES_WATCH_PARTS_H
#define PREGON_RULES_WATCH_PARTS_H

#include "backend/rules/watch.h"

static inline struct alert_now
watch_alert_now(const struct watch_now *now)
{
	return (struct alert_now){ .clock_ms = now->witnessed_ms,
		.at_ms = now->record_ms,
		.caught_up = now->caught_up };
}

/* An alert of this cart, its last good place in it; the rest is not known. */
struct alert_event watch_facts(
    const struct watch *, enum alert_cause, int64_t since_ms);

/* A fix with its own time: the last good place, if none is newer. */
void watch_place(struct watch *, const struct fix *);

/*
 * watch_missing.c.  It was heard with where it is, or its day is closed: what
 * its status said is taken over, that it was a report not yet.
 */
int watch_missing_report(struct watch *, const struct watch_now *);
int watch_missing_beat(struct watch *, const struct watch_now *);
int64_t watch_missing_next(const struct watch *, int64_t missing_ms);

/* watch_late.c.  The alert `missing` was opened. */
void watch_outage_begin(struct watch *);
void watch_outage_end(struct watch *, int64_t since_ms, int64_t until_ms);
/* Tells what late fixes changed; all of it, or what waited long enough. */
int watch_late_tell(struct watch *, bool all, const struct watch_now *);
bool watch_late_untold(const struct watch *);

/* watch_backlog.c */
int watch_backlog_status(
    struct watch *, const struct watch_status *, const struct watch_now *);

#endif
