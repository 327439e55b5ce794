/*
 * How many of each product every cart still has.
 */
#include "backend/api/handlers.h"

static int
stock_row(void *ctx, const struct stock_row *row)
{
	struct jsonw *j = ctx;

	jsonw_open(j, '{');
	jsonw_key(j, "cart");
	jsonw_text(j, row->cart);
	jsonw_key(j, "product");
	jsonw_int(j, row->product);
	jsonw_key(j, "level_units");
	jsonw_int(j, row->level);
	jsonw_key(j, "at");
	jsonw_time(j, row->at_ms);
	jsonw_key(j, "please_count");
	jsonw_bool(j, row->please_count);
	jsonw_key(j, "order_open");
	jsonw_bool(j, row->order_open);
	jsonw_close(j, '}');
	return jsonw_failed(j);
}

void
api_stock(struct call *call)
{
	struct jsonw *j = &call->answer->body;
	const char *cart = NULL;

	if (request_cart(call->request, "cart", &cart, call->answer) == -1)
		return;
	jsonw_open(j, '{');
	jsonw_key(j, "stock");
	jsonw_open(j, '[');
	if (call->reader->ops->stock(call->reader, cart, stock_row, j) == -1) {
		api_read_failed(call, "stock");
		return;
	}
	jsonw_close(j, ']');
	jsonw_close(j, '}');
	call->answer->cacheable = true;
}
