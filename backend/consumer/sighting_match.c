/*
 * sighting_match: see the header.
 */
#include <stdlib.h>

#include "backend/consumer/sighting_match.h"

/* A report this young is about carts as they are now. */
#define YOUNG_MS 60000
/* A cart whose last place is further away, in 1e-6 degrees, was not there
 * within hours: its track is not read. */
#define NEAR_E6 300000

struct match {
	const struct sighting_places *places;
	const struct strange_report *report;
	const char *cart;
	int64_t hour;
	struct reported_match *found;
};

static void
consider(struct match *match, int32_t lat_e6, int32_t lon_e6, int64_t at_ms)
{
	struct reported_candidate candidate = { match->cart, lat_e6, lon_e6,
		at_ms };

	reported_consider(
	    match->found, match->places->rules, match->report, &candidate);
}

/* A part of a cart's hour. */
static int
consider_part(void *ctx, const void *bytes, size_t len)
{
	struct match *match = ctx;
	struct chunk_reader r;
	bool provisional;
	struct fix fix;
	int rc;

	if (chunk_reader_init(&r, match->hour * HOUR_MS, bytes, len) == -1)
		return -1;
	while ((rc = chunk_read(&r, &fix, &provisional)) == 1) {
		if (!provisional)
			consider(match, fix.lat_e6, fix.lon_e6, fix.at.ms);
	}
	return rc;
}

static int
consider_track(struct match *match)
{
	struct positions_store *tracks = match->places->tracks;
	int64_t window_ms = match->places->rules->window_ms;
	int64_t last = (match->report->at_ms + window_ms) / HOUR_MS;

	match->hour = (match->report->at_ms - window_ms) / HOUR_MS;
	for (; match->hour <= last; match->hour++) {
		if (tracks->ops->chunks_each(tracks, match->cart, match->hour,
			consider_part, match) == -1)
			return -1;
	}
	return 0;
}

static bool
may_have_been_there(
    const struct watch *watch, const struct strange_report *report)
{
	return abs(watch->lat_e6 - report->lat_e6) < NEAR_E6 &&
	    abs(watch->lon_e6 - report->lon_e6) < NEAR_E6;
}

int
sighting_match(const struct sighting_places *places,
    const struct strange_report *report, int64_t now_ms,
    struct reported_match *found)
{
	struct match match = {
		.places = places, .report = report, .found = found
	};
	bool old = now_ms - report->at_ms > YOUNG_MS;
	struct watched *const *all;
	size_t count;

	reported_match_init(found);
	if (watchlist_all(places->list, &all, &count) == -1)
		return -1;
	for (size_t i = 0; i < count; i++) {
		const struct watch *watch = &all[i]->kept.watch;

		if (!watch->has_place || !may_have_been_there(watch, report))
			continue;
		match.cart = watch->cart;
		consider(
		    &match, watch->lat_e6, watch->lon_e6, watch->place_at_ms);
		if (old && consider_track(&match) == -1)
			return -1;
	}
	return 0;
}
