/*
 * Stock levels; restock orders and their history, by whatever is asked for.
 */
#include "backend/store/orders_sqlite.h"
#include "backend/store/read_sqlite.h"

#include <errno.h>
#include <stdio.h>

/*
 * `lead` is what an index finds them by; the rest is looked at row by row.
 * The state 3 is ORDER_FINALIZADO.
 */
#define ORDERS_BY(lead)                                                        \
	"SELECT " ORDER_COLUMNS " FROM restock_order WHERE " lead              \
	" AND (opened_ms, id) < (?2, ?3)"                                      \
	" AND (?4 IS NULL OR cart = ?4) AND (?5 = -1 OR state = ?5)"           \
	" AND (?6 = 0 OR state < 3) AND (?7 = 0 OR disputed = 1)"              \
	" AND (?8 IS NULL OR delivery = ?8) AND (?9 IS NULL OR id = ?9)"       \
	" ORDER BY opened_ms DESC, id DESC LIMIT ?1"
#define DELIVERIES_BY(lead)                                                    \
	"SELECT record, opened_ms FROM delivery WHERE " lead                   \
	" AND (opened_ms, id) < (?2, ?3)"                                      \
	" AND (?4 = -1 OR state = ?4) AND (?5 = 0 OR state < 2)"               \
	" AND (?6 IS NULL OR id = ?6)"                                         \
	" ORDER BY opened_ms DESC, id DESC LIMIT ?1"

const char *const read_stock_sql[READ_STATEMENTS - READ_COMMON] = {
	[READ_LEVELS -
	    READ_COMMON] = "SELECT l.cart, l.product, l.level,"
			   " l.at_ms, l.please_count, EXISTS (SELECT 1"
			   " FROM order_line AS o WHERE o.cart = l.cart"
			   " AND o.product = l.product AND o.open = 1)"
			   " FROM level AS l WHERE ?1 IS NULL OR l.cart = ?1"
			   " ORDER BY l.cart, l.product",
	[READ_ORDERS_OPEN -
	    READ_COMMON] = "SELECT count(*)"
			   " FROM restock_order WHERE state < 3",
	[READ_ORDERS_BY_TIME - READ_COMMON] = ORDERS_BY("1"),
	[READ_ORDERS_BY_ID - READ_COMMON] = ORDERS_BY("id = ?9"),
	[READ_ORDERS_BY_CART - READ_COMMON] = ORDERS_BY("cart = ?4"),
	[READ_ORDERS_BY_STATE - READ_COMMON] = ORDERS_BY("state = ?5"),
	[READ_ORDERS_BY_DELIVERY - READ_COMMON] = ORDERS_BY(
	    "delivery = ?8 AND delivery <> ''"),
	[READ_ORDERS_BEING_OPEN - READ_COMMON] = ORDERS_BY("state < 3"),
	[READ_ORDERS_DISPUTED - READ_COMMON] = ORDERS_BY("disputed = 1"),
	[READ_ORDER_LINES - READ_COMMON] = ORDER_LINES_OF,
	[READ_ORDER_CHANGES -
	    READ_COMMON] = "SELECT record, at_ms, state, by_whom,"
			   " remark FROM order_change WHERE order_id = ?"
			   " ORDER BY id",
	[READ_DELIVERIES_BY_TIME - READ_COMMON] = DELIVERIES_BY("1"),
	[READ_DELIVERIES_BY_ID - READ_COMMON] = DELIVERIES_BY("id = ?6"),
	[READ_DELIVERIES_BY_STATE - READ_COMMON] = DELIVERIES_BY("state = ?4"),
	[READ_DELIVERY_STATES -
	    READ_COMMON] = "SELECT id, state FROM restock_order"
			   " WHERE delivery = ? AND delivery <> ''",
	/* Cancelled orders (4) get nothing. */
	[READ_PICKS - READ_COMMON] =
	    "SELECT l.product,"
	    " sum(CASE WHEN o.prepared THEN l.prepared ELSE l.asked END),"
	    " sum(o.prepared = 0 AND l.asked = 0)"
	    " FROM restock_order AS o JOIN order_line AS l"
	    " ON l.order_id = o.id WHERE o.delivery = ? AND o.delivery <> ''"
	    " AND o.state <> 4 GROUP BY l.product ORDER BY l.product",
	[READ_CATALOGUE -
	    READ_COMMON] = "SELECT revision, at_ms, by_whom,"
			   " (SELECT count(*) FROM product) FROM catalogue",
	[READ_PRODUCTS - READ_COMMON] = "SELECT code, name, price FROM product"
					" ORDER BY code",
	[READ_ORDER_COUNTS - READ_COMMON] =
	    "SELECT state, count(*), sum(disputed) FROM restock_order"
	    " GROUP BY state",
	[READ_DELIVERY_COUNT -
	    READ_COMMON] = "SELECT count(*) FROM delivery WHERE state < 2",
};

int
read_stock(struct reader *reader, const char *cart,
    int (*each)(void *, const struct stock_row *), void *ctx)
{
	struct statement *s;
	struct stock_row row;
	int rc;

	if (read_open(reader, READ_STOCK) == -1)
		return -1;
	s = read_statement(reader, READ_STOCK, READ_LEVELS);
	if (statement_bind(s, "s", cart) == -1)
		return -1;
	while ((rc = statement_step(s)) == 1) {
		snprintf(
		    row.cart, sizeof(row.cart), "%s", statement_text(s, 0));
		row.product = (uint32_t)statement_int(s, 1);
		row.level = (int32_t)statement_int(s, 2);
		row.at_ms = statement_int(s, 3);
		row.please_count = statement_int(s, 4) != 0;
		row.order_open = statement_int(s, 5) != 0;
		if (each(ctx, &row) != 0)
			break;
	}
	statement_reset(s);
	return rc == -1 ? -1 : 0;
}

/* The narrowest index for what is asked. */
static int
leading(const struct restocks_query *query)
{
	if (query->id != NULL)
		return READ_ORDERS_BY_ID;
	if (query->delivery != NULL)
		return READ_ORDERS_BY_DELIVERY;
	if (query->cart != NULL)
		return READ_ORDERS_BY_CART;
	if (query->disputed_only)
		return READ_ORDERS_DISPUTED;
	if (query->state != -1)
		return READ_ORDERS_BY_STATE;
	return query->open_only ? READ_ORDERS_BEING_OPEN : READ_ORDERS_BY_TIME;
}

/* Within read_begin. */
static int
orders_walk(struct reader *reader, const struct restocks_query *query,
    int (*each)(void *, const struct restock_row *), void *ctx)
{
	struct statement *s = read_statement(
	    reader, READ_STOCK, leading(query));
	struct statement *lines = read_statement(
	    reader, READ_STOCK, READ_ORDER_LINES);
	struct restock_row row;
	int rc;

	/* A limit of -1 is none to SQLite. */
	if (statement_bind(s, "IIssiiiss",
		query->limit == 0 ? INT64_C(-1) : query->limit,
		query->before_ms == 0 ? INT64_MAX : query->before_ms,
		query->before_id != NULL ? query->before_id : "", query->cart,
		query->state, (int)query->open_only, (int)query->disputed_only,
		query->delivery, query->id) == -1)
		return -1;
	while ((rc = statement_step(s)) == 1) {
		order_row_fill(s, &row.order);
		if (order_parts_fill(lines, &row.order) == -1) {
			rc = -1;
			break;
		}
		if (each(ctx, &row) != 0)
			break;
	}
	statement_reset(s);
	return rc == -1 ? -1 : 0;
}

int
read_restocks(struct reader *reader, const struct restocks_query *query,
    int (*each)(void *, const struct restock_row *), void *ctx)
{
	int rc;

	if (read_begin(reader, READ_STOCK) == -1)
		return -1;
	rc = orders_walk(reader, query, each, ctx);
	read_end(reader, READ_STOCK);
	return rc;
}

static int
change_of_record(struct statement *s, struct restock_change *change)
{
	struct order_event event;
	struct decode_error error;
	const void *record;
	size_t len;

	record = statement_blob(s, 0, &len);
	if (order_decode(record, len, &event, &error) == -1) {
		errno = EBADMSG;
		return -1;
	}
	*change = (struct restock_change){
		.state = event.state,
		.at_ms = event.at_ms,
		.revision = event.revision,
		.disputed = event.disputed,
		.line_count = event.line_count,
	};
	snprintf(change->by, sizeof(change->by), "%s", event.by);
	snprintf(change->reason, sizeof(change->reason), "%s", event.reason);
	for (uint32_t i = 0; i < event.line_count; i++)
		change->lines[i] = event.lines[i];
	return 0;
}

static int
change_fill(struct statement *s, struct restock_change *change)
{
	if (!statement_null(s, 0))
		return change_of_record(s, change);
	*change = (struct restock_change){
		.remark = true,
		.at_ms = statement_int(s, 1),
		.state = (enum order_state)statement_int(s, 2),
	};
	snprintf(change->by, sizeof(change->by), "%s", statement_text(s, 3));
	snprintf(
	    change->reason, sizeof(change->reason), "%s", statement_text(s, 4));
	return 0;
}

static int
changes_walk(struct reader *reader, const char *id,
    int (*each)(void *, const struct restock_change *), void *ctx)
{
	struct statement *s = read_statement(
	    reader, READ_STOCK, READ_ORDER_CHANGES);
	struct restock_change change;
	int rc;

	if (statement_bind(s, "s", id) == -1)
		return -1;
	while ((rc = statement_step(s)) == 1) {
		rc = change_fill(s, &change);
		if (rc == -1 || each(ctx, &change) != 0)
			break;
	}
	statement_reset(s);
	return rc == -1 ? -1 : 0;
}

int
read_restock(struct reader *reader, const char *id,
    int (*row)(void *, const struct restock_row *),
    int (*change)(void *, const struct restock_change *), void *ctx)
{
	const struct restocks_query query = { .id = id, .state = -1 };
	int rc;

	if (read_begin(reader, READ_STOCK) == -1)
		return -1;
	rc = orders_walk(reader, &query, row, ctx);
	if (rc == 0)
		rc = changes_walk(reader, id, change, ctx);
	read_end(reader, READ_STOCK);
	return rc;
}
