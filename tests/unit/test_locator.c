/*
 * From the receiver's reports to what is kept and shown.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>

#include "firmware-gateway/locator.h"

#define NOW INT64_C(1800000000000)

static struct clock_manual machine;
static struct timekeeper t;
static struct locator l;
static struct fix out[KEEPER_OUT_MAX];

static int
begin(void **state)
{
	struct quality_limits limits = { 150, 50 };
	struct keeper_settings keep = { 20, 30, 60000, 720000 };

	(void)state;
	clock_manual_init(&machine, NOW);
	timekeeper_init(&t, &machine.clock, TRUST_AUTO, 7);
	locator_init(&l, &t, &limits, &keep);
	return 0;
}

/* The next second's report, `off` from the right date. */
static struct report
next(double speed, double course, int64_t off)
{
	clock_manual_advance(&machine, 1000);
	return (struct report){ .read_ms = machine.boottime_ms,
		.mode = 3,
		.has_time = true,
		.time_ms = machine.realtime_ms + off,
		.lat = -33.4378,
		.lon = -70.6505,
		.speed = speed,
		.course = course,
		.error = 28.5 };
}

static size_t
give(struct report r)
{
	return locator_report(&l, &r, out);
}

static void
a_fix_carries_what_the_receiver_said(void **state)
{
	struct fix f;

	(void)state;
	assert_int_equal(give(next(1.26, 359.7, -300)), 0);
	assert_false(locator_latest(&l, &f));
	assert_int_equal(give(next(1.26, 359.7, -300)), 1);
	assert_true(locator_latest(&l, &f));
	assert_int_equal(f.at.ms, NOW + 2000 - 300);
	/* What is kept has whole seconds, and is within one of the truth. */
	assert_int_equal(out[0].at.ms, NOW + 2000);
	assert_int_equal(f.lat_e6, -33437800);
	assert_int_equal(f.lon_e6, -70650500);
	assert_int_equal(f.speed_dm_s, 13);
	assert_int_equal(f.course_deg, 0);
	assert_int_equal(f.accuracy_m, 30);
	assert_int_equal(f.flags, 0);
}

static void
an_impossible_date_is_replaced_and_flagged(void **state)
{
	struct fix f;

	(void)state;
	give(next(1, 0, -1024 * INT64_C(604800000)));
	give(next(1, 0, -1024 * INT64_C(604800000)));
	assert_true(locator_latest(&l, &f));
	assert_int_equal(f.at.ms, NOW + 2000);
	assert_int_equal(f.flags, FIX_SYSTEM_TIME);
}

static void
a_speed_that_gpsd_reckoned_is_not_believed(void **state)
{
	struct report r;
	struct fix f;

	(void)state;
	give(next(1, 90, 0));
	give(next(93.2, NAN, 0));
	assert_true(locator_latest(&l, &f));
	assert_int_equal(f.speed_dm_s, 0);
	assert_int_equal(f.flags, FIX_NO_COURSE);
	/* The second report of the moment has the receiver's own. */
	r = next(93.2, NAN, 0);
	give(r);
	r.again = true;
	r.speed = 0.6;
	r.course = 271;
	assert_int_equal(give(r), 0);
	assert_true(locator_latest(&l, &f));
	assert_int_equal(f.speed_dm_s, 6);
	assert_int_equal(f.course_deg, 271);
	assert_int_equal(f.flags, 0);
	assert_int_equal(l.taken, 2);
}

static void
an_events_place_has_the_fixs_age(void **state)
{
	struct place place;

	(void)state;
	locator_place(&l, machine.boottime_ms, &place);
	assert_false(place.given);
	give(next(1, 0, 0));
	give(next(1, 0, 0));
	locator_place(&l, machine.boottime_ms + 12999, &place);
	assert_true(place.given);
	assert_int_equal(place.lat_e6, -33437800);
	assert_int_equal(place.age_s, 12);
}

static void
a_flickering_mode_is_told_once_it_has_settled(void **state)
{
	(void)state;
	assert_true(locator_mode(&l, FIX_MODE_NO_FIX, 0));
	assert_false(locator_mode(&l, FIX_MODE_3D, 1000));
	assert_false(locator_mode(&l, FIX_MODE_NO_FIX, 2000));
	assert_false(locator_mode(&l, FIX_MODE_3D, 3000));
	assert_false(locator_mode(&l, FIX_MODE_3D, 5000));
	assert_true(locator_mode(&l, FIX_MODE_3D, 6000));
	assert_int_equal(l.mode, FIX_MODE_3D);
	assert_false(locator_mode(&l, FIX_MODE_3D, 7000));
}

static void
from_silence_to_a_fix_is_told_at_once(void **state)
{
	(void)state;
	assert_true(locator_mode(&l, FIX_MODE_3D, 0));
}

static void
a_parked_cart_is_shown_where_it_is_held(void **state)
{
	struct fix f;
	struct report r;

	(void)state;
	for (int i = 0; i < 900; i++) {
		r = next(0.1, NAN, 0);
		r.lat += (i % 7) * 1e-5;
		give(r);
	}
	assert_true(locator_latest(&l, &f));
	assert_true(f.flags & FIX_PARKED);
	assert_int_equal(f.speed_dm_s, 0);
	assert_true(locator_standing(&l));
	r = next(0.1, NAN, 0);
	r.lat += 9e-5;
	give(r);
	assert_true(locator_latest(&l, &f));
	assert_int_equal(f.lat_e6, l.keeper.anchor.lat_e6);
	assert_int_equal(f.at.ms, machine.realtime_ms);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
		    a_fix_carries_what_the_receiver_said, begin),
		cmocka_unit_test_setup(
		    an_impossible_date_is_replaced_and_flagged, begin),
		cmocka_unit_test_setup(
		    a_speed_that_gpsd_reckoned_is_not_believed, begin),
		cmocka_unit_test_setup(an_events_place_has_the_fixs_age, begin),
		cmocka_unit_test_setup(
		    a_flickering_mode_is_told_once_it_has_settled, begin),
		cmocka_unit_test_setup(
		    from_silence_to_a_fix_is_told_at_once, begin),
		cmocka_unit_test_setup(
		    a_parked_cart_is_shown_where_it_is_held, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
