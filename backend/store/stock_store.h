/*
 * stock_store: what the role stock remembers of the shelves: every event in
 * its order, the level after the last; and what the guild laid down for them:
 * rules, the catalogue.  Orders: orders_store.h.
 *
 * Each function returns 0, or -1 with errno; a `find` or `get` 1 when found,
 * 0 when not.  All are called within the runtime's transaction.  It decides
 * nothing: the rules are in backend/rules and backend/consumer.
 */
#ifndef PREGON_BACKEND_STOCK_STORE_H
#define PREGON_BACKEND_STOCK_STORE_H

#include "backend/rules/replenish.h"
#include "backend/store/database.h"

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
	bool ordered; /* it names a restock order */
	bool jump; /* not the level before it plus delta */
};

struct stock_level {
	char cart[CART_MAX + 1];
	uint32_t product;
	int32_t level;
	int64_t at_ms;
	bool please_count;
};

/* The catalogue as it stands. */
struct stock_catalogue {
	int64_t revision; /* 1, 2, ... */
	int64_t at_ms;
	const char *by;
	const void *payload; /* as carts get it: schemas/down.h */
	size_t payload_len;
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
	/* The first one at or after since_ms. */
	int (*event_first)(struct stock_store *, const char *cart,
	    uint32_t product, int64_t since_ms, struct stock_record *);
	/* When the cart last counted the product, or booked a restock that
	 * names no order, if that was after since_ms. */
	int (*seen_find)(struct stock_store *, const char *cart,
	    uint32_t product, int64_t since_ms, int64_t *seen_ms);
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
	/* The levels after (cart, product) in their order, at most `cap`;
	 * how many, or -1. */
	int (*levels_after)(struct stock_store *, const char *cart,
	    int64_t product, struct stock_level *, int cap);

	/* What the record rules/1 of a scope says of stock. */
	int (*rules_get)(
	    struct stock_store *, const char *scope, struct replenish_scope *);
	/* NULL: there are none any more. */
	int (*rules_put)(struct stock_store *, const char *scope,
	    const void *record, size_t len);
	/* Scopes that have some, RULES_ALL left out. */
	int (*rules_count)(struct stock_store *, int64_t *scopes);

	/* The revision of the one that stands, 0 if none does, and whether
	 * its payload is this one. */
	int (*catalogue_is)(struct stock_store *, const void *payload,
	    size_t len, int64_t *revision, bool *same);
	/* With its products, over what was there. */
	int (*catalogue_put)(struct stock_store *,
	    const struct stock_catalogue *, const struct product *,
	    size_t count);
	void (*close)(struct stock_store *);
};
struct stock_store {
	const struct stock_store_ops *ops;
};

/* NULL: errno.  It uses the database and does not own it. */
struct stock_store *stock_store_sqlite(struct database *);

#endif
