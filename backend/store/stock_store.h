/*
 * stock_store: what the role stock remembers: every event in its order, the
 * level after the last, restock orders.
 *
 * Each function returns 0, or -1 with errno; a `find` 1 when found, 0 when
 * not.  All are called within the runtime's transaction.  It decides nothing:
 * the rules are in backend/consumer.
 */
#ifndef PREGON_BACKEND_STOCK_STORE_H
#define PREGON_BACKEND_STOCK_STORE_H

#include "backend/store/database.h"
#include "schemas/order.h"

/* One event; (at_ms, epoch, seq) is its place in the order. */
struct stock_record {
	char cart[CART_MAX + 1];
	uint32_t product;
	int64_t at_ms; /* Unix */
	uint64_t epoch, seq;
	struct instant given; /* boot 0: at_ms is as given, or final */
	int64_t record_ms;
	int32_t delta, level;
	enum stock_reason reason;
	bool jump; /* not the level before it plus delta */
};

struct stock_level {
	char cart[CART_MAX + 1];
	uint32_t product;
	int32_t level;
	int64_t at_ms;
	bool please_count;
};

struct restock {
	char id[ORDER_ID_MAX + 1];
	char cart[CART_MAX + 1];
	uint32_t product;
	uint32_t units;
	enum order_state state;
	int64_t opened_ms, changed_ms;
};

struct stock_store;
struct stock_store_ops {
	/* EEXIST: this very place is taken. */
	int (*event_put)(struct stock_store *, const struct stock_record *);
	int (*event_delete)(struct stock_store *, const struct stock_record *);
	/* The neighbours of a place, which itself may be empty. */
	int (*event_before)(struct stock_store *,
	    const struct stock_record *place, struct stock_record *);
	int (*event_after)(struct stock_store *,
	    const struct stock_record *place, struct stock_record *);
	int (*event_last)(struct stock_store *, const char *cart,
	    uint32_t product, struct stock_record *);
	/* Writes `jump`. */
	int (*event_set_jump)(
	    struct stock_store *, const struct stock_record *);
	/* Is there a jump since the last count? */
	int (*doubt_find)(
	    struct stock_store *, const char *cart, uint32_t product);
	/* One whose time no marker has mended. */
	int (*unmended_find)(struct stock_store *, const char *cart,
	    uint64_t boot, struct stock_record *);
	int (*level_put)(struct stock_store *, const struct stock_level *);

	/* *opened: false if the product has an open order already. */
	int (*restock_open)(
	    struct stock_store *, const struct restock *, bool *opened);
	int (*restock_find)(
	    struct stock_store *, const char *id, struct restock *);
	/* Writes state and changed_ms. */
	int (*restock_move)(struct stock_store *, const struct restock *);
	void (*close)(struct stock_store *);
};
struct stock_store {
	const struct stock_store_ops *ops;
};

/* NULL: errno.  It uses the database and does not own it. */
struct stock_store *stock_store_sqlite(struct database *);

#endif
