/*
 * Local days over both of Santiago's changes of 2026.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "backend/consumer/day.h"
#include "lib/clock.h"

static void
assert_day(const char *at, const char *expected)
{
	char day[DAY_TEXT];
	int64_t ms;

	assert_int_equal(clock_parse(at, &ms), 0);
	day_of(ms, day);
	assert_string_equal(day, expected);
}

static int
santiago(void **state)
{
	(void)state;
	return day_zone("America/Santiago");
}

static void
a_day_of_25_hours_ends_an_hour_later(void **state)
{
	(void)state;
	/* On 2026-04-04 at 24:00 the clock goes back to 23:00. */
	assert_day("2026-04-04T02:59:59Z", "2026-04-03");
	assert_day("2026-04-04T03:00:00Z", "2026-04-04");
	assert_day("2026-04-05T02:59:59Z", "2026-04-04");
	assert_day("2026-04-05T03:30:00Z", "2026-04-04");
	assert_day("2026-04-05T03:59:59Z", "2026-04-04");
	assert_day("2026-04-05T04:00:00Z", "2026-04-05");
	assert_day("2026-04-06T03:59:59Z", "2026-04-05");
	assert_day("2026-04-06T04:00:00Z", "2026-04-06");
}

static void
a_day_whose_first_hour_does_not_exist_has_23(void **state)
{
	(void)state;
	assert_day("2026-09-06T03:59:59.999Z", "2026-09-05");
	assert_day("2026-09-06T04:00:00Z", "2026-09-06");
	assert_day("2026-09-07T02:59:59Z", "2026-09-06");
	assert_day("2026-09-07T03:00:00Z", "2026-09-07");
}

static void
assert_end(const char *day, const char *expected)
{
	int64_t ms;

	assert_int_equal(clock_parse(expected, &ms), 0);
	assert_true(day_end(day) == ms);
}

static void
a_day_ends_where_the_next_begins(void **state)
{
	(void)state;
	assert_end("2026-01-31", "2026-02-01T00:00:00-03:00");
	assert_end("2024-02-28", "2024-02-29T00:00:00-03:00");
	assert_end("2026-12-31", "2027-01-01T00:00:00-03:00");
	/* 25 hours; before a midnight that is skipped; 23 hours. */
	assert_end("2026-04-04", "2026-04-05T04:00:00Z");
	assert_end("2026-04-05", "2026-04-06T04:00:00Z");
	assert_end("2026-09-05", "2026-09-06T04:00:00Z");
	assert_end("2026-09-06", "2026-09-07T03:00:00Z");
}

static void
an_unknown_zone_is_refused(void **state)
{
	(void)state;
	assert_int_equal(day_zone("America/Nowhere"), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(day_zone("../../etc/passwd"), -1);
	assert_int_equal(day_zone(""), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_day_of_25_hours_ends_an_hour_later),
		cmocka_unit_test(a_day_whose_first_hour_does_not_exist_has_23),
		cmocka_unit_test(a_day_ends_where_the_next_begins),
		cmocka_unit_test(an_unknown_zone_is_refused),
	};

	return cmocka_run_group_tests(tests, santiago, NULL);
}
