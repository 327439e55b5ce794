/*
 * reported: what a passer-by's report of a strange cart is about.
 *
 * The nearest cart within radius_m whose place was known within window_ms of
 * the report is taken for it: ALERT_ASTRAY_REPORTED of that cart, over when a
 * person says so, or REPORTED_OVER_MS after the last report of it.  If there
 * is none, the report joins the fugitive that was last seen within radius_m
 * and window_ms of it, or is a new fugitive, which fades fade_ms after its
 * last report.  Pure; states are flat.
 */
#ifndef PREGON_RULES_REPORTED_H
#define PREGON_RULES_REPORTED_H

#include <stdbool.h>

#include "schemas/identity.h"
#include "schemas/report.h"

#define REPORTED_OVER_MS (INT64_C(2) * 3600 * 1000)

struct reported_rules {
	int64_t radius_m, window_ms, fade_ms;
};

/* Where a cart was: its latest fix, or one near the report's time. */
struct reported_candidate {
	const char *cart;
	int32_t lat_e6, lon_e6;
	int64_t at_ms;
};

/*
 * Goes through candidates, in any order, several of one cart too: the answer
 * does not depend on it.
 */
struct reported_match {
	bool found;
	char cart[CART_MAX + 1];
	double distance_m;
	int64_t apart_ms; /* its place's time and the report's */
	int32_t lat_e6, lon_e6; /* the cart's place */
};
void reported_match_init(struct reported_match *);
void reported_consider(struct reported_match *, const struct reported_rules *,
    const struct strange_report *, const struct reported_candidate *);

/* Reports of one cart, or of one fugitive. */
struct sighting {
	char id[REPORT_ID_MAX + 1]; /* the first report's */
	int64_t first_ms; /* the first report's time: an alert's id hangs on it,
			     so an earlier one that comes later leaves it */
	int64_t last_ms; /* the latest report's */
	int32_t lat_e6, lon_e6; /* of the last of them */
	uint32_t count;
};
void sighting_begin(struct sighting *, const struct strange_report *);
/* One more of the same; the same report twice is counted by its caller. */
void sighting_add(struct sighting *, const struct strange_report *);
/* A fugitive's: is the report about it? */
bool sighting_is_of(const struct sighting *, const struct reported_rules *,
    const struct strange_report *);
/* A fugitive's: has it faded?  A cart's: is it over? */
bool sighting_faded(
    const struct sighting *, const struct reported_rules *, int64_t now_ms);
bool sighting_over(const struct sighting *, int64_t now_ms);

#endif
