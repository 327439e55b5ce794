/*
 * When a product must be brought: the rules' precedence, the arithmetic, and
 * the traps that systems fall into which do only the arithmetic.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>
#include <cmocka.h>

#include "backend/rules/order_rules.h"
#include "backend/rules/replenish.h"

#define NOW INT64_C(1795190400000)
#define WAIT INT64_C(43200000)

static const struct replenish_levels settings = { 20, 0 };

static struct setting
rule(const char *key, const char *value)
{
	return (
	    struct setting){ { key, strlen(key) }, { value, strlen(value) } };
}

static struct replenish_levels
find(const struct rules *cart, const struct rules *all, uint32_t product)
{
	struct replenish_scope c, a;
	struct text bad;

	replenish_scope_read(cart, &c, &bad);
	replenish_scope_read(all, &a, &bad);
	return replenish_find(&c, &a, product, &settings);
}

static void
the_nearest_rule_holds(void **state)
{
	struct rules cart = { .count = 0 }, all = { .count = 0 };

	(void)state;
	assert_int_equal(find(&cart, &all, 3).threshold, 20);
	all.settings[all.count++] = rule("stock.threshold", "30");
	assert_int_equal(find(&cart, &all, 3).threshold, 30);
	all.settings[all.count++] = rule("stock.threshold.3", "33");
	assert_int_equal(find(&cart, &all, 3).threshold, 33);
	assert_int_equal(find(&cart, &all, 4).threshold, 30);
	cart.settings[cart.count++] = rule("stock.threshold", "40");
	assert_int_equal(find(&cart, &all, 3).threshold, 40);
	cart.settings[cart.count++] = rule("stock.threshold.3", "43");
	assert_int_equal(find(&cart, &all, 3).threshold, 43);
	assert_int_equal(find(&cart, &all, 4).threshold, 40);
	/* Targets are rules of their own. */
	assert_int_equal(find(&cart, &all, 3).target, 0);
	cart.settings[cart.count++] = rule("stock.target.3", "150");
	assert_int_equal(find(&cart, &all, 3).target, 150);
	assert_int_equal(find(&cart, &all, 4).target, 0);
	assert_int_equal(
	    replenish_find(NULL, NULL, 3, &settings).threshold, 20);
}

static void
rules_that_are_none_are_named_and_the_rest_is_read(void **state)
{
	static const char *const keys[] = { "stock.threshold.",
		"stock.threshold.65536", "stock.threshold.x",
		"stock.target.-1" };
	static const char *const values[] = { "", "x", "-1", "1000001", "20 ",
		"99999999999999999999" };
	struct rules rules = { .count = 3 };
	struct replenish_scope scope;
	struct text bad;

	(void)state;
	rules.settings[0] = rule("missing.s", "90");
	rules.settings[2] = rule("stock.target", "150");
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		rules.settings[1] = rule(keys[i], "5");
		errno = 0;
		assert_int_equal(
		    replenish_scope_read(&rules, &scope, &bad), -1);
		assert_int_equal(errno, EINVAL);
		assert_ptr_equal(bad.s, keys[i]);
		assert_int_equal(scope.count, 1);
		assert_int_equal(scope.rules[0].units, 150);
	}
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		rules.settings[1] = rule("stock.threshold", values[i]);
		assert_int_equal(
		    replenish_scope_read(&rules, &scope, &bad), -1);
		assert_int_equal(scope.count, 1);
	}
	/* Not ours, whatever it begins with; the later of two wins. */
	rules.settings[0] = rule("stock.thresholds", "x");
	rules.settings[1] = rule("stock.target", "90");
	assert_int_equal(replenish_scope_read(&rules, &scope, &bad), 0);
	assert_int_equal(scope.count, 1);
	assert_int_equal(scope.rules[0].units, 150);
}

static void
the_days_first_level_is_what_stood_there_in_the_morning(void **state)
{
	struct stock sale = { .delta = -3, .level = 177 };
	struct stock count = {
		.delta = 50, .level = 200, .reason = STOCK_COUNT
	};
	struct stock restock = {
		.delta = 195, .level = 200, .reason = STOCK_RESTOCK
	};

	(void)state;
	assert_int_equal(replenish_day_first(&sale), 180);
	assert_int_equal(replenish_day_first(&count), 200);
	assert_int_equal(replenish_day_first(&restock), 200);
}

static void
the_target_is_the_rules_or_the_days_or_200(void **state)
{
	const struct replenish_levels ruled = { 20, 150 };

	(void)state;
	assert_int_equal(replenish_target(&ruled, 180), 150);
	assert_int_equal(replenish_target(&settings, 180), 180);
	assert_int_equal(replenish_target(&settings, INSTANT_MISSING), 200);
	/* A cart that began its day nearly empty does not stay so. */
	assert_int_equal(replenish_target(&settings, 20), 200);
	assert_int_equal(replenish_target(&settings, -4), 200);
	assert_int_equal(replenish_target(&settings, 21), 21);
}

static void
at_equality_with_the_threshold_nothing_is_ordered(void **state)
{
	(void)state;
	assert_false(replenish_due(20, 20, 200, false));
	assert_true(replenish_due(19, 20, 200, false));
	assert_true(replenish_due(-7, 20, 200, false));
	assert_false(replenish_due(0, 0, 200, false));
	/* A target at the level brings nothing. */
	assert_false(replenish_due(10, 20, 10, false));
	assert_true(replenish_due(9, 20, 10, false));
}

static void
a_second_run_orders_nothing_more(void **state)
{
	bool open_line = false;
	int orders = 0;

	(void)state;
	for (int run = 0; run < 500; run++)
		if (replenish_due(19 - run, 20, 200, open_line)) {
			open_line = true;
			orders++;
		}
	assert_int_equal(orders, 1);
}

static void
what_was_delivered_and_not_yet_booked_is_not_ordered_again(void **state)
{
	struct replenish_delivered line = { .units = 180, .at_ms = NOW };
	int64_t unseen;

	(void)state;
	/* The open order is finished: only the position speaks now. */
	unseen = replenish_unseen(&line, INSTANT_MISSING, NOW + 1, WAIT);
	assert_int_equal(unseen, 180);
	assert_false(replenish_due(12 + unseen, 20, 200, false));
	/* Even so it may run low again. */
	line.units = 5;
	unseen = replenish_unseen(&line, INSTANT_MISSING, NOW + 1, WAIT);
	assert_true(replenish_due(12 + unseen, 20, 200, false));
	assert_int_equal(replenish_units(12 + unseen, 200), 183);
	/* The cart booked it: it is in the level. */
	line.confirmed = true;
	assert_int_equal(
	    replenish_unseen(&line, INSTANT_MISSING, NOW + 1, WAIT), 0);
}

static void
what_is_never_booked_counts_for_a_while_only(void **state)
{
	const struct replenish_delivered line = { .units = 180, .at_ms = NOW };

	(void)state;
	assert_int_equal(
	    replenish_unseen(&line, INSTANT_MISSING, NOW + WAIT - 1, WAIT),
	    180);
	assert_int_equal(
	    replenish_unseen(&line, INSTANT_MISSING, NOW + WAIT, WAIT), 0);
	/* A count after it saw it; one before did not. */
	assert_int_equal(replenish_unseen(&line, NOW, NOW + 5, WAIT), 180);
	assert_int_equal(replenish_unseen(&line, NOW + 1, NOW + 5, WAIT), 0);
}

static void
after_cancel_and_reopen_there_is_one_order(void **state)
{
	struct order_request create = { .kind = REQUEST_CREATE,
		.line_count = 1,
		.lines = { { 1, 0 } },
		.at_ms = NOW };
	struct order_request move = { .kind = REQUEST_MOVE, .at_ms = NOW };
	struct order first, second;
	struct order_why why;

	(void)state;
	order_open(&first, ORIGIN_LEVEL, &create, &why);
	move.to = ORDER_CANCELADO;
	memcpy(move.reason, "closed", 7);
	assert_int_equal(order_move(&first, &move, NULL, &why), ORDER_MOVED);
	/* The level is still low: another takes its place ... */
	assert_true(replenish_due(12, 20, 200, order_is_open(first.state)));
	order_open(&second, ORIGIN_LEVEL, &create, &why);
	/* ... so the first must not come back beside it, in any way. */
	for (enum order_state to = 0; to < ORDER_CANCELADO; to++) {
		move.to = to;
		assert_int_equal(
		    order_move(&first, &move, NULL, &why), ORDER_REFUSED);
	}
	assert_int_equal(
	    order_is_open(first.state) + order_is_open(second.state), 1);
	assert_false(replenish_due(12, 20, 200, order_is_open(second.state)));
}

static void
units_fill_up_to_the_target_and_are_never_negative(void **state)
{
	(void)state;
	assert_int_equal(replenish_units(17, 200), 183);
	assert_int_equal(replenish_units(-3, 200), 203);
	assert_int_equal(replenish_units(250, 200), 0);
	assert_int_equal(replenish_units(-UNITS_MAX, UNITS_MAX), UNITS_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_nearest_rule_holds),
		cmocka_unit_test(
		    rules_that_are_none_are_named_and_the_rest_is_read),
		cmocka_unit_test(
		    the_days_first_level_is_what_stood_there_in_the_morning),
		cmocka_unit_test(the_target_is_the_rules_or_the_days_or_200),
		cmocka_unit_test(
		    at_equality_with_the_threshold_nothing_is_ordered),
		cmocka_unit_test(a_second_run_orders_nothing_more),
		cmocka_unit_test(
		    what_was_delivered_and_not_yet_booked_is_not_ordered_again),
		cmocka_unit_test(what_is_never_booked_counts_for_a_while_only),
		cmocka_unit_test(after_cancel_and_reopen_there_is_one_order),
		cmocka_unit_test(
		    units_fill_up_to_the_target_and_are_never_negative),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
