/*
 * The witnessed clock: only time in which somebody listened.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "backend/rules/witness.h"

#define T0 INT64_C(1795190400000)

static void
it_goes_on_by_the_beats_record_times(void **state)
{
	struct witness w = { 0 };

	(void)state;
	for (int i = 0; i <= 600; i++)
		witness_beat(&w, T0 + i * 1003);
	assert_int_equal(w.witnessed_ms, 600 * 1003);
	assert_int_equal(w.beat_ms, T0 + 600 * 1003);
}

static void
a_gap_over_five_seconds_is_our_own_outage(void **state)
{
	struct witness w = { 0 };

	(void)state;
	witness_beat(&w, T0);
	witness_beat(&w, T0 + 5000);
	assert_int_equal(w.witnessed_ms, 5000);
	witness_beat(&w, T0 + 10001);
	assert_int_equal(w.witnessed_ms, 5000);
	witness_beat(&w, T0 + 3600000);
	assert_int_equal(w.witnessed_ms, 5000);
	witness_beat(&w, T0 + 3601000);
	assert_int_equal(w.witnessed_ms, 6000);
}

static void
a_record_between_beats_has_its_own_moment(void **state)
{
	struct witness w = { 0 };

	(void)state;
	assert_int_equal(witness_at(&w, T0), 0);
	witness_beat(&w, T0);
	assert_int_equal(witness_at(&w, T0 + 400), 400);
	/* Nobody knows what the next beat will say of so long a time. */
	assert_int_equal(witness_at(&w, T0 + 600000), 0);
	assert_int_equal(witness_at(&w, T0 - 1), 0);
}

static void
beats_of_several_bridges_and_a_clock_set_back_count_once(void **state)
{
	struct witness w = { 0 };
	int64_t last = 0;

	(void)state;
	for (int i = 0; i < 100; i++) {
		witness_beat(&w, T0 + i * 1000);
		witness_beat(&w, T0 + i * 1000 - 30);
		witness_beat(&w, T0 + i * 1000 + 400);
		assert_true(w.witnessed_ms >= last);
		last = w.witnessed_ms;
	}
	assert_int_equal(w.witnessed_ms, 99400);
	witness_beat(&w, T0 - 86400000);
	witness_beat(&w, T0 + 100000);
	assert_int_equal(w.witnessed_ms, 100000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_goes_on_by_the_beats_record_times),
		cmocka_unit_test(a_gap_over_five_seconds_is_our_own_outage),
		cmocka_unit_test(a_record_between_beats_has_its_own_moment),
		cmocka_unit_test(
		    beats_of_several_bridges_and_a_clock_set_back_count_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
