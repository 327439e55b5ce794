/*
 * lot: orders that travel together.
 *
 *     preparando -> entregando -> finalizada
 *          \            \
 *           +------------+------> cancelada
 *
 * An order that has no delivery yet and is recibido or preparando *waits*.
 * Those that wait gather, whatever their partitions: so many make a lot, or
 * fewer once the first has waited for too long.  An order is in one delivery
 * only, for ever; a cancelled one stays among its stops.
 *
 * A delivery's state is that of its orders, and it never goes back.  struct
 * delivery_event (schemas/order.h) is all that must be kept of one.
 */
#ifndef PREGON_RULES_LOT_H
#define PREGON_RULES_LOT_H

#include "backend/rules/route.h"

struct lot_rules {
	uint32_t size; /* orders, 1..DELIVERY_STOPS_MAX */
	int64_t wait_ms; /* of the first */
	struct route_place depot;
};

/* An order that waits. */
struct lot_order {
	int64_t opened_ms;
	enum order_state state; /* recibido or preparando */
	struct delivery_stop
	    stop; /* order, cart, and its last place if known */
};
/* For qsort: by opened_ms, then by id. */
int lot_order_compare(const void *, const void *);

/*
 * `waiting` in that order: how many of the first make a delivery at now_ms; 0:
 * none.  Call it again for the rest.
 */
size_t lot_gather(const struct lot_rules *, const struct lot_order *waiting,
    size_t count, int64_t now_ms);

/* When the first will have waited for too long; INT64_MAX if none waits. */
int64_t lot_due_ms(
    const struct lot_rules *, const struct lot_order *waiting, size_t count);

/*
 * waiting[which] must go now (the depot or a timer sends it out, or its cart
 * has booked it) and is in no delivery: it goes, with those that wait in
 * preparando, up to a lot.  Puts them at the front of `waiting`, each part in
 * its order, and returns how many they are.
 */
size_t lot_hasten(const struct lot_rules *, struct lot_order *waiting,
    size_t count, size_t which);

/*
 * A delivery of `lot`, in preparando, revision 0: its stops in the order of
 * the drive, its id from the lot's first order (which is in no other).
 */
void lot_open(const struct lot_rules *, const struct lot_order *lot,
    size_t count, int64_t at_ms, struct delivery_event *);

/* "E-" and 13 characters of Crockford's base 32. */
void lot_id(const char *first_order, char id[DELIVERY_ID_MAX + 1]);

/*
 * Some of its orders have moved; states[i] is that of stops[i]'s order.  true:
 * the delivery moved by one state: keep it, send its record, call again (no
 * state is skipped, however much happened at once).  false: nothing to do.
 */
bool lot_advance(
    struct delivery_event *, const enum order_state *states, int64_t at_ms);

#endif
