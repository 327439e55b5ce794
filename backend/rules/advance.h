/*
 * advance: orders that move by themselves, after so long in each state.
 */
#ifndef PREGON_RULES_ADVANCE_H
#define PREGON_RULES_ADVANCE_H

#include "schemas/order.h"

#define ADVANCE_BY "timer" /* who moved it */

/* How long an order is recibido, preparando, entregando. */
struct advance {
	bool set; /* false: the depot moves orders */
	int64_t wait_ms[ORDER_FINALIZADO];
};

/*
 * "5,5,5": seconds, a fraction down to the millisecond if need be, to a day
 * each; "": not set.  0, or -1: EINVAL.
 */
int advance_parse(const char *, struct advance *);

/*
 * When an order that is in `state` since state_ms moves; INT64_MAX: not by
 * itself.  A move is made at the time it is made, not at the time it was due:
 * a role that was down for an hour does not rush its orders through.
 */
int64_t advance_due_ms(
    const struct advance *, enum order_state, int64_t state_ms);

/* The state after this one; ORDER_STATES if it is a last one. */
enum order_state advance_next(enum order_state);

#endif
