/*
 * order_rules: the life of a restock order.
 *
 *     recibido -> preparando -> entregando -> finalizado
 *         \            \             \
 *          +------------+-------------+----> cancelado (with a reason)
 *
 * Pure: on struct order alone, which is all that must be kept of one; no
 * clock, no store.  A function that changes an order counts its revision up
 * by one and expects that its caller keeps it and sends one record of it
 * (order_tell) before the next change.
 *
 * Moves name the state that is wanted, so a repeat is harmless: one to a
 * state that the order is in, or has passed, is ORDER_SAME.  There is no way
 * back: a cancelled order is not opened again, another takes its place.
 *
 * Units of a line: `asked` when it was opened (0: up to the target),
 * `prepared`, fixed when it became preparando and not before; `delivered` at
 * finalizado, at most what was prepared; `booked` is the cart's own word.
 *
 * That a (cart, product) has one open order at most is not kept here: it is a
 * unique key of the store, over the lines of orders that order_is_open.
 */
#ifndef PREGON_RULES_ORDER_RULES_H
#define PREGON_RULES_ORDER_RULES_H

#include "schemas/order.h"

struct order_part {
	uint32_t product; /* once in an order */
	uint32_t asked; /* 0: up to the target */
	uint32_t prepared; /* 0 before preparando */
	uint32_t delivered; /* 0 before finalizado */
	int32_t booked; /* by the cart: sum of its deltas */
	bool confirmed; /* the cart booked it, whatever number */
};

/* Everything in it is kept by the store. */
struct order {
	char id[ORDER_ID_MAX + 1];
	char cart[CART_MAX + 1];
	enum order_origin origin;
	enum order_state state;
	uint32_t revision; /* of the last record */
	int64_t opened_ms;
	int64_t state_ms; /* in `state` since */
	int64_t changed_ms; /* the last change, never before another */
	char by[TEXT_NAME_MAX + 1]; /* of the last change */
	char reason[TEXT_NOTE_MAX + 1]; /* of the cancel */
	char delivery[DELIVERY_ID_MAX + 1]; /* "": in none yet */
	char mail[TEXT_NAME_MAX + 1]; /* told of each change; "" */
	bool prepared; /* the parts' units are fixed */
	bool depot_said; /* the depot itself said what was delivered */
	bool disputed; /* cart and depot say different numbers */
	uint32_t part_count; /* at least 1 */
	struct order_part parts[ORDER_LINES_MAX];
};

enum order_verdict {
	ORDER_MOVED, /* to another state: keep it, send a record */
	ORDER_CHANGED, /* same state: keep it, send a record */
	ORDER_NOTED, /* keep it; there is nothing to tell */
	ORDER_SAME, /* a repeat: nothing changed */
	ORDER_REFUSED, /* nothing changed; `why` says why not */
};

/* Words for a person, English, one line. */
#define ORDER_WHY_MAX 200
struct order_why {
	char text[ORDER_WHY_MAX];
};

/* Below finalizado and not cancelled. */
bool order_is_open(enum order_state);

/*
 * A new order in recibido, revision 0, of `request` (kind REQUEST_CREATE):
 * ORDER_MOVED or ORDER_REFUSED (no lines, a product twice, too many units).
 * One that the store then finds in conflict with an open order is still
 * opened, and cancelled at once by a move, so that whoever asked reads why;
 * its lines never were open.
 */
enum order_verdict order_open(struct order *, enum order_origin,
    const struct order_request *, struct order_why *);

/*
 * What order_move would say, and why not: for one who only asks, as the API
 * does before it takes a request.
 */
enum order_verdict order_judge(
    const struct order *, const struct order_request *, struct order_why *);

/*
 * Moves it as `request` (kind REQUEST_MOVE) asks, at its at_ms, or at the
 * last change if that is later.
 *
 * needed[i]: target less inventory position of part i (replenish.h), read
 * only when the move is to preparando; may be NULL otherwise.  A part's units
 * are then what the request's lines say, or what was asked, or what is
 * needed.  If that is nothing at all, the order is cancelled instead, and
 * says so.  They stay fixed: other lines for preparando later are refused.
 *
 * A request's lines are the whole truth: a product that they leave out is 0.
 * To finalizado with lines after the cart had finished it: the depot's word,
 * ORDER_CHANGED, or ORDER_NOTED if it is what stood there; once it has spoken
 * only a word that ends a dispute is heard.
 *
 * The caller sees to it that an order has a delivery (lot.h) before it goes
 * to entregando.
 */
enum order_verdict order_move(struct order *, const struct order_request *,
    const int64_t *needed, struct order_why *);

/* One stock event of the cart's, reason restock, with the order's id. */
struct order_booking {
	const char *cart;
	uint32_t product;
	int32_t units; /* its delta */
	int64_t at_ms; /* record time */
};

/*
 * The cart booked what came.
 *
 * An open order is finished by it, by one state a call: call it again with
 * the same booking as long as it says ORDER_MOVED and *more.  What nobody at
 * the depot had fixed is then what was booked; `needed` as above, for the
 * other parts.  finalizado: ORDER_NOTED if the numbers agree, ORDER_CHANGED
 * if a dispute begins, ends or goes on with other numbers.  cancelado: it
 * came all the same, a dispute.  ORDER_REFUSED: another cart's order, a
 * product that is not in it, or nothing that could finish it.
 */
enum order_verdict order_book(struct order *, const struct order_booking *,
    const int64_t *needed, bool *more, struct order_why *);

/*
 * Its record; `reason` is that of the cancel, then the dispute's words.  Parts
 * that came to nothing are left out once it is prepared.
 */
void order_tell(const struct order *, struct order_event *);

#endif
