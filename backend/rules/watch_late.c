/*
 * watch_late: what was made while the cart was missing, and comes later,
 * mends the alert that told of it.
 */
#include <math.h>
#include <string.h>

#include "backend/rules/watch_parts.h"

#define OPEN_END INT64_MAX

static struct watch_outage *
outage_of(struct watch *w, int64_t since_ms)
{
	for (uint32_t i = w->outage_count; i > 0; i--) {
		if (w->outages[i - 1].since_ms == since_ms)
			return &w->outages[i - 1];
	}
	return NULL;
}

void
watch_outage_begin(struct watch *w)
{
	const struct alert_event *event = &w->missing.event;

	if (w->outage_count == WATCH_OUTAGES) {
		w->outage_count--;
		memmove(&w->outages[0], &w->outages[1],
		    w->outage_count * sizeof(w->outages[0]));
	}
	w->outages[w->outage_count++] = (struct watch_outage){
		.since_ms = event->since_ms,
		.until_ms = OPEN_END,
		.has_place = event->has_place,
		.lat_e6 = event->lat_e6,
		.lon_e6 = event->lon_e6,
		.place_at_ms = event->place_at_ms,
	};
}

void
watch_outage_end(struct watch *w, int64_t since_ms, int64_t until_ms)
{
	struct watch_outage *o = outage_of(w, since_ms);

	if (o != NULL)
		o->until_ms = until_ms;
}

/* The path is this outage's from here on. */
static void
path_begin(struct watch *w, struct watch_outage *o)
{
	struct fix from = { .at = { .ms = o->place_at_ms },
		.lat_e6 = o->lat_e6,
		.lon_e6 = o->lon_e6,
		.accuracy_m = FIX_ACCURACY_UNKNOWN };

	motion_init(&w->path);
	w->path_since_ms = o->since_ms;
	o->base_m = o->moved_m;
	if (!o->begun && o->has_place)
		motion_add(&w->path, &from, NULL);
}

static void
outage_add(struct watch *w, struct watch_outage *o, const struct fix *fix,
    int64_t record_ms)
{
	if (w->path_since_ms != o->since_ms || !w->path.begun)
		path_begin(w, o);
	motion_add(&w->path, fix, NULL);
	o->moved_m = o->base_m + motion_distance_m(&w->path);
	o->begun = true;
	if (!o->untold)
		o->late_ms = record_ms;
	o->untold = true;
}

int
watch_fixes(struct watch *w, const struct fix *fixes, size_t count,
    const struct watch_now *now)
{
	for (size_t i = 0; i < count; i++) {
		const struct fix *fix = &fixes[i];

		if (fix->at.boot != 0)
			continue;
		for (uint32_t k = 0; k < w->outage_count; k++) {
			struct watch_outage *o = &w->outages[k];

			if (fix->at.ms >= o->since_ms &&
			    fix->at.ms < o->until_ms)
				outage_add(w, o, fix, now->record_ms);
		}
		watch_place(w, fix);
	}
	return watch_late_tell(w, false, now);
}

/* Its end is told first. */
static bool
goes_on(const struct watch *w, const struct watch_outage *o)
{
	return o->until_ms == OPEN_END ||
	    (o->since_ms == w->missing.event.since_ms &&
		w->missing.phase != CASE_CALM);
}

static int
mend(struct watch *w, struct watch_outage *o, const struct watch_now *now)
{
	struct alert_event event;
	char id[ALERT_ID_MAX + 1];
	int found;

	alert_id(id, w->cart, ALERT_MISSING, o->since_ms);
	found = now->find(now->ctx, id, &event);
	if (found == -1)
		return -1;
	o->untold = false;
	if (found == 0 ||
	    !alert_mend(
		&event, o->until_ms, llround(o->moved_m), now->record_ms))
		return 0;
	return now->emit(now->ctx, &event);
}

int
watch_late_tell(struct watch *w, bool all, const struct watch_now *now)
{
	for (uint32_t i = 0; i < w->outage_count; i++) {
		struct watch_outage *o = &w->outages[i];

		if (!o->untold || goes_on(w, o))
			continue;
		if (!all && now->record_ms - o->late_ms < WATCH_MEND_EVERY_MS)
			continue;
		if (mend(w, o, now) == -1)
			return -1;
	}
	return 0;
}

bool
watch_late_untold(const struct watch *w)
{
	for (uint32_t i = 0; i < w->outage_count; i++) {
		if (w->outages[i].untold && !goes_on(w, &w->outages[i]))
			return true;
	}
	return false;
}
