/* clock: times as text, and clocks that are moved by hand. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "lib/clock.h"

static const struct {
	int64_t ms;
	const char *text;
} known[] = {
	{ 0, "1970-01-01T00:00:00.000Z" },
	{ 1795190700123, "2026-11-20T16:05:00.123Z" },
	{ 951782399999, "2000-02-28T23:59:59.999Z" },
	{ 951782400000, "2000-02-29T00:00:00.000Z" },
	{ -1, "1969-12-31T23:59:59.999Z" },
	{ -62167219200000, "0000-01-01T00:00:00.000Z" },
	{ 253402300799999, "9999-12-31T23:59:59.999Z" },
};

static void
times_are_written_and_read_alike(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		char text[CLOCK_TEXT];
		int64_t ms;

		clock_format(known[i].ms, text);
		assert_string_equal(text, known[i].text);
		assert_int_equal(clock_parse(text, &ms), 0);
		assert_int_equal(ms, known[i].ms);
	}
}

static void
an_impossible_year_is_written_as_the_nearest_possible(void **state)
{
	char text[CLOCK_TEXT];

	(void)state;
	clock_format(INT64_MAX, text);
	assert_string_equal(text, "9999-12-31T23:59:59.999Z");
	clock_format(INT64_MIN, text);
	assert_string_equal(text, "0000-01-01T00:00:00.000Z");
}

static void
every_form_of_rfc_3339_is_read(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} cases[] = {
		{ "2026-11-20T13:05:00-03:00", 1795190700000 },
		{ "2026-11-20t16:05:00z", 1795190700000 },
		{ "2026-11-20 16:05:00Z", 1795190700000 },
		{ "2026-11-20T16:05:00.1Z", 1795190700100 },
		{ "2026-11-20T16:05:00.123987654Z", 1795190700123 },
		{ "2026-11-21T01:35:00+09:30", 1795190700000 },
		{ "2016-12-31T23:59:60Z", 1483228800000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int64_t ms = 0;

		assert_int_equal(clock_parse(cases[i].text, &ms), 0);
		assert_int_equal(ms, cases[i].ms);
	}
}

static void
what_is_no_time_is_refused(void **state)
{
	static const char *const cases[] = { "", "2026", "2026-11-20",
		"2026-11-20T13:05:00", "2026-11-20T13:05Z",
		"2026-13-20T13:05:00Z", "2026-00-20T13:05:00Z",
		"2026-11-31T13:05:00Z", "2026-02-29T13:05:00Z",
		"1900-02-29T13:05:00Z", "2026-11-20T24:00:00Z",
		"2026-11-20T13:60:00Z", "2026-11-20T13:05:61Z",
		"2026-11-20T13:05:00.Z", "2026-11-20T13:05:00-0300",
		"2026-11-20T13:05:00-24:00", "2026-11-20T13:05:00Z ",
		"+026-11-20T13:05:00Z", "2026-11-20T13:05:00-03:00x" };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int64_t ms = 42;

		errno = 0;
		assert_int_equal(clock_parse(cases[i], &ms), -1);
		assert_int_equal(errno, EINVAL);
		assert_int_equal(ms, 42);
	}
}

static void
a_manual_clock_stands_until_it_is_moved(void **state)
{
	struct clock_manual manual;

	(void)state;
	clock_manual_init(&manual, 1000);
	assert_int_equal(clock_realtime_ms(&manual.clock), 1000);
	assert_int_equal(clock_boottime_ms(&manual.clock), 0);
	clock_manual_advance(&manual, 250);
	assert_int_equal(clock_realtime_ms(&manual.clock), 1250);
	assert_int_equal(clock_boottime_ms(&manual.clock), 250);
	manual.synchronised = 0;
	assert_false(manual.clock.synchronised(&manual.clock));
}

static void
the_systems_clock_runs(void **state)
{
	int64_t boot = clock_boottime_ms(&clock_system);
	int64_t real = clock_realtime_ms(&clock_system);

	(void)state;
	while (clock_boottime_ms(&clock_system) == boot)
		continue;
	assert_true(clock_boottime_ms(&clock_system) > boot);
	assert_true(real > 1700000000000);
}

static void
the_boot_has_one_identity(void **state)
{
	uint64_t id = clock_boot_id();

	(void)state;
	assert_int_not_equal(id, 0);
	assert_true(clock_boot_id() == id);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_written_and_read_alike),
		cmocka_unit_test(
		    an_impossible_year_is_written_as_the_nearest_possible),
		cmocka_unit_test(every_form_of_rfc_3339_is_read),
		cmocka_unit_test(what_is_no_time_is_refused),
		cmocka_unit_test(a_manual_clock_stands_until_it_is_moved),
		cmocka_unit_test(the_systems_clock_runs),
		cmocka_unit_test(the_boot_has_one_identity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
