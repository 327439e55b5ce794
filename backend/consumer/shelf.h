/*
 * shelf: how much of a product a cart has, and when to bring more.
 *
 * The level is that of the event last by (at, epoch, number), never by
 * arrival: a late event is put where it belongs, and its neighbours are
 * judged again.  An event whose level is not the one before it plus its delta
 * is a jump; a cart is asked to count as long as a jump stands after its last
 * count.
 */
#ifndef PREGON_CONSUMER_SHELF_H
#define PREGON_CONSUMER_SHELF_H

#include "backend/consumer/intake.h"
#include "backend/store/stock_store.h"

struct shelf {
	struct role_context *ctx;
	struct stock_store *store;
	int64_t threshold; /* a level below it is ordered */
	int64_t target; /* up to so many units */
};

/* Each 0, or -1: the store failed. */
int shelf_event(struct shelf *, const struct intake_event *);
int shelf_mend(
    struct shelf *, const char *cart, uint64_t boot, int64_t offset_ms);

#endif
