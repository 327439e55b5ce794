/*
 * restock: a level that is too low becomes an order, and a booking at the
 * cart ends one.
 */
#ifndef PREGON_CONSUMER_RESTOCK_H
#define PREGON_CONSUMER_RESTOCK_H

#include "backend/consumer/shelf.h"

/*
 * `last` is the event that the level of its product comes from.  Opens an
 * order if it is due (backend/rules/replenish.h) and none is open; its id
 * comes from the event, so the same cause gives the same order.
 */
int restock_check(struct shelf *, const struct stock_record *last);

/* A restock of this order was booked at the cart. */
int restock_arrived(
    struct shelf *, const struct stock_record *, struct text order);

#endif
