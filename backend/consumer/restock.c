/*
 * restock: see the header.  Each change is an event of topic_reposiciones, in
 * the transaction that made it.
 */
#include <stdio.h>
#include <string.h>

#include "backend/consumer/restock.h"

#define BY "stock" /* who moved it: the role */

static int
announce(struct shelf *shelf, const struct restock *restock)
{
	uint8_t value[ORDER_BYTES_MAX];
	struct order_event event = {
		.state = restock->state,
		.at_ms = restock->changed_ms,
		.by = BY,
		.line_count = 1,
		.lines = { { restock->product, restock->units } },
	};
	struct outgoing out = {
		.topic = TOPIC_REPOSICIONES,
		.key = restock->id,
		.key_len = strlen(restock->id),
		.value = value,
		.schema = SCHEMA_ORDER,
	};
	int len;

	memcpy(event.order, restock->id, sizeof(event.order));
	memcpy(event.cart, restock->cart, sizeof(event.cart));
	len = order_encode(&event, value, sizeof(value));
	if (len == -1)
		return -1;
	out.value_len = (size_t)len;
	return role_send(shelf->ctx, &out);
}

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

static uint32_t
units_wanted(const struct shelf *shelf, const struct stock_record *last)
{
	int64_t units = shelf->target - last->level;

	if (units < 1)
		return 1;
	return units > UNITS_MAX ? UNITS_MAX : (uint32_t)units;
}

int
restock_check(struct shelf *shelf, const struct stock_record *last)
{
	struct restock restock = {
		.product = last->product,
		.units = units_wanted(shelf, last),
		.state = ORDER_RECIBIDO,
		.opened_ms = last->record_ms,
		.changed_ms = last->record_ms,
	};
	bool opened;

	if (last->level >= shelf->threshold)
		return 0;
	order_id(last, restock.id);
	memcpy(restock.cart, last->cart, sizeof(restock.cart));
	if (shelf->store->ops->restock_open(shelf->store, &restock, &opened) ==
	    -1)
		return -1;
	if (!opened)
		return 0;
	shelf->ctx->tally[TALLY_ORDERS]++;
	return announce(shelf, &restock);
}

int
restock_arrived(
    struct shelf *shelf, const struct stock_record *e, struct text order)
{
	struct restock restock;
	char id[ORDER_ID_MAX + 1];
	int rc;

	if (order.len > ORDER_ID_MAX)
		return 0;
	memcpy(id, order.s, order.len);
	id[order.len] = '\0';
	rc = shelf->store->ops->restock_find(shelf->store, id, &restock);
	if (rc != 1)
		return rc;
	/* Another cart's, or done or cancelled already. */
	if (strcmp(restock.cart, e->cart) != 0 ||
	    restock.state >= ORDER_FINALIZADO)
		return 0;
	restock.state = ORDER_FINALIZADO;
	restock.changed_ms = e->record_ms;
	if (shelf->store->ops->restock_move(shelf->store, &restock) == -1)
		return -1;
	return announce(shelf, &restock);
}
