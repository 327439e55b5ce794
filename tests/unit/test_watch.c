/*
 * A cart is silent, and comes back.
 */
#include "watch_world.h"

static void
a_silent_cart_is_missing_60_to_61_s_after_its_last_report(void **state)
{
	(void)state;
	for (int64_t offset = 0; offset < 1000; offset += 37) {
		struct world w;
		struct watch *cart = world_one(&w, offset);
		const struct alert_event *event;
		int64_t last = w.ms;

		world_run(&w, 59999);
		assert_int_equal(world_news(&w, NULL), 0);
		assert_true(watch_is_live(
		    cart, witness_at(&w.witness, w.ms), w.missing_ms));
		world_run(&w, 1001);
		event = world_assert_one(&w, ALERT_MISSING, ALERT_OPENED);
		assert_in_range(event->at_ms, last + 60000, last + 61000);
		assert_int_equal(event->since_ms, last);
		assert_int_equal(event->known, KNOWN_NOTHING);
		assert_true(event->has_place);
		assert_int_equal(event->lat_e6, WORLD_LAT);
		assert_int_equal(event->place_at_ms, last);
		assert_false(watch_is_live(
		    cart, witness_at(&w.witness, w.ms), w.missing_ms));
		world_run(&w, HOUR);
		assert_int_equal(world_news(&w, NULL), 0);
		world_free(&w);
	}
}

static void
what_is_known_is_said(void **state)
{
	struct world w;
	struct watch *cart = world_one(&w, 300);
	struct status s;

	(void)state;
	/* The network dies; the broker's will comes. */
	world_run(&w, 37500);
	watch_lost(cart);
	world_run(&w, 24000);
	assert_int_equal(
	    world_assert_one(&w, ALERT_MISSING, ALERT_OPENED)->known,
	    KNOWN_LINK_LOST);
	world_free(&w);

	/* The will comes late. */
	cart = world_one(&w, 300);
	world_run(&w, 61500);
	world_assert_one(&w, ALERT_MISSING, ALERT_OPENED);
	watch_lost(cart);
	world_run(&w, 1000);
	assert_int_equal(
	    world_assert_one(&w, ALERT_MISSING, ALERT_CHANGED)->known,
	    KNOWN_LINK_LOST);
	world_free(&w);

	cart = world_one(&w, 300);
	s = world_status(&w);
	s.state = STATUS_STOPPED;
	world_say(&w, cart, &s);
	world_run(&w, 61500);
	assert_int_equal(
	    world_assert_one(&w, ALERT_MISSING, ALERT_OPENED)->known,
	    KNOWN_STOPPED);
	world_free(&w);
}

static void
reports_without_a_fix_are_missing_too(void **state)
{
	struct world w;
	struct watch *cart = world_one(&w, 300);
	struct fix lingered = { .at = { .ms = w.ms + 500 },
		.lat_e6 = WORLD_LAT + 10,
		.lon_e6 = WORLD_LON };
	int64_t last = w.ms;
	const struct alert_event *event;
	struct status s;

	(void)state;
	/* gpsd falls silent; the cart says so, with the last place it knew. */
	for (int i = 0; i < 5; i++) {
		world_run(&w, 10000);
		s = world_status(&w);
		s.fix_mode = FIX_MODE_SILENT;
		s.fix.at.ms = last;
		world_say(&w, cart, &s);
	}
	/* What it had kept from before is no fix of now. */
	world_frame(&w, cart, &lingered, 1);
	world_run(&w, 9999);
	assert_int_equal(world_news(&w, NULL), 0);
	world_run(&w, 1001);
	event = world_assert_one(&w, ALERT_MISSING, ALERT_OPENED);
	assert_int_equal(event->known, KNOWN_NO_FIX);
	assert_int_equal(event->since_ms, last);
	assert_in_range(event->at_ms, last + 60000, last + 61000);
	assert_int_equal(event->place_at_ms, last + 500);

	world_run(&w, 20000);
	world_report(&w, cart);
	event = world_assert_one(&w, ALERT_MISSING, ALERT_RESOLVED);
	assert_int_equal(event->why, WHY_RECEIVER);
	assert_int_equal(event->until_ms, w.ms);
	world_free(&w);
}

static void
an_old_fix_in_a_status_is_none(void **state)
{
	struct world w;
	struct watch *cart = world_one(&w, 300);
	int64_t last = w.ms;

	(void)state;
	for (int i = 0; i < 13; i++) {
		struct status s = world_status(&w);

		s.fix.at.ms = last;
		world_say(&w, cart, &s);
		world_run(&w, 10000);
	}
	assert_int_equal(
	    world_assert_one(&w, ALERT_MISSING, ALERT_OPENED)->known,
	    KNOWN_NO_FIX);
	world_free(&w);
}

static void
on_its_return_it_is_known_why(void **state)
{
	static const struct {
		uint64_t epoch, boot;
		enum alert_why why;
	} returns[] = {
		{ 1, 7, WHY_NETWORK },
		{ 2, 7, WHY_GATEWAY },
		{ 3, 8, WHY_POWER },
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct world w;
		struct watch *cart = world_one(&w, 300);
		const struct alert_event *event;
		struct status s;

		world_run(&w, 5 * MINUTE);
		world_assert_one(&w, ALERT_MISSING, ALERT_OPENED);
		s = world_status(&w);
		s.epoch = returns[i].epoch;
		s.boot = returns[i].boot;
		world_say(&w, cart, &s);
		event = world_assert_one(&w, ALERT_MISSING, ALERT_RESOLVED);
		assert_int_equal(event->why, returns[i].why);
		assert_int_equal(event->until_ms, w.ms);
		assert_true(watch_is_live(
		    cart, witness_at(&w.witness, w.ms), w.missing_ms));
		world_live(&w, 0, 10 * MINUTE);
		assert_int_equal(world_news(&w, NULL), 0);
		world_free(&w);
	}
}

static void
a_restart_without_a_fix_yet_is_still_told_apart(void **state)
{
	struct world w;
	struct watch *cart = world_one(&w, 300);
	struct status s;

	(void)state;
	world_run(&w, 5 * MINUTE);
	world_assert_one(&w, ALERT_MISSING, ALERT_OPENED);
	s = world_status(&w);
	s.epoch = 2;
	s.boot = 8;
	s.fix_mode = FIX_MODE_NO_FIX;
	s.has_fix = false;
	world_say(&w, cart, &s);
	world_run(&w, 1000);
	assert_int_equal(
	    world_assert_one(&w, ALERT_MISSING, ALERT_CHANGED)->known,
	    KNOWN_NO_FIX);
	world_run(&w, 20000);
	s = world_status(&w);
	s.epoch = 2;
	s.boot = 8;
	world_say(&w, cart, &s);
	assert_int_equal(
	    world_assert_one(&w, ALERT_MISSING, ALERT_RESOLVED)->why,
	    WHY_POWER);
	world_free(&w);
}

static void
a_frame_ends_it_and_the_status_after_it_says_why(void **state)
{
	struct world w;
	struct watch *cart = world_one(&w, 300);
	const struct alert_event *event;
	struct fix fix = { .lat_e6 = WORLD_LAT, .lon_e6 = WORLD_LON };
	struct status s;
	int64_t back;

	(void)state;
	world_run(&w, 5 * MINUTE);
	world_news(&w, NULL);
	/* Old fixes are a sign of life, and no report. */
	fix.at.ms = w.ms - 4 * MINUTE;
	world_frame(&w, cart, &fix, 1);
	world_run(&w, 20000);
	assert_int_equal(world_news(&w, NULL), 0);
	fix.at.ms = back = w.ms;
	world_frame(&w, cart, &fix, 1);
	world_run(&w, 2000);
	assert_int_equal(world_news(&w, NULL), 0);
	world_report(&w, cart);
	assert_int_equal(world_news(&w, &event), 2);
	assert_int_equal(event[0].state, ALERT_RESOLVED);
	assert_int_equal(event[0].why, WHY_NETWORK);
	assert_int_equal(event[0].until_ms, back);
	assert_int_equal(event[1].state, ALERT_CHANGED);
	assert_int_equal(event[1].moved_m, 0);

	/* No status comes: it is over all the same. */
	world_run(&w, 5 * MINUTE);
	world_assert_one(&w, ALERT_MISSING, ALERT_OPENED);
	fix.at.ms = back = w.ms;
	world_frame(&w, cart, &fix, 1);
	world_run(&w, 6000);
	event = world_assert_one(&w, ALERT_MISSING, ALERT_RESOLVED);
	assert_int_equal(event->why, WHY_UNKNOWN);
	assert_int_equal(event->until_ms, back);
	world_free(&w);

	/* One comes, without a fix. */
	cart = world_one(&w, 300);
	world_run(&w, 5 * MINUTE);
	world_assert_one(&w, ALERT_MISSING, ALERT_OPENED);
	fix.at.ms = w.ms;
	world_frame(&w, cart, &fix, 1);
	s = world_status(&w);
	s.has_fix = false;
	s.backlog = 1;
	world_say(&w, cart, &s);
	world_run(&w, 6000);
	event = world_assert_one(&w, ALERT_MISSING, ALERT_RESOLVED);
	assert_int_equal(event->why, WHY_NETWORK);
	world_free(&w);
}

static void
a_frame_is_a_report_of_the_start_that_the_status_told_of(void **state)
{
	struct world w;
	struct watch *cart = world_one(&w, 300);
	struct fix fix = { .lat_e6 = WORLD_LAT, .lon_e6 = WORLD_LON };
	struct status s = world_status(&w);

	(void)state;
	s.epoch = 2;
	s.has_fix = false;
	world_say(&w, cart, &s);
	world_run(&w, 10000);
	fix.at.ms = w.ms;
	world_frame(&w, cart, &fix, 1);
	world_run(&w, 5 * MINUTE);
	world_assert_one(&w, ALERT_MISSING, ALERT_OPENED);
	s = world_status(&w);
	s.epoch = 2;
	world_say(&w, cart, &s);
	assert_int_equal(
	    world_assert_one(&w, ALERT_MISSING, ALERT_RESOLVED)->why,
	    WHY_NETWORK);
	world_free(&w);
}

static void
a_frame_after_a_status_without_a_fix_ends_it(void **state)
{
	struct world w;
	struct watch *cart = world_one(&w, 300);
	const struct alert_event *event;
	struct fix fix = { .lat_e6 = WORLD_LAT, .lon_e6 = WORLD_LON };
	struct status s;

	(void)state;
	/* Another start, which has its first fix a while later. */
	world_run(&w, 5 * MINUTE);
	world_news(&w, NULL);
	s = world_status(&w);
	s.epoch = 2;
	s.fix_mode = FIX_MODE_NO_FIX;
	s.has_fix = false;
	world_say(&w, cart, &s);
	world_run(&w, 20000);
	world_news(&w, NULL);
	fix.at.ms = w.ms;
	world_frame(&w, cart, &fix, 1);
	event = world_assert_one(&w, ALERT_MISSING, ALERT_RESOLVED);
	assert_int_equal(event->why, WHY_GATEWAY);
	world_free(&w);

	/* The same start, never silent: its receiver. */
	cart = world_one(&w, 300);
	for (int i = 0; i < 10; i++) {
		world_run(&w, 10000);
		s = world_status(&w);
		s.fix_mode = FIX_MODE_SILENT;
		s.has_fix = false;
		world_say(&w, cart, &s);
	}
	world_news(&w, NULL);
	world_run(&w, 5000);
	fix.at.ms = w.ms;
	world_frame(&w, cart, &fix, 1);
	event = world_assert_one(&w, ALERT_MISSING, ALERT_RESOLVED);
	assert_int_equal(event->why, WHY_RECEIVER);
	assert_int_equal(event->until_ms, fix.at.ms);
	world_free(&w);
}

static void
planned_absence_is_no_alarm(void **state)
{
	struct world w;
	struct watch *cart = world_one(&w, 300);
	struct status s = world_status(&w);

	(void)state;
	s.day_open = false;
	s.state = STATUS_STOPPED;
	world_say(&w, cart, &s);
	world_run(&w, 12 * HOUR);
	assert_int_equal(world_news(&w, NULL), 0);
	/* Its receiver needs a while in the morning, longer than a minute
	 * since yesterday. */
	s = world_status(&w);
	s.epoch = 2;
	s.fix_mode = FIX_MODE_NO_FIX;
	s.has_fix = false;
	world_say(&w, cart, &s);
	world_run(&w, 59000);
	assert_int_equal(world_news(&w, NULL), 0);
	world_report(&w, cart);
	world_run(&w, 50000);
	assert_int_equal(world_news(&w, NULL), 0);
	world_free(&w);

	/* Out of hours. */
	cart = world_one(&w, 300);
	w.closed = true;
	world_run(&w, 12 * HOUR);
	assert_int_equal(world_news(&w, NULL), 0);
	world_free(&w);
}

static void
when_its_hours_begin_and_it_is_silent_it_counts_from_then(void **state)
{
	struct world w;
	const struct alert_event *event;
	int64_t opened;

	(void)state;
	world_one(&w, 0);
	w.closed = true;
	world_run(&w, 12 * HOUR - w.ms % HOUR);
	w.closed = false;
	opened = w.ms;
	assert_int_equal(opened % HOUR, 0);
	world_run(&w, MINUTE);
	world_run(&w, 59000);
	assert_int_equal(world_news(&w, NULL), 0);
	world_run(&w, 2000);
	event = world_assert_one(&w, ALERT_MISSING, ALERT_OPENED);
	/* At the first beat of the next minute it was seen. */
	assert_in_range(event->since_ms, opened, opened + MINUTE);
	assert_in_range(
	    event->at_ms, event->since_ms + 60000, event->since_ms + 61000);
	/* What went missing at work stays so when work ends. */
	w.closed = true;
	world_run(&w, HOUR);
	assert_int_equal(world_news(&w, NULL), 0);
	world_report(&w, &w.carts[0]);
	world_assert_one(&w, ALERT_MISSING, ALERT_RESOLVED);
	world_free(&w);
}

static void
a_day_closed_ends_it_with_or_without_a_fix(void **state)
{
	struct world w;
	struct watch *cart = world_one(&w, 300);
	struct status s;

	(void)state;
	world_run(&w, 5 * MINUTE);
	world_assert_one(&w, ALERT_MISSING, ALERT_OPENED);
	s = world_status(&w);
	s.day_open = false;
	s.has_fix = false;
	s.fix_mode = FIX_MODE_NO_FIX;
	world_say(&w, cart, &s);
	assert_int_equal(
	    world_assert_one(&w, ALERT_MISSING, ALERT_RESOLVED)->why,
	    WHY_NETWORK);
	world_run(&w, HOUR);
	assert_int_equal(world_news(&w, NULL), 0);
	world_free(&w);
}

static void
each_cart_has_a_patience_of_its_own(void **state)
{
	struct world w;
	struct watch *cart = world_one(&w, 0);

	(void)state;
	w.missing_ms = 300000;
	world_run(&w, 299000);
	assert_int_equal(world_news(&w, NULL), 0);
	world_run(&w, 2000);
	world_assert_one(&w, ALERT_MISSING, ALERT_OPENED);
	/* More patience now does not make it present. */
	w.missing_ms = HOUR;
	world_run(&w, 10000);
	assert_int_equal(world_news(&w, NULL), 0);
	/* And what is learnt of it is told at once. */
	watch_lost(cart);
	world_run(&w, 1000);
	world_assert_one(&w, ALERT_MISSING, ALERT_CHANGED);
	world_report(&w, cart);
	world_assert_one(&w, ALERT_MISSING, ALERT_RESOLVED);
	world_free(&w);
}

static void
a_network_that_comes_and_goes_is_a_few_alerts_a_day(void **state)
{
	struct world w;
	struct watch *cart = world_one(&w, 0);
	size_t opened = 0;

	(void)state;
	for (int i = 0; i < 500; i++) {
		world_run(&w, 70000);
		world_report(&w, cart);
	}
	for (size_t i = 0; i < w.told_count; i++)
		opened += w.told[i].state == ALERT_OPENED;
	assert_int_equal(opened, 3);
	assert_int_equal(world_open(&w), 1);
	world_live(&w, 0, 5 * MINUTE);
	assert_int_equal(world_open(&w), 0);
	world_free(&w);
}

static void
settle(struct world *w, struct watch *cart, const char *id)
{
	struct alert_resolution said = { .at_ms = w->ms, .by = "Rosa" };
	struct watch_now now = world_at(w);

	snprintf(said.id, sizeof(said.id), "%s", id);
	assert_int_equal(watch_settle(cart, &said, &now), 0);
}

static void
what_a_person_settled_stays_so_until_it_returns(void **state)
{
	struct world w;
	struct watch *cart = world_one(&w, 0);
	const struct alert_event *event;
	char id[ALERT_ID_MAX + 1];

	(void)state;
	world_run(&w, 2 * MINUTE);
	event = world_assert_one(&w, ALERT_MISSING, ALERT_OPENED);
	snprintf(id, sizeof(id), "%s", event->id);
	settle(&w, cart, id);
	event = world_assert_one(&w, ALERT_MISSING, ALERT_RESOLVED);
	assert_string_equal(event->by, "Rosa");
	settle(&w, cart, id);
	settle(&w, cart, "CART0000-backlog-1");
	world_run(&w, 12 * HOUR);
	assert_int_equal(world_news(&w, NULL), 0);
	world_report(&w, cart);
	event = world_assert_one(&w, ALERT_MISSING, ALERT_CHANGED);
	assert_int_equal(event->until_ms, w.ms);
	assert_string_equal(event->by, "Rosa");
	world_run(&w, 2 * MINUTE);
	world_assert_one(&w, ALERT_MISSING, ALERT_OPENED);
	world_free(&w);
}

static void
a_status_that_the_broker_kept_is_no_sign_of_life(void **state)
{
	struct world w;
	struct status s;

	(void)state;
	world_init(&w, 1);
	world_run(&w, 20000);
	s = world_status(&w);
	s.at.ms = s.fix.at.ms = w.ms - 30 * 24 * HOUR;
	world_say(&w, &w.carts[0], &s);
	world_run(&w, HOUR);
	assert_int_equal(world_news(&w, NULL), 0);
	world_report(&w, &w.carts[0]);
	world_run(&w, 61000);
	world_assert_one(&w, ALERT_MISSING, ALERT_OPENED);
	world_free(&w);
}

static void
another_partition_begins_its_silence_anew(void **state)
{
	struct world w;
	struct watch *cart = world_one(&w, 0);
	struct status s = world_status(&w);
	struct watch_status said = { .status = &s,
		.state = s.state,
		.at_ms = s.at.ms,
		.fix_at_ms = s.fix.at.ms,
		.oldest_ms = INSTANT_MISSING };
	struct watch_now now = world_at(&w);

	(void)state;
	now.partition = 5;
	now.witnessed_ms = 86400000;
	assert_int_equal(watch_status(cart, &said, &now), 0);
	/* The old one's beats say nothing about it. */
	now.partition = 1;
	now.witnessed_ms += HOUR;
	assert_int_equal(watch_beat(cart, true, &now), 0);
	assert_int_equal(world_news(&w, NULL), 0);
	now.partition = 5;
	now.witnessed_ms -= HOUR;
	now.witnessed_ms += 59999;
	assert_int_equal(watch_beat(cart, true, &now), 0);
	assert_int_equal(world_news(&w, NULL), 0);
	now.witnessed_ms++;
	assert_int_equal(watch_next(cart, 60000), now.witnessed_ms);
	assert_int_equal(watch_beat(cart, true, &now), 0);
	world_assert_one(&w, ALERT_MISSING, ALERT_OPENED);
	world_free(&w);
}

static void
what_ceases_in_another_partition_is_resolved_by_its_clock(void **state)
{
	struct world w;
	struct watch *cart = world_one(&w, 0);
	struct status s;
	struct watch_status said = { .status = &s,
		.oldest_ms = INSTANT_MISSING };
	struct watch_now now;

	(void)state;
	/* The third in a row, which must be quiet for long. */
	for (int i = 0; i < 3; i++) {
		world_run(&w, 70000);
		if (i < 2)
			world_report(&w, cart);
	}
	world_news(&w, NULL);
	s = world_status(&w);
	said.state = s.state;
	said.at_ms = said.fix_at_ms = w.ms;
	now = world_at(&w);
	now.partition = 5;
	now.witnessed_ms = 7000;
	for (int i = 0; i < 18; i++) {
		assert_int_equal(watch_status(cart, &said, &now), 0);
		now.witnessed_ms += 10000;
		assert_int_equal(world_news(&w, NULL), 0);
	}
	assert_int_equal(watch_beat(cart, true, &now), 0);
	world_assert_one(&w, ALERT_MISSING, ALERT_RESOLVED);
	world_free(&w);
}

static void
one_that_never_knew_where_it_is_counts_from_its_first_word(void **state)
{
	struct world w;
	struct status s;
	const struct alert_event *event;
	int64_t first;

	(void)state;
	world_init(&w, 1);
	world_run(&w, 20300);
	first = w.ms;
	for (int i = 0; i < 6; i++) {
		s = world_status(&w);
		s.fix_mode = FIX_MODE_NO_FIX;
		s.has_fix = false;
		world_say(&w, &w.carts[0], &s);
		world_run(&w, i < 5 ? 10000 : 9999);
	}
	assert_int_equal(world_news(&w, NULL), 0);
	world_run(&w, 1001);
	event = world_assert_one(&w, ALERT_MISSING, ALERT_OPENED);
	assert_int_equal(event->since_ms, first);
	assert_int_equal(event->known, KNOWN_NO_FIX);
	assert_false(event->has_place);
	world_free(&w);
}

static void
an_open_alert_is_taken_over_where_the_state_was_lost(void **state)
{
	struct world w;
	struct watch *cart = world_one(&w, 0);
	struct alert_event open;
	const struct alert_event *event;

	(void)state;
	world_run(&w, 2 * MINUTE);
	open = *world_assert_one(&w, ALERT_MISSING, ALERT_OPENED);
	watch_init(cart, open.cart);
	watch_adopt(cart, &open);
	world_run(&w, HOUR);
	assert_int_equal(world_news(&w, NULL), 0);
	world_report(&w, cart);
	event = world_assert_one(&w, ALERT_MISSING, ALERT_RESOLVED);
	assert_int_equal(event->revision, 1);
	assert_string_equal(event->id, open.id);

	/* One that a person had settled stays so, and its end is told. */
	open.state = ALERT_RESOLVED;
	watch_init(cart, open.cart);
	watch_adopt(cart, &open);
	world_run(&w, HOUR);
	assert_int_equal(world_news(&w, NULL), 0);
	world_report(&w, cart);
	world_assert_one(&w, ALERT_MISSING, ALERT_CHANGED);
	world_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_silent_cart_is_missing_60_to_61_s_after_its_last_report),
		cmocka_unit_test(what_is_known_is_said),
		cmocka_unit_test(reports_without_a_fix_are_missing_too),
		cmocka_unit_test(an_old_fix_in_a_status_is_none),
		cmocka_unit_test(on_its_return_it_is_known_why),
		cmocka_unit_test(
		    a_restart_without_a_fix_yet_is_still_told_apart),
		cmocka_unit_test(
		    a_frame_ends_it_and_the_status_after_it_says_why),
		cmocka_unit_test(a_frame_after_a_status_without_a_fix_ends_it),
		cmocka_unit_test(
		    a_frame_is_a_report_of_the_start_that_the_status_told_of),
		cmocka_unit_test(planned_absence_is_no_alarm),
		cmocka_unit_test(
		    when_its_hours_begin_and_it_is_silent_it_counts_from_then),
		cmocka_unit_test(a_day_closed_ends_it_with_or_without_a_fix),
		cmocka_unit_test(each_cart_has_a_patience_of_its_own),
		cmocka_unit_test(
		    a_network_that_comes_and_goes_is_a_few_alerts_a_day),
		cmocka_unit_test(
		    what_a_person_settled_stays_so_until_it_returns),
		cmocka_unit_test(
		    a_status_that_the_broker_kept_is_no_sign_of_life),
		cmocka_unit_test(another_partition_begins_its_silence_anew),
		cmocka_unit_test(
		    what_ceases_in_another_partition_is_resolved_by_its_clock),
		cmocka_unit_test(
		    one_that_never_knew_where_it_is_counts_from_its_first_word),
		cmocka_unit_test(
		    an_open_alert_is_taken_over_where_the_state_was_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
