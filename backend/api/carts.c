/*
 * The carts as they are now.
 */
#include <inttypes.h>
#include <stdio.h>

#include "backend/api/api.h"
#include "backend/api/units.h"

static const char *const state_names[STATUS_STATES] = { "stopped", "online",
	"lost" };

static void
write_fix(struct json *j, const struct cart_row *row)
{
	const struct fix *fix = &row->fix;

	json_open(j, '{');
	json_key(j, "at");
	json_time(j, fix->at.boot == 0 ? fix->at.ms : INSTANT_MISSING);
	json_key(j, "received_at");
	json_time(j, row->fix_record_ms);
	write_motion(j, fix);
	json_key(j, "two_d");
	json_bool(j, fix->flags & FIX_2D);
	json_close(j, '}');
}

static void
write_cart(struct json *j, const struct cart_row *row)
{
	char text[32];

	json_open(j, '{');
	json_key(j, "cart");
	json_text(j, row->cart);
	json_key(j, "live");
	json_bool(j, row->live);
	json_key(j, "contact_at");
	json_time(j, row->contact_ms);
	json_key(j, "state");
	json_text(
	    j, row->state < STATUS_STATES ? state_names[row->state] : NULL);
	json_key(j, "fix");
	if (row->has_fix)
		write_fix(j, row);
	else
		json_null(j);
	json_key(j, "fix_mode");
	json_text(
	    j, row->fix_mode < FIX_MODES ? fix_mode_name(row->fix_mode) : NULL);
	json_key(j, "day_open");
	json_bool(j, row->day_open);
	json_key(j, "backlog_events");
	json_int(j, row->backlog);
	json_key(j, "battery_percent");
	if (row->battery == BATTERY_UNKNOWN)
		json_null(j);
	else
		json_int(j, row->battery);
	json_key(j, "missing_events");
	json_int(j, row->gap_numbers);
	json_key(j, "boot");
	snprintf(text, sizeof(text), "%016" PRIx64, row->boot);
	json_text(j, text);
	json_key(j, "epoch");
	epoch_format(row->epoch, text);
	json_text(j, text);
	json_key(j, "version");
	json_text(j, row->version);
	json_close(j, '}');
}

struct carts_walk {
	struct json *json;
	bool live_only;
	bool found;
};

static int
cart_row(void *ctx, const struct cart_row *row)
{
	struct carts_walk *walk = ctx;

	walk->found = true;
	if (row->live || !walk->live_only)
		write_cart(walk->json, row);
	return json_failed(walk->json);
}

static int
walk_carts(struct call *call, const char *cart, struct carts_walk *walk)
{
	return call->reader->ops->carts(call->reader, cart,
	    clock_realtime_ms(call->api->clock), call->api->live_ms, cart_row,
	    walk);
}

void
api_carts(struct call *call)
{
	struct json *j = &call->answer->body;
	struct carts_walk walk = { .json = j };

	if (request_bool(
		call->request, "live", &walk.live_only, call->answer) == -1)
		return;
	json_open(j, '{');
	json_key(j, "carts");
	json_open(j, '[');
	if (walk_carts(call, NULL, &walk) == -1) {
		api_read_failed(call, "positions");
		return;
	}
	json_close(j, ']');
	json_close(j, '}');
	call->answer->cacheable = true;
}

void
api_cart(struct call *call)
{
	struct carts_walk walk = { .json = &call->answer->body };

	if (walk_carts(call, call->cart, &walk) == -1)
		api_read_failed(call, "positions");
	else if (!walk.found)
		answer_problem(call->answer, 404, "cart", NULL,
		    "cart: no cart %s has been heard of", call->cart);
	else
		call->answer->cacheable = true;
}
