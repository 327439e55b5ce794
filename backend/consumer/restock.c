/*
 * restock: see the header.
 */
#include <stdio.h>
#include <string.h>

#include "backend/consumer/restock.h"

/* "<cart>-<epoch>-<number>-<product>", as a folio. */
static void
order_id(const struct stock_record *cause, char id[ORDER_ID_MAX + 1])
{
	char text[FOLIO_MAX + 1];
	struct folio folio = { .epoch = cause->epoch, .seq = cause->seq };

	memcpy(folio.cart, cause->cart, sizeof(folio.cart));
	folio_format(&folio, text);
	snprintf(id, ORDER_ID_MAX + 1, "%s-%u", text, cause->product);
}

/* Most levels are high enough, or have their order: asked in that order. */
int
restock_check(struct shelf *shelf, const struct stock_record *last)
{
	struct orders_store *orders = shelf->needs->orders;
	struct replenish_levels levels;
	int64_t position, target;
	char id[ORDER_ID_MAX + 1];
	int rc;

	if (needs_rules(shelf->needs, last->cart, last->product, &levels) == -1)
		return -1;
	if (last->level >= levels.threshold)
		return 0;
	rc = orders->ops->open_find(orders, last->cart, last->product, id);
	if (rc != 0)
		return rc == 1 ? 0 : -1;
	if (needs_position(shelf->needs, last->cart, last->product,
		shelf->now_ms, &position) == -1 ||
	    needs_target(shelf->needs, last->cart, last->product, &levels,
		shelf->now_ms, &target) == -1)
		return -1;
	if (!replenish_due(position, levels.threshold, target, false))
		return 0;
	order_id(last, id);
	return orders_open_low(shelf->orders, id, last->cart, last->product);
}

int
restock_arrived(
    struct shelf *shelf, const struct stock_record *e, struct text order)
{
	const struct order_booking booking = { e->cart, e->product, e->delta,
		e->record_ms };

	return orders_book(shelf->orders, order, &booking);
}
