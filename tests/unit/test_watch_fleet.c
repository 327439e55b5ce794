/*
 * A fleet, and a guild that is out itself: no flood, and nobody overlooked.
 */
#include "watch_world.h"

#define FLEET 1000
#define GONE 50

/* The reader is stopped for ten minutes; then it reads what was written. */
static void
stopped_for_ten_minutes(struct world *w, size_t gone)
{
	world_live(w, 0, 5 * MINUTE);
	assert_int_equal(world_news(w, NULL), 0);
	w->behind = true;
	world_live(w, gone, 10 * MINUTE);
	assert_int_equal(world_news(w, NULL), 0);
	w->behind = false;
	world_live(w, gone, 2 * MINUTE);
}

static void
a_stopped_reader_makes_no_false_alert(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, FLEET);
	stopped_for_ten_minutes(&w, 0);
	assert_int_equal(world_news(&w, NULL), 0);
	world_free(&w);
}

static void
what_is_gone_when_it_has_caught_up_is_told_exactly(void **state)
{
	struct world w;
	const struct alert_event *events;
	int64_t gone_ms;

	(void)state;
	world_init(&w, FLEET);
	gone_ms = w.ms + 5 * MINUTE;
	stopped_for_ten_minutes(&w, GONE);
	assert_int_equal(world_news(&w, &events), GONE);
	for (size_t i = 0; i < GONE; i++) {
		assert_int_equal(events[i].state, ALERT_OPENED);
		assert_true(events[i].since_ms <= gone_ms);
		assert_true(events[i].since_ms > gone_ms - 11000);
		assert_in_range(events[i].at_ms, gone_ms + 10 * MINUTE,
		    gone_ms + 10 * MINUTE + 1000);
	}
	world_free(&w);
}

static void
what_came_and_went_meanwhile_is_no_news(void **state)
{
	struct world w;
	const struct alert_event *event;
	int64_t since;

	(void)state;
	world_init(&w, 2);
	world_live(&w, 0, 5 * MINUTE);
	/* One is missing already; both come and go while the reader is off. */
	world_live(&w, 1, 2 * MINUTE);
	event = world_assert_one(&w, ALERT_MISSING, ALERT_OPENED);
	since = event->since_ms;
	w.behind = true;
	for (int i = 0; i < 5; i++) {
		world_run(&w, 2 * MINUTE);
		world_live(&w, 0, 2 * MINUTE);
	}
	/* The one that was told is over. */
	event = world_assert_one(&w, ALERT_MISSING, ALERT_RESOLVED);
	assert_int_equal(event->since_ms, since);
	w.behind = false;
	world_live(&w, 0, 10 * MINUTE);
	assert_int_equal(world_news(&w, NULL), 0);
	world_free(&w);
}

static void
the_guilds_own_outage_is_nobodys_silence(void **state)
{
	struct world w;
	const struct alert_event *events;

	(void)state;
	world_init(&w, FLEET);
	world_live(&w, 0, 5 * MINUTE);
	/* No broker, no bridge: neither records nor beats. */
	w.deaf = true;
	world_run(&w, 2 * HOUR);
	w.deaf = false;
	world_run(&w, 20000);
	assert_int_equal(world_news(&w, NULL), 0);
	world_live(&w, GONE, 5 * MINUTE);
	assert_int_equal(world_news(&w, &events), GONE);
	for (size_t i = 0; i < GONE; i++)
		assert_true(events[i].since_ms < WORLD_NOW + 5 * MINUTE);
	/* Many short ones neither. */
	for (int i = 0; i < 20; i++) {
		w.deaf = true;
		world_run(&w, 40000);
		w.deaf = false;
		world_live(&w, GONE, 20000);
	}
	assert_int_equal(world_news(&w, NULL), 0);
	world_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stopped_reader_makes_no_false_alert),
		cmocka_unit_test(
		    what_is_gone_when_it_has_caught_up_is_told_exactly),
		cmocka_unit_test(what_came_and_went_meanwhile_is_no_news),
		cmocka_unit_test(the_guilds_own_outage_is_nobodys_silence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
