/*
 * restock_world: carts that sell, count and book, and people who ask for
 * orders and move them, all by chance; the rules decide.  What it says is a
 * hash over its records, and each goes to a reader.
 *
 * The events come from a seed alone, so the same log can be played again:
 * as it was, with each request twice, or with crashes (a copy of the struct
 * is the last commit).
 */
#ifndef PREGON_TEST_RESTOCK_WORLD_H
#define PREGON_TEST_RESTOCK_WORLD_H

#include <stdio.h>
#include <string.h>

#include "backend/rules/order_rules.h"
#include "backend/rules/replenish.h"
#include "tests/unit/chance.h"

#define WORLD_START INT64_C(1795190400000)
#define WORLD_CARTS 6
#define WORLD_PRODUCTS 4 /* that are sold */
#define WORLD_CODES 6 /* that may be asked for */
#define WORLD_SLOTS 40 /* orders remembered: all open ones, and some closed */
#define WORLD_WAIT_MS INT64_C(43200000)

static const struct replenish_levels world_levels = { 20, 0 };

enum world_kind {
	WORLD_SELL,
	WORLD_COUNT,
	WORLD_BOOK,
	WORLD_ASK,
	WORLD_MOVE,
	WORLD_KINDS
};
struct world_event {
	enum world_kind kind;
	int64_t at_ms;
	uint32_t cart, product, slot;
	int32_t units;
	bool exact; /* book what was prepared, or settles a dispute */
	enum order_state to;
	bool reasoned;
	uint32_t line_count;
	struct order_line lines[WORLD_CODES];
};

struct world {
	int64_t level[WORLD_CARTS][WORLD_CODES];
	int64_t seen_ms[WORLD_CARTS][WORLD_CODES];
	struct order orders[WORLD_SLOTS]; /* id "": none yet */
	uint32_t serials[WORLD_SLOTS], serial;
	uint64_t hash, records;
	uint64_t verdicts[ORDER_REFUSED + 1];
	void (*reader)(void *, const struct order_event *);
	void *reader_arg;
	const char *wrong; /* the first rule that did not hold */
};

static void
world_init(struct world *w, void (*reader)(void *, const struct order_event *),
    void *arg)
{
	memset(w, 0, sizeof(*w));
	w->reader = reader;
	w->reader_arg = arg;
	for (int c = 0; c < WORLD_CARTS; c++)
		for (int p = 0; p < WORLD_CODES; p++) {
			w->level[c][p] = 40;
			w->seen_ms[c][p] = INSTANT_MISSING;
		}
}

static void
world_must(struct world *w, bool holds, const char *rule)
{
	if (!holds && w->wrong == NULL)
		w->wrong = rule;
}

static void
cart_name(uint32_t cart, char name[CART_MAX + 1])
{
	memcpy(name, "CART00", 7);
	name[5] = (char)('0' + cart);
}

/* ---- chance ---- */

static void
world_event_draw(uint64_t *seed, struct world_event *ev, int64_t *now_ms)
{
	static const enum order_state to[] = { ORDER_RECIBIDO, ORDER_PREPARANDO,
		ORDER_PREPARANDO, ORDER_PREPARANDO, ORDER_ENTREGANDO,
		ORDER_ENTREGANDO, ORDER_ENTREGANDO, ORDER_FINALIZADO,
		ORDER_FINALIZADO, ORDER_CANCELADO };
	static const enum world_kind kinds[] = { WORLD_SELL, WORLD_SELL,
		WORLD_SELL, WORLD_SELL, WORLD_COUNT, WORLD_BOOK, WORLD_BOOK,
		WORLD_ASK, WORLD_MOVE, WORLD_MOVE, WORLD_MOVE, WORLD_MOVE,
		WORLD_MOVE, WORLD_MOVE, WORLD_MOVE, WORLD_MOVE };

	memset(ev, 0, sizeof(*ev));
	*now_ms += chance(seed, 5000) == 0 ? 2 * WORLD_WAIT_MS
					   : (int64_t)chance(seed, 20000);
	ev->at_ms = *now_ms;
	/* Requests carry the API's clock. */
	if (chance(seed, 20) == 0)
		ev->at_ms -= 5000;
	ev->kind = kinds[chance(seed, 16)];
	if ((ev->kind == WORLD_COUNT || ev->kind == WORLD_ASK) &&
	    chance(seed, 3) != 0)
		ev->kind = WORLD_SELL;
	ev->cart = chance(seed, WORLD_CARTS);
	ev->product = chance(seed, WORLD_PRODUCTS);
	ev->slot = chance(seed, WORLD_SLOTS);
	ev->units = (int32_t)chance(seed, ev->kind == WORLD_SELL ? 30 : 210);
	if (ev->kind == WORLD_BOOK && chance(seed, 12) == 0)
		ev->units = -(int32_t)chance(seed, 9);
	ev->exact = chance(seed, 3) != 0;
	ev->to = to[chance(seed, sizeof(to) / sizeof(to[0]))];
	ev->reasoned = chance(seed, 4) != 0;
	if (ev->kind == WORLD_ASK || chance(seed, 3) == 0)
		ev->line_count = 1 + chance(seed, WORLD_PRODUCTS + 1);
	for (uint32_t i = 0; i < ev->line_count; i++)
		ev->lines[i] = (struct order_line){
			/* Now and then twice, or one that is not there. */
			chance(seed, 8) == 0 ? chance(seed, WORLD_CODES) : i,
			chance(seed, 3) == 0 ? 0 : chance(seed, 120)
		};
}

/* ---- the store's part ---- */

/* The open order with a line of it, or NULL. */
static const struct order *
world_open_line(const struct world *w, const char *cart, uint32_t product)
{
	const struct order *found = NULL;

	for (int i = 0; i < WORLD_SLOTS; i++) {
		const struct order *o = &w->orders[i];

		if (o->id[0] == '\0' || !order_is_open(o->state) ||
		    strcmp(o->cart, cart) != 0)
			continue;
		for (uint32_t j = 0; j < o->part_count; j++)
			if (o->parts[j].product == product)
				found = o;
	}
	return found;
}

static int64_t
world_position(
    const struct world *w, uint32_t cart, uint32_t product, int64_t now_ms)
{
	int64_t position = w->level[cart][product];
	char name[CART_MAX + 1];

	cart_name(cart, name);
	for (int i = 0; i < WORLD_SLOTS; i++) {
		const struct order *o = &w->orders[i];

		if (o->state != ORDER_FINALIZADO || strcmp(o->cart, name) != 0)
			continue;
		for (uint32_t j = 0; j < o->part_count; j++) {
			const struct order_part *part = &o->parts[j];
			const struct replenish_delivered line = {
				part->delivered, part->confirmed, o->state_ms
			};

			if (part->product == product)
				position += replenish_unseen(&line,
				    w->seen_ms[cart][product], now_ms,
				    WORLD_WAIT_MS);
		}
	}
	return position;
}

static void
world_needs(const struct world *w, const struct order *o, int64_t now_ms,
    int64_t needed[ORDER_LINES_MAX])
{
	int64_t target = replenish_target(&world_levels, INSTANT_MISSING);

	for (uint32_t i = 0; i < o->part_count; i++)
		needed[i] = target -
		    world_position(w, (uint32_t)(o->cart[5] - '0'),
			o->parts[i].product, now_ms);
}

static void
world_tell(struct world *w, const struct order *o)
{
	uint8_t bytes[ORDER_BYTES_MAX];
	struct order_event event, back;
	struct decode_error error;
	int len;

	order_tell(o, &event);
	len = order_encode(&event, bytes, sizeof(bytes));
	world_must(w,
	    len > 0 && order_decode(bytes, (size_t)len, &back, &error) == 0,
	    "each record can be written and read");
	for (int i = 0; i < len; i++)
		w->hash = (w->hash ^ bytes[i]) * UINT64_C(1099511628211);
	w->records++;
	if (w->reader != NULL)
		w->reader(w->reader_arg, &event);
}

/* Of the closed ones the oldest makes room. */
static int
world_slot(struct world *w)
{
	int slot = -1;

	for (int i = 0; i < WORLD_SLOTS; i++) {
		if (w->orders[i].id[0] == '\0')
			return i;
		if (!order_is_open(w->orders[i].state) &&
		    (slot == -1 || w->serials[i] < w->serials[slot]))
			slot = i;
	}
	return slot;
}

/* ---- events ---- */

static enum order_verdict
world_create(
    struct world *w, enum order_origin origin, struct order_request *request)
{
	const struct order *other = NULL;
	enum order_verdict verdict;
	struct order_why why;
	struct order *o;
	int slot;

	for (uint32_t i = 0; i < request->line_count && other == NULL; i++)
		other = world_open_line(
		    w, request->cart, request->lines[i].product);
	slot = world_slot(w);
	o = &w->orders[slot];
	snprintf(request->order, sizeof(request->order), "%s-R%u",
	    request->cart, w->serial);
	verdict = order_open(o, origin, request, &why);
	if (verdict != ORDER_MOVED)
		return verdict;
	w->serials[slot] = w->serial++;
	world_tell(w, o);
	if (other == NULL)
		return verdict;
	request->to = ORDER_CANCELADO;
	request->line_count = 0;
	snprintf(request->reason, sizeof(request->reason),
	    "it is in order %s already", other->id);
	world_must(w, order_move(o, request, NULL, &why) == ORDER_MOVED,
	    "a new order can be cancelled");
	world_tell(w, o);
	return verdict;
}

static void
world_check(struct world *w, uint32_t cart, uint32_t product, int64_t now_ms)
{
	struct order_request request = { .at_ms = now_ms, .line_count = 1 };
	int64_t position = world_position(w, cart, product, now_ms);

	cart_name(cart, request.cart);
	snprintf(request.by, sizeof(request.by), "stock");
	request.lines[0].product = product;
	if (replenish_due(position, world_levels.threshold,
		replenish_target(&world_levels, INSTANT_MISSING),
		world_open_line(w, request.cart, product) != NULL))
		world_create(w, ORIGIN_LEVEL, &request);
	world_must(w,
	    position >= 20 || world_open_line(w, request.cart, product) != NULL,
	    "what is low has an order");
}

/* What must hold of any verdict. */
static void
world_judge(struct world *w, enum order_verdict verdict,
    const struct order *before, const struct order *after,
    const struct order_why *why)
{
	w->verdicts[verdict]++;
	if (verdict == ORDER_SAME || verdict == ORDER_REFUSED)
		world_must(w, memcmp(before, after, sizeof(*after)) == 0,
		    "a repeat, and what is refused, changes nothing");
	world_must(w, (verdict == ORDER_REFUSED) == (why->text[0] != '\0'),
	    "a refusal has words, and nothing else has");
	world_must(w,
	    (verdict == ORDER_MOVED) == (before->state != after->state),
	    "moved is moved");
	world_must(w,
	    after->revision ==
		before->revision +
		    (verdict == ORDER_MOVED || verdict == ORDER_CHANGED),
	    "each change counts one");
	world_must(w, after->changed_ms >= before->changed_ms,
	    "time does not go back");
}

static void
world_book(struct world *w, const struct world_event *ev)
{
	struct order *o = &w->orders[ev->slot];
	struct order_booking booking = { o->cart, ev->product, ev->units,
		ev->at_ms };
	int64_t needed[ORDER_LINES_MAX];
	uint32_t cart = ev->cart;
	bool more = false;

	/* Mostly its own cart's. */
	if (o->id[0] != '\0' && ev->to != ORDER_CANCELADO)
		cart = (uint32_t)(o->cart[5] - '0');
	if (ev->exact && o->part_count > 0) {
		const struct order_part *part =
		    &o->parts[ev->product % o->part_count];

		booking.product = part->product;
		if (o->disputed)
			booking.units = (int32_t)part->delivered - part->booked;
		else if (o->prepared)
			booking.units = (int32_t)part->prepared;
	}
	if (o->id[0] != '\0') {
		char name[CART_MAX + 1];

		cart_name(cart, name);
		booking.cart = name;
		world_needs(w, o, ev->at_ms, needed);
		do {
			struct order before = *o;
			struct order_why why;
			enum order_verdict verdict = order_book(
			    o, &booking, needed, &more, &why);

			world_judge(w, verdict, &before, o, &why);
			if (verdict == ORDER_MOVED || verdict == ORDER_CHANGED)
				world_tell(w, o);
		} while (more);
	}
	if (booking.product >= WORLD_PRODUCTS)
		return;
	w->level[cart][booking.product] += booking.units;
	world_check(w, cart, booking.product, ev->at_ms);
}

static void
world_ask(struct world *w, const struct world_event *ev)
{
	struct order_request request = { .at_ms = ev->at_ms,
		.line_count = ev->line_count };

	cart_name(ev->cart, request.cart);
	snprintf(request.by, sizeof(request.by), "rosa");
	memcpy(request.lines, ev->lines, sizeof(ev->lines));
	w->verdicts[world_create(w, ORIGIN_MANUAL, &request)]++;
}

static void
world_move(struct world *w, const struct world_event *ev)
{
	struct order *o = &w->orders[ev->slot], before = *o;
	struct order_request request = { .kind = REQUEST_MOVE,
		.at_ms = ev->at_ms,
		.to = ev->to,
		.line_count = ev->line_count };
	int64_t needed[ORDER_LINES_MAX];
	enum order_verdict verdict;
	struct order_why why, judged_why;
	enum order_verdict judged;

	if (o->id[0] == '\0')
		return;
	memcpy(request.cart, o->cart, sizeof(request.cart));
	snprintf(request.by, sizeof(request.by), "luis");
	memcpy(request.lines, ev->lines, sizeof(ev->lines));
	if (ev->reasoned && ev->to == ORDER_CANCELADO) {
		snprintf(request.reason, sizeof(request.reason), "no flour");
		request.line_count = 0;
	}
	if (ev->reasoned && ev->to == ORDER_ENTREGANDO)
		request.line_count = 0;
	world_needs(w, o, ev->at_ms, needed);
	judged = order_judge(o, &request, &judged_why);
	verdict = order_move(o, &request, needed, &why);
	world_must(w, judged == verdict, "what was said before is done");
	world_judge(w, verdict, &before, o, &why);
	if (verdict == ORDER_MOVED || verdict == ORDER_CHANGED)
		world_tell(w, o);
}

static void
world_apply(struct world *w, const struct world_event *ev)
{
	switch (ev->kind) {
	case WORLD_SELL:
		w->level[ev->cart][ev->product] -= ev->units;
		world_check(w, ev->cart, ev->product, ev->at_ms);
		break;
	case WORLD_COUNT:
		w->level[ev->cart][ev->product] = ev->units;
		w->seen_ms[ev->cart][ev->product] = ev->at_ms;
		world_check(w, ev->cart, ev->product, ev->at_ms);
		break;
	case WORLD_BOOK:
		world_book(w, ev);
		break;
	case WORLD_ASK:
		world_ask(w, ev);
		break;
	default:
		world_move(w, ev);
	}
}

#endif
