/*
 * The guild's word: which ledger holds, and when it is said.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "broker-bridge/guild.h"

#define NOW INT64_C(1795258832000) /* 2026-11-21 */
#define HOURS 60396u /* since 2020 */

static struct guild
record(uint64_t ledger, int64_t since_ms, uint8_t log)
{
	struct guild guild = {
		.ledger = ledger, .since_ms = since_ms, .has_log_id = true
	};

	memset(guild.log_id, log, sizeof(guild.log_id));
	return guild;
}

static void
a_new_guild_counts_from_the_hours_since_2020(void **state)
{
	struct guild_word word = { 0 };

	(void)state;
	assert_int_equal(guild_begin(&word, NOW), 0);
	assert_in_range(word.now.ledger, HOURS - 2, HOURS + 2);
	assert_int_equal(word.now.since_ms, -1);
	assert_true(word.now.has_log_id);
	assert_true(guild_must_say(&word));
}

static void
a_lost_logs_ledger_is_passed_whoever_remembers_it(void **state)
{
	struct guild_word heard = { .heard_known = true,
		.heard = { .ledger = 70000, .since_ms = 5000 } };
	struct guild_word known = { .known = true,
		.now = record(80000, 5000, 1) };

	(void)state;
	guild_begin(&heard, NOW);
	assert_int_equal(heard.now.ledger, 70001);
	/* Nobody asked for anything to be sent again yet. */
	assert_int_equal(heard.now.since_ms, -1);
	guild_begin(&known, NOW);
	assert_int_equal(known.now.ledger, 80001);
}

static void
two_new_logs_have_two_identities(void **state)
{
	struct guild_word a = { 0 }, b = { 0 };

	(void)state;
	guild_begin(&a, NOW);
	guild_begin(&b, NOW);
	assert_memory_not_equal(
	    a.now.log_id, b.now.log_id, sizeof(a.now.log_id));
}

static void
a_ledger_is_never_lowered(void **state)
{
	struct guild_word word = { .known = true, .now = record(10, -1, 1) };
	struct guild lower = record(9, 77, 1), other = record(9, 77, 2);

	(void)state;
	assert_int_equal(guild_take(&word, &lower), GUILD_OLD);
	assert_int_equal(guild_take(&word, &other), GUILD_OLD);
	assert_int_equal(word.now.ledger, 10);
}

static void
a_raised_ledger_is_a_new_word_of_the_same_log(void **state)
{
	struct guild_word word = { .known = true, .now = record(10, -1, 1) };
	struct guild same = record(10, -1, 1), raised = record(11, 5000, 1);

	(void)state;
	assert_int_equal(guild_take(&word, &same), GUILD_SAME);
	assert_int_equal(guild_take(&word, &raised), GUILD_NEW_WORD);
	assert_int_equal(word.now.ledger, 11);
	assert_int_equal(word.now.since_ms, 5000);
}

static void
another_identity_is_another_log(void **state)
{
	struct guild_word word = { .known = true, .now = record(10, -1, 1) };
	struct guild other = record(10, -1, 2);
	struct guild_word none = { 0 };

	(void)state;
	assert_int_equal(guild_take(&word, &other), GUILD_NEW_LOG);
	assert_int_equal(guild_take(&none, &other), GUILD_NEW_LOG);
	assert_true(none.known);
}

static void
the_word_is_said_when_the_broker_has_none_or_an_older_one(void **state)
{
	struct guild_word word = { .known = true, .now = record(10, 5000, 1) };

	(void)state;
	assert_true(guild_must_say(&word));
	word.heard_known = true;
	word.heard = (struct guild){ .ledger = 9, .since_ms = 5000 };
	assert_true(guild_must_say(&word));
	word.heard.ledger = 10;
	assert_false(guild_must_say(&word));
	word.heard.since_ms = 4000;
	assert_true(guild_must_say(&word));
	word.heard.ledger = 11;
	assert_false(guild_must_say(&word));
}

static void
a_log_restored_from_an_older_copy_catches_up_with_the_carts(void **state)
{
	struct guild_word word = { .known = true, .now = record(10, -1, 1) };

	(void)state;
	assert_false(guild_catch_up(&word));
	word.heard_known = true;
	word.heard = (struct guild){ .ledger = 10, .since_ms = -1 };
	assert_false(guild_catch_up(&word));
	word.heard = (struct guild){ .ledger = 12, .since_ms = 6000 };
	assert_true(guild_catch_up(&word));
	assert_int_equal(word.now.ledger, 12);
	assert_int_equal(word.now.since_ms, 6000);
	assert_true(word.now.has_log_id);
	assert_int_equal(word.now.log_id[0], 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_guild_counts_from_the_hours_since_2020),
		cmocka_unit_test(
		    a_lost_logs_ledger_is_passed_whoever_remembers_it),
		cmocka_unit_test(two_new_logs_have_two_identities),
		cmocka_unit_test(a_ledger_is_never_lowered),
		cmocka_unit_test(a_raised_ledger_is_a_new_word_of_the_same_log),
		cmocka_unit_test(another_identity_is_another_log),
		cmocka_unit_test(
		    the_word_is_said_when_the_broker_has_none_or_an_older_one),
		cmocka_unit_test(
		    a_log_restored_from_an_older_copy_catches_up_with_the_carts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
