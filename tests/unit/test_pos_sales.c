/*
 * What the cart sold of late, and where each sale is.
 */
#include "tests/unit/gateway_fixture.h"

#include "firmware-gateway/pos_sales.h"

static const json_t *
sale_at(const json_t *answer, size_t i)
{
	return json_array_get(json_object_get(answer, "sales"), i);
}

static int64_t
number_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static bool
everything_is_under_way(void *ctx, uint64_t epoch, uint64_t seq)
{
	(void)ctx;
	(void)epoch;
	return seq == 0;
}

static void
sales_are_told_the_newest_first(void **state)
{
	struct bench *b = *state;
	char first[FOLIO_MAX + 1];
	const json_t *answer;

	snprintf(first, sizeof(first), "%s",
	    text_of(ask(b,
			"{\"type\":\"sale\",\"units\":3,\"amount\":4500,"
			"\"customer\":\"Ana\"}"),
		"folio"));
	ask(b, "{\"type\":\"abandoned\"}");
	ask(b, "{\"type\":\"sale\",\"units\":1,\"amount\":900}");
	answer = ask(b, "{\"type\":\"sales\"}");
	assert_true(is_ok(answer));
	assert_int_equal(json_array_size(json_object_get(answer, "sales")), 2);
	assert_int_equal(number_of(answer, "waiting"), 2);
	assert_int_equal(number_of(sale_at(answer, 0), "amount"), 900);
	assert_string_equal(text_of(sale_at(answer, 1), "folio"), first);
	assert_string_equal(text_of(sale_at(answer, 1), "customer"), "Ana");
	assert_string_equal(
	    text_of(sale_at(answer, 1), "at"), "2027-01-15T08:00:00.000Z");
	assert_int_equal(number_of(sale_at(answer, 1), "units"), 3);
	assert_string_equal(text_of(sale_at(answer, 1), "where"), "kept");
}

static void
each_says_where_it_is(void **state)
{
	struct bench *b = *state;
	const json_t *answer;

	ask(b, "{\"type\":\"sale\",\"units\":1,\"amount\":1}");
	ask(b, "{\"type\":\"sale\",\"units\":1,\"amount\":2}");
	b->pos.under_way = everything_is_under_way;
	answer = ask(b, "{\"type\":\"sales\"}");
	assert_string_equal(text_of(sale_at(answer, 0), "where"), "kept");
	assert_string_equal(text_of(sale_at(answer, 1), "where"), "sent");
	acknowledge(b, STREAM_SALE);
	ask(b, "{\"type\":\"sale\",\"units\":1,\"amount\":3}");
	answer = ask(b, "{\"type\":\"sales\"}");
	assert_string_equal(text_of(sale_at(answer, 0), "where"), "kept");
	assert_string_equal(text_of(sale_at(answer, 1), "where"), "counted");
	assert_string_equal(text_of(sale_at(answer, 2), "where"), "counted");
	assert_int_equal(number_of(answer, "waiting"), 1);
}

static void
a_sale_taken_back_says_so_and_where_that_is(void **state)
{
	struct bench *b = *state;
	char folio[FOLIO_MAX + 1];
	const json_t *back;

	snprintf(folio, sizeof(folio), "%s",
	    text_of(ask(b, "{\"type\":\"sale\",\"units\":1,\"amount\":9}"),
		"folio"));
	acknowledge(b, STREAM_SALE);
	ask(b, "{\"type\":\"void\",\"folio\":\"%s\",\"reason\":\"fría\"}",
	    folio);
	ask(b, "{\"type\":\"sales\"}");
	assert_string_equal(text_of(sale_at(b->answer, 0), "where"), "counted");
	back = json_object_get(sale_at(b->answer, 0), "void");
	assert_string_equal(text_of(back, "reason"), "fría");
	assert_string_equal(text_of(back, "where"), "kept");
	assert_int_equal(number_of(b->answer, "waiting"), 0);
}

static void
sales_outlive_a_restart_and_old_ones_are_left_out(void **state)
{
	struct bench *b = *state;
	const int64_t hours = POS_SALES_HOURS + 1;

	ask(b, "{\"type\":\"sale\",\"units\":1,\"amount\":1}");
	acknowledge(b, STREAM_SALE);
	bench_restart(b);
	ask(b, "{\"type\":\"sale\",\"units\":1,\"amount\":2}");
	ask(b, "{\"type\":\"sales\"}");
	assert_int_equal(
	    json_array_size(json_object_get(b->answer, "sales")), 2);
	clock_manual_advance(&b->clock, hours * 3600 * 1000);
	ask(b, "{\"type\":\"sales\"}");
	/* What waits is shown, however old. */
	assert_int_equal(
	    json_array_size(json_object_get(b->answer, "sales")), 1);
	assert_int_equal(number_of(b->answer, "waiting"), 1);
	assert_int_equal(number_of(sale_at(b->answer, 0), "amount"), 2);
}

static void
a_sale_without_a_date_gets_it_once_there_is_one(void **state)
{
	struct bench *b = *state;

	ask(b, "{\"type\":\"sale\",\"units\":1,\"amount\":1}");
	ask(b, "{\"type\":\"sales\"}");
	assert_true(json_is_null(json_object_get(sale_at(b->answer, 0), "at")));
	clock_manual_advance(&b->clock, 60000);
	timekeeper_server(&b->time, NOW);
	assert_int_equal(events_mend(&b->events), 0);
	ask(b, "{\"type\":\"sales\"}");
	assert_string_equal(
	    text_of(sale_at(b->answer, 0), "at"), "2027-01-15T07:59:00.000Z");
}

static void
the_list_is_bounded_and_what_waits_is_not(void **state)
{
	struct bench *b = *state;
	const int many = 1020;

	for (int i = 0; i < many; i++)
		assert_true(is_ok(ask(
		    b, "{\"type\":\"sale\",\"units\":1,\"amount\":%d}", i)));
	ask(b, "{\"type\":\"sales\"}");
	assert_int_equal(json_array_size(json_object_get(b->answer, "sales")),
	    POS_SALES_MAX);
	assert_int_equal(number_of(b->answer, "waiting"), many);
	assert_int_equal(number_of(sale_at(b->answer, 0), "amount"), many - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    sales_are_told_the_newest_first, bench_begin, bench_end),
		cmocka_unit_test_setup_teardown(
		    each_says_where_it_is, bench_begin, bench_end),
		cmocka_unit_test_setup_teardown(
		    a_sale_taken_back_says_so_and_where_that_is, bench_begin,
		    bench_end),
		cmocka_unit_test_setup_teardown(
		    sales_outlive_a_restart_and_old_ones_are_left_out,
		    bench_begin, bench_end),
		cmocka_unit_test_setup_teardown(
		    a_sale_without_a_date_gets_it_once_there_is_one,
		    bench_begin_undated, bench_end),
		cmocka_unit_test_setup_teardown(
		    the_list_is_bounded_and_what_waits_is_not, bench_begin,
		    bench_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
