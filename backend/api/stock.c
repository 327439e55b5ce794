/*
 * How many of each product every cart still has.
 */
#include "backend/api/api.h"

static int
stock_row(void *ctx, const struct stock_row *row)
{
	struct json *j = ctx;

	json_open(j, '{');
	json_key(j, "cart");
	json_text(j, row->cart);
	json_key(j, "product");
	json_int(j, row->product);
	json_key(j, "level_units");
	json_int(j, row->level);
	json_key(j, "at");
	json_time(j, row->at_ms);
	json_key(j, "please_count");
	json_bool(j, row->please_count);
	json_key(j, "order_open");
	json_bool(j, row->order_open);
	json_close(j, '}');
	return json_failed(j);
}

void
api_stock(struct call *call)
{
	struct json *j = &call->answer->body;
	const char *cart = NULL;

	if (request_cart(call->request, "cart", &cart, call->answer) == -1)
		return;
	json_open(j, '{');
	json_key(j, "stock");
	json_open(j, '[');
	if (call->reader->ops->stock(call->reader, cart, stock_row, j) == -1) {
		api_read_failed(call, "stock");
		return;
	}
	json_close(j, ']');
	json_close(j, '}');
	call->answer->cacheable = true;
}
