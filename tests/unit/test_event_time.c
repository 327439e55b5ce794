/*
 * Which moment counts as an event's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "backend/consumer/event_time.h"

#define RECORD_MS INT64_C(1795190400000)

static void
a_time_too_far_ahead_or_missing_is_the_records(void **state)
{
	struct instant at = { .ms = RECORD_MS + 120000 };
	struct event_time time;

	(void)state;
	time = event_time(&at, RECORD_MS, NULL);
	assert_int_equal(time.ms, RECORD_MS + 120000);
	assert_false(time.provisional);
	at.ms++;
	time = event_time(&at, RECORD_MS, NULL);
	assert_int_equal(time.ms, RECORD_MS);
	assert_true(time.provisional);
	at.ms = INSTANT_MISSING;
	time = event_time(&at, RECORD_MS, NULL);
	assert_int_equal(time.ms, RECORD_MS);
	assert_true(time.provisional);
	at.ms = RECORD_MS - INT64_C(86400000) * 300;
	assert_int_equal(event_time(&at, RECORD_MS, NULL).ms, at.ms);
}

static void
a_boots_time_counts_once_its_marker_is_there(void **state)
{
	struct instant at = { .ms = 60000, .boot = 7 };
	int64_t offset = RECORD_MS - 600000;
	struct event_time time;

	(void)state;
	time = event_time(&at, RECORD_MS, NULL);
	assert_int_equal(time.ms, RECORD_MS);
	assert_true(time.provisional);
	time = event_time(&at, RECORD_MS, &offset);
	assert_int_equal(time.ms, RECORD_MS - 540000);
	assert_false(time.provisional);
	/* A marker that is nonsense moves nothing. */
	offset = INT64_MAX;
	assert_int_equal(event_time(&at, RECORD_MS, &offset).ms, RECORD_MS);
	offset = -1;
	assert_int_equal(event_time(&at, RECORD_MS, &offset).ms, RECORD_MS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_time_too_far_ahead_or_missing_is_the_records),
		cmocka_unit_test(a_boots_time_counts_once_its_marker_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
