/*
 * The role stock over its database: levels in the order of events, never of
 * arrival, and at most one open order.
 */
#include "tests/unit/stock_desk.h"

#define BOOT 77

static int
open_desk(void **state)
{
	(void)state;
	stock_desk_open();
	return 0;
}

static int
close_desk(void **state)
{
	(void)state;
	desk_close(&d);
	return 0;
}

/* It comes an hour late. */
static void
apply_late(uint64_t epoch, uint64_t seq, const struct stock *stock)
{
	apply_stock(DESK_CART, epoch, seq, stock, DESK_NOW + 3600000);
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
	apply_late(DESK_EPOCH + 1, 900, &early);
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
	assert_int_equal(order.origin, ORIGIN_LEVEL);
	/* Fixed when it is prepared. */
	assert_int_equal(order.lines[0].units, 0);
	assert_string_equal(order.cart, DESK_CART);
	for (uint64_t i = 2; i < 20; i++)
		level(i, 21 - (int32_t)i, -1, STOCK_SALE);
	assert_int_equal(d.total[TALLY_ORDERS], 1);
}

static void
five_hundred_sales_under_the_threshold_are_one_order(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 500; i++)
		level(i, 19 - (int32_t)i, -1, STOCK_SALE);
	assert_int_equal(d.total[TALLY_ORDERS], 1);
	read_sent();
	assert_int_equal(sent.order_count, 1);
}

static void
the_units_are_fixed_by_the_level_when_it_is_prepared(void **state)
{
	struct order_event order;

	(void)state;
	level(0, 20, -1, STOCK_SALE);
	order = last_order();
	level(1, 19, -9, STOCK_SALE);
	move_at(
	    order.order, DESK_CART, ORDER_PREPARANDO, DESK_NOW + 2 * MINUTE);
	assert_int_equal(last_order().lines[0].units, 50);
	level(3, 10, -5, STOCK_SALE);
	assert_int_equal(look_up(order.order)->parts[0].prepared, 50);
}

static void
a_booking_of_the_order_ends_it_state_by_state(void **state)
{
	struct order_event order;

	(void)state;
	level(0, 20, -1, STOCK_SALE);
	order = last_order();
	event_of(5, 0, 19, 41, STOCK_RESTOCK, order.order);
	assert_false(stock_row().order_open);
	assert_string_equal(
	    life_of(order.order), "recibido preparando entregando finalizado");
	assert_false(look_up(order.order)->disputed);
	level(6, 20, -1, STOCK_SALE);
	assert_true(stock_row().order_open);
	assert_string_not_equal(last_order().order, order.order);
	assert_int_equal(d.total[TALLY_ORDERS], 2);
}

static void
what_the_depot_delivered_counts_until_the_cart_has_booked_it(void **state)
{
	struct order_event order;
	int64_t at = DESK_NOW + MINUTE;

	(void)state;
	level(0, 20, -1, STOCK_SALE);
	order = last_order();
	for (int to = ORDER_PREPARANDO; to <= ORDER_FINALIZADO; to++)
		move_at(order.order, DESK_CART, (enum order_state)to, at);
	level(2, 19, -1, STOCK_SALE);
	assert_int_equal(d.total[TALLY_ORDERS], 1);
	event_of(3, 0, 18, 41, STOCK_RESTOCK, order.order);
	level(4, 59, -40, STOCK_SALE);
	assert_int_equal(d.total[TALLY_ORDERS], 2);
}

static void
what_was_delivered_and_never_booked_is_ordered_again(void **state)
{
	struct order_event order;
	int64_t at = DESK_NOW + MINUTE;

	(void)state;
	level(0, 20, -1, STOCK_SALE);
	order = last_order();
	for (int to = ORDER_PREPARANDO; to <= ORDER_FINALIZADO; to++)
		move_at(order.order, DESK_CART, (enum order_state)to, at);
	/* The same level again would be the same order: a sale between. */
	level(2, 19, -1, STOCK_SALE);
	desk_tick(&d, at + 43199 * INT64_C(1000), true);
	assert_int_equal(d.total[TALLY_ORDERS], 1);
	desk_tick(&d, at + 43200 * INT64_C(1000), false);
	assert_int_equal(d.total[TALLY_ORDERS], 1);
	desk_tick(&d, at + 43200 * INT64_C(1000), true);
	assert_int_equal(d.total[TALLY_ORDERS], 2);
}

static void
after_a_cancel_the_next_sale_orders_once_more(void **state)
{
	struct order_event order;

	(void)state;
	level(0, 20, -1, STOCK_SALE);
	order = last_order();
	move_at(order.order, DESK_CART, ORDER_CANCELADO, DESK_NOW + MINUTE);
	assert_false(stock_row().order_open);
	level(2, 19, -1, STOCK_SALE);
	assert_int_equal(d.total[TALLY_ORDERS], 2);
	level(3, 18, -1, STOCK_SALE);
	assert_int_equal(d.total[TALLY_ORDERS], 2);
}

static void
put_rules(const char *scope, const char *key, const char *value)
{
	static uint8_t bytes[RULES_BYTES_MAX];
	struct rules rules = { .at_ms = DESK_NOW,
		.by = "ana",
		.count = 1,
		.settings = { { text_of(key), text_of(value) } } };
	char record_key[32];
	int len;

	snprintf(rules.scope, sizeof(rules.scope), "%s", scope);
	snprintf(record_key, sizeof(record_key), RULES_KEY "%s", scope);
	len = rules_encode(&rules, bytes, sizeof(bytes));
	assert_true(len > 0);
	desk_rule(&d, record_key, SCHEMA_RULES, DESK_NOW, bytes, (size_t)len);
}

static void
a_rule_of_the_guild_moves_the_threshold(void **state)
{
	(void)state;
	level(0, 31, -1, STOCK_SALE);
	put_rules(RULES_ALL, "stock.threshold", "30");
	assert_int_equal(d.total[TALLY_ORDERS], 0);
	/* What is low by it is ordered without a sale. */
	put_rules(RULES_ALL, "stock.threshold", "31");
	assert_int_equal(d.total[TALLY_ORDERS], 1);
}

static void
a_rule_of_the_cart_and_product_wins_until_it_is_taken_away(void **state)
{
	(void)state;
	put_rules(RULES_ALL, "stock.threshold", "40");
	put_rules(DESK_CART, "stock.threshold.0", "5");
	level(0, 31, -1, STOCK_SALE);
	assert_int_equal(d.total[TALLY_ORDERS], 0);
	desk_rule(&d, RULES_KEY DESK_CART, "", DESK_NOW, NULL, 0);
	assert_int_equal(d.total[TALLY_ORDERS], 1);
}

static void
a_rule_with_another_key_than_its_scope_is_kept_for_people(void **state)
{
	static uint8_t bytes[256];
	struct rules rules = {
		.scope = "BBBB02", .at_ms = DESK_NOW, .by = "ana"
	};
	int len = rules_encode(&rules, bytes, sizeof(bytes));

	(void)state;
	desk_rule(&d, RULES_KEY DESK_CART, SCHEMA_RULES, DESK_NOW, bytes,
	    (size_t)len);
	assert_int_equal(d.total[TALLY_REJECTED], 1);
}

static void
without_a_target_it_is_filled_to_the_first_level_of_the_day(void **state)
{
	struct order_event order;

	(void)state;
	desk_close(&d);
	desk_settings.stock_target = 0;
	stock_desk_open();
	desk_settings.stock_target = 60;
	level(0, 80, -1, STOCK_SALE);
	level(1, 79, -69, STOCK_SALE);
	order = last_order();
	move_at(
	    order.order, DESK_CART, ORDER_PREPARANDO, DESK_NOW + 2 * MINUTE);
	assert_int_equal(last_order().lines[0].units, 70);
}

static void
the_same_cause_gives_the_same_order(void **state)
{
	struct order_event first, second;

	(void)state;
	level(3, 20, -1, STOCK_SALE);
	first = last_order();
	desk_close(&d);
	stock_desk_open();
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
	apply_late(DESK_EPOCH + 1, 0, &stock);
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
		TEST(five_hundred_sales_under_the_threshold_are_one_order),
		TEST(the_units_are_fixed_by_the_level_when_it_is_prepared),
		TEST(a_booking_of_the_order_ends_it_state_by_state),
		TEST(
		    what_the_depot_delivered_counts_until_the_cart_has_booked_it),
		TEST(what_was_delivered_and_never_booked_is_ordered_again),
		TEST(after_a_cancel_the_next_sale_orders_once_more),
		TEST(a_rule_of_the_guild_moves_the_threshold),
		TEST(
		    a_rule_of_the_cart_and_product_wins_until_it_is_taken_away),
		TEST(a_rule_with_another_key_than_its_scope_is_kept_for_people),
		TEST(
		    without_a_target_it_is_filled_to_the_first_level_of_the_day),
		TEST(the_same_cause_gives_the_same_order),
		TEST(a_late_low_level_that_is_past_orders_nothing),
		TEST(an_event_without_a_clock_finds_its_place_when_mended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
