/*
 * What is to be moved, and deliveries, in SQLite.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "backend/store/orders_sqlite.h"

/* 0 or -1 after a loop over rows that ended with `rc`. */
static int
rows_end(struct statement *s, int rc)
{
	statement_reset(s);
	return rc == -1 ? -1 : 0;
}

int
orders_due(struct orders_store *store, enum order_state state,
    int64_t before_ms, char (*ids)[ORDER_ID_MAX + 1], int cap)
{
	struct statement *s = orders_statement(store, ORDERS_DUE);
	int rc = 0, count = 0;

	if (statement_bind(s, "iIi", (int)state, before_ms, cap) == -1)
		return -1;
	while (count < cap && (rc = statement_step(s)) == 1)
		snprintf(
		    ids[count++], ORDER_ID_MAX + 1, "%s", statement_text(s, 0));
	return rows_end(s, rc) == -1 ? -1 : count;
}

int
orders_waiting(struct orders_store *store, struct lot_order *waiting, int cap)
{
	struct statement *s = orders_statement(store, ORDERS_WAITING);
	int rc = 0, count = 0;

	if (statement_bind(s, "i", cap) == -1)
		return -1;
	while (count < cap && (rc = statement_step(s)) == 1) {
		struct lot_order *w = &waiting[count++];

		*w = (struct lot_order){ .opened_ms = statement_int(s, 2),
			.state = (enum order_state)statement_int(s, 3) };
		snprintf(w->stop.order, sizeof(w->stop.order), "%s",
		    statement_text(s, 0));
		snprintf(w->stop.cart, sizeof(w->stop.cart), "%s",
		    statement_text(s, 1));
	}
	return rows_end(s, rc) == -1 ? -1 : count;
}

int
orders_set_delivery(
    struct orders_store *store, const char *id, const char *delivery)
{
	struct statement *s = orders_statement(store, SET_DELIVERY);

	if (statement_bind(s, "ss", delivery, id) == -1)
		return -1;
	return statement_run(s);
}

int
orders_delivery_get(
    struct orders_store *store, const char *id, struct delivery_event *d)
{
	struct statement *s = orders_statement(store, DELIVERY_GET);
	struct decode_error error;
	const void *record;
	size_t len;
	int rc;

	if (statement_bind(s, "s", id) == -1)
		return -1;
	rc = statement_step(s);
	if (rc == 1) {
		record = statement_blob(s, 0, &len);
		if (delivery_decode(record, len, d, &error) == -1) {
			errno = EBADMSG;
			rc = -1;
		}
	}
	statement_reset(s);
	return rc;
}

int
orders_delivery_states(struct orders_store *store,
    const struct delivery_event *d, enum order_state states[DELIVERY_STOPS_MAX])
{
	struct statement *s = orders_statement(store, DELIVERY_STATES_OF);
	int rc;

	for (uint32_t i = 0; i < d->stop_count; i++)
		states[i] = ORDER_RECIBIDO;
	if (statement_bind(s, "s", d->id) == -1)
		return -1;
	while ((rc = statement_step(s)) == 1) {
		const char *id = statement_text(s, 0);

		for (uint32_t i = 0; i < d->stop_count; i++) {
			if (strcmp(d->stops[i].order, id) == 0)
				states[i] = (enum order_state)statement_int(
				    s, 1);
		}
	}
	return rows_end(s, rc);
}

int
orders_delivery_put(struct orders_store *store, const struct delivery_event *d,
    const void *record, size_t len)
{
	struct statement *s = orders_statement(store, DELIVERY_PUT);

	if (statement_bind(
		s, "siIb", d->id, (int)d->state, d->at_ms, record, len) == -1)
		return -1;
	return statement_run(s);
}
