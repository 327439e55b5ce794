/*
 * The role stock over its database: levels in the order of events, never of
 * arrival, and at most one open order.
 */
#include "tests/unit/desk.h"

#include "schemas/order.h"

#define BOOT 77
#define MINUTE 60000

static struct desk d;

static int
open_desk(void **state)
{
	(void)state;
	desk_open(&d, &role_stock);
	return 0;
}

static int
close_desk(void **state)
{
	(void)state;
	desk_close(&d);
	return 0;
}

static void
apply_stock(uint64_t epoch, uint64_t seq, const struct stock *stock)
{
	struct mp_writer w;

	desk_frame_begin(&d, &w, epoch, seq, 1, 1);
	stock_encode(stock, &w);
	desk_frame_end(
	    &d, &w, DESK_CART, SCHEMA_FRAME_STOCK, DESK_NOW + 3600000);
}

/* At a minute of its own, so that numbers and times agree. */
static void
level(uint64_t seq, int32_t before, int32_t delta, enum stock_reason reason)
{
	struct stock stock = {
		.at = { .ms = DESK_NOW + (int64_t)seq * MINUTE },
		.delta = delta,
		.level = before + delta,
		.reason = reason,
	};

	apply_stock(DESK_EPOCH, seq, &stock);
}

static int
copy_stock(void *ctx, const struct stock_row *row)
{
	*(struct stock_row *)ctx = *row;
	return 0;
}

static struct stock_row
stock_row(void)
{
	struct stock_row row = { .level = -1 };

	assert_int_equal(
	    d.reader->ops->stock(d.reader, DESK_CART, copy_stock, &row), 0);
	return row;
}

static int
keep_order(void *ctx, int64_t id, const struct outgoing *out)
{
	struct decode_error error;

	(void)id;
	assert_int_equal(out->topic, TOPIC_REPOSICIONES);
	assert_int_equal(
	    order_decode(out->value, out->value_len, ctx, &error), 0);
	return 0;
}

/* The last order event that was put to be sent. */
static struct order_event
last_order(void)
{
	struct order_event order = { .state = ORDER_STATES };

	assert_int_equal(d.ctx.store->ops->outgoing_list(
			     d.ctx.store, 0, 1000, keep_order, &order),
	    0);
	return order;
}

static void
the_level_is_that_of_the_last_event_not_of_the_last_arrival(void **state)
{
	(void)state;
	level(0, 50, -1, STOCK_SALE);
	level(2, 48, -1, STOCK_SALE);
	assert_int_equal(stock_row().level, 47);
	/* The one between is missing yet. */
	assert_true(stock_row().please_count);
	level(1, 49, -1, STOCK_SALE);
	assert_int_equal(stock_row().level, 47);
	assert_false(stock_row().please_count);
}

static void
across_epochs_the_time_orders(void **state)
{
	struct stock early = { .at = { .ms = DESK_NOW - MINUTE },
		.delta = -1,
		.level = 99,
		.reason = STOCK_SALE };

	(void)state;
	level(7, 50, -1, STOCK_SALE);
	apply_stock(DESK_EPOCH + 1, 900, &early);
	assert_int_equal(stock_row().level, 49);
}

static void
a_jump_asks_for_a_count_until_there_is_one(void **state)
{
	(void)state;
	level(0, 50, -1, STOCK_SALE);
	level(1, 40, -1, STOCK_SALE);
	assert_true(stock_row().please_count);
	level(2, 39, -1, STOCK_SALE);
	assert_true(stock_row().please_count);
	level(3, 30, 0, STOCK_COUNT);
	assert_false(stock_row().please_count);
	assert_int_equal(stock_row().level, 30);
	level(4, 30, -2, STOCK_SALE);
	assert_false(stock_row().please_count);
}

static void
a_low_level_opens_one_order(void **state)
{
	struct order_event order;

	(void)state;
	level(0, 21, -1, STOCK_SALE);
	assert_false(stock_row().order_open);
	level(1, 20, -1, STOCK_SALE);
	assert_true(stock_row().order_open);
	order = last_order();
	assert_int_equal(order.state, ORDER_RECIBIDO);
	assert_int_equal(order.lines[0].units, 41);
	assert_string_equal(order.cart, DESK_CART);
	for (uint64_t i = 2; i < 20; i++)
		level(i, 21 - (int32_t)i, -1, STOCK_SALE);
	assert_int_equal(d.total[TALLY_ORDERS], 1);
}

static void
a_restock_of_the_order_closes_it_and_the_next_may_open(void **state)
{
	struct stock restock = { .at = { .ms = DESK_NOW + 5 * MINUTE },
		.delta = 41,
		.level = 60,
		.reason = STOCK_RESTOCK };
	struct order_event order;

	(void)state;
	level(0, 20, -1, STOCK_SALE);
	order = last_order();
	restock.order = text_of(order.order);
	apply_stock(DESK_EPOCH, 5, &restock);
	assert_false(stock_row().order_open);
	assert_int_equal(last_order().state, ORDER_FINALIZADO);
	assert_string_equal(last_order().order, order.order);
	level(6, 20, -1, STOCK_SALE);
	assert_true(stock_row().order_open);
	assert_string_not_equal(last_order().order, order.order);
	assert_int_equal(d.total[TALLY_ORDERS], 2);
}

static void
the_same_cause_gives_the_same_order(void **state)
{
	struct order_event first, second;

	(void)state;
	level(3, 20, -1, STOCK_SALE);
	first = last_order();
	desk_close(&d);
	desk_open(&d, &role_stock);
	level(3, 20, -1, STOCK_SALE);
	second = last_order();
	assert_string_equal(first.order, second.order);
}

static void
a_late_low_level_that_is_past_orders_nothing(void **state)
{
	(void)state;
	level(5, 20, 40, STOCK_RESTOCK);
	level(4, 20, -1, STOCK_SALE);
	assert_false(stock_row().order_open);
	assert_int_equal(stock_row().level, 60);
}

static void
an_event_without_a_clock_finds_its_place_when_mended(void **state)
{
	struct time_marker marker = { BOOT, DESK_NOW - 10 * MINUTE };
	struct stock stock = { .at = { 1000, BOOT },
		.delta = -1,
		.level = 51,
		.reason = STOCK_SALE };
	struct mp_writer w;

	(void)state;
	level(0, 51, -1, STOCK_SALE);
	apply_stock(DESK_EPOCH + 1, 0, &stock);
	/* It counts as of its arrival, so as the last. */
	assert_int_equal(stock_row().level, 51);
	assert_true(stock_row().please_count);
	desk_frame_begin(&d, &w, DESK_EPOCH + 1, 1, 1, 1);
	time_marker_encode(&marker, &w);
	desk_frame_end(&d, &w, DESK_CART, SCHEMA_FRAME_STOCK, DESK_NOW);
	assert_int_equal(stock_row().level, 50);
	assert_false(stock_row().please_count);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_desk, close_desk)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(
		    the_level_is_that_of_the_last_event_not_of_the_last_arrival),
		TEST(across_epochs_the_time_orders),
		TEST(a_jump_asks_for_a_count_until_there_is_one),
		TEST(a_low_level_opens_one_order),
		TEST(a_restock_of_the_order_closes_it_and_the_next_may_open),
		TEST(the_same_cause_gives_the_same_order),
		TEST(a_late_low_level_that_is_past_orders_nothing),
		TEST(an_event_without_a_clock_finds_its_place_when_mended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
