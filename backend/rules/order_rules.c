/*
 * order_rules: opening, moving and telling; what may be is in order_judge.c,
 * the cart's word in order_book.c.
 */
#include <stdio.h>
#include <string.h>

#include "backend/rules/order_parts.h"
#include "backend/rules/order_rules.h"
#include "backend/rules/replenish.h"

void
order_touch(
    struct order *order, enum order_state state, int64_t at_ms, const char *by)
{
	if (at_ms > order->changed_ms)
		order->changed_ms = at_ms;
	if (state != order->state) {
		order->state = state;
		order->state_ms = order->changed_ms;
	}
	snprintf(order->by, sizeof(order->by), "%s", by);
	order->revision++;
}

bool
order_is_open(enum order_state state)
{
	return state < ORDER_FINALIZADO;
}

enum order_verdict
order_open(struct order *order, enum order_origin origin,
    const struct order_request *request, struct order_why *why)
{
	if (request->line_count == 0)
		return order_refuse(why, "an order has at least one line");
	if (order_judge_lines(request, why) == ORDER_REFUSED)
		return ORDER_REFUSED;
	*order = (struct order){
		.origin = origin,
		.state = ORDER_RECIBIDO,
		.opened_ms = request->at_ms,
		.state_ms = request->at_ms,
		.changed_ms = request->at_ms,
		.part_count = request->line_count,
	};
	memcpy(order->id, request->order, sizeof(order->id));
	memcpy(order->cart, request->cart, sizeof(order->cart));
	memcpy(order->by, request->by, sizeof(order->by));
	memcpy(order->mail, request->mail, sizeof(order->mail));
	for (uint32_t i = 0; i < request->line_count; i++) {
		order->parts[i].product = request->lines[i].product;
		order->parts[i].asked = request->lines[i].units;
	}
	return ORDER_MOVED;
}

bool
order_prepare(struct order *order, const struct order_request *request,
    const int64_t *needed)
{
	bool anything = false;

	for (uint32_t i = 0; i < order->part_count; i++) {
		struct order_part *part = &order->parts[i];
		const struct order_line *line = order_line_find(
		    request, part->product);

		if (line != NULL)
			part->prepared = line->units;
		else if (request->line_count > 0)
			part->prepared = 0;
		else if (part->asked > 0)
			part->prepared = part->asked;
		else
			part->prepared = replenish_units(
			    0, needed != NULL ? needed[i] : 0);
		anything |= part->prepared > 0;
	}
	order->prepared = anything;
	return anything;
}

void
order_deliver(struct order *order, const struct order_request *request)
{
	for (uint32_t i = 0; i < order->part_count; i++) {
		struct order_part *part = &order->parts[i];
		const struct order_line *line = order_line_find(
		    request, part->product);

		if (request->line_count == 0)
			part->delivered = part->prepared;
		else
			part->delivered = line != NULL ? line->units : 0;
	}
}

static void
carry_out(struct order *order, const struct order_request *request,
    const int64_t *needed)
{
	enum order_state to = request->to;

	switch (to) {
	case ORDER_PREPARANDO:
		if (!order_prepare(order, request, needed)) {
			to = ORDER_CANCELADO;
			snprintf(order->reason, sizeof(order->reason),
			    "nothing is needed any more");
		}
		break;
	case ORDER_FINALIZADO:
		order_deliver(order, request);
		order->depot_said = true;
		order->disputed = order_is_disputed(order);
		break;
	case ORDER_CANCELADO:
		memcpy(order->reason, request->reason, sizeof(order->reason));
		break;
	default:
		break;
	}
	order_touch(order, to, request->at_ms, request->by);
}

enum order_verdict
order_move(struct order *order, const struct order_request *request,
    const int64_t *needed, struct order_why *why)
{
	enum order_verdict verdict = order_judge(order, request, why);

	if (verdict == ORDER_MOVED || verdict == ORDER_CHANGED)
		carry_out(order, request, needed);
	else if (verdict == ORDER_NOTED)
		order->depot_said = true;
	return verdict;
}

static uint32_t
told_units(const struct order *order, const struct order_part *part)
{
	if (order->state == ORDER_FINALIZADO)
		return part->delivered;
	return order->prepared ? part->prepared : part->asked;
}

void
order_tell(const struct order *order, struct order_event *event)
{
	*event = (struct order_event){
		.state = order->state,
		.at_ms = order->changed_ms,
		.revision = order->revision,
		.origin = order->origin,
		.disputed = order->disputed,
	};
	memcpy(event->order, order->id, sizeof(event->order));
	memcpy(event->cart, order->cart, sizeof(event->cart));
	memcpy(event->by, order->by, sizeof(event->by));
	memcpy(event->delivery, order->delivery, sizeof(event->delivery));
	memcpy(event->reason, order->reason, sizeof(event->reason));
	if (order->disputed)
		order_dispute_words(order, event->reason);
	for (uint32_t i = 0; i < order->part_count; i++) {
		const struct order_part *part = &order->parts[i];
		uint32_t units = told_units(order, part);

		if (order->prepared && units == 0)
			continue;
		event->lines[event->line_count++] = (struct order_line){
			part->product, units
		};
	}
}
