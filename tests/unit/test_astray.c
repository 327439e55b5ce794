/*
 * Outside its zone, moving outside its hours: found in time, and only then.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backend/rules/astray.h"
#include "firmware-gateway/keeper.h"
#include "tests/unit/chance.h"

#define CART "ABCD12"
#define BEGIN INT64_C(1795179900000)
#define LAT_E6 (-33437800)
#define LON_E6 (-70650500)
#define DWELL_MS 60000
#define HALF_M 500 /* the zone is a square of a kilometre, its middle 0, 0 */

static const struct astray_rules rules = { .dwell_ms = DWELL_MS };
static const struct keeper_settings keeping = {
	.distance_m = 20,
	.turn_deg = 30,
	.interval_ms = 60000,
	.park_ms = 720000,
};

struct trial {
	struct plane plane;
	struct area_set *zones;
	struct astray astray;
	struct motion motion;
	struct keeper keeper;
	bool kept; /* the gateway's fixes alone, else all */
	bool working;
	int64_t ms;
	double x, y, course;
	/* The receiver: Gaussian and wandering, or uniform. */
	double noise_m, tau_s, uniform_m, error_x, error_y;
	uint16_t accuracy_m;
	unsigned random;
	/* What was found. */
	int zone_found, hours_found;
	int64_t zone_found_ms, hours_found_ms;
};

static void
put_square(struct trial *t)
{
	struct zone *zone = calloc(1, sizeof(*zone));
	struct area_fault fault;
	int corner[4][2] = { { -1, -1 }, { -1, 1 }, { 1, 1 }, { 1, -1 } };

	assert_non_null(zone);
	strcpy(zone->id, "centre");
	strcpy(zone->name, "Centro");
	zone->area_count = zone->ring_count = 1;
	zone->areas[0].count = 1;
	zone->point_count = zone->rings[0].count = 4;
	for (int i = 0; i < 4; i++) {
		zone->points[i].lat_e6 = LAT_E6 +
		    (int32_t)lround(corner[i][0] * HALF_M / t->plane.north_m);
		zone->points[i].lon_e6 = LON_E6 +
		    (int32_t)lround(corner[i][1] * HALF_M / t->plane.east_m);
	}
	assert_int_equal(area_set_put(t->zones, zone, &fault), 0);
	free(zone);
}

static void
restart(struct trial *t, unsigned seed, bool kept)
{
	struct area_set *zones = t->zones;

	memset(t, 0, sizeof(*t));
	t->zones = zones;
	t->plane = plane_at(LAT_E6, LON_E6);
	astray_init(&t->astray);
	motion_init(&t->motion);
	keeper_init(&t->keeper, &keeping);
	t->kept = kept;
	t->working = true;
	t->ms = BEGIN;
	t->tau_s = 60;
	t->accuracy_m = 10;
	t->random = seed;
}

static int
begin(void **state)
{
	struct trial *t = calloc(1, sizeof(*t));

	t->zones = area_set_new();
	restart(t, 1, false);
	put_square(t);
	*state = t;
	return 0;
}

static int
end(void **state)
{
	struct trial *t = *state;

	area_set_free(t->zones);
	free(t);
	return 0;
}

static double
uniform(struct trial *t)
{
	return 2.0 * rand_r(&t->random) / RAND_MAX - 1;
}

static double
gauss(struct trial *t)
{
	double sum = 0;

	for (int i = 0; i < 12; i++)
		sum += uniform(t) / 2;
	return sum;
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

static void
count_findings(struct trial *t, bool zone_before, bool hours_before)
{
	if (t->astray.zone.wrong && !zone_before) {
		t->zone_found++;
		t->zone_found_ms = t->ms;
	}
	if (t->astray.hours.wrong && !hours_before) {
		t->hours_found++;
		t->hours_found_ms = t->ms;
	}
}

/* A fix comes to the guild, late or not. */
static void
arrive(struct trial *t, const struct fix *f, int64_t record_ms)
{
	bool zone = t->astray.zone.wrong, hours = t->astray.hours.wrong;
	struct area_verdict where;

	assert_int_equal(area_judge(t->zones, CART, f->lat_e6, f->lon_e6,
			     f->accuracy_m, &where),
	    0);
	motion_add(&t->motion, f, NULL);
	astray_add(&t->astray, &rules,
	    &(struct astray_fix){
		f, record_ms, &where, &t->motion, t->working });
	count_findings(t, zone, hours);
}

static void
tick(struct trial *t)
{
	bool zone = t->astray.zone.wrong, hours = t->astray.hours.wrong;

	astray_tick(&t->astray, &rules, t->ms, t->working);
	count_findings(t, zone, hours);
}

/* A second at this speed, and a beat. */
static void
second(struct trial *t, double speed)
{
	double keep = exp(-1 / t->tau_s), fresh = sqrt(1 - keep * keep);
	struct fix out[KEEPER_OUT_MAX], f;
	size_t n = 1;

	t->ms += 1000;
	t->x += speed * sin(t->course * M_PI / 180);
	t->y += speed * cos(t->course * M_PI / 180);
	t->error_x = t->error_x * keep + gauss(t) * t->noise_m * fresh;
	t->error_y = t->error_y * keep + gauss(t) * t->noise_m * fresh;
	f = fix_at(t, t->x + t->error_x + t->uniform_m * uniform(t),
	    t->y + t->error_y + t->uniform_m * uniform(t), speed);
	if (t->kept)
		n = keeper_add(&t->keeper, &f, out);
	else
		out[0] = f;
	for (size_t i = 0; i < n; i++)
		arrive(t, &out[i], t->ms);
	tick(t);
}

static void
go(struct trial *t, double seconds, double speed, double course)
{
	t->course = course;
	for (int i = 0; i < (int)seconds; i++)
		second(t, speed);
}

/* An hour along the eastern edge, to and fro. */
static void
skim(struct trial *t)
{
	t->x = HALF_M;
	for (int i = 0; i < 6; i++)
		go(t, 600, 3 / 3.6, i % 2 == 0 ? 0 : 180);
}

static void
skimming_an_edge_for_an_hour_is_one_alert_at_most(void **state)
{
	/* Uniform within 15 m; 15 m for 95 % of the time, wandering fast and
	 * slowly; and a receiver whose 15 m hold for 67 %. */
	static const struct {
		double uniform_m, noise_m, tau_s;
	} noises[] = { { 15, 0, 60 }, { 0, 6.1, 1 }, { 0, 6.1, 60 },
		{ 0, 6.1, 300 }, { 0, 10, 60 } };
	struct trial *t = *state;
	int alerts = 0;

	for (size_t i = 0; i < sizeof(noises) / sizeof(noises[0]); i++)
		for (unsigned seed = 1; seed <= 40; seed++) {
			restart(t, seed, seed % 2 == 0);
			t->uniform_m = noises[i].uniform_m;
			t->noise_m = noises[i].noise_m;
			t->tau_s = noises[i].tau_s;
			t->accuracy_m = 15;
			skim(t);
			assert_in_range(t->zone_found, 0, 1);
			alerts += t->zone_found;
		}
	print_message("%d alerts in 200 hours along an edge\n", alerts);
}

/* Walks east over the edge; when it was over it, by where it truly was. */
static int64_t
walk_out(struct trial *t, double metres)
{
	int64_t left_ms = 0;

	go(t, 60, 0, 90);
	t->course = 90;
	while (t->x < HALF_M + metres) {
		second(t, 3 / 3.6);
		if (left_ms == 0 && t->x > HALF_M)
			left_ms = t->ms;
	}
	return left_ms;
}

static void
a_real_exit_is_found_within_the_dwell_and_5_s(void **state)
{
	struct trial *t = *state;
	int64_t soonest = INT64_MAX, latest = 0;

	for (unsigned seed = 1; seed <= 100; seed++) {
		int64_t left_ms, took;

		restart(t, seed, seed % 2 == 0);
		t->noise_m = 2;
		t->x = 350 + seed % 20;
		left_ms = walk_out(t, 120);
		assert_int_equal(t->zone_found, 1);
		took = t->zone_found_ms - left_ms;
		soonest = took < soonest ? took : soonest;
		latest = took > latest ? took : latest;
		assert_in_range(took, DWELL_MS - 10000, DWELL_MS + 5000);
		assert_true(llabs(t->astray.zone.since_ms - left_ms) <= 10000);
		assert_int_equal(t->astray.zone.until_ms, INSTANT_MISSING);
	}
	print_message("found %.0f to %.0f s after it left\n",
	    (double)soonest / 1000, (double)latest / 1000);
}

static void
one_that_left_and_parks_is_found_at_a_beat(void **state)
{
	struct trial *t = *state;

	for (unsigned seed = 1; seed <= 20; seed++) {
		int64_t left_ms;

		restart(t, seed, true);
		t->x = 380;
		left_ms = walk_out(t, 45);
		assert_int_equal(t->zone_found, 0);
		go(t, 60, 0, 90);
		assert_int_equal(t->zone_found, 1);
		assert_in_range(t->zone_found_ms - left_ms, DWELL_MS - 10000,
		    DWELL_MS + 5000);
	}
}

static void
a_short_visit_outside_is_none(void **state)
{
	struct trial *t = *state;

	t->x = HALF_M - 10;
	go(t, 40, 1, 90);
	go(t, 100, 1, 270);
	assert_int_equal(t->zone_found, 0);
}

static void
a_poor_fix_near_the_edge_proves_nothing(void **state)
{
	struct trial *t = *state;

	t->accuracy_m = 50;
	t->x = HALF_M + 45;
	go(t, 3600, 0, 0);
	assert_int_equal(t->zone_found, 0);
	t->accuracy_m = 10;
	go(t, 61, 0, 0);
	assert_int_equal(t->zone_found, 1);
	/* Nor is it back by one. */
	t->accuracy_m = 50;
	go(t, 600, 0, 0);
	assert_true(t->astray.zone.wrong);
}

static void
it_is_back_after_a_minute_inside_and_since_then(void **state)
{
	struct trial *t = *state;
	int64_t back_ms = 0;

	walk_out(t, 120);
	assert_true(t->astray.zone.wrong);
	t->course = 270;
	while (t->x > HALF_M - 100) {
		second(t, 1);
		if (back_ms == 0 && t->x <= HALF_M)
			back_ms = t->ms;
	}
	assert_false(t->astray.zone.wrong);
	assert_true(llabs(t->astray.zone.until_ms - back_ms) <= 1000);
	assert_int_equal(t->zone_found, 1);
}

static void
a_cart_that_returns_and_falls_silent_is_back_too(void **state)
{
	struct trial *t = *state;

	walk_out(t, 120);
	t->x = HALF_M - 50;
	second(t, 0);
	assert_true(t->astray.zone.wrong);
	for (int i = 0; i < 60; i++) {
		t->ms += 1000;
		tick(t);
	}
	assert_false(t->astray.zone.wrong);
}

static void
soon_again_it_must_be_farther_out(void **state)
{
	struct trial *t = *state;

	walk_out(t, 120);
	t->x = HALF_M - 50;
	go(t, 120, 0, 0);
	assert_false(t->astray.zone.wrong);
	t->x = HALF_M + 15;
	go(t, 300, 0, 0);
	assert_false(t->astray.zone.wrong);
	t->x = HALF_M + 35;
	go(t, 2, 0, 0);
	assert_true(t->astray.zone.wrong);
	t->x = HALF_M - 50;
	go(t, 4000, 0, 0);
	t->x = HALF_M + 15;
	go(t, 70, 0, 0);
	assert_true(t->astray.zone.wrong);
	assert_int_equal(t->zone_found, 3);
}

static void
late_fixes_open_nothing(void **state)
{
	struct trial *t = *state;
	int64_t now_ms = BEGIN + 3600000;

	for (int i = 0; i < 2400; i += 20) {
		struct fix f;

		t->ms = BEGIN + i * 1000;
		f = fix_at(t, HALF_M + i, 0, 1);
		arrive(t, &f, now_ms);
	}
	assert_int_equal(t->zone_found, 0);
	t->ms = now_ms;
	tick(t);
	assert_int_equal(t->zone_found, 0);
	/* Still so at the first live fix: said then, with its true since. */
	second(t, 0);
	assert_int_equal(t->zone_found, 0);
	t->x = HALF_M + 2400;
	second(t, 0);
	go(t, 60, 0, 0);
	assert_int_equal(t->zone_found, 1);
}

static void
what_is_still_so_at_the_first_live_fix_is_said_with_its_true_time(void **state)
{
	struct trial *t = *state;
	struct fix f;

	for (int i = 0; i < 1200; i += 20) {
		t->ms = BEGIN + i * 1000;
		f = fix_at(t, HALF_M + i, 0, 1);
		arrive(t, &f, BEGIN + 2400000);
	}
	t->ms = BEGIN + 2400000;
	f = fix_at(t, HALF_M + 1200, 0, 0);
	arrive(t, &f, t->ms + 2000);
	assert_int_equal(t->zone_found, 1);
	assert_in_range(t->astray.zone.since_ms, BEGIN, BEGIN + 20000);
}

static void
an_older_fix_changes_nothing(void **state)
{
	struct trial *t = *state;
	struct astray before;
	struct fix f;

	go(t, 60, 0, 0);
	before = t->astray;
	f = fix_at(t, HALF_M + 300, 0, 0);
	f.at.ms -= 10000;
	arrive(t, &f, t->ms);
	assert_memory_equal(&t->astray, &before, sizeof(before));
}

static void
without_zones_nobody_is_astray(void **state)
{
	struct trial *t = *state;

	walk_out(t, 120);
	assert_true(t->astray.zone.wrong);
	assert_true(t->astray.bound);
	assert_true(area_set_remove(t->zones, "centre"));
	second(t, 1);
	assert_false(t->astray.zone.wrong);
	assert_false(t->astray.bound);
	go(t, 600, 1, 90);
	assert_int_equal(t->zone_found, 1);
}

static void
the_same_fix_again_is_judged_by_the_new_zones(void **state)
{
	struct trial *t = *state;
	struct fix f;

	assert_true(area_set_remove(t->zones, "centre"));
	t->x = HALF_M + 100;
	go(t, 10, 0, 0);
	f = fix_at(t, t->x, 0, 0);
	put_square(t);
	arrive(t, &f, t->ms);
	for (int i = 0; i < 60; i++) {
		t->ms += 1000;
		tick(t);
	}
	assert_int_equal(t->zone_found, 1);
}

static void
moving_outside_its_hours_is_found(void **state)
{
	struct trial *t = *state;
	int64_t went_ms;

	go(t, 600, 0, 0);
	t->working = false;
	go(t, 600, 0, 0);
	assert_int_equal(t->hours_found, 0);
	went_ms = t->ms;
	go(t, 120, 3 / 3.6, 0);
	assert_int_equal(t->hours_found, 1);
	assert_true(llabs(t->astray.hours.since_ms - went_ms) <= 10000);
	assert_int_equal(t->zone_found, 0);
}

static void
drift_outside_its_hours_is_not(void **state)
{
	struct trial *t = *state;

	for (unsigned seed = 1; seed <= 10; seed++) {
		restart(t, seed, seed % 2 == 0);
		t->noise_m = 6;
		t->working = false;
		go(t, 10 * 3600, 0, 0);
		assert_int_equal(t->hours_found, 0);
	}
}

static void
what_it_went_before_its_hours_ended_does_not_count(void **state)
{
	struct trial *t = *state;

	go(t, 300, 0, 0);
	go(t, 300, 1, 0);
	t->working = false;
	go(t, 45, 1, 0);
	assert_int_equal(t->hours_found, 0);
	go(t, 10, 1, 0);
	assert_int_equal(t->hours_found, 1);
	assert_int_equal(t->astray.hours.since_ms, BEGIN + 601000);
}

static void
it_is_over_when_it_stood_for_long_or_its_hours_begin(void **state)
{
	struct trial *t = *state;
	int64_t stood_ms;

	t->working = false;
	go(t, 600, 0, 0);
	go(t, 200, 1, 0);
	stood_ms = t->ms;
	go(t, 600, 0, 0);
	assert_true(t->astray.hours.wrong);
	go(t, 400, 0, 0);
	assert_false(t->astray.hours.wrong);
	assert_true(llabs(t->astray.hours.until_ms - stood_ms) <= 10000);
	/* Standing on it is not found again; going on it is. */
	go(t, 3600, 0, 0);
	assert_int_equal(t->hours_found, 1);
	go(t, 200, 1, 0);
	assert_int_equal(t->hours_found, 2);
	t->working = true;
	t->ms += 1000;
	tick(t);
	assert_false(t->astray.hours.wrong);
	assert_int_equal(t->astray.hours.until_ms, t->ms);
}

/* Fixes in and out of order, late and live, of any verdict; ticks. */
static void
random_event(struct trial *t, uint64_t *seed, struct area_verdict *where)
{
	static const enum area_where wheres[] = { AREA_INSIDE, AREA_INSIDE,
		AREA_NEAR, AREA_OUTSIDE, AREA_OUTSIDE, AREA_OUTSIDE,
		AREA_FREE };
	struct fix f;

	t->ms += (int64_t)chance(seed, chance(seed, 50) == 0 ? 600000 : 20000);
	if (chance(seed, 100) == 0)
		t->working = !t->working;
	if (chance(seed, 3) == 0) {
		astray_tick(&t->astray, &rules, t->ms, t->working);
		return;
	}
	/* Mostly it stays on the side it is on. */
	if (chance(seed, 8) == 0)
		where->where =
		    wheres[chance(seed, chance(seed, 40) == 0 ? 7 : 6)];
	where->distance_m = where->where >= AREA_NEAR ? 1 + chance(seed, 100)
						      : 0;
	where->depth_m = where->where == AREA_INSIDE ? chance(seed, 100) : 0;
	t->x += where->where == AREA_OUTSIDE ? 15 : 1;
	f = fix_at(t, t->x, 0, 1);
	f.at.ms -= chance(seed, 5) == 0 ? chance(seed, 400000) : 0;
	motion_add(&t->motion, &f, NULL);
	astray_add(&t->astray, &rules,
	    &(struct astray_fix){ &f, t->ms, where, &t->motion, t->working });
}

static void
assert_sound(
    const struct astray_finding *now, const struct astray_finding *before)
{
	if (now->wrong) {
		assert_true(now->since_ms != INSTANT_MISSING);
		assert_int_equal(now->until_ms, INSTANT_MISSING);
	}
	if (now->wrong && before->wrong)
		assert_int_equal(now->since_ms, before->since_ms);
	if (!now->wrong && before->wrong) {
		assert_int_equal(now->since_ms, before->since_ms);
		assert_true(now->until_ms >= now->since_ms);
	}
}

static void
a_million_random_events_make_no_illegal_state(void **state)
{
	struct trial *t = *state;
	struct area_verdict where = { .where = AREA_INSIDE };
	uint64_t seed = 20261121;
	int zone = 0, hours = 0;

	restart(t, 1, false);
	for (int i = 0; i < 1000000; i++) {
		struct astray before = t->astray;
		const struct astray *a = &t->astray;

		random_event(t, &seed, &where);
		assert_sound(&a->zone, &before.zone);
		assert_sound(&a->hours, &before.hours);
		if (a->zone.wrong && !before.zone.wrong) {
			zone++;
			assert_true(a->bound && a->out_proven && a->last_live);
			assert_int_equal(a->zone.since_ms, a->out_ms);
			assert_true(t->ms - a->out_ms >= DWELL_MS);
		}
		if (a->hours.wrong && !before.hours.wrong) {
			hours++;
			assert_true(a->last_live && t->motion.moving);
			assert_false(t->working);
		}
		if (!a->bound)
			assert_false(a->zone.wrong);
	}
	print_message("%d times outside, %d off hours\n", zone, hours);
	assert_true(zone > 100 && hours > 100);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(skimming_an_edge_for_an_hour_is_one_alert_at_most),
		TEST(a_real_exit_is_found_within_the_dwell_and_5_s),
		TEST(one_that_left_and_parks_is_found_at_a_beat),
		TEST(a_short_visit_outside_is_none),
		TEST(a_poor_fix_near_the_edge_proves_nothing),
		TEST(it_is_back_after_a_minute_inside_and_since_then),
		TEST(a_cart_that_returns_and_falls_silent_is_back_too),
		TEST(soon_again_it_must_be_farther_out),
		TEST(late_fixes_open_nothing),
		TEST(
		    what_is_still_so_at_the_first_live_fix_is_said_with_its_true_time),
		TEST(an_older_fix_changes_nothing),
		TEST(without_zones_nobody_is_astray),
		TEST(the_same_fix_again_is_judged_by_the_new_zones),
		TEST(moving_outside_its_hours_is_found),
		TEST(drift_outside_its_hours_is_not),
		TEST(what_it_went_before_its_hours_ended_does_not_count),
		TEST(it_is_over_when_it_stood_for_long_or_its_hours_begin),
		TEST(a_million_random_events_make_no_illegal_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
