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
		cmocka_unit_test(an_unknown_zone_is_refused),
	};

	return cmocka_run_group_tests(tests, santiago, NULL);
}
