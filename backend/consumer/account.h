/*
 * account: which numbers of a cart's stream and epoch were seen.
 *
 * RULE 1 of tests/model/link.pml: `next`, and the ranges below it that were
 * not seen.  An event is new if it is at or above `next`, or lies in a
 * missing range, which then shrinks; else it is a duplicate.  Pure: the row
 * is struct account of backend/store/runtime_store.h, which also says how it
 * is kept (ROWCAS).
 */
#ifndef PREGON_CONSUMER_ACCOUNT_H
#define PREGON_CONSUMER_ACCOUNT_H

#include "backend/store/runtime_store.h"

/* Missing ranges of one account.  One more, and the oldest is closed as
 * lost: it stays on show, and its events would be skipped. */
#define ACCOUNT_GAPS_MAX 256

struct account_span {
	uint64_t first, end;
};

/*
 * Takes the numbers [first, end) of a record received at record_ms: those
 * that are new come as spans[0..*count-1], in order.  -1: ENOMEM, the
 * account must then be dropped.
 */
int account_take(struct account *, uint64_t first, uint64_t end,
    int64_t record_ms, struct account_span spans[ACCOUNT_GAPS_MAX + 1],
    size_t *count);

/*
 * A gap marker speaks of [first, end): what of it is not seen is explained
 * by `why` (reason, from_ms, to_ms), and stays missing: should the events
 * come after all, they are new.  *explained is how many numbers were not
 * explained before; 0: the marker is a repeat.  -1: ENOMEM, as above.
 */
int account_explain(struct account *, uint64_t first, uint64_t end,
    int64_t record_ms, const struct account_gap *why, uint64_t *explained);

#endif
