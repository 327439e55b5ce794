/*
 * What is asked of the role stock: an order, its next state, its end.
 *
 * The role decides.  Here only what cannot become right any more is refused:
 * an order that is further on, done or cancelled stays so, however far this
 * program's sight of it lags behind.
 */
#include <stdio.h>
#include <string.h>

#include "backend/api/forms.h"
#include "backend/api/handlers.h"
#include "backend/api/restocks_parts.h"
#include "backend/rules/advance.h"

/* Of "<plate>-R" and these. */
#define MANUAL_CHARS 13
/* An order that changed so lately may be further on than it is seen. */
#define LAG_MS 10000

static void
submit_request(struct call *call, struct order_request *request)
{
	uint8_t bytes[REQUEST_BYTES_MAX];
	struct submit_record record = {
		.topic = TOPIC_STOCK,
		.key = request->cart,
		.value = bytes,
		.schema = SCHEMA_ORDER_REQUEST,
	};

	request->at_ms = clock_realtime_ms(call->api->clock);
	write_by(call, request->by);
	if (write_record(call, &record,
		order_request_encode(request, bytes, sizeof(bytes))) == 0)
		write_done(call, RESTOCKS_PATH, request->order, true);
}

static int
name_order(struct call *call, struct order_request *request)
{
	char unique[MANUAL_CHARS + 1];

	if (call_make_id(call, "order", unique, MANUAL_CHARS) == -1)
		return -1;
	snprintf(request->order, sizeof(request->order), "%s-R%s",
	    request->cart, unique);
	return 0;
}

void
api_restock_post(struct call *call)
{
	struct order_request request = { .kind = REQUEST_CREATE };
	struct body body;

	if (write_body(call, &body, false) == -1)
		return;
	if (!form_order(&body, &request))
		body_refuse(&body, call->answer);
	else if (call_check_cart(call, request.cart) == 0 &&
	    name_order(call, &request) == 0)
		submit_request(call, &request);
	body_release(&body);
}

/*
 * Asked for what seems to come later than next: the order, changed so lately,
 * may be further on than it is seen.
 */
static bool
is_ahead(
    const struct call *call, const struct order *order, enum order_state to)
{
	return order->state < ORDER_FINALIZADO && to < ORDER_CANCELADO &&
	    to > order->state + 1 &&
	    clock_realtime_ms(call->api->clock) - order->changed_ms <= LAG_MS;
}

static void
ask_move(
    struct call *call, const struct order *order, struct order_request *request)
{
	/* So much of everything that there is something to prepare. */
	int64_t needed[ORDER_LINES_MAX];
	struct order copy = *order;
	struct order_why why;
	size_t i;

	for (i = 0; i < ORDER_LINES_MAX; i++)
		needed[i] = 1;
	if (is_ahead(call, order, request->to)) {
		submit_request(call, request);
		return;
	}
	request->at_ms = clock_realtime_ms(call->api->clock);
	switch (order_move(&copy, request, needed, &why)) {
	case ORDER_REFUSED:
		answer_problem(call->answer, 409, NULL, NULL, "%s", why.text);
		return;
	case ORDER_SAME:
		write_done(call, RESTOCKS_PATH, order->id, false);
		return;
	case ORDER_MOVED:
	case ORDER_CHANGED:
	case ORDER_NOTED:
		break;
	}
	submit_request(call, request);
}

static void
begin_move(const struct order *order, struct order_request *request)
{
	request->kind = REQUEST_MOVE;
	memcpy(request->order, order->id, sizeof(request->order));
	memcpy(request->cart, order->cart, sizeof(request->cart));
}

/* Without a state, it goes to the next. */
static int
choose_state(
    struct call *call, const struct order *order, struct order_request *request)
{
	if (request->to != ORDER_STATES)
		return 0;
	request->to = advance_next(order->state);
	if (request->to == ORDER_STATES) {
		answer_problem(call->answer, 409, NULL, NULL,
		    "it is %s: there is nothing after that",
		    order_state_name(order->state));
		return -1;
	}
	if (request->to == ORDER_ENTREGANDO && request->line_count > 0) {
		answer_problem(call->answer, 409, "lines", NULL,
		    "it is preparando: units are said of what was prepared "
		    "and of what was delivered");
		return -1;
	}
	return 0;
}

void
api_restock_advance(struct call *call)
{
	struct order_request request = { .kind = REQUEST_MOVE };
	struct order order;
	struct body body;

	if (find_order(call, &order) != 1 ||
	    write_body(call, &body, true) == -1)
		return;
	begin_move(&order, &request);
	if (!form_advance(&body, &request))
		body_refuse(&body, call->answer);
	else if (choose_state(call, &order, &request) == 0)
		ask_move(call, &order, &request);
	body_release(&body);
}

void
api_restock_cancel(struct call *call)
{
	struct order_request request = { .to = ORDER_CANCELADO };
	struct order order;
	struct body body;

	if (find_order(call, &order) != 1 ||
	    write_body(call, &body, false) == -1)
		return;
	begin_move(&order, &request);
	if (!form_cancel(&body, &request))
		body_refuse(&body, call->answer);
	else
		ask_move(call, &order, &request);
	body_release(&body);
}
