/*
 * watch: what the guild makes of a cart's silence, of its late data, and of
 * what it keeps back: the alerts ALERT_MISSING and ALERT_BACKLOG.
 *
 * A *report* is the cart's own word with where it is: a status with a fresh
 * fix, a frame with one.  Time is the witnessed time of the cart's partition
 * (witness.h); a verdict is only given at a beat of that partition, and told
 * only when the reader has caught up.
 *
 * The caller makes one `struct watch` a cart, calls the function that fits
 * each of its records, in the partition's order, and watch_beat at beats:
 *
 * - for every cart at or past watch_next() (a comparison a cart and beat is
 *   cheap enough for 10,000 carts), and
 * - for every cart at the first beat of a minute, since hours begin and end.
 *
 * Deterministic: the same records, beats and caught_up flags give the same
 * events; what is open at a beat that has caught up does not depend on when
 * the reader was behind.
 *
 * To be kept: every field; of the two cases what alert_machine.h says; of
 * outages `outage_count` of them; not the path, which is begun anew (what a
 * cart moved between two of its fixes is then lost).  No pointers anywhere.
 * Cases and outages rarely change, the rest at each record.
 */
#ifndef PREGON_RULES_WATCH_H
#define PREGON_RULES_WATCH_H

#include "backend/rules/alert_machine.h"
#include "backend/rules/motion.h"
#include "schemas/pos.h"
#include "schemas/status.h"

/* Outages that late data may still mend; the oldest makes room. */
#define WATCH_OUTAGES 4
/* A change by late data is told when all is there, or this often. */
#define WATCH_MEND_EVERY_MS 5000
/* A status's fix this much older than the status is none. */
#define WATCH_FRESH_MS 60000
/* A fix in a frame this much older than its record is late data. */
#define WATCH_LATE_MS 120000
/* Of a cart never heard before, a status this old is no sign of life: the
 * broker kept it. */
#define WATCH_STALE_MS 600000
/* Back, but no status yet that says why: waited for so long. */
#define WATCH_WHY_MS 5000
/* A backlog must stay old for this part of the limit, 2 min of an hour: a
 * cart that just came back drains. */
#define WATCH_BACKLOG_LASTS 30

/* A time that the cart was missing; its alert is the one of `since_ms`. */
struct watch_outage {
	int64_t since_ms;
	int64_t until_ms; /* record time of the return; INT64_MAX: not yet */
	bool has_place; /* the last good one before it */
	int32_t lat_e6, lon_e6;
	int64_t place_at_ms;
	/* What late fixes with times in it say. */
	bool begun;
	double moved_m;
	double base_m; /* of it, before the path was begun anew */
	bool untold; /* moved since the last record */
	int64_t late_ms; /* record time of the first fix that is untold */
};

struct watch {
	char cart[CART_MAX + 1];
	int32_t partition; /* that the times in *_w are of; -1: none yet */

	/* Any word of its own; a report: record and witnessed times. */
	int64_t contact_ms, contact_w;
	int64_t fix_ms, fix_w;
	uint64_t fix_epoch, fix_boot; /* of the start of the last report */
	bool has_place; /* the last good one */
	int32_t lat_e6, lon_e6;
	int64_t place_at_ms;

	/* The newest status; epoch 0: none yet. */
	uint64_t epoch, boot;
	enum status_state state; /* STATUS_LOST: its will came */
	bool has_fix; /* a fresh one, in it or in a frame since */
	int64_t status_at_ms; /* its own time */
	bool day_open;

	/* Planned absence: day closed or out of hours. */
	bool off_hours; /* at the last beat */
	bool resting;
	int64_t from_ms, from_w; /* it ended then: silence counts from here */

	bool absent; /* without a report for too long, at work */
	bool silent; /* ... and nothing at all came for so long */
	bool said; /* a status came since it was last silent */
	int64_t back_ms, back_w; /* back, why not known yet; 0: not so */
	struct alert_case missing;

	int64_t backlog_w; /* of the newest status that told of it */
	struct alert_case backlog;

	uint32_t outage_count;
	struct watch_outage outages[WATCH_OUTAGES]; /* newest last */
	int64_t path_since_ms; /* the outage that the path is of */
	struct motion path; /* of its late fixes */
};

/* What holds for this call. */
struct watch_now {
	int64_t record_ms; /* of the record or beat */
	int64_t witnessed_ms; /* witness_at(), of its partition */
	int32_t partition;
	/* The newest beat's record time is within 5 s of the clock: what is
	 * decided now is news. */
	bool caught_up;

	int64_t missing_ms, backlog_ms; /* settings, of this cart */

	/* Each event, in order, to be kept and published; 0 or -1. */
	int (*emit)(void *ctx, const struct alert_event *);
	/* An alert as last emitted, by its id: 1, 0 (not there), -1. */
	int (*find)(void *ctx, const char *id, struct alert_event *);
	void *ctx;
};

void watch_init(struct watch *, const char *cart);

/* A status that is the newest (live_rules), with its times judged. */
struct watch_status {
	const struct status *status;
	enum status_state state; /* ... its will may have come already */
	int64_t at_ms;
	int64_t fix_at_ms; /* where status->has_fix */
	int64_t oldest_ms; /* INSTANT_MISSING: none, or not said */
};
/* These give 0, or -1 where emit or find did. */
int watch_status(
    struct watch *, const struct watch_status *, const struct watch_now *);

/*
 * A frame of the stream pos came, before its fixes are given.  newest_ms: the
 * newest fix's time as far as it is known (INSTANT_MISSING: no fix in it, or
 * no trusted time yet).
 */
int watch_frame(struct watch *, int64_t newest_ms, const struct watch_now *);

/*
 * New fixes (no duplicates) with their own times, oldest first; also those
 * whose times a marker mends later.  They move the last good place, and the
 * outage in which they were made is mended.
 */
int watch_fixes(
    struct watch *, const struct fix *, size_t count, const struct watch_now *);

/* The will of its newest connection came: the link is lost. */
void watch_lost(struct watch *);

/* A person's word on an alert of this cart, ALERT_MISSING or ALERT_BACKLOG. */
int watch_settle(
    struct watch *, const struct alert_resolution *, const struct watch_now *);

/*
 * Of a cart whose state was lost, and of which this alert (ALERT_MISSING or
 * ALERT_BACKLOG) is open, or was settled by a person (ALERT_RESOLVED) and not
 * ended: after watch_init, so that it is not told anew and can end.
 */
void watch_adopt(struct watch *, const struct alert_event *);

/* A beat of its partition; `in_hours`: it should be at work now. */
int watch_beat(struct watch *, bool in_hours, const struct watch_now *);

/* Witnessed time of its partition at which it must be looked at even if
 * nothing is heard; INT64_MAX: never. */
int64_t watch_next(const struct watch *, int64_t missing_ms);

/* Is it to be shown as live?  At rest too, as long as it is heard. */
bool watch_is_live(
    const struct watch *, int64_t witnessed_ms, int64_t missing_ms);

#endif
