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
#include "backend/consumer/orders.h"

struct shelf {
	struct role_context *ctx;
	struct stock_store *store;
	struct needs *needs;
	struct orders *orders;
	int64_t now_ms; /* of the record, or the tick */
};

/* Each 0, or -1: the store failed. */
int shelf_event(struct shelf *, const struct intake_event *);
int shelf_mend(
    struct shelf *, const char *cart, uint64_t boot, int64_t offset_ms);
/* What is low there, although no event came: a rule has changed, or what the
 * depot delivered was not booked for too long. */
int shelf_look(struct shelf *, const char *cart, uint32_t product);
/* All products of a cart, or of RULES_ALL. */
int shelf_look_all(struct shelf *, const char *scope);

#endif
