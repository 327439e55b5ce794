/*
 * What the role positions makes of silence, zones, hours, reports and gaps:
 * its alerts, over its real store.
 */
#include "tests/unit/scene.h"

#define CART DESK_CART

/* Heard for a minute, a status each 20 s. */
static void
live_for(struct scene *s, const char *cart, uint64_t *count, int64_t seconds)
{
	for (int64_t i = 0; i < seconds; i++) {
		if (i % 20 == 0) {
			struct status status = scene_status(s, (*count)++);

			scene_say_status(s, cart, &status);
		}
		scene_pass(s, 1);
	}
}

static int
copy_cart(void *ctx, const struct cart_row *row)
{
	*(struct cart_row *)ctx = *row;
	return 0;
}

static struct cart_row
cart_of(struct scene *s, const char *cart)
{
	struct cart_row row = { .contact_ms = -1 };

	assert_int_equal(s->desk.reader->ops->carts(s->desk.reader, cart,
			     s->now_ms, 60000, copy_cart, &row),
	    0);
	return row;
}

static void
a_silent_cart_is_missing_a_minute_after_its_last_report(void **state)
{
	uint64_t count = 1;
	int64_t last_ms;
	const struct alert_row *alert;
	struct scene s;

	(void)state;
	scene_open(&s);
	live_for(&s, CART, &count, 41);
	last_ms = s.now_ms - 1000;
	assert_int_equal(scene_open_count(&s), 0);
	while (scene_open_count(&s) == 0 && s.now_ms < last_ms + 120000)
		scene_pass(&s, 1);
	assert_in_range(s.now_ms - last_ms, 60000, 62000);
	alert = scene_alert(&s);
	assert_int_equal(alert->event.cause, ALERT_MISSING);
	assert_int_equal(alert->event.state, ALERT_OPENED);
	assert_string_equal(alert->event.cart, CART);
	assert_int_equal(alert->event.since_ms, last_ms);
	assert_int_equal(alert->event.known, KNOWN_NOTHING);
	assert_true(alert->event.has_place);
	assert_int_equal(alert->event.lat_e6, SCENE_LAT);
	assert_true(cart_of(&s, CART).missing);
	assert_int_equal(scene_sent(&s, TOPIC_ALERTAS, SCHEMA_ALERT).count, 1);
	assert_int_equal(scene_sent(&s, TOPIC_AVISOS, SCHEMA_NOTICE).count, 1);
	scene_pass(&s, 600);
	assert_int_equal(scene_sent(&s, TOPIC_ALERTAS, SCHEMA_ALERT).count, 1);
	scene_close(&s);
}

static void
what_is_known_of_it_and_why_it_was_away_is_said(void **state)
{
	struct status status, will;
	uint64_t count = 1;
	const struct alert_row *alert;
	struct scene s;

	(void)state;
	scene_open(&s);
	live_for(&s, CART, &count, 30);
	will = (struct status){ .epoch = DESK_EPOCH,
		.connection = 1,
		.state = STATUS_LOST,
		.at = { .ms = s.now_ms },
		.boot = SCENE_BOOT,
		.oldest = { .ms = INSTANT_MISSING } };
	scene_say_status(&s, CART, &will);
	scene_pass(&s, 70);
	alert = scene_alert(&s);
	assert_int_equal(alert->event.known, KNOWN_LINK_LOST);
	status = scene_status(&s, count++);
	status.connection = 2;
	scene_say_status(&s, CART, &status);
	scene_pass(&s, 30);
	alert = scene_alert(&s);
	assert_int_equal(alert->event.state, ALERT_RESOLVED);
	assert_int_equal(alert->event.why, WHY_NETWORK);
	assert_true(alert->event.until_ms > alert->event.since_ms);
	assert_false(cart_of(&s, CART).missing);
	assert_int_equal(scene_open_count(&s), 0);
	scene_close(&s);
}

static void
no_beats_no_silence(void **state)
{
	uint64_t count = 1;
	struct scene s;

	(void)state;
	scene_open(&s);
	live_for(&s, CART, &count, 30);
	/* Nobody listened for ten minutes. */
	s.now_ms += 600000;
	scene_pass(&s, 30);
	assert_int_equal(scene_open_count(&s), 0);
	scene_close(&s);
}

static void
what_is_read_late_is_judged_when_all_is_read(void **state)
{
	uint64_t here = 1, gone = 1;
	const struct alert_row *alert;
	int64_t last_ms;
	struct scene s;

	(void)state;
	scene_open(&s);
	/* The role is an hour behind. */
	s.lag_ms = 3600000;
	s.caught_up = false;
	live_for(&s, "GGGG01", &gone, 1);
	last_ms = s.now_ms - 1000;
	/* One was away for ten minutes and came back: that is no news. */
	live_for(&s, CART, &here, 30);
	scene_pass(&s, 600);
	live_for(&s, CART, &here, 300);
	assert_int_equal(scene_alerts(&s, false)->count, 0);
	s.lag_ms = 0;
	s.caught_up = true;
	live_for(&s, CART, &here, 2);
	alert = scene_alert(&s);
	assert_string_equal(alert->event.cart, "GGGG01");
	assert_int_equal(alert->event.since_ms, last_ms);
	scene_close(&s);
}

/* Out for ten minutes, three causes, and back. */
static void
play(struct scene *s, int64_t forget_every)
{
	static const char *const carts[] = { "AAAA01", "BBBB02", "CCCC03" };
	uint64_t counts[3] = { 1, 1, 1 };

	for (int64_t i = 0; i < 1500; i++) {
		for (int c = 0; c < 3; c++) {
			struct status status = scene_status(s, counts[c]);

			if ((i + 7 * c) % 20 != 0 ||
			    (c == 1 && i > 300 && i < 900) ||
			    (c == 2 && i > 1000))
				continue;
			if (c == 1 && i >= 900)
				status.boot = 99;
			counts[c]++;
			scene_say_status(s, carts[c], &status);
		}
		if (i == 1300)
			scene_rules(s, "CCCC03", "missing.s", "100");
		scene_pass(s, 1);
		if (forget_every > 0 && i % forget_every == 0)
			desk_forget(&s->desk);
	}
}

static void
assert_same(const struct scene_alerts *a, const struct scene_alerts *b)
{
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		assert_string_equal(a->rows[i].event.id, b->rows[i].event.id);
		assert_int_equal(
		    a->rows[i].event.state, b->rows[i].event.state);
		assert_int_equal(
		    a->rows[i].event.since_ms, b->rows[i].event.since_ms);
		assert_int_equal(
		    a->rows[i].event.until_ms, b->rows[i].event.until_ms);
		assert_int_equal(a->rows[i].event.why, b->rows[i].event.why);
		assert_int_equal(a->rows[i].opened_ms, b->rows[i].opened_ms);
	}
}

static void
memory_that_is_lost_changes_no_verdict(void **state)
{
	struct scene_alerts first;
	struct scene whole, broken;

	(void)state;
	scene_open(&whole);
	play(&whole, 0);
	first = *scene_alerts(&whole, false);
	assert_int_equal(first.count, 2);
	scene_open(&broken);
	play(&broken, 7);
	assert_same(&first, scene_alerts(&broken, false));
	assert_int_equal(scene_sent(&whole, TOPIC_ALERTAS, SCHEMA_ALERT).count,
	    scene_sent(&broken, TOPIC_ALERTAS, SCHEMA_ALERT).count);
	scene_close(&whole);
	scene_close(&broken);
}

static void
a_database_made_anew_from_the_log_has_the_same_open_alerts(void **state)
{
	struct scene_alerts first;
	const struct scene_alerts *again;
	struct scene s, anew;

	(void)state;
	scene_open(&s);
	scene_zone(&s, "plaza", SCENE_LAT + 100000, 500);
	play(&s, 0);
	first = *scene_alerts(&s, true);
	/* One is missing, and all are outside the zone. */
	assert_int_equal(first.count, 4);
	scene_replay(&s, &anew);
	again = scene_alerts(&anew, true);
	assert_int_equal(again->count, first.count);
	for (size_t i = 0; i < first.count; i++) {
		size_t k = 0;

		while (k < again->count &&
		    strcmp(again->rows[k].event.id, first.rows[i].event.id) !=
			0)
			k++;
		assert_true(k < again->count);
		assert_int_equal(again->rows[k].event.since_ms,
		    first.rows[i].event.since_ms);
	}
	scene_close(&s);
	scene_close(&anew);
}

static void
late_fixes_mend_the_alert_and_open_none(void **state)
{
	static struct fix fixes[400];
	uint64_t count = 1;
	struct alert_row alert;
	struct status status;
	struct scene s;
	size_t n = 0;

	(void)state;
	scene_open(&s);
	scene_zone(&s, "plaza", SCENE_LAT, 3000);
	live_for(&s, CART, &count, 60);
	/* Ten minutes without network, walking north at 1.2 m/s. */
	for (int64_t i = 0; i < 600; i++) {
		scene_pass(&s, 1);
		if (i % 10 == 0)
			fixes[n++] = (struct fix){ .at = { .ms = s.now_ms },
				.lat_e6 = SCENE_LAT + (int32_t)(i * 11),
				.lon_e6 = SCENE_LON,
				.speed_dm_s = 12,
				.accuracy_m = 5 };
	}
	assert_int_equal(scene_open_count(&s), 1);
	status = scene_status(&s, count++);
	status.backlog = (uint32_t)n;
	status.fix = fixes[n - 1];
	scene_say_status(&s, CART, &status);
	scene_pass(&s, 1);
	scene_say_fixes(&s, CART, 0, fixes, n / 2);
	scene_say_fixes(&s, CART, n / 2, fixes + n / 2, n - n / 2);
	status = scene_status(&s, count++);
	status.fix = fixes[n - 1];
	status.fix.at.ms = s.now_ms;
	scene_say_status(&s, CART, &status);
	for (int i = 0; i < 30; i++) {
		scene_pass(&s, 1);
		status = scene_status(&s, count++);
		status.fix.lat_e6 = fixes[n - 1].lat_e6;
		scene_say_status(&s, CART, &status);
	}
	alert = *scene_alert(&s);
	assert_int_equal(alert.event.cause, ALERT_MISSING);
	assert_int_equal(alert.event.state, ALERT_RESOLVED);
	assert_int_equal(alert.event.why, WHY_NETWORK);
	assert_in_range(alert.event.moved_m, 660, 780);
	assert_true(alert.event.revision >= 2);
	/* Opened and resolved were told; what was learnt later was not. */
	assert_int_equal(scene_sent(&s, TOPIC_AVISOS, SCHEMA_NOTICE).count, 2);
	assert_int_equal(scene_sent(&s, TOPIC_ALERTAS, SCHEMA_ALERT).last.state,
	    ALERT_CHANGED);
	scene_close(&s);
}

static void
a_persons_word_holds_until_the_cause_has_ceased(void **state)
{
	char id[ALERT_ID_MAX + 1];
	uint64_t count = 1;
	struct scene s, anew;

	(void)state;
	scene_open(&s);
	live_for(&s, CART, &count, 30);
	scene_pass(&s, 70);
	snprintf(id, sizeof(id), "%s", scene_alert(&s)->event.id);
	scene_settle(&s, id, CART);
	assert_int_equal(scene_open_count(&s), 0);
	assert_string_equal(scene_alert(&s)->event.by, "ana");
	assert_true(scene_alert(&s)->settled);
	scene_pass(&s, 300);
	desk_forget(&s.desk);
	scene_pass(&s, 300);
	assert_int_equal(scene_open_count(&s), 0);
	/* Who reads the log anew holds it as well. */
	scene_replay(&s, &anew);
	assert_int_equal(scene_open_count(&anew), 0);
	assert_string_equal(scene_alert(&anew)->event.id, id);
	assert_string_equal(scene_alert(&anew)->event.by, "ana");
	assert_int_equal(
	    scene_sent(&anew, TOPIC_AVISOS, SCHEMA_NOTICE).count, 0);
	scene_close(&anew);
	/* It comes back, and goes again: that is another one. */
	live_for(&s, CART, &count, 100);
	scene_pass(&s, 120);
	assert_int_equal(scene_open_count(&s), 1);
	assert_int_equal(scene_alerts(&s, false)->count, 2);
	scene_close(&s);
}

static void
a_cart_may_have_its_own_patience_and_is_live_so_long(void **state)
{
	uint64_t count = 1;
	struct scene s;

	(void)state;
	scene_open(&s);
	scene_rules(&s, CART, "missing.s", "300");
	live_for(&s, CART, &count, 21);
	scene_pass(&s, 200);
	assert_int_equal(scene_open_count(&s), 0);
	assert_true(cart_of(&s, CART).live);
	scene_pass(&s, 110);
	assert_int_equal(scene_open_count(&s), 1);
	assert_false(cart_of(&s, CART).live);
	/* As all others again. */
	scene_say(&s, TOPIC_REGLAS, 0, RULES_KEY CART, "", "", 0);
	live_for(&s, CART, &count, 1);
	scene_pass(&s, 65);
	assert_int_equal(scene_open_count(&s), 1);
	scene_close(&s);
}

static void
a_closed_day_and_closing_time_are_no_alarm(void **state)
{
	uint64_t count = 1;
	struct status status;
	struct scene s;

	(void)state;
	scene_open(&s);
	live_for(&s, CART, &count, 30);
	status = scene_status(&s, count++);
	status.day_open = false;
	scene_say_status(&s, CART, &status);
	scene_pass(&s, 300);
	assert_int_equal(scene_open_count(&s), 0);
	/* 13:0x in Santiago, a Friday. */
	scene_rules(&s, "*", "hours", "Mon-Fri 08:00-12:00");
	count = 1;
	live_for(&s, "BBBB02", &count, 30);
	scene_pass(&s, 300);
	assert_int_equal(scene_open_count(&s), 0);
	scene_close(&s);
}

static void
fix_of(struct scene *s, uint64_t seq, int32_t lat_e6)
{
	struct fix fix = { .at = { .ms = s->now_ms },
		.lat_e6 = lat_e6,
		.lon_e6 = SCENE_LON,
		.speed_dm_s = 12,
		.accuracy_m = 5 };

	scene_say_fixes(s, CART, seq, &fix, 1);
}

static void
out_of_its_zone_for_the_dwell_is_astray_and_back_is_resolved(void **state)
{
	const struct alert_row *alert;
	uint64_t seq = 0;
	int64_t out_ms;
	struct scene s;

	(void)state;
	scene_open(&s);
	scene_zone(&s, "plaza", SCENE_LAT, 500);
	for (int i = 0; i < 30; i++) {
		fix_of(&s, seq++, SCENE_LAT);
		scene_pass(&s, 10);
	}
	out_ms = s.now_ms;
	while (scene_open_count(&s) == 0 && s.now_ms < out_ms + 300000) {
		if ((s.now_ms - out_ms) % 20000 == 0)
			fix_of(&s, seq++, SCENE_LAT + 10000); /* 1.1 km */
		scene_pass(&s, 1);
	}
	/* It left between the last fix inside and the first outside. */
	assert_in_range(s.now_ms - out_ms, 49000, 65000);
	alert = scene_alert(&s);
	assert_int_equal(alert->event.cause, ALERT_ASTRAY_ZONE);
	assert_string_equal(alert->event.subject, "Plaza");
	assert_true(alert->event.since_ms <= out_ms);
	desk_forget(&s.desk);
	for (int i = 0; i < 10; i++) {
		fix_of(&s, seq++, SCENE_LAT + 10000);
		scene_pass(&s, 20);
	}
	assert_int_equal(scene_open_count(&s), 1);
	for (int i = 0; i < 10; i++) {
		fix_of(&s, seq++, SCENE_LAT);
		scene_pass(&s, 20);
	}
	alert = scene_alert(&s);
	assert_int_equal(alert->event.state, ALERT_RESOLVED);
	assert_true(alert->event.until_ms != INSTANT_MISSING);
	scene_close(&s);
}

static void
a_zone_that_is_removed_binds_nobody(void **state)
{
	uint64_t seq = 0;
	struct scene s;

	(void)state;
	scene_open(&s);
	scene_zone(&s, "plaza", SCENE_LAT, 500);
	for (int i = 0; i < 10; i++) {
		fix_of(&s, seq++, SCENE_LAT + 10000);
		scene_pass(&s, 15);
	}
	assert_int_equal(scene_open_count(&s), 1);
	scene_zone(&s, "plaza", SCENE_LAT, 0);
	scene_pass(&s, 2);
	assert_int_equal(scene_open_count(&s), 0);
	scene_close(&s);
}

static int
count_zone(void *ctx, const struct zone *zone)
{
	(*(int *)ctx)++;
	assert_string_equal(zone->id, "plaza");
	assert_string_equal(zone->name, "Plaza");
	return 0;
}

static void
zones_are_read_back_and_wrong_ones_are_kept_apart(void **state)
{
	static const char junk[] = "\x96\x01junk";
	struct scene s;
	int zones = 0;

	(void)state;
	scene_open(&s);
	scene_zone(&s, "plaza", SCENE_LAT, 500);
	scene_say(&s, TOPIC_REGLAS, 0, ZONE_KEY "plaza", SCHEMA_ZONE, junk,
	    sizeof(junk));
	scene_rules(&s, CART, "hours", "Mon-Fry 99:00");
	scene_say(
	    &s, TOPIC_REGLAS, 0, "token/abc", SCHEMA_TOKEN, junk, sizeof(junk));
	assert_int_equal(
	    scene_sent(&s, TOPIC_RECHAZADOS, SCHEMA_REJECT).count, 2);
	assert_int_equal(
	    s.desk.reader->ops->zones(s.desk.reader, NULL, count_zone, &zones),
	    0);
	assert_int_equal(zones, 1);
	assert_int_equal(s.desk.reader->ops->zones(
			     s.desk.reader, "other", count_zone, &zones),
	    0);
	assert_int_equal(zones, 1);
	scene_close(&s);
}

static void
report(struct scene *s, const char *id, int32_t lat_e6)
{
	struct strange_report report = { .at_ms = s->now_ms,
		.lat_e6 = lat_e6,
		.lon_e6 = SCENE_LON,
		.note = "red cart" };
	uint8_t bytes[REPORT_BYTES_MAX];
	int len;

	snprintf(report.id, sizeof(report.id), "%s", id);
	len = report_encode(&report, bytes, sizeof(bytes));
	assert_true(len > 0);
	scene_say(
	    s, TOPIC_COORDENADAS, 0, id, SCHEMA_REPORT, bytes, (size_t)len);
}

static void
a_report_near_a_cart_is_that_cart_and_one_far_from_all_a_fugitive(void **state)
{
	const struct scene_alerts *alerts;
	uint64_t count = 1;
	struct scene s;

	(void)state;
	scene_open(&s);
	live_for(&s, CART, &count, 21);
	report(&s, "r1", SCENE_LAT + 270); /* 30 m */
	report(&s, "r1", SCENE_LAT + 270); /* again */
	live_for(&s, CART, &count, 2);
	assert_string_equal(scene_alert(&s)->event.cart, CART);
	assert_int_equal(scene_alert(&s)->event.cause, ALERT_ASTRAY_REPORTED);
	assert_int_equal(scene_alert(&s)->event.count, 1);
	assert_string_equal(scene_alert(&s)->event.note, "red cart");
	report(&s, "r2", SCENE_LAT + 270);
	report(&s, "r3", SCENE_LAT + 500000);
	live_for(&s, CART, &count, 21);
	alerts = scene_alerts(&s, true);
	assert_int_equal(alerts->count, 2);
	assert_int_equal(alerts->rows[0].event.cause, ALERT_FUGITIVE);
	assert_string_equal(alerts->rows[0].event.id, "fugitive-r3");
	assert_string_equal(alerts->rows[0].event.cart, "");
	assert_int_equal(alerts->rows[1].event.count, 2);
	/* It fades. */
	desk_forget(&s.desk);
	s.now_ms += 7200000;
	scene_pass(&s, 2);
	assert_int_equal(scene_open_count(&s), 0);
	scene_close(&s);
}

static void
a_report_waits_until_all_is_read(void **state)
{
	uint64_t count = 1;
	struct scene s;

	(void)state;
	scene_open(&s);
	s.caught_up = false;
	report(&s, "r1", SCENE_LAT + 270);
	scene_pass(&s, 3);
	assert_int_equal(scene_alerts(&s, false)->count, 0);
	/* The cart's own records are read after it. */
	live_for(&s, CART, &count, 1);
	desk_forget(&s.desk);
	s.caught_up = true;
	scene_pass(&s, 1);
	assert_string_equal(scene_alert(&s)->event.cart, CART);
	scene_close(&s);
}

/* The role was away while a cart walked on from where it was seen. */
static void
an_old_report_is_about_where_carts_were_then(void **state)
{
	uint64_t seq = 0;
	struct scene s;

	(void)state;
	scene_open(&s);
	s.caught_up = false;
	for (int i = 0; i < 40; i++) {
		fix_of(&s, seq++, SCENE_LAT + 1000 * i);
		if (i == 10)
			report(&s, "r1", SCENE_LAT + 1000 * i + 90);
		scene_pass(&s, 20);
	}
	desk_forget(&s.desk);
	s.caught_up = true;
	scene_pass(&s, 1);
	assert_int_equal(scene_alert(&s)->event.cause, ALERT_ASTRAY_REPORTED);
	assert_string_equal(scene_alert(&s)->event.cart, CART);
	scene_close(&s);
}

/* After hours it may stand, but not go. */
static void
moving_outside_its_hours_is_astray_and_standing_is_not(void **state)
{
	uint64_t seq = 0;
	struct scene s;

	(void)state;
	scene_open(&s);
	/* 13:00 in Santiago, a Friday. */
	scene_rules(&s, "*", "hours", "Mon-Fri 08:00-12:00");
	for (int i = 0; i < 60; i++) {
		fix_of(&s, seq++, SCENE_LAT + 3 * (i % 3));
		scene_pass(&s, 20);
	}
	assert_int_equal(scene_alerts(&s, false)->count, 0);
	for (int i = 0; i < 15; i++) {
		fix_of(&s, seq++, SCENE_LAT + 200 * i);
		scene_pass(&s, 20);
	}
	assert_int_equal(scene_alert(&s)->event.cause, ALERT_ASTRAY_HOURS);
	assert_int_equal(scene_open_count(&s), 1);
	desk_forget(&s.desk);
	for (int i = 0; i < 60; i++) {
		fix_of(&s, seq++, SCENE_LAT + 200 * 14);
		scene_pass(&s, 20);
	}
	assert_int_equal(scene_open_count(&s), 0);
	assert_int_equal(scene_alerts(&s, false)->count, 1);
	scene_close(&s);
}

static void
numbers_that_stay_away_are_an_alert_until_they_come(void **state)
{
	uint64_t count = 1;
	struct scene s;

	(void)state;
	scene_open(&s);
	fix_of(&s, 5, SCENE_LAT);
	live_for(&s, CART, &count, 58);
	assert_int_equal(scene_open_count(&s), 0);
	live_for(&s, CART, &count, 5);
	assert_int_equal(scene_alert(&s)->event.cause, ALERT_GAP_POS);
	assert_int_equal(scene_alert(&s)->event.count, 5);
	for (uint64_t i = 0; i < 5; i++)
		fix_of(&s, i, SCENE_LAT);
	live_for(&s, CART, &count, 2);
	assert_int_equal(scene_open_count(&s), 0);
	assert_int_equal(scene_alert(&s)->event.state, ALERT_RESOLVED);
	scene_close(&s);
}

static void
a_cart_that_keeps_old_events_is_an_alert(void **state)
{
	struct status status;
	struct scene s;

	(void)state;
	scene_open(&s);
	for (uint64_t i = 1; i < 20; i++) {
		status = scene_status(&s, i);
		status.backlog = 10;
		status.oldest.ms = DESK_NOW - 4000000;
		scene_say_status(&s, CART, &status);
		scene_pass(&s, 20);
	}
	assert_int_equal(scene_alert(&s)->event.cause, ALERT_BACKLOG);
	status = scene_status(&s, 20);
	scene_say_status(&s, CART, &status);
	scene_pass(&s, 1);
	for (uint64_t i = 21; i < 30; i++) {
		status = scene_status(&s, i);
		scene_say_status(&s, CART, &status);
		scene_pass(&s, 20);
	}
	assert_int_equal(scene_open_count(&s), 0);
	scene_close(&s);
}

static void
a_beat_has_no_key_and_is_no_reject(void **state)
{
	struct scene s;

	(void)state;
	scene_open(&s);
	scene_pass(&s, 3);
	assert_int_equal(
	    scene_sent(&s, TOPIC_RECHAZADOS, SCHEMA_REJECT).count, 0);
	assert_int_equal(s.desk.total[TALLY_REJECTED], 0);
	scene_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_silent_cart_is_missing_a_minute_after_its_last_report),
		cmocka_unit_test(
		    what_is_known_of_it_and_why_it_was_away_is_said),
		cmocka_unit_test(no_beats_no_silence),
		cmocka_unit_test(what_is_read_late_is_judged_when_all_is_read),
		cmocka_unit_test(memory_that_is_lost_changes_no_verdict),
		cmocka_unit_test(
		    a_database_made_anew_from_the_log_has_the_same_open_alerts),
		cmocka_unit_test(late_fixes_mend_the_alert_and_open_none),
		cmocka_unit_test(
		    a_persons_word_holds_until_the_cause_has_ceased),
		cmocka_unit_test(
		    a_cart_may_have_its_own_patience_and_is_live_so_long),
		cmocka_unit_test(a_closed_day_and_closing_time_are_no_alarm),
		cmocka_unit_test(
		    out_of_its_zone_for_the_dwell_is_astray_and_back_is_resolved),
		cmocka_unit_test(a_zone_that_is_removed_binds_nobody),
		cmocka_unit_test(
		    zones_are_read_back_and_wrong_ones_are_kept_apart),
		cmocka_unit_test(
		    a_report_near_a_cart_is_that_cart_and_one_far_from_all_a_fugitive),
		cmocka_unit_test(a_report_waits_until_all_is_read),
		cmocka_unit_test(an_old_report_is_about_where_carts_were_then),
		cmocka_unit_test(
		    moving_outside_its_hours_is_astray_and_standing_is_not),
		cmocka_unit_test(
		    numbers_that_stay_away_are_an_alert_until_they_come),
		cmocka_unit_test(a_cart_that_keeps_old_events_is_an_alert),
		cmocka_unit_test(a_beat_has_no_key_and_is_no_reject),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
