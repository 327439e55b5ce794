/*
 * reported: see the header.
 */
#include "backend/rules/reported.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/rules/plane.h"

/* What is so far north or south is not near; most carts go no further. */
#define METRE_NORTH_E6 9.1

void
reported_match_init(struct reported_match *m)
{
	memset(m, 0, sizeof(*m));
}

static bool
is_better(const struct reported_match *m,
    const struct reported_candidate *candidate, double metres, int64_t apart)
{
	if (!m->found || metres < m->distance_m)
		return true;
	if (metres > m->distance_m)
		return false;
	if (apart != m->apart_ms)
		return apart < m->apart_ms;
	return strcmp(candidate->cart, m->cart) < 0;
}

static int64_t
apart_ms(int64_t a, int64_t b)
{
	return a < b ? b - a : a - b;
}

void
reported_consider(struct reported_match *m, const struct reported_rules *rules,
    const struct strange_report *report,
    const struct reported_candidate *candidate)
{
	int64_t north = (int64_t)candidate->lat_e6 - report->lat_e6;
	int64_t apart = apart_ms(candidate->at_ms, report->at_ms);
	double metres;

	if (apart > rules->window_ms ||
	    (double)llabs(north) > (double)rules->radius_m * METRE_NORTH_E6)
		return;
	metres = plane_metres(candidate->lat_e6, candidate->lon_e6,
	    report->lat_e6, report->lon_e6);
	if (metres > (double)rules->radius_m ||
	    !is_better(m, candidate, metres, apart))
		return;
	*m = (struct reported_match){
		.found = true,
		.distance_m = metres,
		.apart_ms = apart,
		.lat_e6 = candidate->lat_e6,
		.lon_e6 = candidate->lon_e6,
	};
	snprintf(m->cart, sizeof(m->cart), "%s", candidate->cart);
}

void
sighting_begin(struct sighting *s, const struct strange_report *report)
{
	*s = (struct sighting){
		.first_ms = report->at_ms,
		.last_ms = report->at_ms,
		.lat_e6 = report->lat_e6,
		.lon_e6 = report->lon_e6,
		.count = 1,
	};
	memcpy(s->id, report->id, sizeof(s->id));
}

void
sighting_add(struct sighting *s, const struct strange_report *report)
{
	s->count++;
	if (report->at_ms < s->last_ms)
		return;
	s->last_ms = report->at_ms;
	s->lat_e6 = report->lat_e6;
	s->lon_e6 = report->lon_e6;
}

bool
sighting_is_of(const struct sighting *s, const struct reported_rules *rules,
    const struct strange_report *report)
{
	return apart_ms(s->last_ms, report->at_ms) <= rules->window_ms &&
	    plane_metres(s->lat_e6, s->lon_e6, report->lat_e6,
		report->lon_e6) <= (double)rules->radius_m;
}

bool
sighting_faded(const struct sighting *s, const struct reported_rules *rules,
    int64_t now_ms)
{
	return now_ms - s->last_ms >= rules->fade_ms;
}

bool
sighting_over(const struct sighting *s, int64_t now_ms)
{
	return now_ms - s->last_ms >= REPORTED_OVER_MS;
}
