/*
 * Restock orders and their history in SQLite.  Deliveries have a file of
 * their own, orders_sqlite_delivery.c.
 */
#include <stdio.h>
#include <stdlib.h>

#include "backend/store/orders_sqlite.h"

/* States are written out for the partial indexes: 2 ORDER_ENTREGANDO, 3
 * ORDER_FINALIZADO. */
static const char *const orders_sql[ORDERS_STATEMENTS] = {
	[ORDER_GET] = "SELECT " ORDER_COLUMNS " FROM restock_order"
		      " WHERE id = ?",
	[ORDER_LINES] = ORDER_LINES_OF,
	[ORDER_PUT] =
	    "INSERT INTO restock_order (" ORDER_COLUMNS ")"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	    " ON CONFLICT (id) DO UPDATE SET state = excluded.state,"
	    " revision = excluded.revision, state_ms = excluded.state_ms,"
	    " changed_ms = excluded.changed_ms, by_whom = excluded.by_whom,"
	    " reason = excluded.reason, delivery = excluded.delivery,"
	    " prepared = excluded.prepared, depot_said = excluded.depot_said,"
	    " disputed = excluded.disputed",
	[LINE_PUT] = "INSERT INTO order_line (order_id, product, place, cart,"
		     " asked, prepared, delivered, booked, confirmed, open,"
		     " unseen_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
		     " ON CONFLICT (order_id, product) DO UPDATE"
		     " SET prepared = excluded.prepared,"
		     " delivered = excluded.delivered,"
		     " booked = excluded.booked,"
		     " confirmed = excluded.confirmed,"
		     " open = excluded.open, unseen_ms = excluded.unseen_ms",
	[OPEN_FIND] = "SELECT order_id FROM order_line"
		      " WHERE cart = ? AND product = ? AND open = 1",
	[UNSEEN] = "SELECT cart, product, delivered, unseen_ms FROM order_line"
		   " WHERE cart = ? AND product = ? AND unseen_ms <> 0"
		   " LIMIT ?",
	[UNSEEN_OLD] = "SELECT cart, product, delivered, unseen_ms, order_id"
		       " FROM order_line WHERE unseen_ms <> 0"
		       " AND unseen_ms <= ? ORDER BY unseen_ms LIMIT ?",
	[UNSEEN_FORGET] = "UPDATE order_line SET unseen_ms = 0"
			  " WHERE cart = ? AND product = ?"
			  " AND unseen_ms <> 0 AND unseen_ms <= ?",
	[CHANGE_PUT] =
	    "INSERT INTO order_change (order_id, record) VALUES (?, ?)",
	[REMARK_PUT] = "INSERT INTO order_change (order_id, at_ms, state,"
		       " by_whom, remark) VALUES (?, ?, ?, ?, ?)",
	[ORDERS_DUE] = "SELECT id FROM restock_order"
		       " WHERE state = ? AND state < 3 AND state_ms <= ?"
		       " ORDER BY state_ms LIMIT ?",
	[ORDERS_WAITING] = "SELECT id, cart, opened_ms, state"
			   " FROM restock_order WHERE delivery = ''"
			   " AND state < 2 ORDER BY opened_ms, id LIMIT ?",
	[SET_DELIVERY] = "UPDATE restock_order SET delivery = ? WHERE id = ?",
	[DELIVERY_GET] = "SELECT record FROM delivery WHERE id = ?",
	[DELIVERY_STATES_OF] = "SELECT id, state FROM restock_order"
			       " WHERE delivery = ? AND delivery <> ''",
	[DELIVERY_PUT] = "INSERT INTO delivery (id, state, opened_ms, record)"
			 " VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE"
			 " SET state = excluded.state,"
			 " record = excluded.record",
};

static void
copy_text(char *to, size_t cap, struct statement *s, int column)
{
	snprintf(to, cap, "%s", statement_text(s, column));
}

void
order_row_fill(struct statement *s, struct order *order)
{
	copy_text(order->id, sizeof(order->id), s, 0);
	copy_text(order->cart, sizeof(order->cart), s, 1);
	order->origin = (enum order_origin)statement_int(s, 2);
	order->state = (enum order_state)statement_int(s, 3);
	order->revision = (uint32_t)statement_int(s, 4);
	order->opened_ms = statement_int(s, 5);
	order->state_ms = statement_int(s, 6);
	order->changed_ms = statement_int(s, 7);
	copy_text(order->by, sizeof(order->by), s, 8);
	copy_text(order->reason, sizeof(order->reason), s, 9);
	copy_text(order->delivery, sizeof(order->delivery), s, 10);
	copy_text(order->mail, sizeof(order->mail), s, 11);
	order->prepared = statement_int(s, 12) != 0;
	order->depot_said = statement_int(s, 13) != 0;
	order->disputed = statement_int(s, 14) != 0;
	order->part_count = 0;
}

int
order_parts_fill(struct statement *s, struct order *order)
{
	int rc = 0;

	order->part_count = 0;
	if (statement_bind(s, "s", order->id) == -1)
		return -1;
	while (order->part_count < ORDER_LINES_MAX &&
	    (rc = statement_step(s)) == 1) {
		order->parts[order->part_count++] = (struct order_part){
			.product = (uint32_t)statement_int(s, 0),
			.asked = (uint32_t)statement_int(s, 1),
			.prepared = (uint32_t)statement_int(s, 2),
			.delivered = (uint32_t)statement_int(s, 3),
			.booked = (int32_t)statement_int(s, 4),
			.confirmed = statement_int(s, 5) != 0,
		};
	}
	statement_reset(s);
	return rc == -1 ? -1 : 0;
}

static int
order_get(struct orders_store *store, const char *id, struct order *order)
{
	struct statement *s = orders_statement(store, ORDER_GET);
	int rc;

	if (statement_bind(s, "s", id) == -1)
		return -1;
	rc = statement_step(s);
	if (rc == 1)
		order_row_fill(s, order);
	statement_reset(s);
	if (rc == 1 &&
	    order_parts_fill(orders_statement(store, ORDER_LINES), order) == -1)
		return -1;
	return rc;
}

static int
part_put(struct orders_store *store, const struct order *order, uint32_t place)
{
	struct statement *s = orders_statement(store, LINE_PUT);
	const struct order_part *part = &order->parts[place];
	bool unseen = order->state == ORDER_FINALIZADO && part->delivered > 0 &&
	    !part->confirmed;

	if (statement_bind(s, "sIIsIIIiiiI", order->id, (int64_t)part->product,
		(int64_t)place, order->cart, (int64_t)part->asked,
		(int64_t)part->prepared, (int64_t)part->delivered,
		(int)part->booked, (int)part->confirmed,
		(int)order_is_open(order->state),
		unseen ? order->state_ms : (int64_t)0) == -1)
		return -1;
	return statement_run(s);
}

static int
order_put(struct orders_store *store, const struct order *o)
{
	struct statement *s = orders_statement(store, ORDER_PUT);

	if (statement_bind(s, "ssiiIIIIssssiii", o->id, o->cart, (int)o->origin,
		(int)o->state, (int64_t)o->revision, o->opened_ms, o->state_ms,
		o->changed_ms, o->by, o->reason, o->delivery, o->mail,
		(int)o->prepared, (int)o->depot_said, (int)o->disputed) == -1 ||
	    statement_run(s) == -1)
		return -1;
	for (uint32_t i = 0; i < o->part_count; i++) {
		if (part_put(store, o, i) == -1)
			return -1;
	}
	return 0;
}

static int
open_find(struct orders_store *store, const char *cart, uint32_t product,
    char id[ORDER_ID_MAX + 1])
{
	struct statement *s = orders_statement(store, OPEN_FIND);
	int rc;

	if (statement_bind(s, "sI", cart, (int64_t)product) == -1)
		return -1;
	rc = statement_step(s);
	if (rc == 1)
		copy_text(id, ORDER_ID_MAX + 1, s, 0);
	statement_reset(s);
	return rc;
}

/* Rows of a bound statement. */
static int
unseen_rows(struct statement *s, struct unseen_line *lines, int cap)
{
	int rc = 0, count = 0;

	while (count < cap && (rc = statement_step(s)) == 1) {
		struct unseen_line *line = &lines[count++];

		copy_text(line->cart, sizeof(line->cart), s, 0);
		line->product = (uint32_t)statement_int(s, 1);
		line->units = (uint32_t)statement_int(s, 2);
		line->at_ms = statement_int(s, 3);
	}
	statement_reset(s);
	return rc == -1 ? -1 : count;
}

static int
unseen(struct orders_store *store, const char *cart, uint32_t product,
    struct unseen_line *lines, int cap)
{
	struct statement *s = orders_statement(store, UNSEEN);

	if (statement_bind(s, "sIi", cart, (int64_t)product, cap) == -1)
		return -1;
	return unseen_rows(s, lines, cap);
}

static int
unseen_expire(struct orders_store *store, int64_t before_ms,
    struct unseen_line *lines, int cap)
{
	struct statement *s = orders_statement(store, UNSEEN_OLD);
	int count;

	if (statement_bind(s, "Ii", before_ms, cap) == -1)
		return -1;
	count = unseen_rows(s, lines, cap);
	s = orders_statement(store, UNSEEN_FORGET);
	for (int i = 0; i < count; i++) {
		if (statement_bind(s, "sII", lines[i].cart,
			(int64_t)lines[i].product, before_ms) == -1 ||
		    statement_run(s) == -1)
			return -1;
	}
	return count;
}

static int
change_put(
    struct orders_store *store, const char *id, const void *record, size_t len)
{
	struct statement *s = orders_statement(store, CHANGE_PUT);

	if (statement_bind(s, "sb", id, record, len) == -1)
		return -1;
	return statement_run(s);
}

static int
remark_put(struct orders_store *store, const struct order_remark *remark)
{
	struct statement *s = orders_statement(store, REMARK_PUT);

	if (statement_bind(s, "sIiss", remark->order, remark->at_ms,
		(int)remark->state, remark->by, remark->remark) == -1)
		return -1;
	return statement_run(s);
}

static void
orders_close(struct orders_store *store)
{
	free(store); /* statements go with the database */
}

static const struct orders_store_ops orders_ops = {
	.get = order_get,
	.put = order_put,
	.open_find = open_find,
	.unseen = unseen,
	.unseen_expire = unseen_expire,
	.change_put = change_put,
	.remark_put = remark_put,
	.due = orders_due,
	.waiting = orders_waiting,
	.set_delivery = orders_set_delivery,
	.delivery_get = orders_delivery_get,
	.delivery_states = orders_delivery_states,
	.delivery_put = orders_delivery_put,
	.close = orders_close,
};

struct orders_store *
orders_store_sqlite(struct database *db)
{
	struct orders_sqlite *store = calloc(1, sizeof(*store));

	if (store == NULL)
		return NULL;
	store->base.ops = &orders_ops;
	if (statements_prepare(db->sqlite, orders_sql, ORDERS_STATEMENTS,
		store->statements) == -1) {
		free(store);
		return NULL;
	}
	return &store->base;
}
