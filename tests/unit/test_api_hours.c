/*
 * A local day's sales by the hour, over the clocks' changes.
 */
#include "read_folder.h"

#include <jansson.h>
#include <time.h>

#include "backend/api/handlers.h"

#define NOW INT64_C(1795179900000) /* 2026-11-20T13:05:00Z */
#define HOUR_MS INT64_C(3600000)

static void
put(struct read_folder *f, const char *cart, const char *day, int64_t at_ms,
    int confirmed, int voided)
{
	static int seq;
	char sql[600];

	snprintf(sql, sizeof(sql),
	    "INSERT INTO sale (cart, epoch, seq, at_ms, boot, boot_ms,"
	    " provisional, record_ms, day, confirmed, voided, flagged, open_ms,"
	    " customer_key, units, amount, bytes_hash, content_hash) VALUES"
	    " ('%s', 1, %d, %lld, 0, 0, 0, 0, '%s', %d, %d, 0, 5, '', 2, 1500,"
	    " 1, 1);"
	    "INSERT OR IGNORE INTO day_total VALUES"
	    " ('%s', '%s', 0, 0, 0, 0, 0, 0, 0)",
	    cart, seq++, (long long)at_ms, day, confirmed, voided, day, cart);
	read_folder_run(f, &schema_sales, sql);
}

/* The answer's hours, the caller's. */
static json_t *
ask(struct read_folder *f, const char *date, const char *cart)
{
	struct clock_manual clock;
	struct api api = { .clock = &clock.clock };
	struct request request = { .method = "GET", .path = "/" };
	struct answer answer;
	struct call call = { .api = &api,
		.reader = f->reader,
		.request = &request,
		.answer = &answer };
	json_t *body, *hours;

	clock_manual_init(&clock, NOW);
	if (date != NULL)
		request.params[request.param_count++] = (struct param){ "date",
			date };
	if (cart != NULL)
		request.params[request.param_count++] = (struct param){ "cart",
			cart };
	answer_init(&answer);
	api_sales_hourly(&call);
	assert_int_equal(answer.status, 200);
	body = json_loadb(answer.body.text, answer.body.len, 0, NULL);
	assert_non_null(body);
	assert_string_equal(json_string_value(json_object_get(body, "date")),
	    date != NULL ? date : "2026-11-20");
	hours = json_incref(json_object_get(body, "hours"));
	json_decref(body);
	answer_release(&answer);
	return hours;
}

static int64_t
number(const json_t *hours, size_t i, const char *key)
{
	return json_integer_value(
	    json_object_get(json_array_get(hours, i), key));
}

static int64_t
sum(const json_t *hours, const char *key)
{
	int64_t all = 0;

	for (size_t i = 0; i < json_array_size(hours); i++)
		all += number(hours, i, key);
	return all;
}

static const char *
from(const json_t *hours, size_t i)
{
	return json_string_value(
	    json_object_get(json_array_get(hours, i), "from"));
}

static void
a_day_has_a_row_for_each_hour_that_it_has(void **state)
{
	struct read_folder f;
	json_t *hours;

	(void)state;
	read_folder_open(&f);
	read_folder_run(&f, &schema_sales, "");
	hours = ask(&f, NULL, NULL);
	assert_int_equal(json_array_size(hours), 24);
	assert_string_equal(from(hours, 0), "2026-11-20T03:00:00.000Z");
	assert_string_equal(from(hours, 23), "2026-11-21T02:00:00.000Z");
	json_decref(hours);
	/* The clocks go back at midnight, to 23:00. */
	hours = ask(&f, "2026-04-04", NULL);
	assert_int_equal(json_array_size(hours), 25);
	assert_string_equal(from(hours, 24), "2026-04-05T03:00:00.000Z");
	json_decref(hours);
	/* It begins at 01:00. */
	hours = ask(&f, "2026-09-06", NULL);
	assert_int_equal(json_array_size(hours), 23);
	assert_string_equal(from(hours, 0), "2026-09-06T04:00:00.000Z");
	json_decref(hours);
	read_folder_close(&f);
}

static void
sales_are_in_their_hour_and_what_is_void_in_none(void **state)
{
	const int64_t begin = INT64_C(1795143600000); /* 2026-11-20, 00:00 */
	struct read_folder f;
	json_t *hours;

	(void)state;
	read_folder_open(&f);
	put(&f, "AB1234", "2026-11-20", begin, 1, 0);
	put(&f, "AB1234", "2026-11-20", begin + 10 * HOUR_MS - 1, 1, 0);
	put(&f, "AB1234", "2026-11-20", begin + 10 * HOUR_MS, 1, 0);
	put(&f, "CD5678", "2026-11-20", begin + 10 * HOUR_MS + 1, 1, 0);
	put(&f, "CD5678", "2026-11-20", begin + 10 * HOUR_MS + 2, 1, 1);
	put(&f, "CD5678", "2026-11-20", begin + 11 * HOUR_MS, 0, 0);
	put(&f, "CD5678", "2026-11-19", begin - 1, 1, 0);
	hours = ask(&f, NULL, NULL);
	assert_int_equal(number(hours, 0, "sales"), 1);
	assert_int_equal(number(hours, 9, "sales"), 1);
	assert_int_equal(number(hours, 10, "sales"), 2);
	assert_int_equal(number(hours, 10, "units"), 4);
	assert_int_equal(number(hours, 10, "revenue_clp"), 3000);
	assert_int_equal(number(hours, 11, "sales"), 0);
	assert_int_equal(number(hours, 11, "abandoned"), 1);
	assert_int_equal(number(hours, 11, "units"), 0);
	assert_int_equal(sum(hours, "sales"), 4);
	assert_int_equal(sum(hours, "abandoned"), 1);
	json_decref(hours);
	hours = ask(&f, NULL, "AB1234");
	assert_int_equal(sum(hours, "sales"), 3);
	assert_int_equal(sum(hours, "abandoned"), 0);
	json_decref(hours);
	hours = ask(&f, NULL, "ZZ9999");
	assert_int_equal(json_array_size(hours), 24);
	assert_int_equal(sum(hours, "sales"), 0);
	json_decref(hours);
	read_folder_close(&f);
}

static void
the_sums_are_the_days_even_where_other_clocks_counted_it(void **state)
{
	const int64_t begin = INT64_C(1795143600000);
	struct read_folder f;
	json_t *hours;

	(void)state;
	read_folder_open(&f);
	put(&f, "AB1234", "2026-11-20", begin - 5 * HOUR_MS, 1, 0);
	put(&f, "AB1234", "2026-11-20", begin + 30 * HOUR_MS, 1, 0);
	hours = ask(&f, NULL, NULL);
	assert_int_equal(json_array_size(hours), 24);
	assert_int_equal(number(hours, 0, "sales"), 1);
	assert_int_equal(number(hours, 23, "sales"), 1);
	json_decref(hours);
	read_folder_close(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_day_has_a_row_for_each_hour_that_it_has),
		cmocka_unit_test(
		    sales_are_in_their_hour_and_what_is_void_in_none),
		cmocka_unit_test(
		    the_sums_are_the_days_even_where_other_clocks_counted_it),
	};

	setenv("TZ", "America/Santiago", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
