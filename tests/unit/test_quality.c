/*
 * Which fixes of a receiver are fit to be told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>

#include "firmware-gateway/quality.h"

#define METRE (1 / 111195.0) /* degrees of latitude */
#define BEGIN INT64_C(1795179900000)

static struct quality_gate gate;

static struct report
fix_at(int64_t ms, double north_m)
{
	return (struct report){ .read_ms = 1000 + ms,
		.mode = 3,
		.has_time = true,
		.time_ms = BEGIN + ms,
		.lat = -33.4 + north_m * METRE,
		.lon = -70.6,
		.speed = NAN,
		.course = NAN,
		.error = NAN };
}

static enum quality
judge(int64_t ms, double north_m)
{
	struct report r = fix_at(ms, north_m);

	return quality_judge(&gate, &r);
}

static int
begin(void **state)
{
	struct quality_limits limits = { 150, 50 };

	(void)state;
	quality_init(&gate, &limits);
	return 0;
}

static int
begin_warm(void **state)
{
	begin(state);
	judge(0, 0);
	return judge(1000, 0) == QUALITY_GOOD ? 0 : -1;
}

static void
the_first_3d_fix_waits_for_a_second(void **state)
{
	(void)state;
	assert_int_equal(judge(0, 0), QUALITY_WARMING_UP);
	assert_int_equal(judge(1000, 1), QUALITY_GOOD);
}

static void
a_gap_in_the_warm_up_begins_it_again(void **state)
{
	struct report none = fix_at(1000, 0);

	(void)state;
	none.mode = 1;
	assert_int_equal(judge(0, 0), QUALITY_WARMING_UP);
	assert_int_equal(quality_judge(&gate, &none), QUALITY_NO_FIX);
	assert_int_equal(judge(2000, 0), QUALITY_WARMING_UP);
	assert_int_equal(judge(3000, 0), QUALITY_GOOD);
}

static void
a_receiver_that_only_knows_2d_is_believed_after_ten(void **state)
{
	struct report r;

	(void)state;
	for (int i = 0; i < QUALITY_WARM_UP_2D; i++) {
		r = fix_at(i * 1000, 0);
		r.mode = 2;
		assert_int_equal(quality_judge(&gate, &r),
		    i < QUALITY_WARM_UP_2D - 1 ? QUALITY_WARMING_UP
					       : QUALITY_GOOD);
	}
}

static void
what_is_no_place_is_refused_with_its_reason(void **state)
{
	struct report r = fix_at(2000, 0);

	(void)state;
	r.lat = NAN;
	assert_int_equal(quality_judge(&gate, &r), QUALITY_NOT_FINITE);
	r.lat = 90.5;
	assert_int_equal(quality_judge(&gate, &r), QUALITY_OUT_OF_RANGE);
	r.lat = r.lon = 0;
	assert_int_equal(quality_judge(&gate, &r), QUALITY_OUT_OF_RANGE);
	r = fix_at(2000, 0);
	r.has_time = false;
	assert_int_equal(quality_judge(&gate, &r), QUALITY_NO_TIME);
	r = fix_at(2000, 0);
	r.error = 150.5;
	assert_int_equal(quality_judge(&gate, &r), QUALITY_INACCURATE);
	assert_int_equal(gate.counts[QUALITY_NOT_FINITE], 1);
	assert_int_equal(gate.counts[QUALITY_OUT_OF_RANGE], 2);
	assert_int_equal(gate.counts[QUALITY_NO_TIME], 1);
	assert_int_equal(gate.counts[QUALITY_INACCURATE], 1);
	assert_int_equal(judge(2000, 0), QUALITY_GOOD);
}

static void
plain_nmea_with_an_error_of_nineteen_metres_is_good(void **state)
{
	struct report r = fix_at(2000, 0);

	(void)state;
	r.error = 19 * 1.5; /* HDOP 1.5: an open sky */
	assert_int_equal(quality_judge(&gate, &r), QUALITY_GOOD);
}

static void
the_same_time_again_is_no_new_fix(void **state)
{
	(void)state;
	assert_int_equal(judge(1000, 0), QUALITY_REPEATED);
	assert_int_equal(judge(2000, 0), QUALITY_GOOD);
}

static void
a_jump_is_refused_and_the_way_goes_on(void **state)
{
	(void)state;
	assert_int_equal(judge(2000, 500), QUALITY_JUMP);
	assert_int_equal(judge(3000, 3), QUALITY_GOOD);
}

static void
jumpers_that_agree_are_believed_in_the_end(void **state)
{
	(void)state;
	for (int i = 0; i < QUALITY_ELSEWHERE - 1; i++)
		assert_int_equal(
		    judge(2000 + i * 1000, 5000 + i), QUALITY_JUMP);
	assert_int_equal(
	    judge(2000 + QUALITY_ELSEWHERE * 1000, 5005), QUALITY_GOOD);
}

static void
jumpers_that_differ_are_not(void **state)
{
	(void)state;
	for (int i = 0; i < 2 * QUALITY_ELSEWHERE; i++)
		assert_int_equal(
		    judge(2000 + i * 100, i % 2 ? 9000 : -9000), QUALITY_JUMP);
}

static void
after_a_long_loss_it_warms_up_again(void **state)
{
	(void)state;
	assert_int_equal(
	    judge(2000 + QUALITY_LOST_MS, 9000), QUALITY_WARMING_UP);
	assert_int_equal(judge(3000 + QUALITY_LOST_MS, 9001), QUALITY_GOOD);
}

static void
a_log_that_begins_again_is_a_new_life(void **state)
{
	(void)state;
	assert_int_equal(judge(-80000, 3000), QUALITY_WARMING_UP);
	assert_int_equal(judge(-79000, 3000), QUALITY_GOOD);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
		    the_first_3d_fix_waits_for_a_second, begin),
		cmocka_unit_test_setup(
		    a_gap_in_the_warm_up_begins_it_again, begin),
		cmocka_unit_test_setup(
		    a_receiver_that_only_knows_2d_is_believed_after_ten, begin),
		cmocka_unit_test_setup(
		    what_is_no_place_is_refused_with_its_reason, begin_warm),
		cmocka_unit_test_setup(
		    plain_nmea_with_an_error_of_nineteen_metres_is_good,
		    begin_warm),
		cmocka_unit_test_setup(
		    the_same_time_again_is_no_new_fix, begin_warm),
		cmocka_unit_test_setup(
		    a_jump_is_refused_and_the_way_goes_on, begin_warm),
		cmocka_unit_test_setup(
		    jumpers_that_agree_are_believed_in_the_end, begin_warm),
		cmocka_unit_test_setup(jumpers_that_differ_are_not, begin_warm),
		cmocka_unit_test_setup(
		    after_a_long_loss_it_warms_up_again, begin_warm),
		cmocka_unit_test_setup(
		    a_log_that_begins_again_is_a_new_life, begin_warm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
