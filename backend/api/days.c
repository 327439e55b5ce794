/*
 * A cart's local day: how far it went, its trips and stops, reckoned from the
 * stored track as it is now, late fixes included.
 */
#include "backend/api/calendar.h"
#include "backend/api/handlers.h"
#include "backend/rules/motion.h"

struct day_walk {
	struct jsonw *json;
	struct motion motion;
	int64_t first_ms, last_ms, fixes;
};

static void
write_place(struct jsonw *j, const char *key, int32_t lat_e6, int32_t lon_e6)
{
	jsonw_key(j, key);
	jsonw_open(j, '{');
	jsonw_key(j, "lat");
	jsonw_decimal(j, lat_e6, 6);
	jsonw_key(j, "lon");
	jsonw_decimal(j, lon_e6, 6);
	jsonw_close(j, '}');
}

static void
write_leg(struct jsonw *j, const struct motion_leg *leg, bool open)
{
	bool trip = leg->kind == MOTION_TRIP;

	jsonw_open(j, '{');
	jsonw_key(j, "kind");
	jsonw_text(j, trip ? "trip" : "stop");
	jsonw_key(j, "from");
	jsonw_time(j, leg->from_ms);
	jsonw_key(j, "to");
	jsonw_time(j, leg->to_ms);
	jsonw_key(j, "open");
	jsonw_bool(j, open);
	write_place(j, "start", leg->from_lat_e6, leg->from_lon_e6);
	write_place(j, "end", leg->to_lat_e6, leg->to_lon_e6);
	jsonw_key(j, "distance_m");
	jsonw_int(j, trip ? (int64_t)(leg->distance_m + 0.5) : 0);
	jsonw_close(j, '}');
}

static int
day_point(void *ctx, const struct track_point *p)
{
	struct day_walk *walk = ctx;
	struct motion_leg leg;

	if (walk->fixes++ == 0)
		walk->first_ms = p->fix.at.ms;
	walk->last_ms = p->fix.at.ms;
	if (motion_add(&walk->motion, &p->fix, &leg))
		write_leg(walk->json, &leg, false);
	return jsonw_failed(walk->json);
}

static int
note_cart(void *ctx, const struct cart_row *row)
{
	(void)row;
	*(bool *)ctx = true;
	return 1;
}

/* -1: answered. */
static int
check_known(struct call *call)
{
	bool known = false;

	if (call->reader->ops->carts(call->reader, call->cart,
		clock_realtime_ms(call->api->clock), call->api->live_ms,
		note_cart, &known) == -1) {
		api_read_failed(call, "positions");
		return -1;
	}
	if (known)
		return 0;
	answer_problem(call->answer, 404, "cart", NULL,
	    "cart: no cart %s has been heard of", call->cart);
	return -1;
}

static void
write_sums(struct jsonw *j, const struct day_walk *walk)
{
	const struct motion *m = &walk->motion;

	jsonw_key(j, "distance_m");
	jsonw_int(j, (int64_t)(motion_distance_m(m) + 0.5));
	/* Of it, over holes in the track: as the crow flies. */
	jsonw_key(j, "unseen_m");
	jsonw_int(j, (int64_t)(m->unseen_m + 0.5));
	jsonw_key(j, "moving_s");
	jsonw_int(j, motion_moving_ms(m) / 1000);
	jsonw_key(j, "fixes");
	jsonw_int(j, walk->fixes);
	jsonw_key(j, "first_at");
	jsonw_time(j, walk->fixes > 0 ? walk->first_ms : INSTANT_MISSING);
	jsonw_key(j, "last_at");
	jsonw_time(j, walk->fixes > 0 ? walk->last_ms : INSTANT_MISSING);
}

void
api_days(struct call *call)
{
	struct jsonw *j = &call->answer->body;
	struct day_walk walk = { .json = j };
	struct motion_leg last;
	char date[11];

	calendar_today(call->api->clock, date);
	if (request_date(call->request, "date", date, call->answer) == -1 ||
	    check_known(call) == -1)
		return;
	motion_init(&walk.motion);
	jsonw_open(j, '{');
	jsonw_key(j, "cart");
	jsonw_text(j, call->cart);
	jsonw_key(j, "date");
	jsonw_text(j, date);
	jsonw_key(j, "legs");
	jsonw_open(j, '[');
	if (call->reader->ops->track(call->reader, call->cart,
		(int64_t)calendar_edge(date, false) * 1000,
		(int64_t)calendar_edge(date, true) * 1000, day_point,
		&walk) == -1) {
		api_read_failed(call, "positions");
		return;
	}
	if (motion_open_leg(&walk.motion, &last))
		write_leg(j, &last, true);
	jsonw_close(j, ']');
	write_sums(j, &walk);
	jsonw_close(j, '}');
	call->answer->cacheable = true;
}
