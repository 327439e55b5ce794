/*
 * LOGID: when a role goes on, begins anew, or stops.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "backend/consumer/log_identity.h"

static const struct log_identity kept = { .ledger = 10 };
static const struct log_part whole = { "topic_ventas", 0, 50, 0, 100 };
static size_t bad;

static enum log_verdict
judge(
    uint64_t ledger, int64_t since_ms, uint8_t id, const struct log_part *part)
{
	struct guild guild = {
		.ledger = ledger, .since_ms = since_ms, .has_log_id = true
	};

	guild.log_id[3] = id;
	return log_judge(&kept, &guild, part, 1, &bad);
}

static void
the_first_log_is_kept(void **state)
{
	struct guild guild = { .ledger = 1, .has_log_id = true };

	(void)state;
	assert_int_equal(log_judge(NULL, &guild, NULL, 0, &bad), LOG_FIRST);
}

static void
the_same_log_goes_on_and_a_higher_ledger_is_kept(void **state)
{
	(void)state;
	assert_int_equal(judge(10, -1, 0, &whole), LOG_SAME);
	assert_int_equal(judge(11, 5, 0, &whole), LOG_RAISED);
	assert_int_equal(judge(11, -1, 0, &whole), LOG_RAISED);
}

static void
another_log_stops_it_unless_the_operator_raised_the_ledger(void **state)
{
	(void)state;
	assert_int_equal(judge(10, -1, 1, &whole), LOG_OTHER);
	/* The bridge's own first ledger of a new log. */
	assert_int_equal(judge(99, -1, 1, &whole), LOG_OTHER);
	/* A raise that was heard before. */
	assert_int_equal(judge(10, 5, 1, &whole), LOG_OTHER);
	assert_int_equal(judge(11, 0, 1, &whole), LOG_BEGIN);
}

static void
an_offset_outside_of_the_log_stops_it_unless_raised(void **state)
{
	struct log_part beyond = { "topic_ventas", 1, 101, 0, 100 };
	struct log_part below = { "topic_ventas", 1, 50, 51, 100 };
	struct log_part end = { "topic_ventas", 1, 100, 0, 100 };
	struct log_part none = { "topic_ventas", 1, -1, 7, 100 };
	struct guild guild = { .ledger = 10 };
	char why[400];

	(void)state;
	assert_int_equal(judge(10, -1, 0, &beyond), LOG_CUT);
	assert_int_equal(judge(10, -1, 0, &below), LOG_CUT);
	assert_int_equal(judge(11, 5, 0, &beyond), LOG_BEGIN);
	assert_int_equal(judge(10, -1, 0, &end), LOG_SAME);
	assert_int_equal(judge(10, -1, 0, &none), LOG_SAME);
	log_words(LOG_CUT, &kept, &guild, &beyond, why, sizeof(why));
	assert_non_null(strstr(why, "topic_ventas partition 1"));
	assert_non_null(strstr(why, "ledger raise"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_log_is_kept),
		cmocka_unit_test(
		    the_same_log_goes_on_and_a_higher_ledger_is_kept),
		cmocka_unit_test(
		    another_log_stops_it_unless_the_operator_raised_the_ledger),
		cmocka_unit_test(
		    an_offset_outside_of_the_log_stops_it_unless_raised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
