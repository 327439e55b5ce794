/*
 * orders_sqlite: what the files of the SQLite orders store, and its reader
 * (read_sqlite_orders.c), share; nobody else's.
 */
#ifndef PREGON_BACKEND_ORDERS_SQLITE_H
#define PREGON_BACKEND_ORDERS_SQLITE_H

#include "backend/store/orders_store.h"
#include "backend/store/statements.h"

/* The columns in order_row_fill's order. */
#define ORDER_COLUMNS                                                          \
	"id, cart, origin, state, revision, opened_ms, state_ms, changed_ms,"  \
	" by_whom, reason, delivery, mail, prepared, depot_said, disputed"
#define ORDER_LINES_OF                                                         \
	"SELECT product, asked, prepared, delivered, booked, confirmed"        \
	" FROM order_line WHERE order_id = ? ORDER BY place"

/* From a statement that stands on a row of ORDER_COLUMNS; no parts yet. */
void order_row_fill(struct statement *, struct order *);
/* Its parts, by the statement ORDER_LINES_OF.  0 or -1. */
int order_parts_fill(struct statement *, struct order *);

enum orders_statement {
	ORDER_GET,
	ORDER_LINES,
	ORDER_PUT,
	LINE_PUT,
	OPEN_FIND,
	UNSEEN,
	UNSEEN_OLD,
	UNSEEN_FORGET,
	CHANGE_PUT,
	REMARK_PUT,
	/* orders_sqlite_delivery.c */
	ORDERS_DUE,
	ORDERS_WAITING,
	SET_DELIVERY,
	DELIVERY_GET,
	DELIVERY_STATES_OF,
	DELIVERY_PUT,
	ORDERS_STATEMENTS
};

struct orders_sqlite {
	struct orders_store base;
	struct statement *statements[ORDERS_STATEMENTS];
};

static inline struct statement *
orders_statement(struct orders_store *store, enum orders_statement which)
{
	return ((struct orders_sqlite *)store)->statements[which];
}

int orders_due(struct orders_store *, enum order_state, int64_t before_ms,
    char (*ids)[ORDER_ID_MAX + 1], int cap);
int orders_waiting(struct orders_store *, struct lot_order *, int cap);
int orders_set_delivery(
    struct orders_store *, const char *id, const char *delivery);
int orders_delivery_get(
    struct orders_store *, const char *id, struct delivery_event *);
int orders_delivery_states(struct orders_store *, const struct delivery_event *,
    enum order_state states[DELIVERY_STOPS_MAX]);
int orders_delivery_put(struct orders_store *, const struct delivery_event *,
    const void *record, size_t len);

#endif
