/*
 * orders: restock orders from the first request to the last word of the
 * cart, and the deliveries that they travel in.  What may be is in
 * backend/rules (order_rules.h, lot.h, advance.h); here it is kept and told.
 *
 * What is to be done at once (a full lot, a timer of 0 s, the state of a
 * delivery) waits for the end of the transaction, so that the orders of one
 * batch travel together: orders_flush.
 *
 * Functions return 0, or -1 with errno when the store failed.
 */
#ifndef PREGON_CONSUMER_ORDERS_H
#define PREGON_CONSUMER_ORDERS_H

#include "backend/consumer/alerts.h"
#include "backend/consumer/needs.h"

struct orders;
struct orders_parts {
	struct role_context *ctx;
	struct orders_store *store;
	struct needs *needs;
	struct alerts *alerts;
};
/* The parts outlive it.  NULL: `why`. */
struct orders *orders_new(const struct orders_parts *,
    const struct role_settings *, char *why, size_t why_cap);
void orders_free(struct orders *);
/* Of role->forget. */
void orders_forget(struct orders *);

/* The moment of what follows: a record's time, or the tick's. */
void orders_now(struct orders *, int64_t now_ms);

/* Of role->apply, for SCHEMA_ORDER_REQUEST. */
int orders_request(struct orders *, const struct record *);
/* A level fell too low: opens an order, unless one of this id was there
 * before, or has the product. */
int orders_open_low(
    struct orders *, const char *id, const char *cart, uint32_t product);
/* The cart booked a restock of this order. */
int orders_book(struct orders *, struct text id, const struct order_booking *);

/* Of role->flush. */
int orders_flush(struct orders *);
/* Of role->tick, before its flush: what is due by the clock, only when the
 * role has caught up. */
int orders_tick(struct orders *, int64_t now_ms);

#endif
