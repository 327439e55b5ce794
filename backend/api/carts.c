/*
 * The carts as they are now.
 */
#include <inttypes.h>
#include <stdio.h>

#include "backend/api/handlers.h"
#include "backend/api/rows.h"
#include "backend/api/units.h"

static const char *const state_names[STATUS_STATES] = { "stopped", "online",
	"lost" };

static void
write_fix(struct jsonw *j, const struct cart_row *row)
{
	const struct fix *fix = &row->fix;

	jsonw_open(j, '{');
	jsonw_key(j, "at");
	jsonw_time(j, fix->at.boot == 0 ? fix->at.ms : INSTANT_MISSING);
	jsonw_key(j, "received_at");
	jsonw_time(j, row->fix_record_ms);
	write_motion(j, fix);
	jsonw_key(j, "two_d");
	jsonw_bool(j, fix->flags & FIX_2D);
	jsonw_close(j, '}');
}

void
write_cart(struct jsonw *j, const struct cart_row *row)
{
	char text[32];

	jsonw_open(j, '{');
	jsonw_key(j, "cart");
	jsonw_text(j, row->cart);
	jsonw_key(j, "live");
	jsonw_bool(j, row->live);
	jsonw_key(j, "missing");
	jsonw_bool(j, row->missing);
	jsonw_key(j, "contact_at");
	jsonw_time(j, row->contact_ms);
	jsonw_key(j, "state");
	jsonw_text(
	    j, row->state < STATUS_STATES ? state_names[row->state] : NULL);
	jsonw_key(j, "fix");
	if (row->has_fix)
		write_fix(j, row);
	else
		jsonw_null(j);
	jsonw_key(j, "fix_mode");
	jsonw_text(
	    j, row->fix_mode < FIX_MODES ? fix_mode_name(row->fix_mode) : NULL);
	jsonw_key(j, "day_open");
	jsonw_bool(j, row->day_open);
	jsonw_key(j, "backlog");
	jsonw_int(j, row->backlog);
	jsonw_key(j, "battery_percent");
	if (row->battery == BATTERY_UNKNOWN)
		jsonw_null(j);
	else
		jsonw_int(j, row->battery);
	jsonw_key(j, "missing_events");
	jsonw_int(j, row->gap_numbers);
	jsonw_key(j, "boot");
	snprintf(text, sizeof(text), "%016" PRIx64, row->boot);
	jsonw_text(j, text);
	jsonw_key(j, "epoch");
	epoch_format(row->epoch, text);
	jsonw_text(j, text);
	jsonw_key(j, "version");
	jsonw_text(j, row->version);
	jsonw_close(j, '}');
}

struct carts_walk {
	struct jsonw *json;
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
	return jsonw_failed(walk->json);
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
	struct jsonw *j = &call->answer->body;
	struct carts_walk walk = { .json = j };

	if (request_bool(
		call->request, "live", &walk.live_only, call->answer) == -1)
		return;
	jsonw_open(j, '{');
	jsonw_key(j, "carts");
	jsonw_open(j, '[');
	if (walk_carts(call, NULL, &walk) == -1) {
		api_read_failed(call, "positions");
		return;
	}
	jsonw_close(j, ']');
	jsonw_close(j, '}');
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
