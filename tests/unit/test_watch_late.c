/*
 * What comes late mends, and what does not come is told.
 */
#include "watch_world.h"

/* Fixes as a gateway keeps them on a walk to the north, every 15 s. */
static size_t
walked(struct fix *fixes, int64_t from_ms, int64_t to_ms, double m_s)
{
	size_t n = 0;

	for (int64_t ms = from_ms; ms < to_ms; ms += 15000) {
		double north_m = m_s * (double)(ms - from_ms) / 1000;

		fixes[n++] = (struct fix){ .at = { .ms = ms },
			.lat_e6 = WORLD_LAT + (int32_t)(north_m / 0.11093),
			.lon_e6 = WORLD_LON,
			.speed_dm_s = (uint16_t)(m_s * 10),
			.accuracy_m = 5 };
	}
	return n;
}

static void
a_backlog_of_40_minutes_mends_the_verdict_and_opens_none(void **state)
{
	struct fix fixes[256];
	struct world w;
	struct watch *cart = world_one(&w, 300);
	const struct alert_event *event;
	int64_t gone = w.ms, back;
	struct status s;
	size_t n;

	(void)state;
	n = walked(fixes, gone, gone + 40 * MINUTE, 0.9);
	world_run(&w, 40 * MINUTE);
	world_assert_one(&w, ALERT_MISSING, ALERT_OPENED);
	s = world_status(&w);
	s.backlog = (uint32_t)n;
	s.oldest.ms = fixes[0].at.ms;
	s.fix.lat_e6 = fixes[n - 1].lat_e6;
	world_say(&w, cart, &s);
	back = w.ms;
	event = world_assert_one(&w, ALERT_MISSING, ALERT_RESOLVED);
	assert_int_equal(event->moved_m, -1);

	/* It drains, a frame at a time. */
	for (size_t i = 0; i < n; i += 20) {
		world_run(&w, 50);
		world_frame(&w, cart, &fixes[i], n - i < 20 ? n - i : 20);
	}
	assert_int_equal(world_news(&w, NULL), 0);
	world_run(&w, 2000);
	world_report(&w, cart);
	event = world_assert_one(&w, ALERT_MISSING, ALERT_CHANGED);
	assert_int_equal(event->revision, 2);
	assert_int_equal(event->since_ms, gone);
	assert_int_equal(event->until_ms, back);
	assert_in_range(event->moved_m, 2160 * 97 / 100, 2160 * 103 / 100);
	assert_int_equal(event->why, WHY_NETWORK);
	world_live(&w, 0, HOUR);
	assert_int_equal(world_news(&w, NULL), 0);
	world_free(&w);
}

static void
a_slow_drain_is_told_every_few_seconds(void **state)
{
	struct fix fixes[256];
	struct world w;
	struct watch *cart = world_one(&w, 300);
	size_t n = walked(fixes, w.ms, w.ms + 40 * MINUTE, 0.9), changes;
	const struct alert_event *events;

	(void)state;
	world_run(&w, 40 * MINUTE);
	world_report(&w, cart);
	world_news(&w, NULL);
	for (size_t i = 0; i < n; i += 4) {
		world_run(&w, 500);
		world_frame(&w, cart, &fixes[i], 4);
	}
	world_run(&w, 6000);
	changes = world_news(&w, &events);
	assert_in_range(changes, 3, 5);
	for (size_t i = 0; i < changes; i++) {
		assert_int_equal(events[i].state, ALERT_CHANGED);
		assert_int_equal(events[i].revision, 2 + i);
	}
	assert_in_range(events[changes - 1].moved_m, 2080, 2200);
	world_free(&w);
}

static void
late_data_of_two_absences_mends_each(void **state)
{
	struct fix first[64], second[64];
	struct world w;
	struct watch *cart = world_one(&w, 0);
	const struct alert_event *events;
	size_t a = walked(first, w.ms, w.ms + 5 * MINUTE, 1.0), b;

	(void)state;
	world_run(&w, 5 * MINUTE);
	world_report(&w, cart);
	/* Half of it comes, and the network is gone again. */
	world_frame(&w, cart, first, a / 2);
	b = walked(second, w.ms, w.ms + 10 * MINUTE, 0.5);
	world_run(&w, 10 * MINUTE);
	world_report(&w, cart);
	world_news(&w, NULL);
	world_frame(&w, cart, &first[a / 2], a - a / 2);
	world_frame(&w, cart, second, b);
	world_run(&w, 6000);
	assert_int_equal(world_news(&w, &events), 2);
	assert_in_range(events[0].moved_m, 270, 310);
	assert_in_range(events[1].moved_m, 270, 310);
	assert_true(events[0].since_ms < events[1].since_ms);
	world_free(&w);
}

static void
standing_still_without_network_moved_nothing(void **state)
{
	struct world w;
	struct watch *cart = world_one(&w, 0);
	int64_t gone = w.ms;
	struct fix fixes[40];
	size_t n = 0;

	(void)state;
	for (int64_t ms = gone; ms < gone + 30 * MINUTE; ms += MINUTE, n++)
		fixes[n] = (struct fix){ .at = { .ms = ms },
			.lat_e6 = WORLD_LAT + (int32_t)(n % 3) * 60,
			.lon_e6 = WORLD_LON - (int32_t)(n % 5) * 40,
			.accuracy_m = 10 };
	world_run(&w, 30 * MINUTE);
	world_report(&w, cart);
	world_news(&w, NULL);
	world_frame(&w, cart, fixes, n);
	world_run(&w, 6000);
	assert_int_equal(
	    world_assert_one(&w, ALERT_MISSING, ALERT_CHANGED)->moved_m, 0);
	world_free(&w);
}

static void
what_it_went_before_the_first_late_fix_counts(void **state)
{
	struct world w;
	struct watch *cart = world_one(&w, 0);
	struct fix fixes[64];
	size_t n = walked(fixes, w.ms, w.ms + 10 * MINUTE, 1.0);
	int64_t moved;

	(void)state;
	world_run(&w, 10 * MINUTE);
	world_report(&w, cart);
	world_news(&w, NULL);
	/* Four minutes, 240 m, had no fix. */
	world_frame(&w, cart, &fixes[16], n - 16);
	world_run(&w, 6000);
	moved = world_assert_one(&w, ALERT_MISSING, ALERT_CHANGED)->moved_m;
	assert_in_range(moved, 560, 610);
	world_free(&w);
}

static void
say_backlog(struct world *w, struct watch *cart, uint32_t n, int64_t age_ms)
{
	struct status s = world_status(w);

	s.backlog = n;
	s.oldest.ms = n > 0 ? w->ms - age_ms : INSTANT_MISSING;
	world_say(w, cart, &s);
}

static void
a_backlog_that_stays_old_is_told(void **state)
{
	struct world w;
	struct watch *cart = world_one(&w, 0);
	const struct alert_event *event;
	int64_t oldest = w.ms - HOUR;

	(void)state;
	for (int i = 0; i < 6; i++) {
		say_backlog(&w, cart, 300, w.ms - oldest);
		assert_int_equal(world_news(&w, NULL), 0);
		world_run(&w, 20000);
	}
	say_backlog(&w, cart, 300, w.ms - oldest);
	event = world_assert_one(&w, ALERT_BACKLOG, ALERT_OPENED);
	assert_int_equal(event->since_ms, oldest);
	assert_int_equal(event->count, 300);
	/* A little younger than an hour is not over yet. */
	say_backlog(&w, cart, 200, HOUR / 2);
	assert_int_equal(world_news(&w, NULL), 0);
	say_backlog(&w, cart, 20, MINUTE);
	event = world_assert_one(&w, ALERT_BACKLOG, ALERT_RESOLVED);
	assert_int_equal(event->until_ms, w.ms);
	world_free(&w);
}

static void
a_cart_that_came_back_and_drains_is_no_alert(void **state)
{
	struct world w;
	struct watch *cart = world_one(&w, 0);

	(void)state;
	world_run(&w, 3 * HOUR);
	world_news(&w, NULL);
	say_backlog(&w, cart, 900, 3 * HOUR);
	world_assert_one(&w, ALERT_MISSING, ALERT_RESOLVED);
	world_run(&w, 20000);
	say_backlog(&w, cart, 500, 2 * HOUR);
	/* And gone again, for long: it could not drain. */
	world_run(&w, 10 * MINUTE);
	world_news(&w, NULL);
	say_backlog(&w, cart, 600, 2 * HOUR);
	world_assert_one(&w, ALERT_MISSING, ALERT_RESOLVED);
	world_run(&w, 30000);
	say_backlog(&w, cart, 0, 0);
	world_run(&w, 20000);
	assert_int_equal(world_news(&w, NULL), 0);
	world_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_backlog_of_40_minutes_mends_the_verdict_and_opens_none),
		cmocka_unit_test(a_slow_drain_is_told_every_few_seconds),
		cmocka_unit_test(late_data_of_two_absences_mends_each),
		cmocka_unit_test(standing_still_without_network_moved_nothing),
		cmocka_unit_test(what_it_went_before_the_first_late_fix_counts),
		cmocka_unit_test(a_backlog_that_stays_old_is_told),
		cmocka_unit_test(a_cart_that_came_back_and_drains_is_no_alert),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
