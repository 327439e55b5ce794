/*
 * deliveries: orders that wait are gathered into lots, in one step, and a
 * delivery follows its orders.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/order_say.h"
#include "backend/consumer/orders_parts.h"

/* Orders that wait and are looked at together. */
#define WAITING_MAX 1024

/* A delivery of these; its id is set in all of them. */
static int
open_delivery(struct orders *orders, struct lot_order *lot, size_t count)
{
	struct orders_store *store = orders->parts.store;
	struct delivery_event delivery;

	for (size_t i = 0; i < count; i++)
		places_find(orders->places, &lot[i].stop);
	lot_open(&orders->lot, lot, count, orders->now_ms, &delivery);
	for (uint32_t i = 0; i < delivery.stop_count; i++) {
		if (store->ops->set_delivery(
			store, delivery.stops[i].order, delivery.id) == -1)
			return -1;
	}
	if (id_list_add(&orders->moved, delivery.id) == -1)
		return -1;
	return delivery_say(orders->parts.ctx, store, &delivery);
}

/* Full lots of `waiting`; how many orders went, or -1. */
static int
gather(struct orders *orders, struct lot_order *waiting, int count)
{
	int gone = 0;

	while (gone < count) {
		size_t lot = lot_gather(&orders->lot, waiting + gone,
		    (size_t)(count - gone), orders->clock_ms);

		if (lot == 0)
			break;
		if (open_delivery(orders, waiting + gone, lot) == -1)
			return -1;
		gone += (int)lot;
	}
	return gone;
}

int
deliveries_gather(struct orders *orders)
{
	struct orders_store *store = orders->parts.store;
	struct lot_order *waiting = malloc(WAITING_MAX * sizeof(*waiting));
	int count = 0, gone = -1;

	if (waiting == NULL)
		return -1;
	do {
		count = store->ops->waiting(store, waiting, WAITING_MAX);
		if (count == -1)
			break;
		gone = gather(orders, waiting, count);
	} while (gone > 0 && count == WAITING_MAX);
	free(waiting);
	return count == -1 || gone == -1 ? -1 : 0;
}

int
deliveries_hasten(struct orders *orders, struct order *order)
{
	struct orders_store *store = orders->parts.store;
	struct lot_order *waiting = malloc(WAITING_MAX * sizeof(*waiting));
	int count, which = 0, rc = -1;
	size_t lot;

	if (waiting == NULL)
		return -1;
	count = store->ops->waiting(store, waiting, WAITING_MAX - 1);
	if (count == -1)
		goto free;
	while (
	    which < count && strcmp(waiting[which].stop.order, order->id) != 0)
		which++;
	/* Beyond those that were looked at. */
	if (which == count) {
		waiting[which] = (struct lot_order){
			.opened_ms = order->opened_ms, .state = order->state
		};
		memcpy(waiting[which].stop.order, order->id, sizeof(order->id));
		memcpy(
		    waiting[which].stop.cart, order->cart, sizeof(order->cart));
		count++;
	}
	lot = lot_hasten(&orders->lot, waiting, (size_t)count, (size_t)which);
	rc = open_delivery(orders, waiting, lot);
	if (rc == 0)
		rc = store->ops->get(store, order->id, order) == 1 ? 0 : -1;
free:
	free(waiting);
	return rc;
}

static int
advance_one(struct orders *orders, const char *id)
{
	struct orders_store *store = orders->parts.store;
	enum order_state states[DELIVERY_STOPS_MAX];
	struct delivery_event delivery;
	int rc = store->ops->delivery_get(store, id, &delivery);

	if (rc != 1)
		return rc;
	if (store->ops->delivery_states(store, &delivery, states) == -1)
		return -1;
	while (lot_advance(&delivery, states, orders->now_ms)) {
		if (delivery_say(orders->parts.ctx, store, &delivery) == -1)
			return -1;
	}
	return 0;
}

int
deliveries_advance(struct orders *orders)
{
	id_list_sort(&orders->moved);
	for (size_t i = 0; i < orders->moved.count; i++) {
		if (advance_one(orders, orders->moved.ids[i]) == -1)
			return -1;
	}
	return 0;
}
