/*
 * Sales: a local day's sums per cart, and the walk over every single sale
 * with which a tool may check the guild's accounts.
 */
#include "backend/api/calendar.h"
#include "backend/api/handlers.h"

static int
daily_row(void *ctx, const struct daily_row *row)
{
	struct jsonw *j = ctx;

	jsonw_open(j, '{');
	jsonw_key(j, "cart");
	jsonw_text(j, row->cart);
	jsonw_key(j, "date");
	jsonw_text(j, row->date);
	jsonw_key(j, "sales");
	jsonw_int(j, row->sales);
	jsonw_key(j, "units");
	jsonw_int(j, row->units);
	jsonw_key(j, "revenue_clp");
	jsonw_int(j, row->revenue);
	jsonw_key(j, "customers");
	jsonw_int(j, row->customers);
	/* Hundredths, rounded; of nobody there is no average. */
	jsonw_key(j, "units_per_customer");
	if (row->customers > 0)
		jsonw_decimal(
		    j, (row->units * 200 / row->customers + 1) / 2, 2);
	else
		jsonw_null(j);
	jsonw_key(j, "abandoned");
	jsonw_int(j, row->abandoned);
	jsonw_key(j, "voided");
	jsonw_int(j, row->voided);
	jsonw_key(j, "provisional");
	jsonw_int(j, row->provisional);
	jsonw_close(j, '}');
	return jsonw_failed(j);
}

void
api_sales_daily(struct call *call)
{
	struct jsonw *j = &call->answer->body;
	const char *cart = NULL;
	char date[11];

	calendar_today(call->api->clock, date);
	if (request_date(call->request, "date", date, call->answer) == -1 ||
	    request_cart(call->request, "cart", &cart, call->answer) == -1)
		return;
	jsonw_open(j, '{');
	jsonw_key(j, "date");
	jsonw_text(j, date);
	jsonw_key(j, "carts");
	jsonw_open(j, '[');
	if (call->reader->ops->daily(call->reader, date, cart, daily_row, j) ==
	    -1) {
		api_read_failed(call, "sales");
		return;
	}
	jsonw_close(j, ']');
	jsonw_close(j, '}');
	call->answer->cacheable = true;
}

struct sales_walk {
	struct jsonw *json;
	int64_t last_id;
	int64_t count;
};

static int
sale_row(void *ctx, int64_t id, const struct sale_row *row)
{
	struct sales_walk *walk = ctx;
	struct jsonw *j = walk->json;

	walk->last_id = id;
	walk->count++;
	jsonw_open(j, '{');
	jsonw_key(j, "id");
	jsonw_int(j, id);
	jsonw_key(j, "folio");
	jsonw_text(j, row->folio[0] != '\0' ? row->folio : NULL);
	jsonw_key(j, "cart");
	jsonw_text(j, row->cart);
	jsonw_key(j, "at");
	jsonw_time(j, row->at_ms);
	jsonw_key(j, "units");
	jsonw_int(j, row->units);
	jsonw_key(j, "amount_clp");
	jsonw_int(j, row->amount);
	jsonw_key(j, "confirmed");
	jsonw_bool(j, row->confirmed);
	jsonw_key(j, "voided");
	jsonw_bool(j, row->voided);
	jsonw_key(j, "provisional");
	jsonw_bool(j, row->provisional);
	jsonw_close(j, '}');
	return jsonw_failed(j);
}

void
api_sales(struct call *call)
{
	struct jsonw *j = &call->answer->body;
	struct sales_walk walk = { .json = j };
	int64_t after = 0, limit = SALES_PAGE;

	if (request_int(call->request, "after", 0, INT64_MAX, &after,
		call->answer) == -1 ||
	    request_int(call->request, "limit", 1, SALES_PAGE_MAX, &limit,
		call->answer) == -1)
		return;
	jsonw_open(j, '{');
	jsonw_key(j, "sales");
	jsonw_open(j, '[');
	if (call->reader->ops->sales(
		call->reader, after, limit, sale_row, &walk) == -1) {
		api_read_failed(call, "sales");
		return;
	}
	jsonw_close(j, ']');
	jsonw_key(j, "next_after");
	if (walk.count == limit)
		jsonw_int(j, walk.last_id);
	else
		jsonw_null(j);
	jsonw_close(j, '}');
}
