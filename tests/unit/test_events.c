/*
 * Events in order of time: epochs, clocks set back, time markers.
 */
#include "tests/unit/gateway_fixture.h"

static void
sell_one(struct bench *b)
{
	assert_true(is_ok(ask(b,
	    "{\"type\":\"sale\",\"units\":1,"
	    "\"amount\":500}")));
}

static struct instant
last_sale_at(struct bench *b)
{
	struct instant at = { INSTANT_MISSING, 0 };
	struct item item;

	read_stream(b, STREAM_SALE);
	while (next_item(b, &item) == 1)
		if (item.kind == ITEM_SALE)
			at = item.sale.at;
	return at;
}

static void
a_clock_set_back_a_little_stands_still(void **state)
{
	struct bench *b = *state;
	uint64_t epoch = outbox_epoch(b->ob);

	sell_one(b);
	b->clock.realtime_ms -= 59000;
	sell_one(b);
	assert_true(outbox_epoch(b->ob) == epoch);
	assert_int_equal(last_sale_at(b).ms, NOW);
}

static void
set_back_by_more_it_begins_an_epoch(void **state)
{
	struct bench *b = *state;
	uint64_t epoch = outbox_epoch(b->ob);

	sell_one(b);
	acknowledge(b, STREAM_SALE);
	b->clock.realtime_ms -= 61000;
	sell_one(b);
	assert_true(outbox_epoch(b->ob) != epoch);
	assert_int_equal(last_sale_at(b).ms, NOW - 61000);
}

static void
fixes_do_not_go_back_either(void **state)
{
	struct bench *b = *state;
	struct fix f = { .at = { NOW, 0 }, .lat_e6 = 1, .lon_e6 = 2 };
	uint64_t epoch = outbox_epoch(b->ob);
	struct item item;

	assert_int_equal(events_fixes(&b->events, &f, 1), 0);
	f.at.ms -= 3000;
	assert_int_equal(events_fixes(&b->events, &f, 1), 0);
	read_stream(b, STREAM_POS);
	assert_int_equal(next_item(b, &item), 1);
	assert_int_equal(item.count, 2);
	assert_int_equal(item.fixes[1].at.ms, NOW);
	f.at.ms = NOW - 80000;
	assert_int_equal(events_fixes(&b->events, &f, 1), 0);
	assert_true(outbox_epoch(b->ob) != epoch);
}

static void
a_receiver_ahead_of_the_clock_does_not_hold_up_the_sales(void **state)
{
	struct bench *b = *state;
	struct fix f = { .at = { NOW + 100000, 0 }, .lat_e6 = 1 };
	uint64_t epoch = outbox_epoch(b->ob);

	assert_int_equal(events_fixes(&b->events, &f, 1), 0);
	sell_one(b);
	assert_true(outbox_epoch(b->ob) == epoch);
	assert_int_equal(last_sale_at(b).ms, NOW);
}

static void
undated_events_get_a_marker_when_a_time_comes(void **state)
{
	struct bench *b = *state;
	struct item item;

	sell_one(b);
	assert_int_equal(events_mend(&b->events), 0);
	assert_true(last_sale_at(b).boot == BOOT);
	assert_int_equal(last_sale_at(b).ms, 100000);

	clock_manual_advance(&b->clock, 7000);
	timekeeper_server(&b->time, NOW + 7000);
	assert_int_equal(events_mend(&b->events), 0);
	read_stream(b, STREAM_SALE);
	assert_int_equal(next_item(b, &item), 1);
	assert_int_equal(item.kind, ITEM_SALE);
	assert_int_equal(next_item(b, &item), 1);
	assert_int_equal(item.kind, ITEM_TIME);
	assert_true(item.time.boot == BOOT);
	assert_int_equal(item.time.offset_ms, NOW - 100000);
	assert_int_equal(next_item(b, &item), 0);
	/* Only the stream that needed one, and only once. */
	assert_int_equal(outbox_depth(b->ob, STREAM_POS), 0);
	assert_int_equal(events_mend(&b->events), 0);
	assert_int_equal(outbox_depth(b->ob, STREAM_SALE), 2);
	assert_int_equal(b->appended[STREAM_SALE], 2);
}

static void
a_restart_before_the_first_time_still_needs_the_marker(void **state)
{
	struct bench *b = *state;
	uint64_t epoch = outbox_epoch(b->ob);
	struct item item;

	sell_one(b);
	bench_restart(b);
	timekeeper_server(&b->time, NOW);
	assert_int_equal(events_mend(&b->events), 0);
	assert_int_equal(outbox_depth(b->ob, STREAM_SALE), 2);
	assert_true(outbox_epoch(b->ob) != epoch);
	assert_int_equal(outbox_acknowledge(b->ob, STREAM_SALE, epoch, 1), 0);
	read_stream(b, STREAM_SALE);
	assert_int_equal(next_item(b, &item), 1);
	assert_int_equal(item.kind, ITEM_TIME);
	/* And no second one after one more. */
	bench_restart(b);
	timekeeper_server(&b->time, NOW);
	assert_int_equal(events_mend(&b->events), 0);
	assert_int_equal(outbox_depth(b->ob, STREAM_SALE), 1);
}

static void
another_boots_events_are_left_as_they_are(void **state)
{
	struct bench *b = *state;

	sell_one(b);
	bench_stop(b);
	bench_start(b);
	b->time.boot = BOOT + 1;
	events_init(&b->events, b->ob, &b->time);
	timekeeper_server(&b->time, NOW);
	assert_int_equal(events_mend(&b->events), 0);
	assert_int_equal(outbox_depth(b->ob, STREAM_SALE), 1);
}

static void
a_walk_is_in_the_outbox_with_whole_seconds(void **state)
{
	struct bench *b = *state;
	struct item item;

	clock_manual_advance(&b->clock, 810);
	walk(b, 120);
	read_stream(b, STREAM_POS);
	assert_int_equal(next_item(b, &item), 1);
	assert_in_range(item.count, 7, 9);
	for (uint64_t i = 0; i < item.count; i++) {
		assert_int_equal(item.fixes[i].at.ms % 1000, 0);
		assert_int_equal(item.fixes[i].at.boot, 0);
	}
	assert_int_equal(events_flush(&b->events), 0);
}

#define DATED(f) cmocka_unit_test_setup_teardown(f, bench_begin, bench_end)
#define UNDATED(f)                                                             \
	cmocka_unit_test_setup_teardown(f, bench_begin_undated, bench_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		DATED(a_clock_set_back_a_little_stands_still),
		DATED(set_back_by_more_it_begins_an_epoch),
		DATED(fixes_do_not_go_back_either),
		DATED(a_receiver_ahead_of_the_clock_does_not_hold_up_the_sales),
		UNDATED(undated_events_get_a_marker_when_a_time_comes),
		UNDATED(a_restart_before_the_first_time_still_needs_the_marker),
		UNDATED(another_boots_events_are_left_as_they_are),
		DATED(a_walk_is_in_the_outbox_with_whole_seconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
