/*
 * Which fixes are kept, and that a parked cart stays put.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "firmware-gateway/keeper.h"
#include "firmware-gateway/report.h"

#define LAT_E6 (-33437800)
#define LON_E6 (-70650500)
#define METRE_E6 (1e6 / 111195.0)
#define BEGIN INT64_C(1795179900000)
#define TRACK_MAX 40000

static const struct keeper_settings settings = {
	.distance_m = 20,
	.turn_deg = 30,
	.interval_ms = 60000,
	.park_ms = 720000,
};

/* A cart, its receiver, and what was kept of it. */
struct trial {
	struct keeper keeper;
	double s;
	double north_m, east_m;
	size_t kept;
	struct fix last_kept;
	double path_m; /* along what was kept */
	double farthest_m; /* from what was kept before and after */
	struct fix waiting[4096]; /* taken since the last that was kept */
	size_t waiting_count;
	unsigned random;
};

static double
metres(const struct fix *a, const struct fix *b)
{
	return report_distance(
	    a->lat_e6 / 1e6, a->lon_e6 / 1e6, b->lat_e6 / 1e6, b->lon_e6 / 1e6);
}

static struct fix
make_fix(const struct trial *t, double speed, double course)
{
	return (struct fix){
		.at = { BEGIN + (int64_t)(t->s * 1000), 0 },
		.lat_e6 = LAT_E6 + (int32_t)lround(t->north_m * METRE_E6),
		.lon_e6 = LON_E6 +
		    (int32_t)lround(
			t->east_m * METRE_E6 / cos(LAT_E6 * 1e-6 * M_PI / 180)),
		.speed_dm_s = (uint16_t)lround(speed * 10),
		.course_deg = (uint16_t)lround(course) % 360,
		.accuracy_m = 10,
		.flags = course < 0 ? FIX_NO_COURSE : 0,
	};
}

/* Every fix that waited lies near one of the two kept around it. */
static void
settle(struct trial *t, const struct fix *kept)
{
	for (size_t i = 0; i < t->waiting_count; i++) {
		double d = metres(&t->waiting[i], kept);
		double before = metres(&t->waiting[i], &t->last_kept);

		if (t->kept > 0 && before < d)
			d = before;
		if (d > t->farthest_m)
			t->farthest_m = d;
	}
	t->waiting_count = 0;
}

static size_t
give(struct trial *t, const struct fix *f)
{
	struct fix out[KEEPER_OUT_MAX];
	size_t n = keeper_add(&t->keeper, f, out);

	if (t->waiting_count < sizeof(t->waiting) / sizeof(t->waiting[0]))
		t->waiting[t->waiting_count++] = *f;
	for (size_t i = 0; i < n; i++) {
		settle(t, &out[i]);
		if (t->kept++ > 0) {
			assert_true(out[i].at.ms >= t->last_kept.at.ms);
			t->path_m += metres(&t->last_kept, &out[i]);
		}
		t->last_kept = out[i];
	}
	return n;
}

/* A second of the way; speed as the receiver would say it. */
static size_t
walk(struct trial *t, double speed, double course)
{
	struct fix f;

	t->s += 1;
	t->north_m += speed * cos(course * M_PI / 180);
	t->east_m += speed * sin(course * M_PI / 180);
	f = make_fix(t, speed, course);
	return give(t, &f);
}

static double
gauss(struct trial *t)
{
	double sum = 0;

	for (int i = 0; i < 12; i++)
		sum += rand_r(&t->random) / (double)RAND_MAX;
	return sum - 6;
}

/* Seconds of standing; the receiver wanders with so much spread. */
static void
stand(struct trial *t, int seconds, double spread_m)
{
	const double keep = exp(-1 / 60.0), fresh = sqrt(1 - keep * keep);
	double north = 0, east = 0, home_n = t->north_m, home_e = t->east_m;

	for (int i = 0; i < seconds; i++) {
		struct fix f;

		north = north * keep + gauss(t) * spread_m * fresh;
		east = east * keep + gauss(t) * spread_m * fresh;
		t->s += 1;
		t->north_m = home_n + north;
		t->east_m = home_e + east;
		f = make_fix(t, 0.2, -1);
		give(t, &f);
	}
	t->north_m = home_n;
	t->east_m = home_e;
}

static int
begin(void **state)
{
	struct trial *t = calloc(1, sizeof(*t));

	keeper_init(&t->keeper, &settings);
	t->random = 1;
	*state = t;
	return 0;
}

static int
end(void **state)
{
	free(*state);
	return 0;
}

static void
the_first_fix_is_kept(void **state)
{
	struct trial *t = *state;

	assert_int_equal(walk(t, 1, 0), 1);
	assert_int_equal(walk(t, 1, 0), 0);
}

static void
a_walk_is_kept_each_twenty_metres(void **state)
{
	struct trial *t = *state;

	for (int i = 0; i < 601; i++)
		walk(t, 1.25, 90);
	/* 750 m; a second's way may be needed beyond the 20 m. */
	assert_in_range(t->kept, 1 + 750 / 21.25, 1 + 750 / 20);
	assert_true(t->farthest_m <= 20.1);
}

static void
a_turn_is_kept_where_it_is_made(void **state)
{
	struct trial *t = *state;

	for (int i = 0; i < 10; i++)
		walk(t, 1.25, 0);
	assert_int_equal(t->kept, 1);
	assert_int_equal(walk(t, 1.25, 29), 0);
	assert_int_equal(walk(t, 1.25, 35), 1);
}

static void
a_slow_receivers_courses_are_no_turns(void **state)
{
	struct trial *t = *state;

	for (int i = 0; i < 50; i++)
		walk(t, 0.2, (i * 77) % 360);
	assert_int_equal(t->kept, 1);
}

static void
a_standing_cart_is_kept_each_minute(void **state)
{
	struct trial *t = *state;

	stand(t, 601, 0);
	assert_int_equal(t->kept, 11);
	assert_true(keeper_standing(&t->keeper, &t->last_kept));
}

static void
eight_hours_of_drift_are_no_metre(void **state)
{
	struct trial *t = *state;

	for (unsigned seed = 1; seed <= 5; seed++) {
		size_t before;

		keeper_init(&t->keeper, &settings);
		t->random = seed;
		stand(t, 1500, 5);
		assert_true(t->keeper.parked);
		walk(t, 0, 0);
		stand(t, 60, 5); /* the first held point */
		t->path_m = 0;
		before = t->kept;
		stand(t, 8 * 3600, 5);
		assert_true(t->keeper.parked);
		assert_float_equal(t->path_m, 0, 1e-9);
		/* The interval is kept all the same. */
		assert_in_range(t->kept - before, 478, 482);
		assert_true(t->last_kept.flags & FIX_PARKED);
		assert_true(t->farthest_m < 45);
	}
}

static void
a_parked_cart_lies_at_a_real_fix(void **state)
{
	struct trial *t = *state;
	struct fix seen[800];
	size_t n = 0;
	bool real = false;

	while (!t->keeper.parked && n < 800) {
		t->s += 1;
		t->north_m = 3 * gauss(t);
		t->east_m = 3 * gauss(t);
		seen[n] = make_fix(t, 0.1, -1);
		give(t, &seen[n++]);
	}
	assert_true(t->keeper.parked);
	for (size_t i = 0; i < n; i++)
		real = real ||
		    (seen[i].lat_e6 == t->keeper.anchor.lat_e6 &&
			seen[i].lon_e6 == t->keeper.anchor.lon_e6);
	assert_true(real);
	/* In the middle of them, not at the rim. */
	assert_true(
	    hypot(t->keeper.anchor.lat_e6 - LAT_E6,
		(t->keeper.anchor.lon_e6 - LON_E6) * 0.83) < 2 * METRE_E6);
}

/* Pushed away at 3 km/h; `said` is the speed that the receiver gives. */
static void
push_away(struct trial *t, double said, int within_s)
{
	double began;
	int i;

	stand(t, 900, 3);
	assert_true(t->keeper.parked);
	began = t->s;
	for (i = 0; i < 120 && t->keeper.parked; i++) {
		struct fix f;

		t->s += 1;
		t->north_m += 3 / 3.6;
		f = make_fix(t, said, said > 0 ? 0 : -1);
		give(t, &f);
	}
	assert_false(t->keeper.parked);
	assert_true(t->s - began <= within_s);
	for (i = 0; i < 60; i++)
		walk(t, 3 / 3.6, 0);
	assert_false(t->last_kept.flags & FIX_PARKED);
	assert_true(t->farthest_m < 25);
}

static void
a_cart_pushed_at_3_km_h_leaves_its_place(void **state)
{
	push_away(*state, 3 / 3.6, 35);
}

static void
so_does_one_whose_receiver_gives_no_speed(void **state)
{
	push_away(*state, 0, 45);
}

static void
one_stray_fix_does_not_move_a_parked_cart(void **state)
{
	struct trial *t = *state;
	struct fix stray;

	stand(t, 900, 1);
	assert_true(t->keeper.parked);
	t->s += 1;
	t->north_m += 45;
	stray = make_fix(t, 0, -1);
	give(t, &stray);
	assert_true(t->last_kept.flags & FIX_PARKED);
	t->north_m -= 45;
	stand(t, 30, 1);
	assert_true(t->keeper.parked);
	assert_int_equal(t->keeper.drifted, 1);
}

static void
the_interval_is_kept_while_a_way_out_is_not_sure(void **state)
{
	struct trial *t = *state;
	int64_t parked_at, gap = 0;

	stand(t, 900, 0);
	parked_at = t->last_kept.at.ms;
	t->north_m += 30; /* slid away unseen, and stays */
	for (int i = 0; i < 200; i++) {
		struct fix f;

		t->s += 1;
		f = make_fix(t, 0, -1);
		if (give(t, &f) > 0) {
			if (t->last_kept.at.ms - parked_at > gap)
				gap = t->last_kept.at.ms - parked_at;
			parked_at = t->last_kept.at.ms;
		}
	}
	assert_false(t->keeper.parked);
	assert_true(gap <= 61000);
	assert_float_equal(t->path_m, 30, 0.5);
}

static void
times_of_another_kind_do_not_disturb_the_place(void **state)
{
	struct trial *t = *state;
	struct fix f, out[KEEPER_OUT_MAX];

	stand(t, 900, 0);
	f = make_fix(t, 0, -1);
	f.at = (struct instant){ 5000, 77 };
	assert_int_equal(keeper_add(&t->keeper, &f, out), 1);
	assert_true(t->keeper.parked);
	assert_true(out[0].flags & FIX_PARKED);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_first_fix_is_kept),
		TEST(a_walk_is_kept_each_twenty_metres),
		TEST(a_turn_is_kept_where_it_is_made),
		TEST(a_slow_receivers_courses_are_no_turns),
		TEST(a_standing_cart_is_kept_each_minute),
		TEST(eight_hours_of_drift_are_no_metre),
		TEST(a_parked_cart_lies_at_a_real_fix),
		TEST(a_cart_pushed_at_3_km_h_leaves_its_place),
		TEST(so_does_one_whose_receiver_gives_no_speed),
		TEST(one_stray_fix_does_not_move_a_parked_cart),
		TEST(the_interval_is_kept_while_a_way_out_is_not_sure),
		TEST(times_of_another_kind_do_not_disturb_the_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
