/*
 * The setting stock.auto_advance.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <cmocka.h>

#include "backend/rules/advance.h"

static void
three_numbers_of_seconds(void **state)
{
	struct advance advance;

	(void)state;
	assert_int_equal(advance_parse("5,0, 12.25", &advance), 0);
	assert_true(advance.set);
	assert_int_equal(advance.wait_ms[ORDER_RECIBIDO], 5000);
	assert_int_equal(advance.wait_ms[ORDER_PREPARANDO], 0);
	assert_int_equal(advance.wait_ms[ORDER_ENTREGANDO], 12250);
}

static void
nothing_leaves_it_to_the_depot(void **state)
{
	struct advance advance;

	(void)state;
	assert_int_equal(advance_parse("", &advance), 0);
	assert_false(advance.set);
	assert_int_equal(
	    advance_due_ms(&advance, ORDER_RECIBIDO, 1000), INT64_MAX);
}

static void
anything_else_is_refused(void **state)
{
	static const char *const bad[] = { "5", "5,5", "5,5,5,5", "5,5,5,",
		"5,,5", "a,5,5", "-1,5,5", "5,5,86401", "5;5;5", "1.,5,5",
		"1.0001,5,5", "99999999999999999999,5,5", " ", "5,5,5x" };
	struct advance advance;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		errno = 0;
		assert_int_equal(advance_parse(bad[i], &advance), -1);
		assert_int_equal(errno, EINVAL);
		assert_false(advance.set);
	}
}

static void
each_state_has_its_time_and_the_last_ones_none(void **state)
{
	struct advance advance;

	(void)state;
	advance_parse("1,2,3", &advance);
	assert_int_equal(advance_due_ms(&advance, ORDER_RECIBIDO, 100), 1100);
	assert_int_equal(advance_due_ms(&advance, ORDER_PREPARANDO, 100), 2100);
	assert_int_equal(advance_due_ms(&advance, ORDER_ENTREGANDO, 100), 3100);
	assert_int_equal(
	    advance_due_ms(&advance, ORDER_FINALIZADO, 100), INT64_MAX);
	assert_int_equal(
	    advance_due_ms(&advance, ORDER_CANCELADO, 100), INT64_MAX);
	assert_int_equal(advance_next(ORDER_RECIBIDO), ORDER_PREPARANDO);
	assert_int_equal(advance_next(ORDER_ENTREGANDO), ORDER_FINALIZADO);
	assert_int_equal(advance_next(ORDER_FINALIZADO), ORDER_STATES);
	assert_int_equal(advance_next(ORDER_CANCELADO), ORDER_STATES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_numbers_of_seconds),
		cmocka_unit_test(nothing_leaves_it_to_the_depot),
		cmocka_unit_test(anything_else_is_refused),
		cmocka_unit_test(
		    each_state_has_its_time_and_the_last_ones_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
