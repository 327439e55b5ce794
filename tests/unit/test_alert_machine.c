/*
 * One cause of alarm about one cart: opened, changed, resolved, held.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "backend/rules/alert_machine.h"

#define T0 INT64_C(1795190400000)
#define SINCE (T0 - 60000)
#define CART "DEMO01"
#define ID_LEN (ALERT_ID_MAX + 1)

static const struct alert_damping at_once = { .raise_ms = 0 };
static const struct alert_damping damped = {
	.raise_ms = 10000,
	.clear_ms = 5000,
	.again_ms = 600000,
	.again_clear_ms = 180000,
};

static struct alert_now
now(int64_t clock_ms)
{
	return (struct alert_now){
		.clock_ms = clock_ms, .at_ms = T0 + clock_ms, .caught_up = true
	};
}

static struct alert_event
facts(enum alert_known known)
{
	struct alert_event f = { .cause = ALERT_MISSING,
		.since_ms = SINCE,
		.until_ms = INSTANT_MISSING,
		.known = known,
		.place_at_ms = INSTANT_MISSING,
		.moved_m = -1 };

	snprintf(f.cart, sizeof(f.cart), "%s", CART);
	return f;
}

static const struct alert_event *
raise_at(struct alert_case *c, int64_t clock_ms, const struct alert_damping *d)
{
	struct alert_event f = facts(KNOWN_NOTHING);
	struct alert_now when = now(clock_ms);

	return alert_raise(c, &f, d, &when);
}

static const struct alert_event *
cease_at(struct alert_case *c, int64_t clock_ms, const struct alert_damping *d)
{
	struct alert_event f = facts(KNOWN_NOTHING);
	struct alert_now when = now(clock_ms);

	f.until_ms = T0 + clock_ms;
	f.why = WHY_NETWORK;
	return alert_cease(c, &f, d, &when);
}

static const struct alert_event *
settle_at(struct alert_case *c, int64_t clock_ms, const char *id)
{
	struct alert_resolution said = {
		.at_ms = T0 + clock_ms, .by = "Rosa", .note = "called him"
	};
	struct alert_now when = now(clock_ms);

	snprintf(said.id, sizeof(said.id), "%s", id);
	return alert_settle(c, &said, &when);
}

static void
assert_event(const struct alert_event *event, enum alert_state state,
    uint32_t revision, int64_t clock_ms)
{
	assert_non_null(event);
	assert_int_equal(event->state, state);
	assert_int_equal(event->revision, revision);
	assert_int_equal(event->at_ms, T0 + clock_ms);
	assert_int_equal(event->since_ms, SINCE);
	assert_string_equal(event->cart, CART);
}

static void
it_is_opened_once_and_resolved_once(void **state)
{
	struct alert_case c = { 0 };
	const struct alert_event *event;
	char id[ID_LEN];

	(void)state;
	event = raise_at(&c, 0, &at_once);
	assert_event(event, ALERT_OPENED, 0, 0);
	assert_int_equal(event->until_ms, INSTANT_MISSING);
	alert_id(id, CART, ALERT_MISSING, SINCE);
	assert_string_equal(event->id, id);
	assert_true(alert_is_open(&c));
	assert_null(raise_at(&c, 1, &at_once));
	assert_null(raise_at(&c, 5000, &at_once));

	event = cease_at(&c, 6000, &at_once);
	assert_event(event, ALERT_RESOLVED, 1, 6000);
	assert_int_equal(event->until_ms, T0 + 6000);
	assert_int_equal(event->why, WHY_NETWORK);
	assert_false(alert_is_open(&c));
	assert_null(cease_at(&c, 7000, &at_once));
}

static void
a_cause_that_does_not_last_is_not_told(void **state)
{
	struct alert_case c = { 0 };

	(void)state;
	assert_null(raise_at(&c, 0, &damped));
	assert_null(raise_at(&c, 9999, &damped));
	assert_null(cease_at(&c, 9999, &damped));
	assert_null(raise_at(&c, 10000, &damped));
	assert_int_equal(alert_next(&c, &damped), 20000);
	assert_null(raise_at(&c, 19999, &damped));
	assert_event(raise_at(&c, 20000, &damped), ALERT_OPENED, 0, 20000);
}

static void
a_short_absence_of_the_cause_does_not_resolve_it(void **state)
{
	struct alert_case c = { 0 };
	const struct alert_event *event;

	(void)state;
	raise_at(&c, 0, &damped);
	assert_non_null(raise_at(&c, 10000, &damped));
	assert_null(cease_at(&c, 20000, &damped));
	assert_int_equal(alert_next(&c, &damped), 25000);
	assert_null(raise_at(&c, 24999, &damped));
	assert_null(cease_at(&c, 30000, &damped));
	assert_null(cease_at(&c, 34999, &damped));
	event = cease_at(&c, 35000, &damped);
	assert_event(event, ALERT_RESOLVED, 1, 35000);
	/* It ended when its absence began. */
	assert_int_equal(event->until_ms, T0 + 30000);
}

static void
it_cannot_flap(void **state)
{
	struct alert_case c = { 0 };
	int opened = 0;

	(void)state;
	/* Half a minute there, half a minute away, for ten hours. */
	for (int64_t s = 0; s < 36000; s++) {
		const struct alert_event *event = s / 30 % 2 == 0
		    ? raise_at(&c, s * 1000, &damped)
		    : cease_at(&c, s * 1000, &damped);

		opened += event != NULL && event->state == ALERT_OPENED;
	}
	assert_int_equal(opened, 3);
	assert_true(alert_is_open(&c));
	/* It is gone for long at last; later it is taken at its word again. */
	assert_null(cease_at(&c, 36000000, &damped));
	assert_null(cease_at(&c, 36009999, &damped));
	assert_non_null(cease_at(&c, 36360000, &damped));
	raise_at(&c, 40000000, &damped);
	assert_non_null(raise_at(&c, 40010000, &damped));
	cease_at(&c, 40020000, &damped);
	assert_non_null(cease_at(&c, 40025000, &damped));
}

static void
behind_nothing_is_opened_and_what_is_over_is_resolved(void **state)
{
	struct alert_case c = { 0 }, late = { 0 };
	struct alert_event f = facts(KNOWN_NOTHING);
	struct alert_now behind = now(1000);

	(void)state;
	behind.caught_up = false;
	assert_null(alert_raise(&c, &f, &at_once, &behind));
	f.since_ms = SINCE + 777; /* the first one counts */
	assert_null(alert_raise(&c, &f, &at_once, &behind));
	assert_event(raise_at(&c, 2000, &at_once), ALERT_OPENED, 0, 2000);

	behind.clock_ms = 3000;
	f.known = KNOWN_LINK_LOST;
	assert_null(alert_raise(&c, &f, &at_once, &behind));
	f.until_ms = T0;
	assert_non_null(alert_cease(&c, &f, &at_once, &behind));

	assert_null(alert_raise(&late, &f, &at_once, &behind));
	assert_null(cease_at(&late, 4000, &at_once));
	assert_int_equal(late.phase, CASE_CALM);
}

static void
what_is_learnt_is_told_as_a_change(void **state)
{
	static const struct alert_damping counted = { .change_ms = 60000 };
	struct alert_case c = { 0 };
	struct alert_event f = facts(KNOWN_NOTHING);
	struct alert_now when = now(0);
	const struct alert_event *event;

	(void)state;
	assert_non_null(alert_raise(&c, &f, &counted, &when));
	f.known = KNOWN_LINK_LOST;
	event = alert_raise(&c, &f, &counted, &when);
	assert_event(event, ALERT_CHANGED, 1, 0);
	assert_int_equal(event->known, KNOWN_LINK_LOST);
	assert_null(alert_raise(&c, &f, &counted, &when));

	/* Numbers alone: now and then. */
	f.count = 5;
	when = now(59999);
	assert_null(alert_raise(&c, &f, &counted, &when));
	f.count = 7;
	when = now(60000);
	event = alert_raise(&c, &f, &counted, &when);
	assert_event(event, ALERT_CHANGED, 2, 60000);
	assert_int_equal(event->count, 7);
}

static void
a_persons_word_holds_it_until_the_cause_has_ceased(void **state)
{
	struct alert_case c = { 0 };
	const struct alert_event *event;
	char id[ID_LEN];

	(void)state;
	snprintf(id, sizeof(id), "%s", raise_at(&c, 0, &at_once)->id);
	event = settle_at(&c, 1000, id);
	assert_event(event, ALERT_RESOLVED, 1, 1000);
	assert_string_equal(event->by, "Rosa");
	assert_string_equal(event->note, "called him");
	assert_int_equal(event->until_ms, INSTANT_MISSING);
	assert_null(settle_at(&c, 2000, id));
	assert_false(alert_is_open(&c));
	for (int64_t ms = 2000; ms < 3600000; ms += 1000)
		assert_null(raise_at(&c, ms, &at_once));

	event = cease_at(&c, 3600000, &at_once);
	assert_event(event, ALERT_CHANGED, 2, 3600000);
	assert_int_equal(event->until_ms, T0 + 3600000);
	assert_int_equal(event->why, WHY_NETWORK);
	assert_string_equal(event->by, "Rosa");
	assert_null(settle_at(&c, 3600001, id));
	assert_event(raise_at(&c, 3700000, &at_once), ALERT_OPENED, 0, 3700000);
}

static void
a_word_on_what_was_not_told_yet_holds_it_too(void **state)
{
	struct alert_case c = { 0 };
	char id[ID_LEN];

	(void)state;
	alert_id(id, CART, ALERT_MISSING, SINCE);
	assert_null(settle_at(&c, 0, id));
	assert_null(raise_at(&c, 0, &damped));
	assert_null(settle_at(&c, 1, "DEMO01-missing-0"));
	assert_null(settle_at(&c, 1, id));
	assert_null(raise_at(&c, 10000, &damped));
	assert_int_equal(c.phase, CASE_ON);
	assert_null(cease_at(&c, 20000, &damped));
	assert_null(cease_at(&c, 25000, &damped));
	assert_int_equal(c.phase, CASE_CALM);
	assert_null(raise_at(&c, 30000, &damped));
	assert_non_null(raise_at(&c, 40000, &damped));
}

static void
one_that_ended_is_followed_by_the_next_at_once(void **state)
{
	struct alert_case c = { 0 };

	(void)state;
	raise_at(&c, 0, &damped);
	raise_at(&c, 10000, &damped);
	assert_null(cease_at(&c, 20000, &damped));
	/* Nobody looked when its absence had lasted. */
	assert_event(raise_at(&c, 90000, &damped), ALERT_RESOLVED, 1, 90000);
	assert_null(raise_at(&c, 90000, &damped));
	assert_event(raise_at(&c, 100000, &damped), ALERT_OPENED, 0, 100000);
}

static void
a_clock_that_goes_back_does_no_harm(void **state)
{
	struct alert_case c = { 0 };

	(void)state;
	assert_null(raise_at(&c, 100000, &damped));
	assert_null(raise_at(&c, 1, &damped));
	assert_non_null(raise_at(&c, 110000, &damped));
	assert_null(cease_at(&c, 5, &damped));
	assert_non_null(cease_at(&c, 120000, &damped));
	assert_null(cease_at(&c, 4, &damped));
	assert_int_equal(c.phase, CASE_CALM);
}

static void
later_knowledge_is_one_more_revision(void **state)
{
	struct alert_case c = { 0 };
	struct alert_event event;

	(void)state;
	raise_at(&c, 0, &at_once);
	event = *cease_at(&c, 5000, &at_once);
	assert_true(alert_mend(&event, event.until_ms, 350, T0 + 9000));
	assert_event(&event, ALERT_CHANGED, 2, 9000);
	assert_int_equal(event.moved_m, 350);
	assert_false(alert_mend(&event, event.until_ms, 350, T0 + 9500));
	assert_false(alert_mend(&event, event.until_ms, -1, T0 + 9500));
	assert_int_equal(event.revision, 2);
	assert_true(alert_mend(&event, event.until_ms + 1, -1, T0 + 9900));
	assert_int_equal(event.moved_m, 350);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_opened_once_and_resolved_once),
		cmocka_unit_test(a_cause_that_does_not_last_is_not_told),
		cmocka_unit_test(
		    a_short_absence_of_the_cause_does_not_resolve_it),
		cmocka_unit_test(it_cannot_flap),
		cmocka_unit_test(
		    behind_nothing_is_opened_and_what_is_over_is_resolved),
		cmocka_unit_test(what_is_learnt_is_told_as_a_change),
		cmocka_unit_test(
		    a_persons_word_holds_it_until_the_cause_has_ceased),
		cmocka_unit_test(a_word_on_what_was_not_told_yet_holds_it_too),
		cmocka_unit_test(
		    one_that_ended_is_followed_by_the_next_at_once),
		cmocka_unit_test(a_clock_that_goes_back_does_no_harm),
		cmocka_unit_test(later_knowledge_is_one_more_revision),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
