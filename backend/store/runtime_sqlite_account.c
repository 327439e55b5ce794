/*
 * Accounts of events in SQLite: one row each, and one for each gap in it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/store/runtime_sqlite.h"

static int
gap_append(struct account *account, const struct account_gap *gap)
{
	if (account->gap_count == account->gap_cap) {
		size_t cap = account->gap_cap == 0 ? 4 : 2 * account->gap_cap;
		struct account_gap *gaps = realloc(
		    account->gaps, cap * sizeof(*gaps));

		if (gaps == NULL)
			return -1;
		account->gaps = gaps;
		account->gap_cap = cap;
	}
	account->gaps[account->gap_count++] = *gap;
	return 0;
}

static int
gaps_get(struct runtime_store *store, struct account *account)
{
	struct statement *s = runtime_statement(store, GAPS_GET);
	int rc;

	if (statement_bind(s, "siI", account->cart, (int)account->stream,
		(int64_t)account->epoch) == -1)
		return -1;
	while ((rc = statement_step(s)) == 1) {
		struct account_gap gap = {
			.first = (uint64_t)statement_int(s, 0),
			.end = (uint64_t)(statement_int(s, 0) +
			    statement_int(s, 1)),
			.noticed_ms = statement_int(s, 2),
			.reason = (int)statement_int(s, 3),
			.from_ms = statement_int(s, 4),
			.to_ms = statement_int(s, 5),
		};

		if (gap_append(account, &gap) == -1) {
			rc = -1;
			break;
		}
	}
	statement_reset(s);
	return rc;
}

int
runtime_account_get(struct runtime_store *store, struct account *account)
{
	struct statement *s = runtime_statement(store, ACCOUNT_GET);
	int rc;

	if (statement_bind(s, "siI", account->cart, (int)account->stream,
		(int64_t)account->epoch) == -1)
		return -1;
	rc = statement_step(s);
	if (rc == 1) {
		account->next = (uint64_t)statement_int(s, 0);
		account->version = (uint64_t)statement_int(s, 1);
		account->touched_ms = statement_int(s, 2);
	}
	statement_reset(s);
	if (rc == 1 && gaps_get(store, account) == -1)
		return -1;
	return rc;
}

static int
gap_put(struct runtime_store *store, const struct account *account,
    const struct account_gap *gap, bool lost)
{
	struct statement *s = runtime_statement(store, GAP_PUT);

	if (statement_bind(s, "siIIIIiIIi", account->cart, (int)account->stream,
		(int64_t)account->epoch, (int64_t)gap->first,
		(int64_t)(gap->end - gap->first), gap->noticed_ms, gap->reason,
		gap->from_ms, gap->to_ms, (int)lost) == -1)
		return -1;
	return statement_run(s);
}

static int
gaps_put(struct runtime_store *store, const struct account *account)
{
	struct statement *s = runtime_statement(store, GAPS_CLEAR);

	if (statement_bind(s, "siI", account->cart, (int)account->stream,
		(int64_t)account->epoch) == -1 ||
	    statement_run(s) == -1)
		return -1;
	for (size_t i = 0; i < account->gap_count; i++) {
		if (gap_put(store, account, &account->gaps[i], false) == -1)
			return -1;
	}
	for (size_t i = 0; i < account->lost_count; i++) {
		if (gap_put(store, account, &account->lost[i], true) == -1)
			return -1;
	}
	return 0;
}

/* ROWCAS: the row is written only over the version that was read. */
int
runtime_account_swap(struct runtime_store *store, struct account *account)
{
	bool first = account->version == 0;
	struct statement *s = runtime_statement(
	    store, first ? ACCOUNT_FIRST : ACCOUNT_SWAP);
	int rc;

	if (first)
		rc = statement_bind(s, "IIIsiI", (int64_t)account->next,
		    INT64_C(1), account->touched_ms, account->cart,
		    (int)account->stream, (int64_t)account->epoch);
	else
		rc = statement_bind(s, "IIIsiII", (int64_t)account->next,
		    (int64_t)account->version + 1, account->touched_ms,
		    account->cart, (int)account->stream,
		    (int64_t)account->epoch, (int64_t)account->version);
	if (rc == -1 || runtime_swapped(s) == -1)
		return -1;
	if (account->gaps_changed && gaps_put(store, account) == -1)
		return -1;
	account->version++;
	account->gaps_changed = false;
	free(account->lost);
	account->lost = NULL;
	account->lost_count = 0;
	return 0;
}

#define LOOKED_MAX 500 /* as ACCOUNTS_LOOK says */

/* The old ones of those after store->looked, which moves on; after the last
 * account it starts again. */
static int
look(struct runtime_sqlite *store, int64_t before_ms,
    struct account_key old[LOOKED_MAX], int *count)
{
	struct statement *s = store->statements[ACCOUNTS_LOOK];
	struct account_key *looked = &store->looked;
	int rc, rows = 0;

	*count = 0;
	if (statement_bind(
		s, "siI", looked->cart, looked->stream, looked->epoch) == -1)
		return -1;
	while ((rc = statement_step(s)) == 1) {
		snprintf(looked->cart, sizeof(looked->cart), "%s",
		    statement_text(s, 0));
		looked->stream = (int)statement_int(s, 1);
		looked->epoch = statement_int(s, 2);
		rows++;
		if (statement_int(s, 3) < before_ms)
			old[(*count)++] = *looked;
	}
	if (rows < LOOKED_MAX)
		memset(looked, 0, sizeof(*looked));
	return rc;
}

int
runtime_accounts_expire(
    struct runtime_store *store, int64_t before_ms, int *dropped)
{
	static const enum runtime_statement drops[] = { ACCOUNT_DROP,
		GAPS_DROP };
	struct account_key old[LOOKED_MAX];

	if (look((struct runtime_sqlite *)store, before_ms, old, dropped) == -1)
		return -1;
	for (int i = 0; i < *dropped; i++) {
		for (int d = 0; d < 2; d++) {
			struct statement *s = runtime_statement(
			    store, drops[d]);

			if (statement_bind(s, "siI", old[i].cart, old[i].stream,
				old[i].epoch) == -1 ||
			    statement_run(s) == -1)
				return -1;
		}
	}
	return 0;
}

int
runtime_gap_carts(struct runtime_store *store, enum stream stream,
    int64_t before_ms, int (*each)(void *, const char *, int64_t, int64_t),
    void *ctx)
{
	struct statement *s = runtime_statement(store, GAP_CARTS);
	int rc;

	if (statement_bind(s, "iI", (int)stream, before_ms) == -1)
		return -1;
	while ((rc = statement_step(s)) == 1) {
		rc = each(ctx, statement_text(s, 0), statement_int(s, 1),
		    statement_int(s, 2));
		if (rc != 0)
			break;
	}
	statement_reset(s);
	return rc == -1 ? -1 : 0;
}

int
runtime_gap_numbers(struct runtime_store *store, const char *cart,
    enum stream stream, int64_t *numbers)
{
	struct statement *s = runtime_statement(store, GAP_NUMBERS);
	int rc;

	if (statement_bind(s, "is", (int)stream, cart) == -1)
		return -1;
	rc = statement_step(s);
	if (rc == 1)
		*numbers = statement_int(s, 0);
	statement_reset(s);
	return rc == 1 ? 0 : -1;
}

void
account_release(struct account *account)
{
	free(account->gaps);
	free(account->lost);
	account->gaps = NULL;
	account->lost = NULL;
	account->gap_count = account->gap_cap = account->lost_count = 0;
}
