/*
 * books: what a sale, a void or a time marker does to the books.
 *
 * The days' totals are kept in step with the sales, in their transaction:
 * each change takes a sale out of its day's total and puts it back as it is
 * then.
 */
#ifndef PREGON_CONSUMER_BOOKS_H
#define PREGON_CONSUMER_BOOKS_H

#include "backend/consumer/sale_alerts.h"
#include "backend/consumer/customer.h"
#include "backend/consumer/daybooks.h"
#include "backend/consumer/follow.h"
#include "backend/consumer/intake.h"

struct books {
	struct role_context *ctx;
	struct sales_store *store;
	const struct customer_rules *customers;
	struct sale_alerts *refused; /* told of conflicts */
	struct daybooks *daybooks; /* told of each change */
	struct follow_rules follow;
	uint8_t customer_secret[CUSTOMER_SECRET_BYTES];
};

/*
 * A purchase that is new to the accounts.  It may still be known: a folio
 * that is in the books with the same content is a duplicate, with other
 * content a conflict; a request_id of the same cart with the same content is
 * the same sale, under its first folio.  0, or -1: the store failed.
 */
int books_sale(struct books *, const struct intake_event *);
/* One that the accounts have seen: compared with what is in the books. */
int books_repeat(struct books *, const struct intake_event *);
/* Takes a sale out of the day on which it was made; it may come first. */
int books_void(struct books *, const struct intake_event *);
/* What waited for the time of this boot moves to its right day. */
int books_mend(
    struct books *, const char *cart, uint64_t boot, int64_t offset_ms);

#endif
