/*
 * customers_store: what is kept of customers' contacts, and how it goes.
 *
 * A contact stands in its sales for a while and is then erased; who counts as
 * one customer (a keyed hash of the contact) stays, and with it the figures.
 * Erased is also erased on the disk (secure_delete), as soon as SQLite has
 * used the pages of its log again.
 *
 * Each function returns 0, or -1 with errno; secret_get 1 when found, 0 when
 * not.  Within a transaction.
 */
#ifndef PREGON_BACKEND_CUSTOMERS_STORE_H
#define PREGON_BACKEND_CUSTOMERS_STORE_H

#include "backend/store/sales_store.h"

#define CUSTOMER_SECRET_BYTES 32

struct customers_store;
struct customers_store_ops {
	/* What contacts are hashed with: this database's own. */
	int (*secret_get)(
	    struct customers_store *, uint8_t secret[CUSTOMER_SECRET_BYTES]);
	int (*secret_put)(struct customers_store *,
	    const uint8_t secret[CUSTOMER_SECRET_BYTES]);
	/* Makes every key of the database another. */
	int (*rekey)(struct customers_store *,
	    void (*seal)(void *, char key[CUSTOMER_KEY_MAX + 1]), void *ctx);
	/* Of some sales of the days before, and of conflicts that came
	 * before; the next call takes the next.  *erased is how many. */
	int (*contacts_erase)(struct customers_store *, const char *before_day,
	    int64_t before_ms, int *erased);
	void (*close)(struct customers_store *);
};
struct customers_store {
	const struct customers_store_ops *ops;
};

/* NULL: errno.  It uses the database and does not own it. */
struct customers_store *customers_store_sqlite(struct database *);

#endif
