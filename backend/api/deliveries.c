/*
 * Deliveries: orders that travel together, in the order of the drive, and
 * what the depot picks from its shelves for them.
 */
#include <stdlib.h>
#include <string.h>

#include "backend/api/handlers.h"
#include "backend/api/products_parts.h"
#include "backend/api/restocks_parts.h"

#define DELIVERIES_PAGE 100
#define DELIVERIES_PAGE_MAX 1000

struct deliveries_walk {
	struct jsonw *json;
	const struct price_list *names; /* of products; NULL: none */
	int64_t count;
	char last[DELIVERY_ID_MAX + 1];
};

static void
write_stop(
    struct jsonw *j, const struct delivery_stop *stop, enum order_state state)
{
	jsonw_open(j, '{');
	jsonw_key(j, "order");
	jsonw_text(j, stop->order);
	jsonw_key(j, "cart");
	jsonw_text(j, stop->cart);
	jsonw_key(j, "state");
	jsonw_text(j, state < ORDER_STATES ? order_state_name(state) : NULL);
	jsonw_key(j, "lat");
	if (stop->has_place)
		jsonw_decimal(j, stop->lat_e6, 6);
	else
		jsonw_null(j);
	jsonw_key(j, "lon");
	if (stop->has_place)
		jsonw_decimal(j, stop->lon_e6, 6);
	else
		jsonw_null(j);
	jsonw_close(j, '}');
}

static void
write_picks(struct jsonw *j, const struct delivery_row *row,
    const struct price_list *names)
{
	size_t i;

	jsonw_key(j, "picking");
	jsonw_open(j, '[');
	for (i = 0; i < row->pick_count; i++) {
		const struct pick *pick = &row->picks[i];

		jsonw_open(j, '{');
		jsonw_key(j, "product");
		jsonw_int(j, pick->product);
		jsonw_key(j, "name");
		price_list_write_name(names, pick->product, j);
		jsonw_key(j, "units");
		jsonw_int(j, pick->units);
		jsonw_key(j, "orders_not_fixed");
		jsonw_int(j, pick->unfixed);
		jsonw_close(j, '}');
	}
	jsonw_close(j, ']');
}

static void
write_delivery(struct jsonw *j, const struct delivery_row *row)
{
	const struct delivery_event *d = &row->delivery;
	uint32_t i;

	jsonw_key(j, "id");
	jsonw_text(j, d->id);
	jsonw_key(j, "state");
	jsonw_text(j, delivery_state_name(d->state));
	jsonw_key(j, "revision");
	jsonw_int(j, d->revision);
	jsonw_key(j, "opened_at");
	jsonw_time(j, row->opened_ms);
	jsonw_key(j, "changed_at");
	jsonw_time(j, d->at_ms);
	jsonw_key(j, "stops");
	jsonw_open(j, '[');
	for (i = 0; i < d->stop_count; i++)
		write_stop(j, &d->stops[i], row->states[i]);
	jsonw_close(j, ']');
}

static int
delivery_row(void *ctx, const struct delivery_row *row)
{
	struct deliveries_walk *walk = ctx;

	walk->count++;
	memcpy(walk->last, row->delivery.id, sizeof(walk->last));
	jsonw_open(walk->json, '{');
	write_delivery(walk->json, row);
	jsonw_close(walk->json, '}');
	return jsonw_failed(walk->json);
}

struct page_end {
	char id[DELIVERY_ID_MAX + 1];
	int64_t opened_ms;
};

static int
take_place(void *ctx, const struct delivery_row *row)
{
	struct page_end *end = ctx;

	memcpy(end->id, row->delivery.id, sizeof(end->id));
	end->opened_ms = row->opened_ms;
	return 1;
}

static int
read_before(
    struct call *call, struct deliveries_query *query, struct page_end *end)
{
	const struct deliveries_query one = {
		.id = request_param(call->request, "before"),
		.state = -1,
		.limit = 1,
	};

	if (one.id == NULL)
		return 0;
	if (call->reader->ops->deliveries(
		call->reader, &one, take_place, end) == -1) {
		api_read_failed(call, "stock");
		return -1;
	}
	if (end->id[0] == '\0') {
		answer_problem(call->answer, 400, "before", NULL,
		    "before: expected the id of a delivery");
		return -1;
	}
	query->before_ms = end->opened_ms;
	query->before_id = end->id;
	return 0;
}

enum { STATE_OPEN = DELIVERY_STATES, STATE_ALL };
static const char *const state_names[] = { "preparando", "entregando",
	"finalizada", "cancelada", "open", "all", NULL };

void
api_deliveries(struct call *call)
{
	struct jsonw *j = &call->answer->body;
	struct deliveries_query query = { .limit = DELIVERIES_PAGE };
	struct deliveries_walk walk = { .json = j };
	struct page_end before = { .opened_ms = 0 };
	int state = STATE_ALL;

	if (request_choice(call->request, "state", state_names, &state,
		call->answer) == -1 ||
	    request_int(call->request, "limit", 1, DELIVERIES_PAGE_MAX,
		&query.limit, call->answer) == -1 ||
	    read_before(call, &query, &before) == -1)
		return;
	query.state = state < DELIVERY_STATES ? state : -1;
	query.open_only = state == STATE_OPEN;
	answer_page_begin(call->answer, "deliveries");
	if (call->reader->ops->deliveries(
		call->reader, &query, delivery_row, &walk) == -1) {
		api_read_failed(call, "stock");
		return;
	}
	answer_page_end(call->answer, "next_before",
	    walk.count == query.limit ? walk.last : NULL);
	call->answer->cacheable = true;
}

/* Left open: its orders follow. */
static int
show_delivery(void *ctx, const struct delivery_row *row)
{
	struct deliveries_walk *walk = ctx;

	walk->count++;
	jsonw_open(walk->json, '{');
	write_delivery(walk->json, row);
	write_picks(walk->json, row, walk->names);
	return 1;
}

static int
show_order(void *ctx, const struct restock_row *row)
{
	struct jsonw *j = ctx;

	jsonw_open(j, '{');
	write_order(j, &row->order);
	jsonw_close(j, '}');
	return jsonw_failed(j);
}

static void
answer_delivery(struct call *call, const struct price_list *names)
{
	struct jsonw *j = &call->answer->body;
	struct deliveries_walk walk = { .json = j, .names = names };
	const struct deliveries_query one = {
		.id = call->id, .state = -1, .limit = 1
	};
	const struct restocks_query orders = { .delivery = call->id,
		.state = -1 };

	if (call->reader->ops->deliveries(
		call->reader, &one, show_delivery, &walk) == -1) {
		api_read_failed(call, "stock");
		return;
	}
	if (walk.count == 0) {
		answer_problem(call->answer, 404, "id", NULL,
		    "id: there is no such delivery");
		return;
	}
	jsonw_key(j, "orders");
	jsonw_open(j, '[');
	if (call->reader->ops->restocks(call->reader, &orders, show_order, j) ==
	    -1) {
		api_read_failed(call, "stock");
		return;
	}
	jsonw_close(j, ']');
	jsonw_close(j, '}');
	call->answer->cacheable = true;
}

void
api_delivery(struct call *call)
{
	struct price_list *names = price_list_read(call->api->charter);

	answer_delivery(call, names);
	price_list_free(names);
}
