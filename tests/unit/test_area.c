/*
 * Whose zones, which side of their edges, and which zones are refused.
 * (Sides and distances of 10,000 places: tests/integration/test_area.py.)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/rules/area.h"
#include "backend/rules/plane.h"
#include "schemas/pos.h"
#include "tests/unit/chance.h"

#define LAT_E6 (-33437800)
#define LON_E6 (-70650500)

static struct area_set *set;
static struct zone *zone;
static struct area_fault fault;
static struct area_verdict verdict;

static int
begin(void **state)
{
	(void)state;
	set = area_set_new();
	zone = calloc(1, sizeof(*zone));
	return set == NULL || zone == NULL ? -1 : 0;
}

static int
end(void **state)
{
	(void)state;
	area_set_free(set);
	free(zone);
	return 0;
}

static void
name_zone(const char *id)
{
	memset(zone, 0, sizeof(*zone));
	strcpy(zone->id, id);
	snprintf(zone->name, sizeof(zone->name), "Zone %s", id);
}

/* Metres east and north of the middle. */
static void
add_point(double east_m, double north_m)
{
	struct plane plane = plane_at(LAT_E6, LON_E6);

	zone->points[zone->point_count++] = (struct zone_point){
		LAT_E6 + (int32_t)lround(north_m / plane.north_m),
		LON_E6 + (int32_t)lround(east_m / plane.east_m),
	};
	zone->rings[zone->ring_count - 1].count++;
}

static void
add_ring(void)
{
	zone->rings[zone->ring_count++].first = zone->point_count;
	zone->areas[zone->area_count - 1].count++;
}

static void
add_area(void)
{
	zone->areas[zone->area_count++].first = zone->ring_count;
}

/* A ring: a square of so many metres each way from a place. */
static void
add_square(double east_m, double north_m, double half_m)
{
	add_ring();
	add_point(east_m - half_m, north_m - half_m);
	add_point(east_m + half_m, north_m - half_m);
	add_point(east_m + half_m, north_m + half_m);
	add_point(east_m - half_m, north_m + half_m);
}

static void
add_circle(double east_m, double north_m, uint32_t radius_m)
{
	struct plane plane = plane_at(LAT_E6, LON_E6);
	struct zone_area *area = &zone->areas[zone->area_count];

	add_area();
	area->circle = true;
	area->radius_m = radius_m;
	area->centre.lat_e6 = LAT_E6 + (int32_t)lround(north_m / plane.north_m);
	area->centre.lon_e6 = LON_E6 + (int32_t)lround(east_m / plane.east_m);
}

static void
add_cart(const char *cart)
{
	strcpy(zone->carts[zone->cart_count++], cart);
}

static void
put(void)
{
	if (area_set_put(set, zone, &fault) == -1)
		fail_msg("%s", fault.words);
}

static enum area_where
judge(const char *cart, double east_m, double north_m, uint16_t accuracy_m)
{
	struct plane plane = plane_at(LAT_E6, LON_E6);

	assert_int_equal(area_judge(set, cart,
			     LAT_E6 + (int32_t)lround(north_m / plane.north_m),
			     LON_E6 + (int32_t)lround(east_m / plane.east_m),
			     accuracy_m, &verdict),
	    0);
	return verdict.where;
}

static void
assert_metres(double metres, double expected)
{
	if (fabs(metres - expected) > 0.2)
		fail_msg("%.2f m instead of %.2f m", metres, expected);
}

static void
without_zones_a_cart_may_be_anywhere(void **state)
{
	(void)state;
	assert_int_equal(judge("AAAA11", 0, 0, 5), AREA_FREE);
	name_zone("a");
	add_cart("BBBB22");
	add_circle(0, 0, 100);
	put();
	assert_int_equal(judge("AAAA11", 1000, 0, 5), AREA_FREE);
	assert_int_equal(judge("BBBB22", 1000, 0, 5), AREA_OUTSIDE);
	judge("AAAA11", 1000, 0, 5);
	assert_null(verdict.zone_id);
}

static void
inside_near_and_outside_are_told_apart_by_the_accuracy(void **state)
{
	(void)state;
	name_zone("a");
	add_area();
	add_square(0, 0, 500);
	put();
	assert_int_equal(judge("AAAA11", 480, 0, 10), AREA_INSIDE);
	assert_metres(verdict.depth_m, 20);
	assert_metres(verdict.distance_m, 0);
	assert_string_equal(verdict.zone_id, "a");
	assert_string_equal(verdict.zone_name, "Zone a");
	assert_int_equal(judge("AAAA11", 509, 0, 10), AREA_NEAR);
	assert_int_equal(judge("AAAA11", 511, 0, 10), AREA_OUTSIDE);
	assert_metres(verdict.distance_m, 11);
	assert_metres(verdict.depth_m, 0);
	assert_int_equal(judge("AAAA11", 530, 540, 55), AREA_NEAR);
	assert_metres(verdict.distance_m, 50);
	/* Not said: 20 m. */
	assert_int_equal(
	    judge("AAAA11", 519, 0, FIX_ACCURACY_UNKNOWN), AREA_NEAR);
	assert_int_equal(
	    judge("AAAA11", 521, 0, FIX_ACCURACY_UNKNOWN), AREA_OUTSIDE);
}

static void
holes_are_outside(void **state)
{
	(void)state;
	name_zone("a");
	add_area();
	add_square(0, 0, 500);
	add_square(0, 0, 100);
	add_circle(2000, 0, 300);
	add_square(2000, 0, 50);
	put();
	assert_int_equal(judge("AAAA11", 0, 0, 10), AREA_OUTSIDE);
	assert_metres(verdict.distance_m, 100);
	assert_int_equal(judge("AAAA11", 150, 0, 10), AREA_INSIDE);
	assert_metres(verdict.depth_m, 50);
	assert_int_equal(judge("AAAA11", 2000, 20, 10), AREA_OUTSIDE);
	assert_metres(verdict.distance_m, 30);
	assert_int_equal(judge("AAAA11", 2000, 100, 10), AREA_INSIDE);
	assert_int_equal(judge("AAAA11", 2000, 310, 5), AREA_OUTSIDE);
	assert_metres(verdict.distance_m, 10);
}

static void
zones_that_name_a_cart_replace_those_for_all(void **state)
{
	(void)state;
	name_zone("all");
	add_circle(0, 0, 100);
	put();
	name_zone("own");
	add_cart("BBBB22");
	add_cart("AAAA11");
	add_circle(1000, 0, 100);
	put();
	name_zone("more");
	add_cart("AAAA11");
	add_circle(2000, 0, 100);
	put();
	assert_int_equal(judge("CCCC33", 0, 0, 5), AREA_INSIDE);
	assert_int_equal(judge("CCCC33", 1000, 0, 5), AREA_OUTSIDE);
	assert_int_equal(judge("AAAA11", 0, 0, 5), AREA_OUTSIDE);
	assert_metres(verdict.distance_m, 900);
	assert_string_equal(verdict.zone_id, "own");
	assert_int_equal(judge("AAAA11", 1000, 0, 5), AREA_INSIDE);
	assert_int_equal(judge("AAAA11", 2000, 0, 5), AREA_INSIDE);
	assert_int_equal(judge("BBBB22", 2000, 0, 5), AREA_OUTSIDE);
	assert_int_equal(judge("AAAA11", 1800, 0, 5), AREA_OUTSIDE);
	assert_metres(verdict.distance_m, 100);
	assert_string_equal(verdict.zone_id, "more");
}

static void
another_zone_may_cover_a_hole(void **state)
{
	(void)state;
	name_zone("a");
	add_area();
	add_square(0, 0, 500);
	add_square(0, 0, 100);
	put();
	name_zone("b");
	add_circle(0, 0, 50);
	put();
	assert_int_equal(judge("AAAA11", 0, 0, 10), AREA_INSIDE);
	assert_string_equal(verdict.zone_id, "b");
	assert_int_equal(judge("AAAA11", 75, 0, 10), AREA_OUTSIDE);
	assert_metres(verdict.distance_m, 25);
}

static void
a_zone_is_replaced_and_removed(void **state)
{
	(void)state;
	name_zone("a");
	add_circle(0, 0, 100);
	put();
	name_zone("a");
	add_circle(1000, 0, 100);
	put();
	assert_int_equal(area_set_count(set), 1);
	assert_int_equal(judge("AAAA11", 0, 0, 5), AREA_OUTSIDE);
	/* One that is wrong leaves the old one. */
	name_zone("a");
	add_area();
	add_ring();
	add_point(0, 0);
	add_point(100, 100);
	add_point(100, 0);
	add_point(0, 100);
	assert_int_equal(area_set_put(set, zone, &fault), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(judge("AAAA11", 1000, 0, 5), AREA_INSIDE);
	assert_true(area_set_remove(set, "a"));
	assert_false(area_set_remove(set, "a"));
	assert_int_equal(judge("AAAA11", 0, 0, 5), AREA_FREE);
}

static void
many_zones_find_theirs(void **state)
{
	char cart[CART_MAX + 1];

	(void)state;
	for (int i = 0; i < 100; i++) {
		char id[8];

		snprintf(id, sizeof(id), "z%d", i);
		name_zone(id);
		for (int j = 0; j < 5; j++) {
			snprintf(cart, sizeof(cart), "CART%02d", (i + j) % 100);
			add_cart(cart);
		}
		add_circle(i * 1000, 0, 100);
		put();
	}
	for (int i = 0; i < 100; i++) {
		snprintf(cart, sizeof(cart), "z%d", i);
		if (i % 2 == 0)
			assert_true(area_set_remove(set, cart));
	}
	for (int i = 0; i < 100; i++) {
		snprintf(cart, sizeof(cart), "CART%02d", i);
		assert_int_equal(judge(cart, i * 1000, 0, 5),
		    i % 2 == 1 ? AREA_INSIDE : AREA_OUTSIDE);
	}
}

static void
a_zone_over_the_date_line_is_one(void **state)
{
	(void)state;
	name_zone("fiji");
	add_area();
	add_ring();
	for (int i = 0; i < 4; i++)
		zone->points[zone->point_count++] = (struct zone_point){
			i < 2 ? -17000000 : -16990000,
			i == 0 || i == 3 ? 179995000 : -179995000,
		};
	zone->rings[0].count = 4;
	put();
	area_judge(set, "AAAA11", -16995000, 179999999, 5, &verdict);
	assert_int_equal(verdict.where, AREA_INSIDE);
	area_judge(set, "AAAA11", -16995000, -179999999, 5, &verdict);
	assert_int_equal(verdict.where, AREA_INSIDE);
	area_judge(set, "AAAA11", -16995000, 179990000, 5, &verdict);
	assert_int_equal(verdict.where, AREA_OUTSIDE);
	area_judge(set, "AAAA11", -16995000, 0, 5, &verdict);
	assert_int_equal(verdict.where, AREA_OUTSIDE);
}

/* The zone is refused: area, ring (as in the struct) and words. */
static void
assert_fault(int area, int ring, const char *words)
{
	assert_int_equal(area_check(zone, &fault), -1);
	assert_int_equal(errno, EINVAL);
	if (strncmp(fault.words, words, strlen(words)) != 0)
		fail_msg("%s", fault.words);
	assert_int_equal(fault.area, area);
	assert_int_equal(fault.ring, ring);
}

static void
a_ring_that_crosses_itself_is_named(void **state)
{
	(void)state;
	name_zone("a");
	add_circle(5000, 0, 100);
	add_area();
	add_square(0, 0, 500);
	add_square(-200, 0, 50);
	add_ring();
	add_point(100, 0);
	add_point(200, 100);
	add_point(200, 0);
	add_point(100, 100);
	assert_fault(
	    1, 2, "hole 2 of area 2 crosses itself at -33.437349,-70.6488");
	assert_true(fault.has_place);
	name_zone("a");
	add_area();
	add_ring();
	add_point(0, 0);
	add_point(200, 100);
	add_point(200, 0);
	add_point(0, 100);
	assert_fault(0, 0, "the outline of area 1 crosses itself at -33.");
}

static void
a_ring_without_area_is_refused(void **state)
{
	(void)state;
	name_zone("a");
	add_area();
	add_ring();
	add_point(0, 0);
	add_point(0, 0);
	add_point(0, 0);
	assert_fault(0, 0,
	    "the outline of area 1 has fewer than three different points");
	name_zone("a");
	add_area();
	add_ring();
	add_point(0, 0);
	add_point(100, 0);
	add_point(200, 0);
	assert_fault(0, 0, "the outline of area 1 ");
}

static void
a_hole_must_be_within_its_outline(void **state)
{
	(void)state;
	name_zone("a");
	add_area();
	add_square(0, 0, 500);
	add_square(0, 0, 10);
	add_square(2000, 0, 50);
	assert_fault(0, 2, "hole 2 of area 1 is outside its outline");
	name_zone("a");
	add_area();
	add_square(0, 0, 500);
	add_square(500, 0, 50);
	assert_fault(0, 1, "hole 1 of area 1 crosses its outline");
	name_zone("a");
	add_area();
	add_square(0, 0, 500);
	add_square(450, 0, 50);
	assert_fault(0, 1, "hole 1 of area 1 shares a side with its outline");
}

static void
holes_must_be_apart(void **state)
{
	(void)state;
	name_zone("a");
	add_area();
	add_square(0, 0, 500);
	add_square(-300, 0, 50);
	add_square(0, 0, 100);
	add_square(80, 0, 50);
	assert_fault(0, 3, "hole 3 of area 1 overlaps hole 2");
	name_zone("a");
	add_area();
	add_square(0, 0, 500);
	add_square(0, 0, 50);
	add_square(100, 0, 50);
	assert_fault(0, 2, "hole 2 of area 1 shares a side with hole 1");
}

static void
a_circles_holes_are_looked_at_too(void **state)
{
	(void)state;
	name_zone("a");
	add_circle(0, 0, 100);
	add_square(0, 0, 10);
	add_square(500, 0, 10);
	assert_fault(
	    0, 1, "hole 2 of area 1 is not in its circle, or in another");
	name_zone("a");
	add_circle(0, 0, 100);
	add_ring();
	add_point(0, 0);
	add_point(20, 10);
	add_point(20, 0);
	add_point(0, 10);
	assert_fault(0, 0, "hole 1 of area 1 crosses itself");
	name_zone("a");
	add_circle(0, 0, 100);
	add_square(0, 0, 200);
	assert_fault(0, -1, "nothing is left of the circle, area 1");
	/* A hole may stick out. */
	name_zone("a");
	add_circle(0, 0, 100);
	add_square(100, 0, 50);
	put();
	assert_int_equal(judge("AAAA11", 80, 0, 5), AREA_OUTSIDE);
	assert_metres(verdict.distance_m, 30);
}

static void
what_no_plane_can_hold_is_refused(void **state)
{
	(void)state;
	name_zone("a");
	assert_fault(-1, -1, "the zone has no area");
	add_circle(0, 0, 100);
	zone->areas[0].centre.lat_e6 = 84999900;
	assert_fault(-1, -1, "the zone goes beyond 85 degrees");
	name_zone("a");
	add_circle(0, 0, 100);
	add_circle(0, 0, 100);
	zone->areas[1].centre.lon_e6 = 0;
	assert_fault(-1, -1, "the zone is over 20 degrees wide or high");
	name_zone("a");
	add_area();
	assert_fault(0, -1, "area 1 has no outline");
}

static int32_t
somewhere(uint64_t *seed, int32_t max)
{
	return (int32_t)chance(seed, 2 * (uint64_t)max + 1) - max;
}

/* Whatever the codec lets through, from anywhere on Earth. */
static void
random_zone(uint64_t *seed)
{
	int32_t spread = chance(seed, 3) == 0 ? LAT_E6_MAX : 20;

	name_zone("any");
	for (uint32_t areas = 1 + chance(seed, 3); areas > 0; areas--) {
		uint32_t rings = 1 + chance(seed, 3);

		if (chance(seed, 3) == 0) {
			add_circle(0, 0, 1 + chance(seed, ZONE_RADIUS_MAX));
			zone->areas[zone->area_count - 1].centre =
			    (struct zone_point){ somewhere(seed, LAT_E6_MAX),
				    somewhere(seed, LON_E6_MAX) };
			rings--;
		} else {
			add_area();
		}
		for (; rings > 0; rings--) {
			add_ring();
			for (uint32_t n = 3 + chance(seed, 6); n > 0; n--) {
				add_point(0, 0);
				zone->points[zone->point_count - 1].lat_e6 =
				    somewhere(seed, spread);
				zone->points[zone->point_count - 1].lon_e6 =
				    somewhere(seed, spread);
			}
		}
	}
}

static void
any_zone_is_taken_or_refused_with_words(void **state)
{
	uint64_t seed = 5;
	int taken = 0;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		random_zone(&seed);
		if (area_set_put(set, zone, &fault) == -1) {
			assert_int_equal(errno, EINVAL);
			assert_true(strlen(fault.words) > 10);
			assert_in_range(fault.area + 1, 0, zone->area_count);
			continue;
		}
		taken++;
		judge("AAAA11", 0, 0, 5);
		assert_true(
		    isfinite(verdict.distance_m) && isfinite(verdict.depth_m));
	}
	assert_in_range(taken, 1000, 19000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_zones_a_cart_may_be_anywhere),
		TEST(inside_near_and_outside_are_told_apart_by_the_accuracy),
		TEST(holes_are_outside),
		TEST(zones_that_name_a_cart_replace_those_for_all),
		TEST(another_zone_may_cover_a_hole),
		TEST(a_zone_is_replaced_and_removed),
		TEST(many_zones_find_theirs),
		TEST(a_zone_over_the_date_line_is_one),
		TEST(a_ring_that_crosses_itself_is_named),
		TEST(a_ring_without_area_is_refused),
		TEST(a_hole_must_be_within_its_outline),
		TEST(holes_must_be_apart),
		TEST(a_circles_holes_are_looked_at_too),
		TEST(what_no_plane_can_hold_is_refused),
		TEST(any_zone_is_taken_or_refused_with_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
