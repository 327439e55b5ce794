/*
 * orders_turn: what is done at the end of a transaction, and by the clock.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/order_say.h"
#include "backend/consumer/orders_parts.h"

/* Orders of a state that a tick moves; the next tick goes on. */
#define DUE_MAX 1000

int
id_list_add(struct id_list *list, const char *id)
{
	if (list->count > 0 && strcmp(list->ids[list->count - 1], id) == 0)
		return 0;
	if (list->count == list->cap) {
		size_t cap = list->cap > 0 ? 2 * list->cap : 64;
		void *grown = realloc(list->ids, cap * sizeof(*list->ids));

		if (grown == NULL)
			return -1;
		list->ids = grown;
		list->cap = cap;
	}
	snprintf(list->ids[list->count++], sizeof(*list->ids), "%s", id);
	return 0;
}

static int
by_id(const void *a, const void *b)
{
	return strcmp(a, b);
}

void
id_list_sort(struct id_list *list)
{
	size_t kept = 0;

	qsort(list->ids, list->count, sizeof(*list->ids), by_id);
	for (size_t i = 0; i < list->count; i++) {
		if (kept > 0 && strcmp(list->ids[kept - 1], list->ids[i]) == 0)
			continue;
		memmove(list->ids[kept++], list->ids[i], sizeof(*list->ids));
	}
	list->count = kept;
}

struct orders *
orders_new(const struct orders_parts *parts,
    const struct role_settings *settings, char *why, size_t why_cap)
{
	struct orders *orders = calloc(1, sizeof(*orders));

	if (orders == NULL)
		goto say;
	orders->parts = *parts;
	orders->clock_ms = INT64_MIN;
	orders->lot.size = (uint32_t)settings->lot_size;
	orders->lot.wait_ms = settings->lot_wait_s * 1000;
	if (route_place_parse(settings->depot, &orders->lot.depot) == -1) {
		snprintf(why, why_cap,
		    "stock.depot: expected LAT,LON in degrees, not \"%s\"",
		    settings->depot);
		goto free;
	}
	if (advance_parse(settings->auto_advance, &orders->advance) == -1) {
		snprintf(why, why_cap,
		    "stock.auto_advance: expected three waits in seconds, as "
		    "5,5,5, not \"%s\"",
		    settings->auto_advance);
		goto free;
	}
	orders->places = places_new(parts->ctx->db);
	if (orders->places == NULL)
		goto say;
	return orders;
say:
	snprintf(why, why_cap, "%s", strerror(errno));
free:
	free(orders);
	return NULL;
}

void
orders_free(struct orders *orders)
{
	if (orders == NULL)
		return;
	places_free(orders->places);
	free(orders->touched.ids);
	free(orders->apart.ids);
	free(orders->moved.ids);
	free(orders);
}

void
orders_forget(struct orders *orders)
{
	orders->clock_ms = INT64_MIN;
	orders->gather = false;
	orders->touched.count = 0;
	orders->apart.count = 0;
	orders->moved.count = 0;
}

static bool
is_due(const struct orders *orders, const struct order *order)
{
	int64_t until_ms = order->state_ms > orders->clock_ms
	    ? order->state_ms
	    : orders->clock_ms;

	return advance_due_ms(
		   &orders->advance, order->state, order->state_ms) <= until_ms;
}

/*
 * Moves it as far as its timers are over, telling each step.  Without a
 * delivery it stops before entregando (*apart), or gets one (apart NULL).
 */
static int
run_timers(struct orders *orders, struct order *order, bool *apart)
{
	struct orders_store *store = orders->parts.store;
	struct order_request request = {
		.kind = REQUEST_MOVE, .at_ms = orders->now_ms, .by = ADVANCE_BY
	};
	enum order_verdict verdict = ORDER_MOVED;
	struct order_why why;

	memcpy(request.cart, order->cart, sizeof(request.cart));
	while (verdict == ORDER_MOVED && is_due(orders, order)) {
		request.to = advance_next(order->state);
		if (request.to == ORDER_ENTREGANDO &&
		    order->delivery[0] == '\0') {
			if (apart != NULL) {
				*apart = true;
				return 0;
			}
			if (store->ops->put(store, order) == -1 ||
			    deliveries_hasten(orders, order) == -1)
				return -1;
		}
		if (orders_move(orders, order, &request, &verdict, &why) == -1)
			return -1;
	}
	return 0;
}

static int
turn_order(struct orders *orders, const char *id, bool first)
{
	struct orders_store *store = orders->parts.store;
	bool apart = false;
	struct order order;
	uint32_t revision;
	int rc = store->ops->get(store, id, &order);

	if (rc != 1)
		return rc;
	revision = order.revision;
	if (run_timers(orders, &order, first ? &apart : NULL) == -1)
		return -1;
	if (order.revision != revision && store->ops->put(store, &order) == -1)
		return -1;
	if (apart)
		return id_list_add(&orders->apart, id);
	if (order.delivery[0] != '\0' &&
	    id_list_add(&orders->moved, order.delivery) == -1)
		return -1;
	return order_say_cart(orders->parts.ctx, &order);
}

/* Those without a delivery come last, so that they can go together. */
static int
turn_orders(struct orders *orders)
{
	id_list_sort(&orders->touched);
	for (size_t i = 0; i < orders->touched.count; i++) {
		if (turn_order(orders, orders->touched.ids[i], true) == -1)
			return -1;
	}
	for (size_t i = 0; i < orders->apart.count; i++) {
		if (turn_order(orders, orders->apart.ids[i], false) == -1)
			return -1;
	}
	return 0;
}

int
orders_flush(struct orders *orders)
{
	if (orders->touched.count == 0 && !orders->gather)
		return 0;
	if ((orders->gather && deliveries_gather(orders) == -1) ||
	    turn_orders(orders) == -1 || deliveries_advance(orders) == -1)
		return -1;
	orders_forget(orders);
	return 0;
}

static int
touch_due(struct orders *orders, enum order_state state, int64_t now_ms)
{
	static const int64_t since_ms = 0;
	int64_t wait_ms = advance_due_ms(&orders->advance, state, since_ms);
	struct orders_store *store = orders->parts.store;
	char(*ids)[ORDER_ID_MAX + 1];
	int count, rc = 0;

	if (wait_ms == INT64_MAX)
		return 0;
	ids = malloc(DUE_MAX * sizeof(*ids));
	if (ids == NULL)
		return -1;
	count = store->ops->due(store, state, now_ms - wait_ms, ids, DUE_MAX);
	for (int i = 0; i < count && rc == 0; i++)
		rc = id_list_add(&orders->touched, ids[i]);
	free(ids);
	return count == -1 ? -1 : rc;
}

int
orders_tick(struct orders *orders, int64_t now_ms)
{
	orders->now_ms = now_ms;
	orders->clock_ms = now_ms;
	orders->gather = true;
	for (int state = 0; state < ORDER_FINALIZADO; state++) {
		if (touch_due(orders, (enum order_state)state, now_ms) == -1)
			return -1;
	}
	return 0;
}
