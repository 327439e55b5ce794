/*
 * The rules of a day's book: its figures, and when it is made.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "backend/rules/daybook.h"

#define END INT64_C(1775361600000)
#define SECOND INT64_C(1000)

static const struct daybook_rules rules = { 300 * SECOND, 60 * SECOND };

static void
an_average_is_rounded_half_up(void **state)
{
	struct daybook_figures f = { .units = 5, .customers = 3 };

	(void)state;
	assert_int_equal(daybook_units_per_customer(&f), 167);
	f = (struct daybook_figures){ .units = 1, .customers = 8 };
	assert_int_equal(daybook_units_per_customer(&f), 13);
	f = (struct daybook_figures){ .units = 0, .customers = 1 };
	assert_int_equal(daybook_units_per_customer(&f), 0);
	f.customers = 0;
	assert_int_equal(daybook_units_per_customer(&f), -1);
}

static void
the_abandoned_are_a_share_of_all_that_was_begun(void **state)
{
	struct daybook_figures f = { .sales = 6, .voided = 1, .abandoned = 1 };

	(void)state;
	assert_int_equal(daybook_abandoned_share(&f), 1250);
	f = (struct daybook_figures){ .abandoned = 3 };
	assert_int_equal(daybook_abandoned_share(&f), 10000);
	f = (struct daybook_figures){ .sales = 2, .abandoned = 1 };
	assert_int_equal(daybook_abandoned_share(&f), 3333);
	f = (struct daybook_figures){ .sales = 0 };
	assert_int_equal(daybook_abandoned_share(&f), -1);
}

static void
each_figure_makes_a_difference(void **state)
{
	const struct daybook_figures zero = { .sales = 0 };
	struct daybook_figures f;

	(void)state;
	for (size_t i = 0; i < sizeof(f) / sizeof(int64_t); i++) {
		f = zero;
		((int64_t *)(void *)&f)[i] = 1;
		assert_false(daybook_equal(&f, &zero));
		assert_true(daybook_equal(&f, &f));
	}
}

static bool
due(int64_t first_ms, int64_t last_ms, int64_t now_ms)
{
	struct daybook_changes changes = { first_ms, last_ms };

	return daybook_is_due(&changes, END, &rules, now_ms);
}

static void
a_day_that_nothing_changed_is_not_looked_at(void **state)
{
	(void)state;
	assert_false(due(0, 0, END + 400 * SECOND));
}

static void
the_first_book_waits_for_the_days_end_and_then_some(void **state)
{
	int64_t noon = END - 43200 * SECOND;

	(void)state;
	assert_false(due(noon, noon, END - 1));
	assert_false(due(noon, END - 1, END + 300 * SECOND - 1));
	assert_true(due(noon, END - 1, END + 300 * SECOND));
}

static void
a_burst_is_one_edition(void **state)
{
	int64_t late = END + 86400 * SECOND;

	(void)state;
	assert_false(due(late, late, late));
	assert_false(due(late, late, late + 60 * SECOND - 1));
	assert_true(due(late, late, late + 60 * SECOND));
	assert_false(due(late, late + 50 * SECOND, late + 60 * SECOND));
	assert_true(due(late, late + 50 * SECOND, late + 110 * SECOND));
}

static void
a_burst_without_end_is_an_edition_now_and_then(void **state)
{
	int64_t late = END + 86400 * SECOND, now = late + 600 * SECOND;

	(void)state;
	assert_false(due(late, now - 2, now - 1));
	assert_true(due(late, now - 1, now));
}

static void
a_clock_that_was_set_back_does_not_hold_a_book_up(void **state)
{
	int64_t late = END + 86400 * SECOND;

	(void)state;
	assert_true(due(late, late, late - 3600 * SECOND));
	assert_false(due(late, late, END - 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_average_is_rounded_half_up),
		cmocka_unit_test(
		    the_abandoned_are_a_share_of_all_that_was_begun),
		cmocka_unit_test(each_figure_makes_a_difference),
		cmocka_unit_test(a_day_that_nothing_changed_is_not_looked_at),
		cmocka_unit_test(
		    the_first_book_waits_for_the_days_end_and_then_some),
		cmocka_unit_test(a_burst_is_one_edition),
		cmocka_unit_test(
		    a_burst_without_end_is_an_edition_now_and_then),
		cmocka_unit_test(
		    a_clock_that_was_set_back_does_not_hold_a_book_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
