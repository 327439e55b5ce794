/*
 * Who bought in the last 30 days, those who came most often first.
 */
#include <stdlib.h>
#include <time.h>

#include "backend/api/csv.h"
#include "backend/api/handlers.h"

#define CUSTOMERS 100
#define CUSTOMERS_MAX 10000
#define NOON_H 12

static const char *const formats[] = { "json", "csv", NULL };

/* The guild's own days: main has set the zone.  By noons: a day has not
 * always 24 hours. */
static void
last_days(const struct clock *clock, char from[11], char to[11])
{
	time_t now = (time_t)(clock_realtime_ms(clock) / 1000);
	struct tm tm;

	localtime_r(&now, &tm);
	strftime(to, 11, "%Y-%m-%d", &tm);
	tm.tm_mday -= DAYBOOK_VISIT_DAYS - 1;
	tm.tm_hour = NOON_H;
	tm.tm_isdst = -1;
	now = mktime(&tm);
	localtime_r(&now, &tm);
	strftime(from, 11, "%Y-%m-%d", &tm);
}

struct list {
	struct jsonw *json;
	struct csv csv;
	bool as_csv;
};

static int
customers_head(void *ctx, int64_t frequent_visits)
{
	struct list *list = ctx;

	if (list->as_csv)
		return 0;
	jsonw_key(list->json, "frequent_visits");
	jsonw_int(list->json, frequent_visits);
	jsonw_key(list->json, "customers");
	jsonw_open(list->json, '[');
	return 0;
}

static void
write_cells(struct csv *csv, const struct customer_row *row)
{
	csv_text(csv, row->name);
	csv_text(csv, row->contact);
	csv_int(csv, row->visits);
	csv_text(csv, row->frequent ? "true" : "false");
	csv_time(csv, row->last_ms);
	csv_text(csv, row->last_cart);
	csv_row_end(csv);
}

static const char *
or_null(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

static int
customers_row(void *ctx, const struct customer_row *row)
{
	struct list *list = ctx;
	struct jsonw *j = list->json;

	if (list->as_csv) {
		write_cells(&list->csv, row);
		return 0;
	}
	jsonw_open(j, '{');
	jsonw_key(j, "customer");
	jsonw_text(j, or_null(row->name));
	jsonw_key(j, "contact");
	jsonw_text(j, or_null(row->contact));
	jsonw_key(j, "visits");
	jsonw_int(j, row->visits);
	jsonw_key(j, "frequent");
	jsonw_bool(j, row->frequent);
	jsonw_key(j, "last_at");
	jsonw_time(j, row->last_ms);
	jsonw_key(j, "last_cart");
	jsonw_text(j, or_null(row->last_cart));
	jsonw_close(j, '}');
	return jsonw_failed(j);
}

static void
list_begin(struct list *list, const struct customers_query *query)
{
	static const char *const names[] = { "customer", "contact", "visits",
		"frequent", "last_at", "last_cart" };

	if (list->as_csv) {
		csv_init(&list->csv);
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			csv_text(&list->csv, names[i]);
		csv_row_end(&list->csv);
		return;
	}
	jsonw_open(list->json, '{');
	jsonw_key(list->json, "from");
	jsonw_text(list->json, query->from);
	jsonw_key(list->json, "to");
	jsonw_text(list->json, query->to);
}

static void
list_end(struct list *list, struct answer *a, bool good)
{
	char *text = list->as_csv ? csv_finish(&list->csv) : NULL;

	if (!good) {
		free(text);
	} else if (list->as_csv) {
		a->type = TYPE_CSV;
		jsonw_adopt(&a->body, text);
	} else {
		jsonw_close(list->json, ']');
		jsonw_close(list->json, '}');
	}
}

void
api_customers(struct call *call)
{
	const struct request *r = call->request;
	struct customers_query query = { .limit = CUSTOMERS };
	struct list list = { .json = &call->answer->body };
	char from[11], to[11];
	int format = 0, rc;

	if (request_bool(r, "frequent", &query.frequent_only, call->answer) ==
		-1 ||
	    request_cart(r, "cart", &query.cart, call->answer) == -1 ||
	    request_int(r, "limit", 1, CUSTOMERS_MAX, &query.limit,
		call->answer) == -1 ||
	    request_choice(r, "format", formats, &format, call->answer) == -1)
		return;
	last_days(call->api->clock, from, to);
	query.from = from;
	query.to = to;
	list.as_csv = format == 1;
	list_begin(&list, &query);
	rc = call->reader->ops->customers(
	    call->reader, &query, customers_head, customers_row, &list);
	list_end(&list, call->answer, rc == 0);
	if (rc == -1)
		api_read_failed(call, "sales");
}
