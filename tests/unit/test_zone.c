/* zone: the largest, its bounds, and forms that are refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "schemas/zone.h"

static struct decode_error error;
static struct zone zone, got;
static uint8_t buf[ZONE_BYTES_MAX + 1];

/* Rings of `points` in all, the last one takes what is left. */
static void
fill(uint32_t areas, uint32_t rings, uint32_t points)
{
	memset(&zone, 0, sizeof(zone));
	memset(zone.id, 'z', ZONE_ID_MAX);
	memset(zone.name, 'n', TEXT_NAME_MAX);
	memset(zone.by, 'b', TEXT_NAME_MAX);
	zone.revision = UINT32_MAX;
	zone.at_ms = TIME_MAX_MS;
	zone.area_count = areas;
	zone.ring_count = rings;
	zone.point_count = points;
	for (uint32_t i = 0; i < areas; i++)
		zone.areas[i] = (struct zone_area){ .first = i,
			.count = i + 1 < areas ? 1 : rings - i };
	for (uint32_t i = 0; i < rings; i++)
		zone.rings[i] = (struct zone_ring){ .first = 3 * i,
			.count = i + 1 < rings ? 3 : points - 3 * i };
	for (uint32_t i = 0; i < points; i++)
		zone.points[i] = (struct zone_point){ -LAT_E6_MAX + (int32_t)i,
			-LON_E6_MAX };
}

static int
write_zone(void)
{
	return zone_encode(&zone, buf, ZONE_BYTES_MAX);
}

static void
must_be_refused(const char *field)
{
	int len = zone_encode(&zone, buf, sizeof(buf));

	assert_true(len > 0);
	assert_int_equal(zone_decode(buf, (size_t)len, &got, &error), -1);
	assert_int_equal(errno, EBADMSG);
	assert_string_equal(error.field, field);
}

static void
the_largest_zone_fits_and_comes_back(void **state)
{
	int len;

	(void)state;
	fill(ZONE_AREAS_MAX, ZONE_RINGS_MAX, ZONE_POINTS_MAX);
	zone.cart_count = ZONE_CARTS_MAX;
	for (int i = 0; i < ZONE_CARTS_MAX; i++)
		snprintf(zone.carts[i], CART_MAX + 1, "CART%03u",
		    (unsigned)i % 1000);
	len = write_zone();
	assert_true(len > 0);
	memset(&got, 0, sizeof(got));
	assert_int_equal(zone_decode(buf, (size_t)len, &got, &error), 0);
	assert_memory_equal(&got, &zone, sizeof(zone));
	for (size_t cut = 0; cut < (size_t)len; cut += 1 + cut / 50)
		assert_int_equal(zone_decode(buf, cut, &got, &error), -1);
	assert_int_equal(zone_decode(buf, (size_t)len - 1, &got, &error), -1);
	assert_int_equal(zone_encode(&zone, buf, (size_t)len - 1), -1);
	assert_int_equal(errno, ENOBUFS);
}

static void
a_circle_comes_back_with_its_holes(void **state)
{
	int len;

	(void)state;
	fill(2, 3, 9);
	zone.areas[1].circle = true;
	zone.areas[1].centre = (struct zone_point){ -33441820, -70646120 };
	zone.areas[1].radius_m = ZONE_RADIUS_MAX;
	len = write_zone();
	memset(&got, 0, sizeof(got));
	assert_int_equal(zone_decode(buf, (size_t)len, &got, &error), 0);
	assert_memory_equal(&got, &zone, sizeof(zone));
	zone.areas[1].count = 0; /* without holes */
	zone.ring_count = 1;
	len = write_zone();
	assert_int_equal(zone_decode(buf, (size_t)len, &got, &error), 0);
	assert_true(got.areas[1].circle && got.areas[1].count == 0);
	assert_int_equal(got.ring_count, 1);
	zone.areas[1].radius_m = 0;
	must_be_refused("zone.areas.radius");
	zone.areas[1].radius_m = ZONE_RADIUS_MAX + 1;
	must_be_refused("zone.areas.radius");
}

static void
one_more_than_the_most_is_refused(void **state)
{
	struct mp_writer w;

	(void)state;
	/* a circle's holes: 64 rings, then one more */
	for (uint32_t rings = ZONE_RINGS_MAX; rings <= ZONE_RINGS_MAX + 1;
	     rings++) {
		mp_writer_init(&w, buf, sizeof(buf));
		mp_write_array(&w, 8);
		mp_write_int(&w, ZONE_VERSION);
		mp_write_cstr(&w, "z");
		mp_write_int(&w, 1);
		mp_write_cstr(&w, "n");
		mp_write_int(&w, TIME_MIN_MS);
		mp_write_cstr(&w, "b");
		mp_write_array(&w, 0);
		mp_write_array(&w, 1);
		mp_write_array(&w, 1 + rings);
		mp_write_int(&w, 0);
		for (uint32_t i = 0; i < rings; i++) {
			mp_write_array(&w, 6);
			for (int k = 0; k < 6; k++)
				mp_write_int(&w, k);
		}
		assert_int_equal(zone_decode(buf, w.len, &got, &error),
		    rings == ZONE_RINGS_MAX ? 0 : -1);
	}
	assert_string_equal(error.expected, "at most 64 rings");
	/* two rings that have 4001 points between them */
	fill(1, 2, ZONE_POINTS_MAX);
	zone.rings[0] = (struct zone_ring){ 0, 4 };
	zone.rings[1] = (struct zone_ring){ 3, ZONE_POINTS_MAX - 3 };
	must_be_refused("zone.areas");
	assert_string_equal(error.expected, "at most 4000 points");
}

static void
forms_that_are_none_are_refused(void **state)
{
	(void)state;
	fill(1, 1, 4);
	zone.rings[0].count = 2;
	must_be_refused("zone.areas.ring");
	fill(1, 1, 4);
	zone.area_count = 0;
	must_be_refused("zone.areas");
	fill(1, 1, 4);
	zone.areas[0].count = 0; /* no outline */
	must_be_refused("zone.areas");
	fill(1, 1, 4);
	zone.points[3].lon_e6 = LON_E6_MAX + 1;
	must_be_refused("zone.areas.point");
	fill(1, 1, 4);
	zone.revision = 0;
	must_be_refused("zone.revision");
	fill(1, 1, 4);
	zone.by[0] = '\0';
	must_be_refused("zone.by");
	fill(1, 1, 4);
	zone.cart_count = 1;
	memcpy(zone.carts[0], "demo01", 7);
	must_be_refused("zone.carts");
	fill(1, 1, 4);
	memcpy(zone.id, "Plaza", 6);
	must_be_refused("zone.id");
}

static void
an_id_is_fit_for_a_key_and_an_address(void **state)
{
	(void)state;
	assert_true(zone_id_is_valid("plaza-de-armas-2", 16));
	assert_false(zone_id_is_valid("", 0));
	assert_false(zone_id_is_valid("a/b", 3));
	assert_false(zone_id_is_valid("Plaza", 5));
	assert_false(zone_id_is_valid("a\0b", 3));
	assert_true(zone_id_is_valid("0123456789012345678901234567890a", 32));
	assert_false(zone_id_is_valid("0123456789012345678901234567890ab", 33));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_largest_zone_fits_and_comes_back),
		cmocka_unit_test(a_circle_comes_back_with_its_holes),
		cmocka_unit_test(one_more_than_the_most_is_refused),
		cmocka_unit_test(forms_that_are_none_are_refused),
		cmocka_unit_test(an_id_is_fit_for_a_key_and_an_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
