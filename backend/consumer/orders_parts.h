/*
 * orders_parts: what the files of orders.h share; nobody else's.
 */
#ifndef PREGON_CONSUMER_ORDERS_PARTS_H
#define PREGON_CONSUMER_ORDERS_PARTS_H

#include "backend/consumer/orders.h"
#include "backend/consumer/places.h"
#include "backend/rules/advance.h"
#include "lib/log.h"

/* A list of ids, in the order they came. */
struct id_list {
	char (*ids)[ORDER_ID_MAX + 1];
	size_t count, cap;
};

struct orders {
	struct orders_parts parts;
	struct places *places;
	struct lot_rules lot;
	struct advance advance;
	int64_t now_ms;
	/* Orders that began to wait at now_ms are due until then: the tick's
	 * time; INT64_MIN in a batch, where only waits of 0 s are over. */
	int64_t clock_ms;
	/* Of the transaction under way. */
	bool gather; /* an order waits that did not before */
	struct id_list touched; /* orders */
	struct id_list apart; /* of those: they still need a delivery */
	struct id_list moved; /* deliveries */
	struct log_limit limit;
};

/* -1: ENOMEM. */
int id_list_add(struct id_list *, const char *id);
/* In order, each once. */
void id_list_sort(struct id_list *);

/* orders.c */

/* Keeps it, and has the rest of the transaction look at it. */
int orders_keep(struct orders *, const struct order *);
/* Moves it as `request` asks, and tells; *verdict.  Not kept yet. */
int orders_move(struct orders *, struct order *, const struct order_request *,
    enum order_verdict *, struct order_why *);

/* deliveries.c */

/* Full lots, and by the clock those that waited for too long. */
int deliveries_gather(struct orders *);
/* This order, which is kept and waits, must go now: it has a delivery then. */
int deliveries_hasten(struct orders *, struct order *);
/* The states of those whose orders have moved. */
int deliveries_advance(struct orders *);

#endif
