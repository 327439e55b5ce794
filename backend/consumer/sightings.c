/*
 * sightings: see the header.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/sighting_match.h"
#include "backend/consumer/sightings.h"
#include "backend/rules/reported.h"

#define KEPT_MS (INT64_C(30) * 86400 * 1000)

struct one_sighting {
	char cart[CART_MAX + 1]; /* "": a fugitive */
	struct sighting seen;
	char note[TEXT_NOTE_MAX + 1]; /* the last report's */
	struct one_sighting *next;
};

struct sightings {
	struct role_context *ctx;
	struct reported_rules rules;
	struct judge_store *store;
	struct alerts *alerts;
	struct sighting_places places;
	bool loaded;
	bool waiting; /* some report may be */
	struct one_sighting *all;
};

struct sightings *
sightings_new(struct role_context *ctx, const struct role_settings *settings,
    struct judge_store *store, struct alerts *alerts, struct watchlist *list,
    struct positions_store *tracks)
{
	struct sightings *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->ctx = ctx;
	s->rules = (struct reported_rules){ settings->report_radius_m,
		settings->report_window_s * 1000,
		settings->fugitive_fade_s * 1000 };
	s->store = store;
	s->alerts = alerts;
	s->places = (struct sighting_places){ &s->rules, list, tracks };
	s->waiting = true;
	return s;
}

void
sightings_free(struct sightings *s)
{
	if (s == NULL)
		return;
	sightings_forget(s);
	free(s);
}

void
sightings_forget(struct sightings *s)
{
	while (s->all != NULL) {
		struct one_sighting *next = s->all->next;

		free(s->all);
		s->all = next;
	}
	s->loaded = false;
	s->waiting = true;
}

static struct one_sighting *
append(struct sightings *s)
{
	struct one_sighting *one = calloc(1, sizeof(*one));

	if (one == NULL)
		return NULL;
	one->next = s->all;
	s->all = one;
	return one;
}

static int
load_row(void *ctx, const struct sighting_row *row)
{
	struct one_sighting *one = append(ctx);

	if (one == NULL)
		return -1;
	memcpy(one->cart, row->cart, sizeof(one->cart));
	memcpy(one->seen.id, row->id, sizeof(one->seen.id));
	one->seen.first_ms = row->first_ms;
	one->seen.last_ms = row->last_ms;
	one->seen.lat_e6 = row->lat_e6;
	one->seen.lon_e6 = row->lon_e6;
	one->seen.count = row->count;
	memcpy(one->note, row->note, sizeof(one->note));
	return 0;
}

static int
store_row(struct sightings *s, const struct one_sighting *one)
{
	struct sighting_row row = { .first_ms = one->seen.first_ms,
		.last_ms = one->seen.last_ms,
		.lat_e6 = one->seen.lat_e6,
		.lon_e6 = one->seen.lon_e6,
		.count = one->seen.count };

	memcpy(row.id, one->seen.id, sizeof(row.id));
	memcpy(row.cart, one->cart, sizeof(row.cart));
	memcpy(row.note, one->note, sizeof(row.note));
	return s->store->ops->sighting_put(s->store, &row);
}

static int
load(struct sightings *s)
{
	if (s->loaded)
		return 0;
	if (s->store->ops->sightings_each(s->store, load_row, s) == -1) {
		sightings_forget(s);
		return -1;
	}
	s->loaded = true;
	return 0;
}

int
sightings_apply(struct sightings *s, const struct record *record)
{
	struct strange_report report;
	struct decode_error error;
	char reason[160];

	if (report_decode(record->value, record->len, &report, &error) == -1) {
		snprintf(reason, sizeof(reason), "%s: expected %s", error.field,
		    error.expected);
		return role_reject(s->ctx, record, reason);
	}
	s->waiting = true;
	if (s->store->ops->report_put(s->store, &report) == -1 &&
	    errno != EEXIST)
		return -1;
	return 0;
}

/* The sighting that it is one more of; NULL: none. */
static struct one_sighting *
find(struct sightings *s, const struct strange_report *report,
    const struct reported_match *found)
{
	for (struct one_sighting *one = s->all; one != NULL; one = one->next) {
		if (found->found ? strcmp(one->cart, found->cart) == 0
				 : one->cart[0] == '\0' &&
			    sighting_is_of(&one->seen, &s->rules, report))
			return one;
	}
	return NULL;
}

static void
describe(const struct one_sighting *one, struct alert_event *event)
{
	event->has_place = true;
	event->lat_e6 = one->seen.lat_e6;
	event->lon_e6 = one->seen.lon_e6;
	event->place_at_ms = one->seen.last_ms;
	event->count = one->seen.count;
	memcpy(event->note, one->note, sizeof(event->note));
}

static void
alert_of(const struct one_sighting *one, int64_t at_ms, struct alert_event *e)
{
	alert_begin(e, one->cart,
	    one->cart[0] != '\0' ? ALERT_ASTRAY_REPORTED : ALERT_FUGITIVE,
	    one->seen.first_ms, at_ms);
	if (one->cart[0] == '\0')
		snprintf(e->id, sizeof(e->id), "%s-%s",
		    alert_cause_name(ALERT_FUGITIVE), one->seen.id);
	describe(one, e);
}

/* A new one, or one more of it. */
static int
tell(struct sightings *s, const struct one_sighting *one, int64_t now_ms)
{
	struct alert_event event;

	alert_of(one, now_ms, &event);
	return one->seen.count == 1 ? alerts_open(s->alerts, &event)
				    : alerts_change(s->alerts, &event);
}

static int
add(struct sightings *s, const struct strange_report *report,
    const struct reported_match *found, int64_t now_ms)
{
	struct one_sighting *one = find(s, report, found);

	if (one == NULL) {
		one = append(s);
		if (one == NULL)
			return -1;
		if (found->found)
			memcpy(one->cart, found->cart, sizeof(one->cart));
		sighting_begin(&one->seen, report);
	} else {
		sighting_add(&one->seen, report);
	}
	memcpy(one->note, report->note, sizeof(one->note));
	if (store_row(s, one) == -1 ||
	    s->store->ops->report_judged(s->store, report->id, one->seen.id) ==
		-1)
		return -1;
	return tell(s, one, now_ms);
}

/* The reports that wait, taken out of the walk that finds them. */
struct waiting {
	struct strange_report *reports;
	size_t count, cap;
};
#define WAITING_MAX 1000 /* at a tick; the rest at the next */

static int
collect(void *ctx, const struct strange_report *report)
{
	struct waiting *w = ctx;

	if (w->count == w->cap) {
		size_t cap = w->cap == 0 ? 16 : 2 * w->cap;
		struct strange_report *reports = realloc(
		    w->reports, cap * sizeof(*reports));

		if (reports == NULL)
			return -1;
		w->reports = reports;
		w->cap = cap;
	}
	w->reports[w->count++] = *report;
	return w->count == WAITING_MAX ? 1 : 0;
}

/* What came and went while nobody read it is no news. */
static bool
is_past(const struct sightings *s, const struct strange_report *report,
    int64_t now_ms)
{
	int64_t age_ms = now_ms - report->at_ms;

	return age_ms > s->rules.fade_ms && age_ms > REPORTED_OVER_MS;
}

static int
judge_waiting(struct sightings *s, int64_t now_ms)
{
	struct waiting w = { .reports = NULL };
	struct reported_match found;
	int rc = s->store->ops->reports_waiting(s->store, collect, &w);

	for (size_t i = 0; i < w.count && rc == 0; i++) {
		if (is_past(s, &w.reports[i], now_ms))
			rc = s->store->ops->report_judged(
			    s->store, w.reports[i].id, "");
		else if (sighting_match(
			     &s->places, &w.reports[i], now_ms, &found) == -1)
			rc = -1;
		else
			rc = add(s, &w.reports[i], &found, now_ms);
	}
	if (rc == 0)
		s->waiting = w.count == WAITING_MAX;
	free(w.reports);
	return rc;
}

/* -1: errno; 1: it is over, and was told. */
static int
end_if_over(struct sightings *s, const struct one_sighting *one, int64_t now_ms)
{
	struct alert_event kept, event;
	int rc;

	alert_of(one, now_ms, &event);
	rc = alerts_get(s->alerts, event.id, &kept);
	if (rc == -1)
		return -1;
	/* A person has said that it is over, or had before. */
	if (rc == 0 || kept.state == ALERT_RESOLVED)
		return 1;
	if (one->cart[0] != '\0'
		? !sighting_over(&one->seen, now_ms)
		: !sighting_faded(&one->seen, &s->rules, now_ms))
		return 0;
	kept.at_ms = kept.until_ms = now_ms;
	return alerts_resolve(s->alerts, &kept) == -1 ? -1 : 1;
}

static int
end_some(struct sightings *s, int64_t now_ms)
{
	struct one_sighting **at = &s->all, *one;

	while ((one = *at) != NULL) {
		int rc = end_if_over(s, one, now_ms);

		if (rc == -1)
			return -1;
		if (rc == 1) {
			if (s->store->ops->sighting_delete(
				s->store, one->seen.id) == -1)
				return -1;
			*at = one->next;
			free(one);
		} else {
			at = &one->next;
		}
	}
	return 0;
}

int
sightings_tick(struct sightings *s, int64_t now_ms, bool caught_up)
{
	if (load(s) == -1)
		return -1;
	if (!caught_up)
		return 0;
	/* First what is over: a report may begin it anew. */
	if (end_some(s, now_ms) == -1 ||
	    (s->waiting && judge_waiting(s, now_ms) == -1))
		return -1;
	return s->store->ops->reports_expire(s->store, now_ms - KEPT_MS);
}
