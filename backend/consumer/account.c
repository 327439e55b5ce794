/*
 * account: the ranges lie in order in a small array; most accounts have none.
 */
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/account.h"

static uint64_t
larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t
smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void
gap_remove(struct account *account, size_t at)
{
	account->gap_count--;
	memmove(&account->gaps[at], &account->gaps[at + 1],
	    (account->gap_count - at) * sizeof(account->gaps[0]));
}

/* Closes the gap that was noticed first. */
static int
lose_oldest(struct account *account)
{
	struct account_gap *lost;
	size_t oldest = 0;

	for (size_t i = 1; i < account->gap_count; i++) {
		if (account->gaps[i].noticed_ms <
		    account->gaps[oldest].noticed_ms)
			oldest = i;
	}
	lost = realloc(
	    account->lost, (account->lost_count + 1) * sizeof(*lost));
	if (lost == NULL)
		return -1;
	account->lost = lost;
	lost[account->lost_count++] = account->gaps[oldest];
	gap_remove(account, oldest);
	return 0;
}

static int
gap_room(struct account *account)
{
	struct account_gap *gaps;
	size_t cap;

	if (account->gap_count < account->gap_cap)
		return 0;
	cap = account->gap_cap == 0 ? 4 : 2 * account->gap_cap;
	gaps = realloc(account->gaps, cap * sizeof(*gaps));
	if (gaps == NULL)
		return -1;
	account->gaps = gaps;
	account->gap_cap = cap;
	return 0;
}

static int
gap_insert(struct account *account, size_t at, const struct account_gap *gap)
{
	if (gap_room(account) == -1)
		return -1;
	memmove(&account->gaps[at + 1], &account->gaps[at],
	    (account->gap_count - at) * sizeof(account->gaps[0]));
	account->gaps[at] = *gap;
	account->gap_count++;
	account->gaps_changed = true;
	return 0;
}

/* To the bound, at the end of a change: the walk that changes the ranges
 * must not see them move. */
static int
bound(struct account *account)
{
	while (account->gap_count > ACCOUNT_GAPS_MAX) {
		if (lose_oldest(account) == -1)
			return -1;
	}
	return 0;
}

/* Takes [first, end), which lies within gap `at`, out of it; *at is then
 * where the gap after that would be. */
static int
gap_cut(struct account *account, size_t *at, uint64_t first, uint64_t end)
{
	struct account_gap *gap = &account->gaps[*at];
	struct account_gap rest = *gap;

	account->gaps_changed = true;
	rest.first = end;
	if (gap->first == first && gap->end == end) {
		gap_remove(account, *at);
		return 0;
	}
	if (gap->first == first) {
		gap->first = end;
		(*at)++;
		return 0;
	}
	gap->end = first;
	(*at)++;
	if (rest.first == rest.end)
		return 0;
	if (gap_insert(account, *at, &rest) == -1)
		return -1;
	(*at)++;
	return 0;
}

/* The first number of a record that lies beyond `next` shows a hole. */
static int
hole_open(struct account *account, uint64_t first, int64_t record_ms)
{
	struct account_gap hole = {
		.first = account->next,
		.end = first,
		.noticed_ms = record_ms,
		.reason = -1,
	};

	if (first <= account->next)
		return 0;
	return gap_insert(account, account->gap_count, &hole);
}

int
account_take(struct account *account, uint64_t first, uint64_t end,
    int64_t record_ms, struct account_span spans[ACCOUNT_GAPS_MAX + 1],
    size_t *count)
{
	size_t at = 0;

	*count = 0;
	while (at < account->gap_count && account->gaps[at].first < end) {
		uint64_t from = larger(account->gaps[at].first, first);
		uint64_t to = smaller(account->gaps[at].end, end);

		if (from >= to) {
			at++;
			continue;
		}
		spans[(*count)++] = (struct account_span){ from, to };
		if (gap_cut(account, &at, from, to) == -1)
			return -1;
	}
	if (end > account->next) {
		if (hole_open(account, first, record_ms) == -1)
			return -1;
		spans[(*count)++] = (struct account_span){
			larger(account->next, first), end
		};
		account->next = end;
	}
	if (record_ms > account->touched_ms)
		account->touched_ms = record_ms;
	return bound(account);
}

static int
explain_new(struct account *account, uint64_t first, uint64_t end,
    int64_t record_ms, struct account_gap why, uint64_t *explained)
{
	if (end <= account->next)
		return 0;
	if (hole_open(account, first, record_ms) == -1)
		return -1;
	why.first = larger(account->next, first);
	why.end = end;
	*explained += why.end - why.first;
	account->next = end;
	return gap_insert(account, account->gap_count, &why);
}

int
account_explain(struct account *account, uint64_t first, uint64_t end,
    int64_t record_ms, const struct account_gap *given, uint64_t *explained)
{
	struct account_gap why = *given;
	size_t at = 0;

	*explained = 0;
	why.noticed_ms = record_ms;
	while (at < account->gap_count && account->gaps[at].first < end) {
		struct account_gap *gap = &account->gaps[at];

		why.first = larger(gap->first, first);
		why.end = smaller(gap->end, end);
		if (why.first >= why.end || gap->reason != -1) {
			at++;
			continue;
		}
		/* Where the gap was noticed stays known. */
		why.noticed_ms = gap->noticed_ms;
		*explained += why.end - why.first;
		if (gap_cut(account, &at, why.first, why.end) == -1)
			return -1;
		/* The cut left `at` behind a rest that comes after. */
		while (at > 0 && account->gaps[at - 1].first > why.first)
			at--;
		if (gap_insert(account, at, &why) == -1)
			return -1;
		at++;
	}
	why.noticed_ms = record_ms;
	if (explain_new(account, first, end, record_ms, why, explained) == -1)
		return -1;
	if (record_ms > account->touched_ms)
		account->touched_ms = record_ms;
	return bound(account);
}
