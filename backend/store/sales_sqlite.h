/*
 * sales_sqlite: what the files of the sales' SQLite store share; nobody
 * else's.
 */
#ifndef PREGON_BACKEND_SALES_SQLITE_H
#define PREGON_BACKEND_SALES_SQLITE_H

#include "backend/store/sales_store.h"
#include "backend/store/statements.h"

enum sales_statement {
	SALE_FIND,
	SALE_FIND_ALIAS,
	SALE_FIND_REQUEST,
	SALE_FIND_CONTENT,
	SALE_FIND_UNMENDED,
	SALE_PUT,
	LINE_PUT,
	SALE_SET_TIME,
	SALE_SET_VOIDED,
	SALE_SET_FLAGGED,
	ALIAS_PUT,
	VOID_PUT,
	VOID_FIND,
	CONFLICT_PUT,
	DAY_ADD,
	CUSTOMER_ADD,
	CUSTOMER_COUNT,
	CUSTOMER_DROP,
	SALES_STATEMENTS
};

struct sales_sqlite {
	struct sales_store base;
	struct store *store;
	struct statement *statements[SALES_STATEMENTS];
};

static inline struct statement *
sales_statement(struct sales_store *store, enum sales_statement which)
{
	return ((struct sales_sqlite *)store)->statements[which];
}

/* sales_sqlite_sale.c: the rows of single purchases. */
int sales_sale_find(struct sales_store *, const struct folio *,
    struct sale_record *, bool *alias);
int sales_request_find(struct sales_store *, const char *cart,
    struct text request_id, const uint64_t *content, struct sale_record *);
int sales_unmended_find(struct sales_store *, const char *cart, uint64_t boot,
    struct sale_record *);
int sales_sale_put(struct sales_store *, struct sale_record *);
int sales_sale_set_time(struct sales_store *, const struct sale_record *);

#endif
