/*
 * The order of a delivery's stops.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "backend/rules/route.h"

/* Plaza de Armas of Santiago. */
static const struct route_place depot = { true, -33437800, -70650400 };
static const struct route_place nowhere = { false, 0, 0 };

static struct delivery_stop
stop(const char *cart, int32_t lat_e6, int32_t lon_e6)
{
	struct delivery_stop s = {
		.has_place = lat_e6 != 0, .lat_e6 = lat_e6, .lon_e6 = lon_e6
	};

	snprintf(s.cart, sizeof(s.cart), "%s", cart);
	snprintf(s.order, sizeof(s.order), "%s-R1", cart);
	return s;
}

static void
carts_are(const struct delivery_stop *stops, size_t count, const char *carts)
{
	char got[256] = "";

	for (size_t i = 0; i < count; i++) {
		strcat(got, i > 0 ? " " : "");
		strcat(got, stops[i].cart);
	}
	assert_string_equal(got, carts);
}

static void
distances_are_those_of_the_globe(void **state)
{
	(void)state;
	/* A degree of latitude; Santiago to Valparaíso, by the law of
	 * cosines. */
	assert_true(fabs(route_distance(0, 0, 1000000, 0) - 111195) < 1);
	assert_true(
	    fabs(route_distance(-33437800, -70650400, -33045800, -71619700) -
		100129.2) < 1);
	/* Over the date line. */
	assert_true(
	    fabs(route_distance(0, 179999999, 0, -179999999) - 0.22) < 0.01);
	assert_true(fabs(route_distance(0, 0, 0, 180000000) - 20015115) < 100);
}

static void
the_nearest_comes_next_from_wherever_one_is(void **state)
{
	/* On a street north: the depot, then +1, +2, +4 km, and -2 km. */
	struct delivery_stop stops[] = {
		stop("DDDD04", -33401800, -70650400),
		stop("BBBB02", -33419800, -70650400),
		stop("ZZZZ09", -33455800, -70650400),
		stop("CCCC03", -33428800, -70650400),
	};

	(void)state;
	route_sort(&depot, stops, 4);
	carts_are(stops, 4, "CCCC03 BBBB02 DDDD04 ZZZZ09");
}

static void
unknown_places_come_last_by_plate(void **state)
{
	struct delivery_stop stops[] = {
		stop("ZZZZ09", 0, 0),
		stop("BBBB02", -33419800, -70650400),
		stop("AAAA01", 0, 0),
		stop("CCCC03", -33428800, -70650400),
	};

	(void)state;
	route_sort(&depot, stops, 4);
	carts_are(stops, 4, "CCCC03 BBBB02 AAAA01 ZZZZ09");
}

static void
without_a_depot_the_first_plate_begins(void **state)
{
	struct delivery_stop stops[] = {
		stop("CCCC03", -33428800, -70650400),
		stop("BBBB02", -33400000, -70650400),
		stop("DDDD04", -33401800, -70650400),
	};

	(void)state;
	route_sort(&nowhere, stops, 3);
	carts_are(stops, 3, "BBBB02 DDDD04 CCCC03");
}

static void
at_the_same_place_it_is_by_plate_then_by_order(void **state)
{
	struct delivery_stop stops[] = {
		stop("BBBB02", -33400000, -70650400),
		stop("AAAA01", -33400000, -70650400),
		stop("AAAA01", -33400000, -70650400),
	};

	(void)state;
	snprintf(stops[1].order, sizeof(stops[1].order), "AAAA01-R2");
	route_sort(&depot, stops, 3);
	carts_are(stops, 3, "AAAA01 AAAA01 BBBB02");
	assert_string_equal(stops[0].order, "AAAA01-R1");
	assert_string_equal(stops[1].order, "AAAA01-R2");
}

static void
the_order_they_are_given_in_changes_nothing(void **state)
{
	struct delivery_stop first[DELIVERY_STOPS_MAX], other[64];
	char cart[16];

	(void)state;
	srandom(7);
	for (int i = 0; i < DELIVERY_STOPS_MAX; i++) {
		snprintf(cart, sizeof(cart), "CART%02d", i);
		first[i] = stop(cart, -33400000 - (int32_t)(random() % 90000),
		    -70600000 - (int32_t)(random() % 90000));
		if (i % 9 == 0)
			first[i].has_place = false;
	}
	for (int i = 0; i < DELIVERY_STOPS_MAX; i++)
		other[DELIVERY_STOPS_MAX - 1 - i] = first[i];
	route_sort(&depot, first, DELIVERY_STOPS_MAX);
	route_sort(&depot, other, DELIVERY_STOPS_MAX);
	assert_memory_equal(first, other, sizeof(first));
	/* From each, none of those after it is nearer than the next. */
	for (int i = 0; i + 2 < DELIVERY_STOPS_MAX && first[i + 2].has_place;
	     i++)
		assert_true(route_distance(first[i].lat_e6, first[i].lon_e6,
				first[i + 1].lat_e6, first[i + 1].lon_e6) <=
		    route_distance(first[i].lat_e6, first[i].lon_e6,
			first[i + 2].lat_e6, first[i + 2].lon_e6));
}

static void
a_place_is_two_numbers_of_degrees(void **state)
{
	static const char *const bad[] = { "-33.4", "-33.4;-70.6", "a,b",
		"-33.4,-70.6,1", "91,0", "0,180.1", "nan,0", "0,inf", "0x1,2",
		" 1,2", ",", "1,", "1e9,0", "-33.4,-70.6 " };
	struct route_place place;

	(void)state;
	assert_int_equal(route_place_parse("-33.4378, -70.6504", &place), 0);
	assert_true(place.known);
	assert_int_equal(place.lat_e6, -33437800);
	assert_int_equal(place.lon_e6, -70650400);
	assert_int_equal(route_place_parse("", &place), 0);
	assert_false(place.known);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		errno = 0;
		assert_int_equal(route_place_parse(bad[i], &place), -1);
		assert_int_equal(errno, EINVAL);
		assert_false(place.known);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(distances_are_those_of_the_globe),
		cmocka_unit_test(the_nearest_comes_next_from_wherever_one_is),
		cmocka_unit_test(unknown_places_come_last_by_plate),
		cmocka_unit_test(without_a_depot_the_first_plate_begins),
		cmocka_unit_test(
		    at_the_same_place_it_is_by_plate_then_by_order),
		cmocka_unit_test(the_order_they_are_given_in_changes_nothing),
		cmocka_unit_test(a_place_is_two_numbers_of_degrees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
