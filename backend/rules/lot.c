/*
 * lot: gathering, and what a delivery's orders make of it.
 */
#include <stdlib.h>
#include <string.h>

#include "backend/rules/lot.h"

#define ID_PREFIX "E-"
#define ID_DIGITS 13 /* 64 bits, 5 each */

int
lot_order_compare(const void *a, const void *b)
{
	const struct lot_order *s = a, *t = b;

	if (s->opened_ms != t->opened_ms)
		return s->opened_ms < t->opened_ms ? -1 : 1;
	return strcmp(s->stop.order, t->stop.order);
}

int64_t
lot_due_ms(const struct lot_rules *rules, const struct lot_order *waiting,
    size_t count)
{
	return count == 0 ? INT64_MAX : waiting[0].opened_ms + rules->wait_ms;
}

size_t
lot_gather(const struct lot_rules *rules, const struct lot_order *waiting,
    size_t count, int64_t now_ms)
{
	if (count >= rules->size)
		return rules->size;
	return now_ms >= lot_due_ms(rules, waiting, count) ? count : 0;
}

static void
bring_forward(struct lot_order *waiting, size_t from, size_t to)
{
	struct lot_order next = waiting[from];

	memmove(&waiting[to + 1], &waiting[to], (from - to) * sizeof(next));
	waiting[to] = next;
}

size_t
lot_hasten(const struct lot_rules *rules, struct lot_order *waiting,
    size_t count, size_t which)
{
	size_t taken = 0, others = rules->size - 1;

	for (size_t i = 0; i < count; i++) {
		if (i != which) {
			if (waiting[i].state != ORDER_PREPARANDO || others == 0)
				continue;
			others--;
		}
		bring_forward(waiting, i, taken++);
	}
	return taken;
}

/* FNV-1a, 64 bits: ids need no defence against their makers. */
static uint64_t
hash(const char *s)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * UINT64_C(1099511628211);
	return h;
}

void
lot_id(const char *first_order, char id[DELIVERY_ID_MAX + 1])
{
	memcpy(id, ID_PREFIX, sizeof(ID_PREFIX));
	base32_number(hash(first_order), ID_DIGITS, id + strlen(ID_PREFIX));
	id[strlen(ID_PREFIX) + ID_DIGITS] = '\0';
}

void
lot_open(const struct lot_rules *rules, const struct lot_order *lot,
    size_t count, int64_t at_ms, struct delivery_event *delivery)
{
	const struct lot_order *first = &lot[0];

	*delivery = (struct delivery_event){
		.state = DELIVERY_PREPARANDO,
		.at_ms = at_ms,
		.stop_count = (uint32_t)count,
	};
	for (size_t i = 0; i < count; i++) {
		if (lot_order_compare(&lot[i], first) < 0)
			first = &lot[i];
		delivery->stops[i] = lot[i].stop;
	}
	lot_id(first->stop.order, delivery->id);
	route_sort(&rules->depot, delivery->stops, count);
}

/* What the orders are now, without regard to what was. */
static enum delivery_state
state_of(const enum order_state *states, size_t count)
{
	size_t left = 0, done = 0, cancelled = 0;

	for (size_t i = 0; i < count; i++) {
		left += states[i] == ORDER_ENTREGANDO;
		done += states[i] == ORDER_FINALIZADO;
		cancelled += states[i] == ORDER_CANCELADO;
	}
	if (cancelled == count)
		return DELIVERY_CANCELADA;
	if (cancelled + done == count)
		return DELIVERY_FINALIZADA;
	return left + done > 0 ? DELIVERY_ENTREGANDO : DELIVERY_PREPARANDO;
}

bool
lot_advance(struct delivery_event *delivery, const enum order_state *states,
    int64_t at_ms)
{
	enum delivery_state to = state_of(states, delivery->stop_count);

	/* One whose first order left and was then cancelled has left, too. */
	if (to <= delivery->state)
		return false;
	if (to == DELIVERY_FINALIZADA && delivery->state == DELIVERY_PREPARANDO)
		to = DELIVERY_ENTREGANDO;
	delivery->state = to;
	delivery->revision++;
	if (at_ms > delivery->at_ms)
		delivery->at_ms = at_ms;
	return true;
}
