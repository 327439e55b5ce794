/*
 * What a report of a strange cart is about.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backend/rules/plane.h"
#include "backend/rules/reported.h"

#define AT INT64_C(1795179900000)
#define LAT_E6 (-33437800)
#define LON_E6 (-70650500)
#define MINUTE 60000

static const struct reported_rules rules = {
	.radius_m = 100,
	.window_ms = 10 * MINUTE,
	.fade_ms = 120 * MINUTE,
};
static struct reported_match match;

static struct strange_report
report_at(double east_m, double north_m, int64_t at_ms)
{
	struct plane plane = plane_at(LAT_E6, LON_E6);
	struct strange_report report = {
		.id = "r1",
		.at_ms = at_ms,
		.lat_e6 = LAT_E6 + (int32_t)lround(north_m / plane.north_m),
		.lon_e6 = LON_E6 + (int32_t)lround(east_m / plane.east_m),
	};

	return report;
}

static void
consider(const char *cart, double east_m, double north_m, int64_t at_ms)
{
	struct strange_report report = report_at(0, 0, AT);
	struct strange_report place = report_at(east_m, north_m, at_ms);

	reported_consider(&match, &rules, &report,
	    &(struct reported_candidate){
		cart, place.lat_e6, place.lon_e6, at_ms });
}

static int
begin(void **state)
{
	(void)state;
	reported_match_init(&match);
	return 0;
}

static void
a_cart_30_m_away_is_it(void **state)
{
	(void)state;
	consider("FARR10", 300, 0, AT);
	consider("NEAR30", 0, -30, AT - 5000);
	assert_true(match.found);
	assert_string_equal(match.cart, "NEAR30");
	assert_true(fabs(match.distance_m - 30) < 0.2);
	assert_int_equal(match.apart_ms, 5000);
}

static void
the_nearest_is_it_in_any_order(void **state)
{
	static const char *const carts[] = { "AAAA11", "BBBB22", "CCCC33" };
	static const double east_m[] = { 60, -20, 90 };

	(void)state;
	for (int first = 0; first < 3; first++) {
		reported_match_init(&match);
		for (int i = 0; i < 3; i++) {
			int k = (first + i) % 3;

			consider(carts[k], east_m[k], 0, AT);
		}
		assert_string_equal(match.cart, "BBBB22");
	}
	/* At one place: the one seen there at a time nearer to the report's,
	 * then the first by name. */
	reported_match_init(&match);
	consider("DDDD44", 10, 0, AT - 2 * MINUTE);
	consider("EEEE55", 10, 0, AT + MINUTE);
	assert_string_equal(match.cart, "EEEE55");
	consider("BBBB22", 10, 0, AT - MINUTE);
	assert_string_equal(match.cart, "BBBB22");
	consider("EEEE55", 10, 0, AT + MINUTE);
	assert_string_equal(match.cart, "BBBB22");
}

static void
what_is_too_far_or_was_there_at_another_time_is_not(void **state)
{
	(void)state;
	consider("FARR10", 100.5, 0, AT);
	consider("FARR11", 0, 100.5, AT);
	consider("FARR12", 80, 80, AT);
	consider("LATE10", 5, 5, AT + 10 * MINUTE + 1);
	consider("LATE11", 5, 5, AT - 10 * MINUTE - 1);
	assert_false(match.found);
	consider("FARR13", 0, 99.5, AT - 10 * MINUTE);
	assert_string_equal(match.cart, "FARR13");
}

static void
reports_of_one_place_join_one_fugitive(void **state)
{
	struct strange_report first = report_at(0, 0, AT);
	struct strange_report second = report_at(80, 0, AT + 5 * MINUTE);
	struct strange_report third = report_at(160, 0, AT + 14 * MINUTE);
	struct sighting s;

	(void)state;
	strcpy(second.id, "r2");
	sighting_begin(&s, &first);
	assert_int_equal(s.count, 1);
	/* It is where it was last seen. */
	assert_false(sighting_is_of(&s, &rules, &third));
	assert_true(sighting_is_of(&s, &rules, &second));
	sighting_add(&s, &second);
	assert_true(sighting_is_of(&s, &rules, &third));
	sighting_add(&s, &third);
	assert_int_equal(s.count, 3);
	assert_string_equal(s.id, "r1");
	assert_int_equal(s.first_ms, AT);
	assert_int_equal(s.last_ms, AT + 14 * MINUTE);
	assert_int_equal(s.lon_e6, third.lon_e6);
}

static void
an_earlier_report_that_comes_later_moves_nothing(void **state)
{
	struct strange_report first = report_at(0, 0, AT);
	struct strange_report earlier = report_at(50, 0, AT - MINUTE);
	struct sighting s;

	(void)state;
	sighting_begin(&s, &first);
	assert_true(sighting_is_of(&s, &rules, &earlier));
	sighting_add(&s, &earlier);
	assert_int_equal(s.count, 2);
	assert_int_equal(s.first_ms, AT);
	assert_int_equal(s.last_ms, AT);
	assert_int_equal(s.lon_e6, first.lon_e6);
}

static void
another_time_is_another_fugitive(void **state)
{
	struct strange_report first = report_at(0, 0, AT);
	struct strange_report later = report_at(0, 0, AT + 11 * MINUTE);
	struct sighting s;

	(void)state;
	sighting_begin(&s, &first);
	assert_false(sighting_is_of(&s, &rules, &later));
}

static void
a_fugitive_fades_after_its_last_report(void **state)
{
	struct strange_report first = report_at(0, 0, AT);
	struct strange_report second = report_at(0, 0, AT + 5 * MINUTE);
	struct sighting s;

	(void)state;
	sighting_begin(&s, &first);
	sighting_add(&s, &second);
	assert_false(sighting_faded(&s, &rules, AT + 125 * MINUTE - 1));
	assert_true(sighting_faded(&s, &rules, AT + 125 * MINUTE));
	assert_false(sighting_over(&s, AT + 5 * MINUTE + REPORTED_OVER_MS - 1));
	assert_true(sighting_over(&s, AT + 5 * MINUTE + REPORTED_OVER_MS));
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_cart_30_m_away_is_it),
		TEST(the_nearest_is_it_in_any_order),
		TEST(what_is_too_far_or_was_there_at_another_time_is_not),
		TEST(reports_of_one_place_join_one_fugitive),
		TEST(an_earlier_report_that_comes_later_moves_nothing),
		TEST(another_time_is_another_fugitive),
		TEST(a_fugitive_fades_after_its_last_report),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
