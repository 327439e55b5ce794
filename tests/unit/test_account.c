/*
 * RULE 1: which numbers are new.  The last test plays random arrivals
 * against a plain table of every number.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "backend/consumer/account.h"

static struct account_span spans[ACCOUNT_GAPS_MAX + 1];
static size_t count;

static void
take(struct account *a, uint64_t first, uint64_t end)
{
	assert_int_equal(account_take(a, first, end, 1000, spans, &count), 0);
}

static uint64_t
explain(struct account *a, uint64_t first, uint64_t end)
{
	struct account_gap why = {
		.reason = GAP_FULL, .from_ms = 5, .to_ms = 6
	};
	uint64_t explained;

	assert_int_equal(
	    account_explain(a, first, end, 1000, &why, &explained), 0);
	return explained;
}

static void
assert_span(size_t i, uint64_t first, uint64_t end)
{
	assert_true(i < count);
	assert_int_equal(spans[i].first, first);
	assert_int_equal(spans[i].end, end);
}

static void
numbers_in_order_are_new_and_leave_no_gap(void **state)
{
	struct account a = { .next = 0 };

	(void)state;
	take(&a, 0, 10);
	assert_span(0, 0, 10);
	take(&a, 10, 11);
	assert_span(0, 10, 11);
	assert_int_equal(a.next, 11);
	assert_int_equal(a.gap_count, 0);
	account_release(&a);
}

static void
what_was_seen_is_a_duplicate(void **state)
{
	struct account a = { .next = 0 };

	(void)state;
	take(&a, 0, 10);
	take(&a, 0, 10);
	assert_int_equal(count, 0);
	take(&a, 3, 4);
	assert_int_equal(count, 0);
	account_release(&a);
}

static void
a_frame_that_overlaps_is_applied_from_the_first_new_event(void **state)
{
	struct account a = { .next = 0 };

	(void)state;
	take(&a, 0, 10);
	take(&a, 5, 15);
	assert_int_equal(count, 1);
	assert_span(0, 10, 15);
	account_release(&a);
}

static void
a_late_event_closes_its_part_of_the_gap(void **state)
{
	struct account a = { .next = 0 };

	(void)state;
	take(&a, 10, 12);
	assert_int_equal(a.gap_count, 1);
	take(&a, 4, 6);
	assert_span(0, 4, 6);
	assert_int_equal(a.gap_count, 2);
	assert_int_equal(a.gaps[0].first, 0);
	assert_int_equal(a.gaps[0].end, 4);
	assert_int_equal(a.gaps[1].first, 6);
	assert_int_equal(a.gaps[1].end, 10);
	take(&a, 4, 6);
	assert_int_equal(count, 0);
	take(&a, 0, 12);
	assert_int_equal(count, 2);
	assert_span(0, 0, 4);
	assert_span(1, 6, 10);
	assert_int_equal(a.gap_count, 0);
	account_release(&a);
}

static void
a_gap_marker_explains_and_does_not_close(void **state)
{
	struct account a = { .next = 0 };

	(void)state;
	take(&a, 10, 11);
	assert_int_equal(explain(&a, 2, 5), 3);
	assert_int_equal(a.gap_count, 3);
	assert_int_equal(a.gaps[0].reason, -1);
	assert_int_equal(a.gaps[1].first, 2);
	assert_int_equal(a.gaps[1].end, 5);
	assert_int_equal(a.gaps[1].reason, GAP_FULL);
	assert_int_equal(a.gaps[1].from_ms, 5);
	assert_int_equal(a.gaps[2].first, 5);
	assert_int_equal(a.gaps[2].reason, -1);
	/* The events come after all. */
	take(&a, 3, 4);
	assert_span(0, 3, 4);
	account_release(&a);
}

static void
a_gap_marker_ahead_takes_its_numbers(void **state)
{
	struct account a = { .next = 0 };

	(void)state;
	take(&a, 0, 4);
	assert_int_equal(explain(&a, 4, 104), 100);
	assert_int_equal(a.next, 104);
	take(&a, 104, 105);
	assert_span(0, 104, 105);
	assert_int_equal(a.gap_count, 1);
	assert_int_equal(explain(&a, 4, 104), 0);
	assert_int_equal(a.gap_count, 1);
	/* One that jumps ahead leaves the hole before it unexplained. */
	assert_int_equal(explain(&a, 110, 120), 10);
	assert_int_equal(a.gap_count, 3);
	assert_int_equal(a.gaps[1].reason, -1);
	assert_int_equal(a.gaps[1].first, 105);
	account_release(&a);
}

static void
one_gap_too_many_closes_the_oldest_as_lost(void **state)
{
	struct account a = { .next = 0 };

	(void)state;
	for (uint64_t i = 0; i <= ACCOUNT_GAPS_MAX; i++)
		assert_int_equal(account_take(&a, 2 * i + 1, 2 * i + 2,
				     (int64_t)(1000 + i), spans, &count),
		    0);
	assert_int_equal(a.gap_count, ACCOUNT_GAPS_MAX);
	assert_int_equal(a.lost_count, 1);
	assert_int_equal(a.lost[0].first, 0);
	take(&a, 0, 1);
	assert_int_equal(count, 0);
	take(&a, 2, 3);
	assert_span(0, 2, 3);
	account_release(&a);
}

#define NUMBERS 200

/* Any arrivals: each number is new exactly once, and in the end the gaps are
 * what never came. */
static void
play(unsigned seed)
{
	struct account a = { .next = 0 };
	int seen[NUMBERS] = { 0 };
	uint64_t top = 0;

	srand(seed);
	for (int i = 0; i < 300; i++) {
		uint64_t first = (uint64_t)rand() % NUMBERS;
		uint64_t end = first + 1 + (uint64_t)rand() % 8;

		if (end > NUMBERS)
			end = NUMBERS;
		top = end > top ? end : top;
		if (rand() % 4 == 0) {
			explain(&a, first, end);
			continue;
		}
		take(&a, first, end);
		for (size_t s = 0; s < count; s++) {
			for (uint64_t n = spans[s].first; n < spans[s].end; n++)
				assert_int_equal(seen[n]++, 0);
		}
		for (uint64_t n = first; n < end; n++)
			assert_int_equal(seen[n], 1);
	}
	assert_int_equal(a.next, top);
	for (size_t g = 0; g < a.gap_count; g++) {
		assert_true(g == 0 || a.gaps[g].first >= a.gaps[g - 1].end);
		for (uint64_t n = a.gaps[g].first; n < a.gaps[g].end; n++)
			assert_int_equal(seen[n]++, 0);
	}
	for (uint64_t n = 0; n < top; n++)
		assert_int_equal(seen[n], 1);
	account_release(&a);
}

static void
in_any_order_each_number_is_new_once(void **state)
{
	(void)state;
	for (unsigned seed = 0; seed < 500; seed++)
		play(seed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_in_order_are_new_and_leave_no_gap),
		cmocka_unit_test(what_was_seen_is_a_duplicate),
		cmocka_unit_test(
		    a_frame_that_overlaps_is_applied_from_the_first_new_event),
		cmocka_unit_test(a_late_event_closes_its_part_of_the_gap),
		cmocka_unit_test(a_gap_marker_explains_and_does_not_close),
		cmocka_unit_test(a_gap_marker_ahead_takes_its_numbers),
		cmocka_unit_test(one_gap_too_many_closes_the_oldest_as_lost),
		cmocka_unit_test(in_any_order_each_number_is_new_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
