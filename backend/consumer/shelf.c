/*
 * shelf: see the header.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "backend/consumer/restock.h"
#include "backend/consumer/shelf.h"

/* A count is right whatever came before it. */
static bool
is_jump(const struct stock_record *e, const struct stock_record *before)
{
	return e->reason != STOCK_COUNT && before != NULL &&
	    (int64_t)e->level != (int64_t)before->level + e->delta;
}

/* Judges again the event after `place`, whose predecessor is `before`. */
static int
judge_after(struct shelf *shelf, const struct stock_record *place,
    const struct stock_record *before)
{
	struct stock_record after;
	bool jump;
	int rc;

	rc = shelf->store->ops->event_after(shelf->store, place, &after);
	if (rc != 1)
		return rc;
	jump = is_jump(&after, before);
	if (jump == after.jump)
		return 0;
	after.jump = jump;
	return shelf->store->ops->event_set_jump(shelf->store, &after);
}

static int
insert(struct shelf *shelf, struct stock_record *e)
{
	struct stock_record before;
	int rc;

	rc = shelf->store->ops->event_before(shelf->store, e, &before);
	if (rc == -1)
		return -1;
	e->jump = is_jump(e, rc == 1 ? &before : NULL);
	if (shelf->store->ops->event_put(shelf->store, e) == -1)
		return -1;
	return judge_after(shelf, e, e);
}

static int
take_out(struct shelf *shelf, const struct stock_record *e)
{
	struct stock_record before;
	int rc;

	if (shelf->store->ops->event_delete(shelf->store, e) == -1)
		return -1;
	rc = shelf->store->ops->event_before(shelf->store, e, &before);
	if (rc == -1)
		return -1;
	return judge_after(shelf, e, rc == 1 ? &before : NULL);
}

/* The level as it is now, and what follows from it. */
static int
settle(struct shelf *shelf, const char *cart, uint32_t product)
{
	struct stock_record last;
	struct stock_level level = { .product = product };
	int rc;

	rc = shelf->store->ops->event_last(shelf->store, cart, product, &last);
	if (rc != 1)
		return rc;
	snprintf(level.cart, sizeof(level.cart), "%s", cart);
	level.level = last.level;
	level.at_ms = last.at_ms;
	rc = shelf->store->ops->doubt_find(shelf->store, cart, product);
	if (rc == -1)
		return -1;
	level.please_count = rc == 1;
	if (shelf->store->ops->level_put(shelf->store, &level) == -1)
		return -1;
	return restock_check(shelf, &last);
}

int
shelf_event(struct shelf *shelf, const struct intake_event *ev)
{
	const struct stock *stock = &ev->item->stock;
	struct stock_record e = {
		.product = stock->product,
		.at_ms = ev->time.ms,
		.epoch = ev->epoch,
		.seq = ev->seq,
		.record_ms = ev->record->time_ms,
		.delta = stock->delta,
		.level = stock->level,
		.reason = stock->reason,
		.ordered = stock->order.len > 0,
	};

	snprintf(e.cart, sizeof(e.cart), "%s", ev->cart);
	if (ev->at.boot != 0 && ev->offset_ms == NULL)
		e.given = ev->at;
	if (insert(shelf, &e) == -1) {
		/* The accounts had forgotten that it was here. */
		if (errno != EEXIST)
			return -1;
		shelf->ctx->tally[TALLY_DUPLICATES]++;
		return 0;
	}
	if (stock->reason == STOCK_RESTOCK && stock->order.len > 0 &&
	    restock_arrived(shelf, &e, stock->order) == -1)
		return -1;
	return settle(shelf, e.cart, e.product);
}

int
shelf_mend(
    struct shelf *shelf, const char *cart, uint64_t boot, int64_t offset_ms)
{
	struct stock_record e;
	int rc;

	while ((rc = shelf->store->ops->unmended_find(
		    shelf->store, cart, boot, &e)) == 1) {
		if (take_out(shelf, &e) == -1)
			return -1;
		e.at_ms = event_time(&e.given, e.record_ms, &offset_ms).ms;
		e.given = (struct instant){ .ms = 0 };
		/* EEXIST: it came twice, mended and not. */
		if (insert(shelf, &e) == -1 && errno != EEXIST)
			return -1;
		if (settle(shelf, e.cart, e.product) == -1)
			return -1;
	}
	return rc;
}

int
shelf_look(struct shelf *shelf, const char *cart, uint32_t product)
{
	struct stock_record last;
	int rc = shelf->store->ops->event_last(
	    shelf->store, cart, product, &last);

	return rc == 1 ? restock_check(shelf, &last) : rc;
}

#define LEVELS_AT_ONCE 64

int
shelf_look_all(struct shelf *shelf, const char *scope)
{
	bool all = strcmp(scope, RULES_ALL) == 0;
	struct stock_level levels[LEVELS_AT_ONCE];
	char cart[CART_MAX + 1];
	int64_t product = -1;
	int count;

	snprintf(cart, sizeof(cart), "%s", all ? "" : scope);
	do {
		count = shelf->store->ops->levels_after(
		    shelf->store, cart, product, levels, LEVELS_AT_ONCE);
		for (int i = 0; i < count; i++) {
			if (!all && strcmp(levels[i].cart, scope) != 0)
				return 0;
			if (shelf_look(
				shelf, levels[i].cart, levels[i].product) == -1)
				return -1;
		}
		if (count > 0) {
			memcpy(cart, levels[count - 1].cart, sizeof(cart));
			product = levels[count - 1].product;
		}
	} while (count == LEVELS_AT_ONCE);
	return count == -1 ? -1 : 0;
}
