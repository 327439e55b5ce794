/*
 * The link's rules: one by one, and in thousands of worlds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/link.h"
#include "tests/unit/link_world.h"

#define EPOCH 77

static const struct link_timing timing = { 2000, 5000 };

static struct ack
ack_of(uint64_t ledger, uint64_t first, uint64_t next)
{
	return (struct ack){ ledger, STREAM_SALE, EPOCH, first, next, 0 };
}

static void
one_frame_is_under_way_a_stream(void **state)
{
	struct link link;

	(void)state;
	link_init(&link, &timing, 3, 1);
	assert_true(link_may_send(&link, STREAM_SALE));
	link_sent(&link, STREAM_SALE, EPOCH, 0, 5, 1000);
	assert_false(link_may_send(&link, STREAM_SALE));
	assert_true(link_may_send(&link, STREAM_POS));
}

static void
an_ack_lets_go_of_what_it_names_and_permits_the_next_frame(void **state)
{
	struct ack ack = ack_of(3, 0, 5);
	struct link link;
	uint64_t let_go = 0;

	(void)state;
	link_init(&link, &timing, 3, 1);
	link_sent(&link, STREAM_SALE, EPOCH, 0, 5, 1000);
	assert_int_equal(link_ack(&link, &ack, 0, 9, &let_go), LINK_HEEDED);
	assert_int_equal(let_go, 5);
	assert_true(link_may_send(&link, STREAM_SALE));
}

static void
an_ack_of_another_ledger_is_ignored(void **state)
{
	struct ack older = ack_of(2, 0, 5), newer = ack_of(4, 0, 5);
	struct link link;
	uint64_t let_go = 99;

	(void)state;
	link_init(&link, &timing, 3, 1);
	link_sent(&link, STREAM_SALE, EPOCH, 0, 5, 1000);
	assert_int_equal(link_ack(&link, &older, 0, 9, &let_go), LINK_IGNORED);
	assert_int_equal(link_ack(&link, &newer, 0, 9, &let_go), LINK_IGNORED);
	assert_int_equal(let_go, 99);
	assert_false(link_may_send(&link, STREAM_SALE));
}

static void
an_ack_that_starts_beyond_the_first_unacknowledged_is_ignored(void **state)
{
	struct ack ack = ack_of(3, 1, 5);
	struct link link;
	uint64_t let_go;

	(void)state;
	link_init(&link, &timing, 3, 1);
	assert_int_equal(link_ack(&link, &ack, 0, 9, &let_go), LINK_IGNORED);
	assert_int_equal(link_ack(&link, &ack, 1, 9, &let_go), LINK_HEEDED);
}

static void
an_ack_that_lets_go_of_nothing_sends_nothing(void **state)
{
	struct ack ack = ack_of(3, 0, 5);
	struct link link;
	uint64_t let_go;

	(void)state;
	link_init(&link, &timing, 3, 1);
	link_sent(&link, STREAM_SALE, EPOCH, 5, 9, 1000);
	assert_int_equal(link_ack(&link, &ack, 5, 9, &let_go), LINK_IGNORED);
	assert_false(link_may_send(&link, STREAM_SALE));
	/* Of an epoch that has nothing. */
	assert_int_equal(link_ack(&link, &ack, 0, 0, &let_go), LINK_IGNORED);
}

static void
an_ack_never_lets_go_of_more_than_there_is(void **state)
{
	struct ack ack = ack_of(3, 0, 50);
	struct link link;
	uint64_t let_go;

	(void)state;
	link_init(&link, &timing, 3, 1);
	assert_int_equal(link_ack(&link, &ack, 2, 9, &let_go), LINK_HEEDED);
	assert_int_equal(let_go, 9);
}

static void
a_late_ack_of_another_epoch_leaves_the_frame_under_way(void **state)
{
	struct ack ack = ack_of(3, 0, 5);
	struct link link;
	uint64_t let_go;

	(void)state;
	link_init(&link, &timing, 3, 1);
	link_sent(&link, STREAM_SALE, EPOCH + 1, 0, 5, 1000);
	assert_int_equal(link_ack(&link, &ack, 0, 5, &let_go), LINK_HEEDED);
	assert_false(link_may_send(&link, STREAM_SALE));
}

static void
without_an_ack_the_frame_goes_again_ever_later_within_bounds(void **state)
{
	static const int waits[] = { 2000, 4000, 5000, 5000, 5000 };
	int64_t now = 1000, least = INT64_MAX, most = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 200; seed++) {
		struct link link;

		link_init(&link, &timing, 3, seed);
		for (size_t i = 0; i < 5; i++) {
			int64_t wait;

			link_sent(&link, STREAM_POS, EPOCH, 0, 5, now);
			wait = link_next_ms(&link) - now;
			assert_true(wait >= waits[i] * 8 / 10);
			assert_true(wait <= waits[i] * 12 / 10);
			assert_true(wait <= 5000);
			assert_false(link_must_resend(
			    &link, STREAM_POS, now + wait - 1));
			now += wait;
			assert_true(link_must_resend(&link, STREAM_POS, now));
			if (i == 0 && wait < least)
				least = wait;
			if (i == 0 && wait > most)
				most = wait;
		}
	}
	/* A fleet that was cut off together comes back spread out. */
	assert_true(most - least > 500);
}

static void
after_an_ack_waits_begin_anew(void **state)
{
	struct ack ack = ack_of(3, 0, 5);
	struct link link;
	uint64_t let_go;

	(void)state;
	link_init(&link, &timing, 3, 1);
	for (int i = 0; i < 4; i++)
		link_sent(&link, STREAM_SALE, EPOCH, 0, 5, 0);
	link_ack(&link, &ack, 0, 9, &let_go);
	assert_int_equal(link_next_ms(&link), INT64_MAX);
	link_sent(&link, STREAM_SALE, EPOCH, 5, 9, 0);
	assert_true(link_next_ms(&link) <= 2400);
}

static void
a_new_connection_sends_what_was_under_way_at_once(void **state)
{
	struct link link;

	(void)state;
	link_init(&link, &timing, 3, 1);
	for (int i = 0; i < 4; i++)
		link_sent(&link, STREAM_SALE, EPOCH, 0, 5, 0);
	link_connected(&link, 100);
	assert_true(link_must_resend(&link, STREAM_SALE, 100));
	assert_false(link_must_resend(&link, STREAM_POS, 100));
	/* Recut larger, it is the same frame. */
	link_sent(&link, STREAM_SALE, EPOCH, 0, 8, 100);
	assert_true(link_next_ms(&link) <= 100 + 2400);
}

static void
a_raised_ledger_ends_what_is_under_way(void **state)
{
	struct ack ack = ack_of(3, 0, 5);
	struct link link;
	uint64_t let_go;

	(void)state;
	link_init(&link, &timing, 3, 1);
	link_sent(&link, STREAM_SALE, EPOCH, 0, 5, 0);
	link_raise(&link, 4);
	assert_true(link_may_send(&link, STREAM_SALE));
	assert_int_equal(link_ack(&link, &ack, 0, 5, &let_go), LINK_IGNORED);
	ack.ledger = 4;
	assert_int_equal(link_ack(&link, &ack, 0, 5, &let_go), LINK_HEEDED);
}

/* ---- worlds ---- */

static void
hold_in_worlds(const struct world_rules *rules, uint64_t count)
{
	static struct world w;

	for (uint64_t seed = 1; seed <= count; seed++) {
		const char *wrong = world_run(&w, seed, rules);

		if (wrong != NULL)
			fail_msg(
			    "seed %llu: %s", (unsigned long long)seed, wrong);
	}
}

static void
expect_caught(const struct world_rules *rules)
{
	static struct world w;

	for (uint64_t seed = 1; seed <= 20000; seed++) {
		if (world_run(&w, seed, rules) != NULL)
			return;
	}
	fail_msg("no world shows that the rule is needed");
}

static void
nothing_is_lost_or_doubled_over_a_bad_network(void **state)
{
	struct world_rules rules = { .retain = true };

	(void)state;
	hold_in_worlds(&rules, 5000);
}

static void
nor_with_a_flash_that_lies(void **state)
{
	struct world_rules rules = { .lie = true, .retain = true };

	(void)state;
	hold_in_worlds(&rules, 5000);
}

static void
nor_with_a_guild_that_loses_its_memory(void **state)
{
	struct world_rules rules = { .loss = true };

	(void)state;
	hold_in_worlds(&rules, 5000);
}

static void
nor_with_all_of_it(void **state)
{
	struct world_rules rules = {
		.lie = true, .loss = true, .retain = true
	};

	(void)state;
	hold_in_worlds(&rules, 10000);
}

static void
without_range_a_world_breaks(void **state)
{
	struct world_rules rules = {
		.lie = true, .loss = true, .retain = true, .no_range = true
	};

	(void)state;
	expect_caught(&rules);
}

static void
without_ledger_a_world_breaks(void **state)
{
	struct world_rules rules = { .loss = true, .no_ledger = true };

	(void)state;
	expect_caught(&rules);
}

static void
with_one_epoch_for_all_starts_a_world_breaks(void **state)
{
	struct world_rules rules = { .lie = true, .same_epoch = true };

	(void)state;
	expect_caught(&rules);
}

static void
with_an_ack_before_kafka_a_world_breaks(void **state)
{
	struct world_rules rules = { .ack_early = true };

	(void)state;
	expect_caught(&rules);
}

static void
without_missing_ranges_a_world_breaks(void **state)
{
	struct world_rules rules = { .loss = true, .no_missing = true };

	(void)state;
	expect_caught(&rules);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_frame_is_under_way_a_stream),
		cmocka_unit_test(
		    an_ack_lets_go_of_what_it_names_and_permits_the_next_frame),
		cmocka_unit_test(an_ack_of_another_ledger_is_ignored),
		cmocka_unit_test(
		    an_ack_that_starts_beyond_the_first_unacknowledged_is_ignored),
		cmocka_unit_test(an_ack_that_lets_go_of_nothing_sends_nothing),
		cmocka_unit_test(an_ack_never_lets_go_of_more_than_there_is),
		cmocka_unit_test(
		    a_late_ack_of_another_epoch_leaves_the_frame_under_way),
		cmocka_unit_test(
		    without_an_ack_the_frame_goes_again_ever_later_within_bounds),
		cmocka_unit_test(after_an_ack_waits_begin_anew),
		cmocka_unit_test(
		    a_new_connection_sends_what_was_under_way_at_once),
		cmocka_unit_test(a_raised_ledger_ends_what_is_under_way),
		cmocka_unit_test(nothing_is_lost_or_doubled_over_a_bad_network),
		cmocka_unit_test(nor_with_a_flash_that_lies),
		cmocka_unit_test(nor_with_a_guild_that_loses_its_memory),
		cmocka_unit_test(nor_with_all_of_it),
		cmocka_unit_test(without_range_a_world_breaks),
		cmocka_unit_test(without_ledger_a_world_breaks),
		cmocka_unit_test(with_one_epoch_for_all_starts_a_world_breaks),
		cmocka_unit_test(with_an_ack_before_kafka_a_world_breaks),
		cmocka_unit_test(without_missing_ranges_a_world_breaks),
	};

	return cmocka_run_group_tests_name("link", tests, NULL, NULL);
}
