/*
 * When a cart works: texts, midnights, and the nights on which clocks change.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backend/rules/hours.h"
#include "tests/unit/chance.h"

static struct hours hours;

static void
take(const char *text)
{
	char why[HOURS_WHY];

	if (hours_parse(text, &hours, why) == -1)
		fail_msg("\"%s\": %s", text, why);
}

/* Of a wall clock in Santiago; dst as in struct tm. */
static int64_t
wall(int year, int month, int day, int hour, int minute, int dst)
{
	struct tm tm = { .tm_year = year - 1900,
		.tm_mon = month - 1,
		.tm_mday = day,
		.tm_hour = hour,
		.tm_min = minute,
		.tm_isdst = dst };

	return (int64_t)mktime(&tm) * 1000;
}

/* November 2026: the 16th is a Monday. */
static bool
works(int day, int hour, int minute)
{
	return hours_open(&hours, wall(2026, 11, day, hour, minute, -1));
}

static void
no_text_is_always(void **state)
{
	(void)state;
	take("");
	assert_true(works(16, 3, 0));
	take("  always ");
	assert_true(works(21, 3, 0));
	take("never");
	assert_false(works(16, 12, 0));
}

static void
days_and_times_are_read(void **state)
{
	(void)state;
	take("Mon-Fri 08:00-20:00, Sat 09:00-14:00");
	assert_false(works(16, 7, 59));
	assert_true(works(16, 8, 0));
	assert_true(works(20, 19, 59));
	assert_false(works(20, 20, 0));
	assert_false(works(21, 8, 30));
	assert_true(works(21, 13, 59));
	assert_false(works(22, 12, 0));
}

static void
a_lunch_break_is_two_times(void **state)
{
	(void)state;
	take("mon-fri 8:00-13:00 15:00-20:00");
	assert_true(works(16, 12, 59));
	assert_false(works(16, 14, 0));
	assert_true(works(16, 15, 0));
}

static void
times_alone_are_of_every_day(void **state)
{
	(void)state;
	take("10:00-24:00");
	assert_true(works(22, 23, 59));
	assert_false(works(23, 0, 0));
	assert_true(works(23, 10, 0));
	take("00:00-24:00");
	assert_true(works(22, 0, 0));
	assert_true(works(22, 23, 59));
}

static void
days_go_round_the_weeks_end(void **state)
{
	(void)state;
	take("Sat-Mon 10:00-12:00");
	assert_true(works(21, 11, 0));
	assert_true(works(22, 11, 0));
	assert_true(works(23, 11, 0));
	assert_false(works(24, 11, 0));
	assert_false(works(20, 11, 0));
}

static void
days_may_be_spanish(void **state)
{
	(void)state;
	take("Lun-Mi\xc3\xa9 10:00-12:00, s\xc3\xa1"
	     "b 09:00-10:00, Dom 09:00-10:00");
	assert_true(works(16, 11, 0));
	assert_true(works(18, 11, 0));
	assert_false(works(19, 11, 0));
	assert_true(works(21, 9, 30));
	assert_true(works(22, 9, 30));
}

static void
a_night_belongs_to_the_day_it_began(void **state)
{
	(void)state;
	take("Fri 20:00-02:00");
	assert_true(works(20, 20, 0));
	assert_true(works(21, 1, 59));
	assert_false(works(21, 2, 0));
	assert_false(works(20, 1, 0));
	assert_false(works(21, 20, 0));
	/* Over the week's end, and the month's. */
	take("Sat 22:00-03:00");
	assert_true(works(22, 2, 0));
	take("Mon 22:00-03:00");
	assert_true(works(31, 1, 0)); /* Tuesday, 1 December */
}

static void
the_clock_on_the_wall_counts_when_it_is_changed(void **state)
{
	/* Chile 2026: winter from 5 April (24:00 is 23:00 again), summer from
	 * 6 September (0:00 is 1:00). */
	int64_t first = wall(2026, 4, 4, 23, 30, 1);
	int64_t second = wall(2026, 4, 4, 23, 30, 0);

	(void)state;
	assert_int_equal(second - first, 3600000);
	take("Sat 20:00-24:00");
	assert_true(hours_open(&hours, first));
	assert_true(hours_open(&hours, second));
	assert_false(hours_open(&hours, second + 1800000));
	take("08:00-20:00");
	assert_true(hours_open(&hours, wall(2026, 4, 5, 8, 0, -1)));
	assert_false(hours_open(&hours, wall(2026, 4, 5, 8, 0, -1) - 1));
	assert_true(hours_open(&hours, wall(2026, 9, 6, 8, 0, -1)));
	assert_false(hours_open(&hours, wall(2026, 9, 6, 8, 0, -1) - 1));
	/* The hour that is not there: from 23:59 it is 1:00. */
	take("Sat 20:00-00:30");
	assert_true(hours_open(&hours, wall(2026, 9, 5, 23, 59, -1)));
	assert_false(hours_open(&hours, wall(2026, 9, 5, 23, 59, -1) + 60000));
}

static void
what_is_no_text_of_hours_is_refused_with_words(void **state)
{
	static const struct {
		const char *text, *why;
	} wrong[] = {
		{ "Mon", "no time (HH:MM) at character 4, before \"\"" },
		{ "Mo 08:00-20:00", "no day (Mon, Tue, ...) at character 1" },
		{ "Mon-8:00", "no day (Mon, Tue, ...) at character 5" },
		{ "Monday 08:00-20:00", "no day" },
		{ "08:00", "no \"-\" at character 6" },
		{ "08:00-", "no time" },
		{ "08-20", "no time (HH:MM) at character 3" },
		{ "08:5-20:00", "no minutes (MM) at character 4" },
		{ "08:60-20:00", "no time of a day at character 1" },
		{ "24:01-05:00", "no time of a day" },
		{ "08:00-25:00", "no time of a day at character 7" },
		{ "08:00-08:00", "no time between" },
		{ "24:00-08:00", "no time between" },
		{ "08:00-20:00,", "no day" },
		{ "08:00-20:00; 21:00-22:00", "no time" },
		{ "08:00-20:00 Mon", "no time" },
		{ "never 08:00-20:00", "no day" },
	};
	char why[HOURS_WHY];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(hours_parse(wrong[i].text, &hours, why), -1);
		if (strstr(why, wrong[i].why) != why)
			fail_msg("\"%s\": %s", wrong[i].text, why);
		assert_false(hours.limited);
	}
}

static void
many_times_are_bounded(void **state)
{
	char text[HOURS_SPANS_MAX * 12 + 20] = "";
	char why[HOURS_WHY];

	(void)state;
	for (int i = 0; i < HOURS_SPANS_MAX; i++)
		strcat(text, "01:00-02:00 ");
	assert_int_equal(hours_parse(text, &hours, why), 0);
	strcat(text, "01:00-02:00");
	assert_int_equal(hours_parse(text, &hours, why), -1);
	assert_non_null(strstr(why, "too many times"));
}

static void
any_text_is_read_or_refused(void **state)
{
	static const char letters[] = "MonTueSabDi\xc3\xa9 -,:;0123456789 ";
	uint64_t seed = 3;
	int taken = 0;

	(void)state;
	for (int i = 0; i < 300000; i++) {
		char text[40] = "Mon 10:00-12:00, Tue 11:00-13:00";
		char why[HOURS_WHY];
		size_t len = strlen(text);

		for (uint32_t n = chance(&seed, 4); n > 0; n--)
			text[chance(&seed, len)] =
			    letters[chance(&seed, sizeof(letters))];
		if (hours_parse(text, &hours, why) == 0) {
			taken++;
			hours_open(&hours, wall(2026, 11, 16, 12, 0, -1));
		} else {
			assert_true(strlen(why) > 10);
		}
	}
	assert_in_range(taken, 10000, 299999);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_text_is_always),
		cmocka_unit_test(days_and_times_are_read),
		cmocka_unit_test(a_lunch_break_is_two_times),
		cmocka_unit_test(times_alone_are_of_every_day),
		cmocka_unit_test(days_go_round_the_weeks_end),
		cmocka_unit_test(days_may_be_spanish),
		cmocka_unit_test(a_night_belongs_to_the_day_it_began),
		cmocka_unit_test(
		    the_clock_on_the_wall_counts_when_it_is_changed),
		cmocka_unit_test(
		    what_is_no_text_of_hours_is_refused_with_words),
		cmocka_unit_test(many_times_are_bounded),
		cmocka_unit_test(any_text_is_read_or_refused),
	};

	setenv("TZ", "America/Santiago", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
