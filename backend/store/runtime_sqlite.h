/*
 * runtime_sqlite: what the files of the runtime's SQLite store share; nobody
 * else's.
 */
#ifndef PREGON_BACKEND_RUNTIME_SQLITE_H
#define PREGON_BACKEND_RUNTIME_SQLITE_H

#include "backend/store/runtime_store.h"
#include "backend/store/statements.h"

enum runtime_statement {
	LOG_GET,
	LOG_PUT,
	OFFSET_GET,
	OFFSET_FIRST,
	OFFSET_SWAP,
	OFFSETS_CLEAR,
	ACCOUNT_GET,
	ACCOUNT_FIRST,
	ACCOUNT_SWAP,
	GAPS_GET,
	GAPS_CLEAR,
	GAP_PUT,
	ACCOUNTS_LOOK,
	ACCOUNT_DROP,
	GAPS_DROP,
	MARKER_GET,
	MARKER_PUT,
	OUTGOING_PUT,
	OUTGOING_LIST,
	OUTGOING_DELETE,
	COUNTER_ADD,
	LATE_ADD,
	LATE_EXPIRE,
	GAPS_OPEN,
	GAP_CARTS,
	GAP_NUMBERS,
	RUNTIME_STATEMENTS
};

struct runtime_sqlite {
	struct runtime_store base;
	/* The account that accounts_expire looked at last. */
	struct account_key {
		char cart[CART_MAX + 1];
		int stream;
		int64_t epoch;
	} looked;
	struct statement *statements[RUNTIME_STATEMENTS];
};

static inline struct statement *
runtime_statement(struct runtime_store *store, enum runtime_statement which)
{
	return ((struct runtime_sqlite *)store)->statements[which];
}

/* Runs a bound compare-and-swap: 0, or -1 with ESTALE when no row fitted. */
int runtime_swapped(struct statement *);

int runtime_account_get(struct runtime_store *, struct account *);
int runtime_account_swap(struct runtime_store *, struct account *);
int runtime_accounts_expire(
    struct runtime_store *, int64_t before_ms, int *dropped);
int runtime_gap_carts(struct runtime_store *, enum stream, int64_t before_ms,
    int (*)(void *, const char *, int64_t, int64_t), void *);
int runtime_gap_numbers(
    struct runtime_store *, const char *cart, enum stream, int64_t *);

#endif
