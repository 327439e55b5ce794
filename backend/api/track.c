/*
 * Where a cart was.  The points are gathered first, in one short read of the
 * database, and written out after it: a slow client must not hold the
 * writer's checkpoints up.
 */
#include <errno.h>
#include <stdlib.h>

#include "backend/api/handlers.h"
#include "backend/api/units.h"

#define DAY_MS (INT64_C(86400) * 1000)

struct points {
	struct track_point *at;
	size_t count;
	size_t cap;
	int failed; /* errno: ENOMEM, E2BIG */
};

static int
point_row(void *ctx, const struct track_point *point)
{
	struct points *points = ctx;
	struct track_point *more;
	size_t cap;

	if (points->count == TRACK_POINTS_MAX) {
		points->failed = E2BIG;
		return -1;
	}
	if (points->count == points->cap) {
		cap = points->cap > 0 ? points->cap * 2 : 256;
		more = realloc(points->at, cap * sizeof(*more));
		if (more == NULL) {
			points->failed = ENOMEM;
			return -1;
		}
		points->at = more;
		points->cap = cap;
	}
	points->at[points->count++] = *point;
	return 0;
}

struct track {
	const char *cart;
	int64_t from_ms, to_ms;
	struct points points;
};

static void
write_track(struct jsonw *j, const struct track *t)
{
	size_t i;

	jsonw_open(j, '{');
	jsonw_key(j, "cart");
	jsonw_text(j, t->cart);
	jsonw_key(j, "from");
	jsonw_time(j, t->from_ms);
	jsonw_key(j, "to");
	jsonw_time(j, t->to_ms);
	jsonw_key(j, "points");
	jsonw_open(j, '[');
	for (i = 0; i < t->points.count; i++) {
		const struct track_point *p = &t->points.at[i];

		jsonw_open(j, '{');
		jsonw_key(j, "at");
		jsonw_time(j, p->fix.at.ms);
		write_motion(j, &p->fix);
		jsonw_key(j, "provisional");
		jsonw_bool(j, p->provisional);
		jsonw_close(j, '}');
	}
	jsonw_close(j, ']');
	jsonw_close(j, '}');
}

static void
write_position(struct jsonw *j, const struct fix *fix)
{
	jsonw_open(j, '[');
	jsonw_decimal(j, fix->lon_e6, 6);
	jsonw_decimal(j, fix->lat_e6, 6);
	jsonw_close(j, ']');
}

/* A line needs two positions (RFC 7946, 3.1.4): one alone is a Point. */
static void
write_geometry(struct jsonw *j, const struct points *points)
{
	size_t i;

	jsonw_open(j, '{');
	jsonw_key(j, "type");
	jsonw_text(j, points->count == 1 ? "Point" : "LineString");
	jsonw_key(j, "coordinates");
	if (points->count == 1) {
		write_position(j, &points->at[0].fix);
	} else {
		jsonw_open(j, '[');
		for (i = 0; i < points->count; i++)
			write_position(j, &points->at[i].fix);
		jsonw_close(j, ']');
	}
	jsonw_close(j, '}');
}

static void
write_feature(struct jsonw *j, const struct track *t)
{
	size_t i;

	jsonw_open(j, '{');
	jsonw_key(j, "type");
	jsonw_text(j, "Feature");
	jsonw_key(j, "geometry");
	write_geometry(j, &t->points);
	jsonw_key(j, "properties");
	jsonw_open(j, '{');
	jsonw_key(j, "cart");
	jsonw_text(j, t->cart);
	jsonw_key(j, "from");
	jsonw_time(j, t->from_ms);
	jsonw_key(j, "to");
	jsonw_time(j, t->to_ms);
	jsonw_key(j, "times");
	jsonw_open(j, '[');
	for (i = 0; i < t->points.count; i++)
		jsonw_time(j, t->points.at[i].fix.at.ms);
	jsonw_close(j, ']');
	jsonw_key(j, "speeds_kmh");
	jsonw_open(j, '[');
	for (i = 0; i < t->points.count; i++)
		jsonw_decimal(j, speed_kmh_e2(t->points.at[i].fix.speed_dm_s),
		    SPEED_PLACES);
	jsonw_close(j, ']');
	jsonw_close(j, '}');
	jsonw_close(j, '}');
}

static void
write_geojson(struct jsonw *j, const struct track *t)
{
	jsonw_open(j, '{');
	jsonw_key(j, "type");
	jsonw_text(j, "FeatureCollection");
	jsonw_key(j, "features");
	jsonw_open(j, '[');
	if (t->points.count > 0)
		write_feature(j, t);
	jsonw_close(j, ']');
	jsonw_close(j, '}');
}

/* Without a span: the last day.  With one end: the day at that end. */
static int
track_span(struct call *call, struct track *t)
{
	const struct request *r = call->request;
	struct answer *a = call->answer;

	t->from_ms = t->to_ms = INSTANT_MISSING;
	if (request_time(r, "from", &t->from_ms, a) == -1 ||
	    request_time(r, "to", &t->to_ms, a) == -1)
		return -1;
	if (t->to_ms == INSTANT_MISSING)
		t->to_ms = t->from_ms != INSTANT_MISSING
		    ? t->from_ms + DAY_MS
		    : clock_realtime_ms(call->api->clock);
	if (t->from_ms == INSTANT_MISSING)
		t->from_ms = t->to_ms - DAY_MS;
	if (t->from_ms >= t->to_ms) {
		answer_problem(
		    a, 400, "from", NULL, "from: expected a time before `to`");
		return -1;
	}
	if (t->to_ms - t->from_ms > TRACK_SPAN_MAX_MS) {
		answer_problem(a, 400, "from", NULL,
		    "from: expected at most 7 days before `to`");
		return -1;
	}
	return 0;
}

static int
found(void *ctx, const struct cart_row *row)
{
	bool *known = ctx;

	(void)row;
	*known = true;
	return -1;
}

/* An empty track of a cart that nobody ever heard of is a mistyped plate. */
static int
cart_is_known(struct call *call)
{
	bool known = false;

	if (call->reader->ops->carts(call->reader, call->cart,
		clock_realtime_ms(call->api->clock), call->api->live_ms, found,
		&known) == -1) {
		api_read_failed(call, "positions");
		return -1;
	}
	if (!known) {
		answer_problem(call->answer, 404, "cart", NULL,
		    "cart: no cart %s has been heard of", call->cart);
		return -1;
	}
	return 0;
}

static int
read_points(struct call *call, struct track *t)
{
	if (call->reader->ops->track(call->reader, t->cart, t->from_ms,
		t->to_ms, point_row, &t->points) == -1) {
		api_read_failed(call, "positions");
		return -1;
	}
	if (t->points.failed == E2BIG) {
		answer_problem(call->answer, 400, "from", NULL,
		    "from: more than %d points: ask for a shorter time",
		    TRACK_POINTS_MAX);
		return -1;
	}
	if (t->points.failed != 0) {
		answer_problem(
		    call->answer, 503, NULL, NULL, "no memory for this track");
		return -1;
	}
	return t->points.count > 0 ? 0 : cart_is_known(call);
}

void
api_track(struct call *call)
{
	static const char *const formats[] = { "json", "geojson", NULL };
	struct track t = { .cart = call->cart };
	int format = 0;

	if (request_choice(
		call->request, "format", formats, &format, call->answer) == -1)
		return;
	if (track_span(call, &t) == -1)
		return;
	if (read_points(call, &t) == 0) {
		if (format == 0)
			write_track(&call->answer->body, &t);
		else
			write_geojson(&call->answer->body, &t);
		if (format == 1)
			call->answer->type = TYPE_GEOJSON;
		call->answer->cacheable = true;
	}
	free(t.points.at);
}
