/*
 * Restock orders: what each cart is to be brought, and how far that is.
 */
#include <stdlib.h>
#include <string.h>

#include "backend/api/handlers.h"
#include "backend/api/restocks_parts.h"

#define ORDERS_PAGE 100
#define ORDERS_PAGE_MAX 1000

static void
write_part(
    struct jsonw *j, const struct order *order, const struct order_part *part)
{
	jsonw_open(j, '{');
	jsonw_key(j, "product");
	jsonw_int(j, part->product);
	jsonw_key(j, "asked");
	if (part->asked > 0)
		jsonw_int(j, part->asked);
	else
		jsonw_null(j);
	jsonw_key(j, "prepared");
	if (order->prepared)
		jsonw_int(j, part->prepared);
	else
		jsonw_null(j);
	jsonw_key(j, "delivered");
	if (order->state == ORDER_FINALIZADO)
		jsonw_int(j, part->delivered);
	else
		jsonw_null(j);
	jsonw_key(j, "booked");
	if (part->confirmed)
		jsonw_int(j, part->booked);
	else
		jsonw_null(j);
	jsonw_close(j, '}');
}

static void
write_text_or_null(struct jsonw *j, const char *key, const char *text)
{
	jsonw_key(j, key);
	jsonw_text(j, text[0] != '\0' ? text : NULL);
}

void
write_order(struct jsonw *j, const struct order *order)
{
	uint32_t i;

	jsonw_key(j, "id");
	jsonw_text(j, order->id);
	jsonw_key(j, "cart");
	jsonw_text(j, order->cart);
	jsonw_key(j, "origin");
	jsonw_text(j, order_origin_name(order->origin));
	jsonw_key(j, "state");
	jsonw_text(j, order_state_name(order->state));
	jsonw_key(j, "revision");
	jsonw_int(j, order->revision);
	jsonw_key(j, "opened_at");
	jsonw_time(j, order->opened_ms);
	jsonw_key(j, "state_at");
	jsonw_time(j, order->state_ms);
	jsonw_key(j, "changed_at");
	jsonw_time(j, order->changed_ms);
	write_text_or_null(j, "by", order->by);
	write_text_or_null(j, "reason", order->reason);
	write_text_or_null(j, "delivery", order->delivery);
	jsonw_key(j, "disputed");
	jsonw_bool(j, order->disputed);
	jsonw_key(j, "lines");
	jsonw_open(j, '[');
	for (i = 0; i < order->part_count; i++)
		write_part(j, order, &order->parts[i]);
	jsonw_close(j, ']');
}

struct orders_walk {
	struct jsonw *json;
	int64_t count;
	char last[ORDER_ID_MAX + 1];
};

static int
order_row(void *ctx, const struct restock_row *row)
{
	struct orders_walk *walk = ctx;

	walk->count++;
	memcpy(walk->last, row->order.id, sizeof(walk->last));
	jsonw_open(walk->json, '{');
	write_order(walk->json, &row->order);
	jsonw_close(walk->json, '}');
	return jsonw_failed(walk->json);
}

static int
take_order(void *ctx, const struct restock_row *row)
{
	memcpy(ctx, &row->order, sizeof(row->order));
	return 1;
}

/* 1, 0 or -1 (answered); order->id is "" where there is none. */
static int
look_up(struct call *call, const char *id, struct order *order)
{
	const struct restocks_query query = {
		.id = id, .state = -1, .limit = 1
	};

	order->id[0] = '\0';
	if (call->reader->ops->restocks(
		call->reader, &query, take_order, order) == -1) {
		api_read_failed(call, "stock");
		return -1;
	}
	return order->id[0] != '\0';
}

static void
no_order(struct call *call)
{
	answer_problem(
	    call->answer, 404, "id", NULL, "id: there is no such order");
}

int
find_order(struct call *call, struct order *order)
{
	int found = look_up(call, call->id, order);

	if (found == 0)
		no_order(call);
	return found;
}

/* Beside the orders' own states. */
enum { STATE_OPEN = ORDER_STATES, STATE_DISPUTED, STATE_ALL };
static const char *const state_names[] = { "recibido", "preparando",
	"entregando", "finalizado", "cancelado", "open", "disputed", "all",
	NULL };

static int
read_before(
    struct call *call, struct restocks_query *query, struct order *order)
{
	const char *before = request_param(call->request, "before");
	int found;

	if (before == NULL)
		return 0;
	found = look_up(call, before, order);
	if (found == 0)
		answer_problem(call->answer, 400, "before", NULL,
		    "before: expected the id of an order");
	query->before_ms = order->opened_ms;
	query->before_id = order->id;
	return found == 1 ? 0 : -1;
}

void
api_restocks(struct call *call)
{
	struct jsonw *j = &call->answer->body;
	struct restocks_query query = { .limit = ORDERS_PAGE };
	struct orders_walk walk = { .json = j };
	struct order before;
	int state = STATE_ALL;

	if (request_choice(call->request, "state", state_names, &state,
		call->answer) == -1 ||
	    request_cart(call->request, "cart", &query.cart, call->answer) ==
		-1 ||
	    request_int(call->request, "limit", 1, ORDERS_PAGE_MAX,
		&query.limit, call->answer) == -1 ||
	    read_before(call, &query, &before) == -1)
		return;
	query.state = state < ORDER_STATES ? state : -1;
	query.open_only = state == STATE_OPEN;
	query.disputed_only = state == STATE_DISPUTED;
	answer_page_begin(call->answer, "restocks");
	if (call->reader->ops->restocks(
		call->reader, &query, order_row, &walk) == -1) {
		api_read_failed(call, "stock");
		return;
	}
	answer_page_end(call->answer, "next_before",
	    walk.count == query.limit ? walk.last : NULL);
	call->answer->cacheable = true;
}

struct history_walk {
	struct jsonw *json;
	bool found;
};

static int
show_order(void *ctx, const struct restock_row *row)
{
	struct history_walk *walk = ctx;

	walk->found = true;
	jsonw_open(walk->json, '{');
	write_order(walk->json, &row->order);
	jsonw_key(walk->json, "history");
	jsonw_open(walk->json, '[');
	return jsonw_failed(walk->json);
}

static int
show_change(void *ctx, const struct restock_change *change)
{
	struct jsonw *j = ((struct history_walk *)ctx)->json;
	uint32_t i;

	jsonw_open(j, '{');
	jsonw_key(j, "at");
	jsonw_time(j, change->at_ms);
	write_text_or_null(j, "by", change->by);
	jsonw_key(j, "state");
	jsonw_text(j, order_state_name(change->state));
	jsonw_key(j, "refused");
	jsonw_bool(j, change->remark);
	jsonw_key(j, "revision");
	if (change->remark)
		jsonw_null(j);
	else
		jsonw_int(j, change->revision);
	write_text_or_null(j, "reason", change->reason);
	jsonw_key(j, "disputed");
	jsonw_bool(j, change->disputed);
	jsonw_key(j, "lines");
	jsonw_open(j, '[');
	for (i = 0; i < change->line_count; i++) {
		jsonw_open(j, '{');
		jsonw_key(j, "product");
		jsonw_int(j, change->lines[i].product);
		jsonw_key(j, "units");
		jsonw_int(j, change->lines[i].units);
		jsonw_close(j, '}');
	}
	jsonw_close(j, ']');
	jsonw_close(j, '}');
	return jsonw_failed(j);
}

void
api_restock(struct call *call)
{
	struct history_walk walk = { .json = &call->answer->body };

	if (call->reader->ops->restock(
		call->reader, call->id, show_order, show_change, &walk) == -1) {
		api_read_failed(call, "stock");
		return;
	}
	if (!walk.found) {
		no_order(call);
		return;
	}
	jsonw_close(walk.json, ']');
	jsonw_close(walk.json, '}');
	call->answer->cacheable = true;
}
