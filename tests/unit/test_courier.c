/*
 * One delivery of a notice: tried, tried again, and over.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "backend/rules/courier.h"

#define T0 INT64_C(1795190400000)
#define S INT64_C(1000)

static const struct courier_rules rules = { 30 * S, 3600 * S, 172800 * S };

static struct courier
new_courier(void)
{
	return (struct courier){ .born_ms = T0, .next_ms = T0 };
}

static void
fail_at(struct courier *c, enum courier_outcome outcome, int64_t now_ms)
{
	struct courier_result result = { .outcome = outcome };

	assert_true(courier_hand_over(c, &rules, now_ms));
	courier_result(c, &rules, &result, now_ms, 0);
}

static void
the_wait_doubles_up_to_the_longest(void **state)
{
	static const int64_t waits_s[] = { 30, 60, 120, 240, 480, 960, 1920,
		3600, 3600 };
	struct courier c = new_courier();
	int64_t now_ms = T0;

	(void)state;
	for (size_t i = 0; i < sizeof(waits_s) / sizeof(waits_s[0]); i++) {
		assert_true(courier_is_due(&c, now_ms));
		fail_at(&c, OUTCOME_LATER, now_ms);
		assert_int_equal(c.state, COURIER_WAITING);
		assert_int_equal(c.next_ms, now_ms + waits_s[i] * S);
		assert_false(courier_is_due(&c, c.next_ms - 1));
		now_ms = c.next_ms;
	}
}

static void
the_jitter_shortens_a_wait_by_a_quarter_at_most(void **state)
{
	(void)state;
	for (uint32_t random = 0; random < 100000; random += 7) {
		int64_t wait_ms = courier_wait_ms(&rules, 3, random);

		assert_in_range(wait_ms, 90 * S, 120 * S);
	}
}

static void
the_servers_wish_is_heeded(void **state)
{
	struct courier_result result = { OUTCOME_AWAY, 600 * S, false };
	struct courier c = new_courier();

	(void)state;
	assert_true(courier_hand_over(&c, &rules, T0));
	courier_result(&c, &rules, &result, T0, 0);
	assert_int_equal(c.next_ms, T0 + 600 * S);
	/* And not woken before, when it serves another. */
	courier_wake(&c, T0 + S);
	assert_int_equal(c.next_ms, T0 + 600 * S);
}

static void
what_waits_for_a_server_goes_when_it_is_back(void **state)
{
	struct courier away = new_courier(), later = new_courier();

	(void)state;
	fail_at(&away, OUTCOME_AWAY, T0);
	fail_at(&later, OUTCOME_LATER, T0);
	courier_wake(&away, T0 + S);
	courier_wake(&later, T0 + S);
	assert_true(courier_is_due(&away, T0 + S));
	assert_false(courier_is_due(&later, T0 + S));
}

static void
after_two_days_it_is_given_up(void **state)
{
	struct courier c = new_courier();
	int64_t now_ms = T0;

	(void)state;
	while (courier_is_open(c.state)) {
		fail_at(&c, OUTCOME_AWAY, now_ms);
		now_ms = c.next_ms;
	}
	assert_int_equal(c.state, COURIER_GAVE_UP);
	assert_in_range(now_ms - T0, 172800 * S, 172800 * S + 3600 * S);
	/* Also what was never tried: the role was down for so long. */
	c = new_courier();
	assert_false(courier_hand_over(&c, &rules, T0 + 172800 * S));
	assert_int_equal(c.state, COURIER_GAVE_UP);
}

static void
a_refusal_is_the_end(void **state)
{
	struct courier c = new_courier();

	(void)state;
	fail_at(&c, OUTCOME_REFUSED, T0);
	assert_int_equal(c.state, COURIER_DEAD);
	assert_false(courier_end_is_news(&c));
}

static void
what_is_over_before_it_was_sent_is_not_sent(void **state)
{
	struct courier queued = new_courier(), waiting = new_courier(),
		       held = new_courier();

	(void)state;
	fail_at(&waiting, OUTCOME_AWAY, T0);
	courier_hold(&held);
	assert_false(courier_over(&queued));
	assert_false(courier_over(&waiting));
	assert_false(courier_over(&held));
	assert_int_equal(queued.state, COURIER_OVER);
	assert_int_equal(waiting.state, COURIER_OVER);
	assert_int_equal(held.state, COURIER_OVER);
}

static void
the_end_of_what_was_told_is_news(void **state)
{
	struct courier_result sent = { .outcome = OUTCOME_SENT };
	struct courier c = new_courier();

	(void)state;
	assert_true(courier_hand_over(&c, &rules, T0));
	assert_true(courier_over(&c)); /* on its way: perhaps */
	assert_int_equal(c.state, COURIER_SENDING);
	courier_result(&c, &rules, &sent, T0, 0);
	assert_true(courier_end_is_news(&c));
}

static void
what_fails_and_is_over_meanwhile_is_not_tried_again(void **state)
{
	struct courier c = new_courier();

	(void)state;
	assert_true(courier_hand_over(&c, &rules, T0));
	courier_over(&c);
	courier_result(&c, &rules,
	    &(struct courier_result){ .outcome = OUTCOME_AWAY }, T0, 0);
	assert_int_equal(c.state, COURIER_OVER);
	assert_false(courier_end_is_news(&c));
}

static void
what_may_have_been_sent_when_its_sender_died_is_ended_with_news(void **state)
{
	struct courier c = new_courier();

	(void)state;
	assert_true(courier_hand_over(&c, &rules, T0));
	courier_restart(&c, T0 + S);
	assert_int_equal(c.state, COURIER_QUEUED);
	assert_true(courier_is_due(&c, T0 + S));
	assert_true(courier_over(&c));
	assert_int_equal(c.state, COURIER_OVER);
}

static void
what_went_in_a_digest_that_failed_is_held_again(void **state)
{
	struct courier c = new_courier();

	(void)state;
	courier_hold(&c);
	assert_false(courier_is_due(&c, T0 + 9999 * S));
	fail_at(&c, OUTCOME_AWAY, T0);
	assert_int_equal(c.state, COURIER_HELD);
	assert_true(courier_hand_over(&c, &rules, T0 + S));
	courier_restart(&c, T0 + 2 * S);
	assert_int_equal(c.state, COURIER_HELD);
	courier_release(&c, T0 + 3 * S);
	assert_true(courier_is_due(&c, T0 + 3 * S));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_wait_doubles_up_to_the_longest),
		cmocka_unit_test(
		    the_jitter_shortens_a_wait_by_a_quarter_at_most),
		cmocka_unit_test(the_servers_wish_is_heeded),
		cmocka_unit_test(what_waits_for_a_server_goes_when_it_is_back),
		cmocka_unit_test(after_two_days_it_is_given_up),
		cmocka_unit_test(a_refusal_is_the_end),
		cmocka_unit_test(what_is_over_before_it_was_sent_is_not_sent),
		cmocka_unit_test(the_end_of_what_was_told_is_news),
		cmocka_unit_test(
		    what_fails_and_is_over_meanwhile_is_not_tried_again),
		cmocka_unit_test(
		    what_may_have_been_sent_when_its_sender_died_is_ended_with_news),
		cmocka_unit_test(
		    what_went_in_a_digest_that_failed_is_held_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
