/*
 * order_book: the cart's own word of what came.
 */
#include <stdio.h>
#include <string.h>

#include "backend/rules/order_parts.h"
#include "backend/rules/order_rules.h"
#include "backend/rules/replenish.h"

/* What the depot says that the cart has of it. */
static uint32_t
said(const struct order *order, const struct order_part *part)
{
	return order->state == ORDER_CANCELADO ? 0 : part->delivered;
}

static bool
part_is_disputed(const struct order *order, const struct order_part *part)
{
	return part->confirmed && part->booked != (int64_t)said(order, part);
}

bool
order_is_disputed(const struct order *order)
{
	if (order_is_open(order->state))
		return false;
	for (uint32_t i = 0; i < order->part_count; i++)
		if (part_is_disputed(order, &order->parts[i]))
			return true;
	return false;
}

void
order_dispute_words(const struct order *order, char reason[TEXT_NOTE_MAX + 1])
{
	size_t len = strlen(reason);

	for (uint32_t i = 0; i < order->part_count; i++) {
		const struct order_part *part = &order->parts[i];
		char words[80];
		int n;

		if (!part_is_disputed(order, part))
			continue;
		n = snprintf(words, sizeof(words),
		    "%sproduct %u: %u delivered, %d booked",
		    len > 0 ? "; " : "", part->product, said(order, part),
		    part->booked);
		if (len + (size_t)n > TEXT_NOTE_MAX)
			return;
		memcpy(reason + len, words, (size_t)n + 1);
		len += (size_t)n;
	}
}

static void
add(struct order_part *part, int32_t units)
{
	int64_t sum = (int64_t)part->booked + units;

	if (sum > INT32_MAX)
		sum = INT32_MAX;
	if (sum < INT32_MIN)
		sum = INT32_MIN;
	part->booked = (int32_t)sum;
	part->confirmed = true;
}

/* It is at the cart, whatever the depot has moved so far. */
static enum order_verdict
finish(struct order *order, const struct order_booking *booking,
    const int64_t *needed, struct order_part *part, bool *more)
{
	const struct order_request as_it_stands = { .line_count = 0 };

	if (order->state == ORDER_RECIBIDO) {
		order_prepare(order, &as_it_stands, needed);
		part->prepared = replenish_units(0, booking->units);
		order->prepared = true;
	}
	*more = order->state != ORDER_ENTREGANDO;
	if (!*more) {
		order_deliver(order, &as_it_stands);
		add(part, booking->units);
	}
	order_touch(order, order->state + 1, booking->at_ms, booking->cart);
	order->disputed = order_is_disputed(order);
	return ORDER_MOVED;
}

enum order_verdict
order_book(struct order *order, const struct order_booking *booking,
    const int64_t *needed, bool *more, struct order_why *why)
{
	bool was = order->disputed;
	struct order_part *part = NULL;

	*more = false;
	why->text[0] = '\0';
	if (strcmp(order->cart, booking->cart) != 0)
		return order_refuse(
		    why, "it is an order of cart %s", order->cart);
	for (uint32_t i = 0; i < order->part_count; i++)
		if (order->parts[i].product == booking->product)
			part = &order->parts[i];
	if (part == NULL)
		return order_refuse(
		    why, "product %u is not in the order", booking->product);
	if (order_is_open(order->state)) {
		if (booking->units <= 0)
			return order_refuse(
			    why, "the cart booked nothing that came");
		return finish(order, booking, needed, part, more);
	}
	add(part, booking->units);
	order->disputed = order_is_disputed(order);
	if (!was && !order->disputed)
		return ORDER_NOTED;
	order_touch(order, order->state, booking->at_ms, booking->cart);
	return ORDER_CHANGED;
}
