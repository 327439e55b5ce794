/*
 * stock_sqlite: what the files of the SQLite stock store share; nobody
 * else's.
 */
#ifndef PREGON_BACKEND_STOCK_SQLITE_H
#define PREGON_BACKEND_STOCK_SQLITE_H

#include "backend/store/statements.h"
#include "backend/store/stock_store.h"

enum stock_statement {
	EVENT_PUT,
	EVENT_DELETE,
	EVENT_BEFORE,
	EVENT_AFTER,
	EVENT_LAST,
	EVENT_FIRST,
	SEEN_FIND,
	EVENT_SET_JUMP,
	DOUBT_FIND,
	EVENT_UNMENDED,
	LEVEL_PUT,
	LEVELS_AFTER,
	/* stock_sqlite_guild.c */
	RULES_GET,
	RULES_PUT,
	RULES_DROP,
	RULES_COUNT,
	CATALOGUE_GET,
	CATALOGUE_PUT,
	PRODUCTS_CLEAR,
	PRODUCT_PUT,
	STOCK_STATEMENTS
};

struct stock_sqlite {
	struct stock_store base;
	struct statement *statements[STOCK_STATEMENTS];
};

static inline struct statement *
stock_statement(struct stock_store *store, enum stock_statement which)
{
	return ((struct stock_sqlite *)store)->statements[which];
}

int stock_rules_get(
    struct stock_store *, const char *scope, struct replenish_scope *);
int stock_rules_put(
    struct stock_store *, const char *scope, const void *record, size_t len);
int stock_rules_count(struct stock_store *, int64_t *scopes);
int stock_catalogue_is(struct stock_store *, const void *payload, size_t len,
    int64_t *revision, bool *same);
int stock_catalogue_put(struct stock_store *, const struct stock_catalogue *,
    const struct product *, size_t count);

#endif
