/*
 * How far a cart has gone: drift is nothing, a walk is what it is, in dense
 * fixes as in those that a gateway keeps.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/rules/motion.h"
#include "firmware-gateway/keeper.h"

#define BEGIN INT64_C(1795179900000)
#define LAT_E6 (-33437800)
#define LON_E6 (-70650500)
#define HOUR_S 3600
#define RECORDED_MAX 128
/* gpsd's horizontal error for one of HDOP, and the gateway's limit of it. */
#define GPSD_EPH_M 19.0
#define MAX_ERROR_M 150.0

static const struct keeper_settings keeping = {
	.distance_m = 20,
	.turn_deg = 30,
	.interval_ms = 60000,
	.park_ms = 720000,
};

/* A cart, its receiver, and two odometers: of every fix, and of those that
 * its gateway keeps. */
struct trial {
	struct plane plane;
	struct keeper keeper;
	struct motion dense, kept;
	struct motion_leg legs[64]; /* of the dense one */
	size_t leg_count;
	int64_t ms;
	double x, y, course;
	double true_m;
	/* The receiver's error: wanders around 0. */
	double noise_m, tau_s, error_x, error_y;
	/* Recorded wandering on top, back and forth. */
	struct recorded {
		struct plane_point error;
		uint16_t accuracy_m;
	} recorded[RECORDED_MAX];
	size_t recorded_count, tick;
	uint16_t accuracy_m;
	unsigned random;
};

static void
begin_trial(struct trial *t, unsigned seed, double noise_m, double tau_s)
{
	memset(t, 0, sizeof(*t));
	t->plane = plane_at(LAT_E6, LON_E6);
	keeper_init(&t->keeper, &keeping);
	motion_init(&t->dense);
	motion_init(&t->kept);
	t->ms = BEGIN;
	t->noise_m = noise_m;
	t->tau_s = tau_s;
	t->accuracy_m = 10;
	t->random = seed;
}

static int
begin(void **state)
{
	struct trial *t = malloc(sizeof(*t));

	begin_trial(t, 1, 0, 60);
	*state = t;
	return 0;
}

static int
end(void **state)
{
	free(*state);
	return 0;
}

static double
gauss(struct trial *t)
{
	double sum = 0;

	for (int i = 0; i < 12; i++)
		sum += rand_r(&t->random) / (double)RAND_MAX;
	return sum - 6;
}

static struct fix
fix_at(const struct trial *t, double x, double y, double speed)
{
	return (struct fix){
		.at = { t->ms, 0 },
		.lat_e6 = LAT_E6 + (int32_t)lround(y / t->plane.north_m),
		.lon_e6 = LON_E6 + (int32_t)lround(x / t->plane.east_m),
		.speed_dm_s = (uint16_t)lround(speed * 10),
		.course_deg = (uint16_t)lround(t->course) % 360,
		.accuracy_m = t->accuracy_m,
		.flags = speed < 0.5 ? FIX_NO_COURSE : 0,
	};
}

static struct plane_point
recorded_error(struct trial *t)
{
	size_t there_and_back = 2 * t->recorded_count, i;

	if (t->recorded_count == 0)
		return (struct plane_point){ 0, 0 };
	i = t->tick++ % there_and_back;
	if (i >= t->recorded_count)
		i = there_and_back - 1 - i;
	t->accuracy_m = t->recorded[i].accuracy_m;
	return t->recorded[i].error;
}

/* A second at this speed. */
static void
second(struct trial *t, double speed)
{
	double keep = exp(-1 / t->tau_s), fresh = sqrt(1 - keep * keep);
	struct plane_point recorded = recorded_error(t);
	struct fix out[KEEPER_OUT_MAX], f;
	size_t n;

	t->ms += 1000;
	t->x += speed * sin(t->course * M_PI / 180);
	t->y += speed * cos(t->course * M_PI / 180);
	t->true_m += speed;
	t->error_x = t->error_x * keep + gauss(t) * t->noise_m * fresh;
	t->error_y = t->error_y * keep + gauss(t) * t->noise_m * fresh;
	f = fix_at(t, t->x + t->error_x + recorded.x,
	    t->y + t->error_y + recorded.y, speed);
	if (t->leg_count < 64 &&
	    motion_add(&t->dense, &f, &t->legs[t->leg_count]))
		t->leg_count++;
	n = keeper_add(&t->keeper, &f, out);
	for (size_t i = 0; i < n; i++)
		motion_add(&t->kept, &out[i], NULL);
}

static void
go(struct trial *t, double seconds, double speed, double course)
{
	t->course = course;
	for (int i = 0; i < (int)seconds; i++)
		second(t, speed);
}

/* Streets of 110 m: straight on, left, right, as it comes. */
static void
walk_streets(struct trial *t, double metres, double speed)
{
	double course = 0, begin_m = t->true_m;

	while (t->true_m - begin_m < metres) {
		double left = metres - (t->true_m - begin_m);

		go(t, fmin(left, 110) / speed, speed, course);
		course += 90 * (rand_r(&t->random) % 3) - 90;
		course += course < 0 ? 360 : 0;
		if (left < 110)
			return;
	}
}

static void
assert_within(double metres, double expected, double share)
{
	if (fabs(metres - expected) > share * expected)
		fail_msg("%.1f m instead of %.1f m", metres, expected);
}

static void
metres_are_those_of_the_ellipsoid(void **state)
{
	(void)state;
	/* A degree at 33.5 S is 110,922 m north and 92,918 m east. */
	assert_within(plane_metres(-33000000, -70000000, -34000000, -70000000),
	    110922, 0.0002);
	assert_within(plane_metres(-33500000, -70500000, -33500000, -70510000),
	    929.18, 0.0002);
	/* Over the date line it is the short way. */
	assert_within(plane_metres(0, 179999000, 0, -179999000), 222.6, 0.001);
}

static void
a_cart_that_never_moves_has_gone_nothing(void **state)
{
	struct trial *t = *state;

	go(t, HOUR_S, 0, 0);
	assert_float_equal(motion_distance_m(&t->dense), 0, 0);
	assert_float_equal(motion_distance_m(&t->kept), 0, 0);
	assert_int_equal(motion_standing_since(&t->dense), BEGIN + 1000);
	assert_int_equal(motion_moving_ms(&t->dense), 0);
}

static void
eight_parked_hours_of_drift_are_no_metre(void **state)
{
	static const double taus[] = { 30, 60, 300, 900 };
	struct trial *t = *state;

	for (unsigned seed = 1; seed <= 10; seed++)
		for (size_t i = 0; i < 4; i++) {
			begin_trial(t, seed, 6, taus[i]);
			go(t, 8 * HOUR_S, 0, 0);
			assert_float_equal(motion_distance_m(&t->dense), 0, 0);
			assert_float_equal(motion_distance_m(&t->kept), 0, 0);
		}
}

/*
 * Where a receiver that stood was by its own words, around their mean, and
 * how accurate gpsd would have called it; what a gateway refuses left out.
 */
static void
read_recorded(struct trial *t, const char *path)
{
	FILE *file = fopen(path, "r");
	char line[512];
	double x = 0, y = 0, n;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL) {
		struct recorded *r = &t->recorded[t->recorded_count];
		double lat, lon, hdop;
		int quality;

		if (sscanf(line, "$GPGGA,%*[^,],%lf,%*c,%lf,%*c,%d,%*d,%lf",
			&lat, &lon, &quality, &hdop) != 4 ||
		    quality == 0 || hdop * GPSD_EPH_M > MAX_ERROR_M ||
		    t->recorded_count == RECORDED_MAX)
			continue;
		/* Minutes alone: each log stays in one degree. */
		r->error.x = fmod(lon, 100) / 60e-6 * t->plane.east_m;
		r->error.y = fmod(lat, 100) / 60e-6 * t->plane.north_m;
		r->accuracy_m = (uint16_t)lround(hdop * GPSD_EPH_M);
		x += r->error.x;
		y += r->error.y;
		t->recorded_count++;
	}
	fclose(file);
	assert_true(t->recorded_count >= 20);
	n = (double)t->recorded_count;
	for (size_t i = 0; i < t->recorded_count; i++) {
		t->recorded[i].error.x -= x / n;
		t->recorded[i].error.y -= y / n;
	}
}

static void
recorded_receivers_lengthened_to_eight_hours_are_no_metre(void **state)
{
	static const char *const logs[] = { "tests/data/gnss/haicom-305N.log",
		"tests/data/gnss/quectel-eg25-g.log" };
	struct trial *t = *state;

	for (size_t i = 0; i < 2; i++)
		for (unsigned seed = 1; seed <= 5; seed++) {
			/* Their minutes, and a drift over hours. */
			begin_trial(t, seed, 4, 1200);
			read_recorded(t, logs[i]);
			go(t, 8 * HOUR_S, 0, 0);
			assert_float_equal(motion_distance_m(&t->dense), 0, 0);
			assert_float_equal(motion_distance_m(&t->kept), 0, 0);
		}
}

static void
a_walk_of_5_km_at_3_km_h_is_5_km(void **state)
{
	static const double taus[] = { 10, 60, 300 };
	struct trial *t = *state;
	double worst_dense = 0, worst_kept = 0;

	for (unsigned seed = 1; seed <= 10; seed++)
		for (size_t i = 0; i < 3; i++) {
			begin_trial(t, seed, i == 0 ? 2 : 4, taus[i]);
			go(t, 600, 0, 0);
			walk_streets(t, 5000, 3 / 3.6);
			go(t, 600, 0, 0);
			worst_dense = fmax(worst_dense,
			    fabs(motion_distance_m(&t->dense) / t->true_m - 1));
			worst_kept = fmax(worst_kept,
			    fabs(motion_distance_m(&t->kept) / t->true_m - 1));
			assert_within(
			    motion_distance_m(&t->dense), t->true_m, 0.03);
			assert_within(
			    motion_distance_m(&t->kept), t->true_m, 0.03);
		}
	print_message("worst: %.2f %% dense, %.2f %% kept\n", worst_dense * 100,
	    worst_kept * 100);
}

static void
a_walk_has_its_trip_between_two_stops(void **state)
{
	struct trial *t = *state;
	struct motion_leg open;

	go(t, 600, 0, 0);
	go(t, 600, 1, 90);
	go(t, 600, 0, 0);
	assert_int_equal(t->leg_count, 2);
	assert_int_equal(t->legs[0].kind, MOTION_STOP);
	assert_int_equal(t->legs[0].from_ms, BEGIN + 1000);
	assert_in_range(t->legs[0].to_ms, BEGIN + 600000, BEGIN + 630000);
	assert_int_equal(t->legs[1].kind, MOTION_TRIP);
	assert_int_equal(t->legs[1].from_ms, t->legs[0].to_ms);
	assert_in_range(t->legs[1].to_ms, BEGIN + 1140000, BEGIN + 1230000);
	assert_within(t->legs[1].distance_m, 600, 0.02);
	assert_within(motion_distance_m(&t->dense), 600, 0.02);
	assert_true(motion_open_leg(&t->dense, &open));
	assert_int_equal(open.kind, MOTION_STOP);
	assert_int_equal(open.from_ms, t->legs[1].to_ms);
	assert_int_equal(open.to_ms, t->ms);
	assert_int_equal(
	    motion_moving_ms(&t->dense), t->legs[1].to_ms - t->legs[1].from_ms);
	/* The kept fixes tell the same. */
	assert_int_equal(t->kept.trip_count, 1);
	assert_within(motion_distance_m(&t->kept), 600, 0.02);
}

static void
on_its_way_it_is_moving_within_minutes(void **state)
{
	struct trial *t = *state;
	struct motion_leg open;

	go(t, 1200, 0, 0);
	go(t, 120, 3 / 3.6, 45);
	assert_true(t->dense.moving);
	assert_int_equal(motion_standing_since(&t->dense), INSTANT_MISSING);
	/* What it went before that was known is counted. */
	assert_within(motion_distance_m(&t->dense), 100, 0.03);
	assert_true(motion_open_leg(&t->dense, &open));
	assert_int_equal(open.kind, MOTION_TRIP);
	assert_within(open.distance_m, 100, 0.03);
	go(t, 30, 3 / 3.6, 45);
	assert_true(t->kept.moving);
}

static void
pushed_to_the_next_corner_is_a_trip_too(void **state)
{
	struct trial *t = *state;

	go(t, 1200, 0, 0);
	go(t, 45, 1, 180);
	go(t, 1200, 0, 0);
	assert_int_equal(t->dense.trip_count, 1);
	assert_within(motion_distance_m(&t->dense), 45, 0.1);
	assert_within(motion_distance_m(&t->kept), 45, 0.25);
}

static void
there_and_back_counts_both_ways(void **state)
{
	struct trial *t = *state;

	go(t, 600, 0, 0);
	go(t, 300, 1, 0);
	go(t, 300, 1, 180);
	go(t, 600, 0, 0);
	assert_within(motion_distance_m(&t->dense), 600, 0.03);
	assert_within(motion_distance_m(&t->kept), 600, 0.05);
}

static void
a_short_halt_does_not_end_a_trip(void **state)
{
	struct trial *t = *state;

	go(t, 300, 0, 0);
	go(t, 300, 1, 0);
	go(t, 100, 0, 0);
	go(t, 300, 1, 0);
	go(t, 300, 0, 0);
	assert_int_equal(t->dense.trip_count, 1);
	assert_within(motion_distance_m(&t->dense), 600, 0.02);
}

static void
a_lone_jump_is_no_way(void **state)
{
	struct trial *t = *state;
	struct fix f;

	go(t, 300, 0, 0);
	t->ms += 1000;
	f = fix_at(t, 5000, 0, 0);
	assert_false(motion_add(&t->dense, &f, NULL));
	go(t, 300, 0, 0);
	assert_float_equal(motion_distance_m(&t->dense), 0, 0);
}

static void
a_hole_in_the_track_is_told_apart(void **state)
{
	struct trial *t = *state;
	struct motion_leg leg;
	struct fix f;

	go(t, 300, 0, 0);
	go(t, 200, 1, 0);
	t->ms += MOTION_GAP_MS + 1000;
	f = fix_at(t, 0, 1200, 0);
	assert_true(motion_add(&t->dense, &f, &leg));
	assert_int_equal(leg.kind, MOTION_TRIP);
	assert_int_equal(leg.to_ms, BEGIN + 500000);
	assert_within(leg.distance_m, 200, 0.02);
	assert_within(motion_distance_m(&t->dense), 1200, 0.01);
	assert_within(t->dense.unseen_m, 1000, 0.01);
	assert_false(t->dense.moving);
}

static void
a_stop_goes_on_over_a_hole(void **state)
{
	struct trial *t = *state;
	struct motion_leg leg;

	go(t, 300, 0, 0);
	t->ms += HOUR_S * 1000;
	go(t, 300, 0, 0);
	assert_int_equal(t->leg_count, 0);
	assert_true(motion_open_leg(&t->dense, &leg));
	assert_int_equal(leg.from_ms, BEGIN + 1000);
	assert_int_equal(leg.to_ms, t->ms);
}

static void
an_older_fix_is_ignored(void **state)
{
	struct trial *t = *state;
	struct motion before;
	struct fix f;

	go(t, 300, 1, 0);
	before = t->dense;
	f = fix_at(t, 0, 9000, 1);
	assert_false(motion_add(&t->dense, &f, NULL));
	f.at.ms -= 5000;
	assert_false(motion_add(&t->dense, &f, NULL));
	assert_memory_equal(&t->dense, &before, sizeof(before));
}

static void
a_day_of_walks_and_stops_adds_up(void **state)
{
	struct trial *t = *state;

	begin_trial(t, 7, 4, 60);
	for (int i = 0; i < 12; i++) {
		walk_streets(t, 800, 1);
		go(t, 1800, 0, 0);
	}
	assert_within(motion_distance_m(&t->dense), t->true_m, 0.03);
	assert_within(motion_distance_m(&t->kept), t->true_m, 0.03);
	assert_int_equal(t->dense.trip_count, 12);
	assert_in_range(t->kept.trip_count, 12, 13);
	assert_within((double)motion_moving_ms(&t->dense), 12 * 800000, 0.03);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(metres_are_those_of_the_ellipsoid),
		TEST(a_cart_that_never_moves_has_gone_nothing),
		TEST(eight_parked_hours_of_drift_are_no_metre),
		TEST(recorded_receivers_lengthened_to_eight_hours_are_no_metre),
		TEST(a_walk_of_5_km_at_3_km_h_is_5_km),
		TEST(a_walk_has_its_trip_between_two_stops),
		TEST(on_its_way_it_is_moving_within_minutes),
		TEST(pushed_to_the_next_corner_is_a_trip_too),
		TEST(there_and_back_counts_both_ways),
		TEST(a_short_halt_does_not_end_a_trip),
		TEST(a_lone_jump_is_no_way),
		TEST(a_hole_in_the_track_is_told_apart),
		TEST(a_stop_goes_on_over_a_hole),
		TEST(an_older_fix_is_ignored),
		TEST(a_day_of_walks_and_stops_adds_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
