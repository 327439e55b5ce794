/*
 * sales_store: what the role sales remembers: sales, voids, the days' totals.
 *
 * Each function returns 0, or -1 with errno; a `find` 1 when found, 0 when
 * not.  All are called within the runtime's transaction.  It decides nothing:
 * the rules are in backend/consumer.
 */
#ifndef PREGON_BACKEND_SALES_STORE_H
#define PREGON_BACKEND_SALES_STORE_H

#include "backend/store/database.h"
#include "schemas/event.h"
#include "schemas/identity.h"

#define DAY_TEXT 11 /* "2026-04-05" */
/* A lower-case letter may need more bytes than its capital. */
#define CUSTOMER_KEY_MAX (2 * TEXT_NAME_MAX + 1)

/* A purchase as it is kept; `what` is only written, never read back. */
struct sale_record {
	int64_t id;
	struct folio folio;
	struct instant given; /* its time as it came */
	int64_t at_ms; /* Unix */
	bool provisional; /* at_ms is the arrival's */
	int64_t record_ms;
	char day[DAY_TEXT]; /* local */
	bool confirmed, voided;
	char customer_key[CUSTOMER_KEY_MAX + 1]; /* "": nobody named */
	int64_t units, amount;
	uint64_t bytes_hash, content_hash;
	const struct sale *what;
};

/* What is added to a cart's day; may be negative. */
struct day_change {
	int64_t sales, units, revenue, customers;
	int64_t abandoned, voided, provisional;
};

struct conflict {
	int64_t sale; /* the one that is kept */
	uint64_t epoch, seq; /* of the other */
	const char *why; /* "folio", "request" */
	int64_t record_ms;
	const void *item;
	size_t item_len;
};

struct sales_store;
struct sales_store_ops {
	/* By folio, also one that was given to a repeated request: *alias. */
	int (*sale_find)(struct sales_store *, const struct folio *,
	    struct sale_record *, bool *alias);
	/* Gives the new row's id. */
	int (*sale_put)(struct sales_store *, struct sale_record *);
	/* Writes at_ms, provisional and day. */
	int (*sale_set_time)(struct sales_store *, const struct sale_record *);
	int (*sale_set_voided)(struct sales_store *, int64_t id);
	int (*sale_set_flagged)(struct sales_store *, int64_t id);
	/* The oldest of this request with this content; with any content
	 * when `content` is NULL. */
	int (*request_find)(struct sales_store *, const char *cart,
	    struct text request_id, const uint64_t *content,
	    struct sale_record *);
	int (*alias_put)(struct sales_store *, const struct folio *,
	    int64_t sale, uint64_t bytes_hash);
	/* One whose time no marker has mended. */
	int (*unmended_find)(struct sales_store *, const char *cart,
	    uint64_t boot, struct sale_record *);
	/* `folio` is of the sale taken back.  A second one changes nothing. */
	int (*void_put)(struct sales_store *, const struct folio *,
	    struct text reason, int64_t record_ms);
	int (*void_find)(struct sales_store *, const struct folio *);
	/* *fresh: this very one was not there yet. */
	int (*conflict_put)(
	    struct sales_store *, const struct conflict *, bool *fresh);
	int (*day_add)(struct sales_store *, const char *cart, const char *day,
	    const struct day_change *);
	/* Adds to a customer's sales of a day; *sales is how many then. */
	int (*customer_add)(struct sales_store *, const char *cart,
	    const char *day, const char *key, int64_t n, int64_t *sales);
	void (*close)(struct sales_store *);
};
struct sales_store {
	const struct sales_store_ops *ops;
};

/* NULL: errno.  It uses the database and does not own it. */
struct sales_store *sales_store_sqlite(struct database *);

#endif
