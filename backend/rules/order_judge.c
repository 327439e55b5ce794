/*
 * order_judge: what may be asked of an order, and why not.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "backend/rules/order_parts.h"
#include "backend/rules/order_rules.h"

enum order_verdict
order_refuse(struct order_why *why, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why->text, sizeof(why->text), format, args);
	va_end(args);
	return ORDER_REFUSED;
}

static const struct order_part *
part_find(const struct order *order, uint32_t product)
{
	for (uint32_t i = 0; i < order->part_count; i++)
		if (order->parts[i].product == product)
			return &order->parts[i];
	return NULL;
}

const struct order_line *
order_line_find(const struct order_request *request, uint32_t product)
{
	for (uint32_t i = 0; i < request->line_count; i++)
		if (request->lines[i].product == product)
			return &request->lines[i];
	return NULL;
}

/* What holds for the lines of any request. */
enum order_verdict
order_judge_lines(const struct order_request *request, struct order_why *why)
{
	if (request->line_count > ORDER_LINES_MAX)
		return order_refuse(why, "more than %d lines", ORDER_LINES_MAX);
	for (uint32_t i = 0; i < request->line_count; i++) {
		const struct order_line *line = &request->lines[i];

		if (line->product > PRODUCT_MAX)
			return order_refuse(
			    why, "no product has the code %u", line->product);
		if (line->units > UNITS_MAX)
			return order_refuse(why,
			    "product %u: more than %d units", line->product,
			    UNITS_MAX);
		if (order_line_find(request, line->product) != line)
			return order_refuse(
			    why, "product %u is there twice", line->product);
	}
	return ORDER_MOVED;
}

/* The lines of a move: what was prepared, or delivered. */
static enum order_verdict
judge_move_lines(const struct order *order, const struct order_request *request,
    struct order_why *why)
{
	bool anything = false;

	if (order_judge_lines(request, why) == ORDER_REFUSED)
		return ORDER_REFUSED;
	for (uint32_t i = 0; i < request->line_count; i++) {
		const struct order_line *line = &request->lines[i];
		const struct order_part *part = part_find(order, line->product);

		if (part == NULL)
			return order_refuse(why,
			    "product %u is not in the order", line->product);
		if (request->to == ORDER_FINALIZADO &&
		    line->units > part->prepared)
			return order_refuse(why,
			    "product %u: %u units delivered, but only %u were "
			    "prepared",
			    line->product, line->units, part->prepared);
		if (line->units > 0)
			anything = true;
	}
	if (!anything)
		return order_refuse(why,
		    "no units of anything: cancel the order, with a reason");
	return ORDER_MOVED;
}

static enum order_verdict
judge_cancel(const struct order *order, const struct order_request *request,
    struct order_why *why)
{
	if (order->state == ORDER_FINALIZADO)
		return order_refuse(
		    why, "it is finalizado: what was delivered stays so");
	if (request->reason[0] == '\0')
		return order_refuse(why, "a cancel needs a reason");
	if (request->line_count > 0)
		return order_refuse(why, "a cancel has no lines");
	return ORDER_MOVED;
}

/* Do the lines say what stands there? */
static bool
is_repeat(const struct order *order, const struct order_request *request)
{
	for (uint32_t i = 0; i < order->part_count; i++) {
		const struct order_part *part = &order->parts[i];
		const struct order_line *line = order_line_find(
		    request, part->product);
		uint32_t units = line != NULL ? line->units : 0;

		if (units !=
		    (request->to == ORDER_FINALIZADO ? part->delivered
						     : part->prepared))
			return false;
	}
	return true;
}

/* Other lines for a state that it is in already. */
static enum order_verdict
judge_restated(const struct order *order, const struct order_request *request,
    struct order_why *why)
{
	struct order copy = *order;

	if (judge_move_lines(order, request, why) == ORDER_REFUSED)
		return ORDER_REFUSED;
	if (is_repeat(order, request))
		return request->to == ORDER_FINALIZADO && !order->depot_said
		    ? ORDER_NOTED
		    : ORDER_SAME;
	if (request->to != ORDER_FINALIZADO)
		return order_refuse(
		    why, "its units were fixed when it was prepared");
	order_deliver(&copy, request);
	if (order->depot_said && (!order->disputed || order_is_disputed(&copy)))
		return order_refuse(
		    why, "the depot has said already what it delivered");
	return ORDER_CHANGED;
}

enum order_verdict
order_judge(const struct order *order, const struct order_request *request,
    struct order_why *why)
{
	why->text[0] = '\0';
	if (strcmp(order->cart, request->cart) != 0)
		return order_refuse(
		    why, "it is an order of cart %s", order->cart);
	if (request->to == order->state) {
		if (order->prepared && request->to != ORDER_CANCELADO &&
		    request->line_count > 0)
			return judge_restated(order, request, why);
		return ORDER_SAME;
	}
	if (order->state == ORDER_CANCELADO)
		return order_refuse(why,
		    "it was cancelled (%.100s): make a new order",
		    order->reason);
	if (request->to == ORDER_CANCELADO)
		return judge_cancel(order, request, why);
	if (request->to < order->state)
		return ORDER_SAME;
	if (request->to != order->state + 1)
		return order_refuse(why, "it is %s: %s comes first",
		    order_state_name(order->state),
		    order_state_name(order->state + 1));
	if (request->line_count == 0)
		return ORDER_MOVED;
	if (request->to == ORDER_ENTREGANDO)
		return order_refuse(why,
		    "units are said at preparando and finalizado, not at "
		    "entregando");
	return judge_move_lines(order, request, why);
}
