/*
 * Sales: a local day's sums per cart, and the walk over every single sale
 * with which a tool may check the guild's accounts.
 */
#include <time.h>

#include "backend/api/api.h"

/* The guild's own day: main has set the zone. */
static void
today(const struct clock *clock, char date[11])
{
	time_t now = (time_t)(clock_realtime_ms(clock) / 1000);
	struct tm tm;

	localtime_r(&now, &tm);
	strftime(date, 11, "%Y-%m-%d", &tm);
}

static int
daily_row(void *ctx, const struct daily_row *row)
{
	struct json *j = ctx;

	json_open(j, '{');
	json_key(j, "cart");
	json_text(j, row->cart);
	json_key(j, "date");
	json_text(j, row->date);
	json_key(j, "sales");
	json_int(j, row->sales);
	json_key(j, "units");
	json_int(j, row->units);
	json_key(j, "revenue_clp");
	json_int(j, row->revenue);
	json_key(j, "customers");
	json_int(j, row->customers);
	/* Hundredths, rounded; of nobody there is no average. */
	json_key(j, "units_per_customer");
	if (row->customers > 0)
		json_decimal(j, (row->units * 200 / row->customers + 1) / 2, 2);
	else
		json_null(j);
	json_key(j, "abandoned");
	json_int(j, row->abandoned);
	json_key(j, "voided");
	json_int(j, row->voided);
	json_key(j, "provisional");
	json_int(j, row->provisional);
	json_close(j, '}');
	return json_failed(j);
}

void
api_sales_daily(struct call *call)
{
	struct json *j = &call->answer->body;
	const char *cart = NULL;
	char date[11];

	today(call->api->clock, date);
	if (request_date(call->request, "date", date, call->answer) == -1 ||
	    request_cart(call->request, "cart", &cart, call->answer) == -1)
		return;
	json_open(j, '{');
	json_key(j, "date");
	json_text(j, date);
	json_key(j, "carts");
	json_open(j, '[');
	if (call->reader->ops->daily(call->reader, date, cart, daily_row, j) ==
	    -1) {
		api_read_failed(call, "sales");
		return;
	}
	json_close(j, ']');
	json_close(j, '}');
	call->answer->cacheable = true;
}

struct sales_walk {
	struct json *json;
	int64_t last_id;
	int64_t count;
};

static int
sale_row(void *ctx, int64_t id, const struct sale_row *row)
{
	struct sales_walk *walk = ctx;
	struct json *j = walk->json;

	walk->last_id = id;
	walk->count++;
	json_open(j, '{');
	json_key(j, "id");
	json_int(j, id);
	json_key(j, "folio");
	json_text(j, row->folio[0] != '\0' ? row->folio : NULL);
	json_key(j, "cart");
	json_text(j, row->cart);
	json_key(j, "at");
	json_time(j, row->at_ms);
	json_key(j, "units");
	json_int(j, row->units);
	json_key(j, "amount_clp");
	json_int(j, row->amount);
	json_key(j, "confirmed");
	json_bool(j, row->confirmed);
	json_key(j, "voided");
	json_bool(j, row->voided);
	json_key(j, "provisional");
	json_bool(j, row->provisional);
	json_close(j, '}');
	return json_failed(j);
}

void
api_sales(struct call *call)
{
	struct json *j = &call->answer->body;
	struct sales_walk walk = { .json = j };
	int64_t after = 0, limit = SALES_PAGE;

	if (request_int(call->request, "after", 0, INT64_MAX, &after,
		call->answer) == -1 ||
	    request_int(call->request, "limit", 1, SALES_PAGE_MAX, &limit,
		call->answer) == -1)
		return;
	json_open(j, '{');
	json_key(j, "sales");
	json_open(j, '[');
	if (call->reader->ops->sales(
		call->reader, after, limit, sale_row, &walk) == -1) {
		api_read_failed(call, "sales");
		return;
	}
	json_close(j, ']');
	json_key(j, "next_after");
	if (walk.count == limit)
		json_int(j, walk.last_id);
	else
		json_null(j);
	json_close(j, '}');
}
