/*
 * restock: orders for what runs low: at most one open order for a product of
 * a cart, which the store's unique key keeps.
 */
#ifndef PREGON_CONSUMER_RESTOCK_H
#define PREGON_CONSUMER_RESTOCK_H

#include "backend/consumer/shelf.h"

/*
 * `last` is the event that the level of its product comes from.  Opens an
 * order if the level is below the threshold and none is open; its id comes
 * from the event, so the same cause gives the same order.
 */
int restock_check(struct shelf *, const struct stock_record *last);

/* A restock of this order was booked at the cart: the order is done. */
int restock_arrived(
    struct shelf *, const struct stock_record *, struct text order);

#endif
