/*
 * A local day's sales by the hour: 24 of them, 23 or 25 where the clocks
 * change.
 */
#include "backend/api/calendar.h"
#include "backend/api/handlers.h"

#define HOURS_MAX 26
#define HOUR_MS INT64_C(3600000)

struct hours {
	struct hour_row rows[HOURS_MAX];
	int64_t count;
};

/* A sale that was counted for this day by other clocks is in its first or
 * last hour: the sums are those of the day. */
static int
hour_row(void *ctx, const struct hour_row *row)
{
	struct hours *hours = ctx;
	struct hour_row *sum;
	int64_t hour = row->hour;

	if (hour < 0)
		hour = 0;
	if (hour >= hours->count)
		hour = hours->count - 1;
	sum = &hours->rows[hour];
	sum->sales += row->sales;
	sum->units += row->units;
	sum->revenue += row->revenue;
	sum->abandoned += row->abandoned;
	return 0;
}

static void
write_hour(struct jsonw *j, int64_t from_ms, const struct hour_row *row)
{
	jsonw_open(j, '{');
	jsonw_key(j, "from");
	jsonw_time(j, from_ms);
	jsonw_key(j, "sales");
	jsonw_int(j, row->sales);
	jsonw_key(j, "units");
	jsonw_int(j, row->units);
	jsonw_key(j, "revenue_clp");
	jsonw_int(j, row->revenue);
	jsonw_key(j, "abandoned");
	jsonw_int(j, row->abandoned);
	jsonw_close(j, '}');
}

static void
write_hours(
    struct jsonw *j, const char *date, int64_t from_ms, struct hours *hours)
{
	jsonw_open(j, '{');
	jsonw_key(j, "date");
	jsonw_text(j, date);
	jsonw_key(j, "hours");
	jsonw_open(j, '[');
	for (int64_t i = 0; i < hours->count; i++)
		write_hour(j, from_ms + i * HOUR_MS, &hours->rows[i]);
	jsonw_close(j, ']');
	jsonw_close(j, '}');
}

void
api_sales_hourly(struct call *call)
{
	struct hours hours = { .count = 0 };
	const char *cart = NULL;
	int64_t from_ms, to_ms;
	char date[11];

	calendar_today(call->api->clock, date);
	if (request_date(call->request, "date", date, call->answer) == -1 ||
	    request_cart(call->request, "cart", &cart, call->answer) == -1)
		return;
	from_ms = (int64_t)calendar_edge(date, false) * 1000;
	to_ms = (int64_t)calendar_edge(date, true) * 1000;
	/* The last one is short where clocks change by less than an hour. */
	hours.count = (to_ms - from_ms + HOUR_MS - 1) / HOUR_MS;
	if (hours.count > HOURS_MAX)
		hours.count = HOURS_MAX;
	if (call->reader->ops->hourly(
		call->reader, date, cart, from_ms, hour_row, &hours) == -1) {
		api_read_failed(call, "sales");
		return;
	}
	write_hours(&call->answer->body, date, from_ms, &hours);
	call->answer->cacheable = true;
}
