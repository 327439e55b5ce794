/*
 * needs: how much of a product a cart has, what it should have, and what the
 * guild laid down for that (records rules/1).
 */
#ifndef PREGON_CONSUMER_NEEDS_H
#define PREGON_CONSUMER_NEEDS_H

#include "backend/consumer/role.h"
#include "backend/store/orders_store.h"
#include "backend/store/stock_store.h"

struct needs {
	struct role_context *ctx;
	struct stock_store *store;
	struct orders_store *orders;
	struct replenish_levels settings; /* where no rule says otherwise */
	int64_t confirm_wait_ms;
	/* Of the rules in the store, until needs_forget. */
	bool loaded;
	struct replenish_scope all;
	int64_t scopes; /* carts that have rules of their own */
};

/* The rules for a product of a cart.  0 or -1. */
int needs_rules(struct needs *, const char *cart, uint32_t product,
    struct replenish_levels *);
/* What the cart has and what the depot has brought unseen; 0 or -1. */
int needs_position(struct needs *, const char *cart, uint32_t product,
    int64_t now_ms, int64_t *position);
/* The level to fill up to.  0 or -1. */
int needs_target(struct needs *, const char *cart, uint32_t product,
    const struct replenish_levels *, int64_t now_ms, int64_t *target);
/* Of each part: target less position.  0 or -1. */
int needs_of_order(struct needs *, const struct order *, int64_t now_ms,
    int64_t needed[ORDER_LINES_MAX]);

/*
 * Of role->apply, for keys that begin with RULES_KEY: the newest record of a
 * scope replaces the one before, a tombstone ends it.  *scope is "" if nothing
 * changed, else a plate or RULES_ALL.
 */
int needs_apply(
    struct needs *, const struct record *, char scope[CART_MAX + 1]);
/* Of role->forget. */
void needs_forget(struct needs *);

#endif
