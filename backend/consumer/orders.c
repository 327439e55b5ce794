/*
 * orders: requests, levels, bookings.  What is done at the end of a
 * transaction is in orders_turn.c, deliveries in deliveries.c.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "backend/consumer/order_say.h"
#include "backend/consumer/orders_parts.h"

#define BY "stock" /* who opens what nobody asked for: the role */

void
orders_now(struct orders *orders, int64_t now_ms)
{
	orders->now_ms = now_ms;
}

int
orders_keep(struct orders *orders, const struct order *order)
{
	struct orders_store *store = orders->parts.store;

	if (store->ops->put(store, order) == -1 ||
	    id_list_add(&orders->touched, order->id) == -1)
		return -1;
	if (order->delivery[0] == '\0') {
		orders->gather = true;
		return 0;
	}
	return id_list_add(&orders->moved, order->delivery);
}

/* The alert of a dispute begins, or ends with the one it began with. */
static int
tell_dispute(struct orders *orders, const struct order *order)
{
	struct alerts *alerts = orders->parts.alerts;
	const struct alert_event *open;
	struct alert_event event;

	if (alerts_find(alerts, order->cart, ALERT_RESTOCK_DISPUTE, &open) ==
	    -1)
		return -1;
	if (order->disputed) {
		if (order_say_dispute(orders->parts.ctx, order) == -1)
			return -1;
		alert_begin(&event, order->cart, ALERT_RESTOCK_DISPUTE,
		    order->changed_ms, orders->now_ms);
		snprintf(event.subject, sizeof(event.subject), "%s", order->id);
		return open == NULL ? alerts_open(alerts, &event) : 0;
	}
	if (open == NULL || strcmp(open->subject, order->id) != 0)
		return 0;
	event = *open;
	event.at_ms = event.until_ms = orders->now_ms;
	return alerts_resolve(alerts, &event);
}

static int
say(struct orders *orders, const struct order *order, bool was_disputed)
{
	if (order_say(orders->parts.ctx, orders->parts.store, order) == -1)
		return -1;
	if (!order->disputed && !was_disputed)
		return 0;
	return tell_dispute(orders, order);
}

int
orders_move(struct orders *orders, struct order *order,
    const struct order_request *request, enum order_verdict *verdict,
    struct order_why *why)
{
	int64_t needed[ORDER_LINES_MAX];
	bool was_disputed = order->disputed;

	if (request->to == ORDER_PREPARANDO && order->state == ORDER_RECIBIDO &&
	    needs_of_order(
		orders->parts.needs, order, orders->now_ms, needed) == -1)
		return -1;
	*verdict = order_move(order, request, needed, why);
	if (*verdict != ORDER_MOVED && *verdict != ORDER_CHANGED)
		return 0;
	return say(orders, order, was_disputed);
}

/* Nothing changed, and whoever looks is told why. */
static int
refuse(struct orders *orders, const struct order_request *request, bool known,
    const char *why)
{
	struct orders_store *store = orders->parts.store;
	const struct order_remark remark = { request->order, orders->now_ms,
		request->to, request->by, why };
	unsigned long held;

	orders->parts.ctx->tally[TALLY_ORDERS_REFUSED]++;
	if (log_limited(&orders->limit, 1000, &held))
		log_warn("stock.order_refused",
		    "order=%s cart=%s to=%s by=\"%s\" held_back=%lu "
		    "why=\"%s\"",
		    request->order, request->cart,
		    order_state_name(request->to), request->by, held, why);
	return known ? store->ops->remark_put(store, &remark) : 0;
}

/* The open order that has one of its products, if any: 1 or 0. */
static int
find_conflict(struct orders *orders, const struct order *order,
    uint32_t *product, char id[ORDER_ID_MAX + 1])
{
	struct orders_store *store = orders->parts.store;

	for (uint32_t i = 0; i < order->part_count; i++) {
		int rc = store->ops->open_find(
		    store, order->cart, order->parts[i].product, id);

		*product = order->parts[i].product;
		if (rc != 0)
			return rc;
	}
	return 0;
}

/* Opened and cancelled at once, so that whoever asked can read why. */
static int
cancel_double(struct orders *orders, struct order *order,
    const struct order_request *request, uint32_t product, const char *other)
{
	struct order_request cancel = *request;
	enum order_verdict verdict;
	struct order_why why;

	cancel.kind = REQUEST_MOVE;
	cancel.to = ORDER_CANCELADO;
	cancel.line_count = 0;
	snprintf(cancel.reason, sizeof(cancel.reason),
	    "product %u is in the open order %s", product, other);
	return orders_move(orders, order, &cancel, &verdict, &why);
}

static int
open_order(struct orders *orders, enum order_origin origin,
    const struct order_request *request)
{
	struct orders_store *store = orders->parts.store;
	char other[ORDER_ID_MAX + 1];
	struct order order;
	struct order_why why;
	uint32_t product;
	int rc = store->ops->get(store, request->order, &order);

	/* A repeat, by its id. */
	if (rc != 0)
		return rc == 1 ? 0 : -1;
	if (order_open(&order, origin, request, &why) == ORDER_REFUSED)
		return refuse(orders, request, false, why.text);
	rc = find_conflict(orders, &order, &product, other);
	if (rc == -1 || (rc == 1 && origin == ORIGIN_LEVEL))
		return rc == 1 ? 0 : -1;
	orders->parts.ctx->tally[TALLY_ORDERS]++;
	if (order_say(orders->parts.ctx, store, &order) == -1 ||
	    (rc == 1 &&
		cancel_double(orders, &order, request, product, other) == -1))
		return -1;
	return orders_keep(orders, &order);
}

static int
move_order(struct orders *orders, const struct order_request *request)
{
	struct orders_store *store = orders->parts.store;
	enum order_verdict verdict;
	struct order order;
	struct order_why why;
	int rc = store->ops->get(store, request->order, &order);

	if (rc == -1)
		return -1;
	if (rc == 0)
		return refuse(orders, request, false, "there is no such order");
	if (request->to == ORDER_ENTREGANDO && order.delivery[0] == '\0' &&
	    order_judge(&order, request, &why) == ORDER_MOVED &&
	    deliveries_hasten(orders, &order) == -1)
		return -1;
	if (orders_move(orders, &order, request, &verdict, &why) == -1)
		return -1;
	if (verdict == ORDER_REFUSED)
		return refuse(orders, request, true, why.text);
	return verdict == ORDER_SAME ? 0 : orders_keep(orders, &order);
}

/* "<cart>-..." */
static bool
is_of_cart(const char *id, const char *cart)
{
	size_t len = strlen(cart);

	return strncmp(id, cart, len) == 0 && id[len] == '-';
}

int
orders_request(struct orders *orders, const struct record *record)
{
	struct order_request request;
	struct decode_error error;
	char reason[160];

	if (order_request_decode(
		record->value, record->len, &request, &error) == -1) {
		snprintf(reason, sizeof(reason), "%s: expected %s", error.field,
		    error.expected);
		return role_reject(orders->parts.ctx, record, reason);
	}
	if (strlen(request.cart) != record->key_len ||
	    memcmp(request.cart, record->key, record->key_len) != 0)
		return role_reject(orders->parts.ctx, record,
		    "request.cart: expected the record's key");
	if (!is_of_cart(request.order, request.cart))
		return role_reject(orders->parts.ctx, record,
		    "request.order: expected an id that begins with the "
		    "cart's plate");
	request.at_ms = record->time_ms;
	if (request.kind == REQUEST_CREATE)
		return open_order(orders, ORIGIN_MANUAL, &request);
	return move_order(orders, &request);
}

int
orders_open_low(
    struct orders *orders, const char *id, const char *cart, uint32_t product)
{
	struct order_request request = {
		.kind = REQUEST_CREATE,
		.at_ms = orders->now_ms,
		.by = BY,
		.line_count = 1,
		.lines = { { product, 0 } },
	};

	snprintf(request.order, sizeof(request.order), "%s", id);
	snprintf(request.cart, sizeof(request.cart), "%s", cart);
	return open_order(orders, ORIGIN_LEVEL, &request);
}

/* What it says of one booking, as far as it goes. */
static int
book(struct orders *orders, struct order *order,
    const struct order_booking *booking, enum order_verdict *verdict,
    struct order_why *why)
{
	int64_t needed[ORDER_LINES_MAX] = { 0 };
	bool more, was_disputed = order->disputed;

	if (order->state == ORDER_RECIBIDO &&
	    needs_of_order(
		orders->parts.needs, order, orders->now_ms, needed) == -1)
		return -1;
	do {
		/* It goes to entregando by this step. */
		if (order->state == ORDER_PREPARANDO &&
		    order->delivery[0] == '\0' &&
		    (orders->parts.store->ops->put(
			 orders->parts.store, order) == -1 ||
			deliveries_hasten(orders, order) == -1))
			return -1;
		*verdict = order_book(order, booking, needed, &more, why);
		if ((*verdict == ORDER_MOVED || *verdict == ORDER_CHANGED) &&
		    say(orders, order, was_disputed) == -1)
			return -1;
		was_disputed = order->disputed;
	} while (*verdict == ORDER_MOVED && more);
	return 0;
}

int
orders_book(
    struct orders *orders, struct text id, const struct order_booking *booking)
{
	struct orders_store *store = orders->parts.store;
	struct order_request request = { .kind = REQUEST_MOVE,
		.to = ORDER_FINALIZADO };
	enum order_verdict verdict;
	struct order order;
	struct order_why why;
	int rc;

	if (id.len > ORDER_ID_MAX)
		return 0;
	memcpy(request.order, id.s, id.len);
	rc = store->ops->get(store, request.order, &order);
	/* A number of the vendor's own: nothing to do with an order. */
	if (rc != 1)
		return rc;
	if (book(orders, &order, booking, &verdict, &why) == -1)
		return -1;
	if (verdict != ORDER_REFUSED)
		return orders_keep(orders, &order);
	snprintf(request.cart, sizeof(request.cart), "%s", booking->cart);
	snprintf(request.by, sizeof(request.by), "%s", booking->cart);
	return refuse(orders, &request, true, why.text);
}
