/*
 * orders_store: what the role stock remembers of restock orders, their
 * history, and deliveries.
 *
 * Each function returns 0, or -1 with errno; a `get` or `find` 1 when found, 0
 * when not.  All are called within the runtime's transaction.  It decides
 * nothing, but that a product of a cart has one open order at most: a unique
 * key.
 */
#ifndef PREGON_BACKEND_ORDERS_STORE_H
#define PREGON_BACKEND_ORDERS_STORE_H

#include "backend/rules/lot.h"
#include "backend/rules/order_rules.h"
#include "backend/rules/replenish.h"
#include "backend/store/database.h"

/* Units delivered that the cart has not booked. */
struct unseen_line {
	char cart[CART_MAX + 1];
	uint32_t product;
	uint32_t units;
	int64_t at_ms; /* of finalizado */
};

/* What was asked of an order and refused. */
struct order_remark {
	const char *order;
	int64_t at_ms;
	enum order_state state;
	const char *by;
	const char *remark;
};

struct orders_store;
struct orders_store_ops {
	int (*get)(struct orders_store *, const char *id, struct order *);
	/* Over what was there.  EEXIST: another open order has one of its
	 * products. */
	int (*put)(struct orders_store *, const struct order *);
	/* The open order that has this product of the cart. */
	int (*open_find)(struct orders_store *, const char *cart,
	    uint32_t product, char id[ORDER_ID_MAX + 1]);
	/* Of this product of the cart, at most `cap`; how many, or -1. */
	int (*unseen)(struct orders_store *, const char *cart, uint32_t product,
	    struct unseen_line *, int cap);
	/* Of any, those delivered before then; forgets that they are. */
	int (*unseen_expire)(struct orders_store *, int64_t before_ms,
	    struct unseen_line *, int cap);

	/* Keeps a record that is sent. */
	int (*change_put)(struct orders_store *, const char *id,
	    const void *record, size_t len);
	int (*remark_put)(struct orders_store *, const struct order_remark *);

	/* Ids of orders in `state` since before_ms or longer, the longest
	 * first, at most `cap`; how many, or -1. */
	int (*due)(struct orders_store *, enum order_state, int64_t before_ms,
	    char (*ids)[ORDER_ID_MAX + 1], int cap);
	/* Orders without a delivery, in lot_order_compare's order, places not
	 * filled in; how many, or -1. */
	int (*waiting)(struct orders_store *, struct lot_order *, int cap);
	int (*set_delivery)(
	    struct orders_store *, const char *id, const char *delivery);

	int (*delivery_get)(
	    struct orders_store *, const char *id, struct delivery_event *);
	/* With the states of its stops' orders. */
	int (*delivery_states)(struct orders_store *,
	    const struct delivery_event *,
	    enum order_state states[DELIVERY_STOPS_MAX]);
	/* `record` is delivery_encode's of it. */
	int (*delivery_put)(struct orders_store *,
	    const struct delivery_event *, const void *record, size_t len);
	void (*close)(struct orders_store *);
};
struct orders_store {
	const struct orders_store_ops *ops;
};

/* NULL: errno.  It uses the database and does not own it. */
struct orders_store *orders_store_sqlite(struct database *);

#endif
