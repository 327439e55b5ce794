/*
 * live_rules: what is known of a cart now, as its fixes, statuses and wills
 * come in any order.  Pure: on struct cart_state.
 */
#ifndef PREGON_CONSUMER_LIVE_RULES_H
#define PREGON_CONSUMER_LIVE_RULES_H

#include "backend/consumer/event_time.h"
#include "backend/store/positions_store.h"

/* A cart that was never heard of. */
void live_init(struct cart_state *, const char *cart);

/* The cart itself was heard: its contact. */
void live_contact(struct cart_state *, int64_t record_ms);

/* The fix last by its own time wins; `time` is fix->at, judged. */
void live_fix(struct cart_state *, const struct fix *,
    const struct event_time *time, int64_t record_ms);

/*
 * A status, its time judged with the offset of its boot (NULL: no marker).
 * false: it is older than what is known, and was ignored.
 */
bool live_status(struct cart_state *, const struct status *, int64_t record_ms,
    const int64_t *offset_ms);

/* The broker's will speaks only of its own connection, and is no contact. */
void live_will(struct cart_state *, const struct status *);

/* A time marker came.  true: the fix's time was mended. */
bool live_mend(struct cart_state *, uint64_t boot, int64_t offset_ms);

#endif
