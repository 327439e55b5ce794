/* How often one address may do what anyone may. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "backend/api/limits.h"

static struct limits *
limits(size_t addresses)
{
	const struct limits_settings settings = {
		.burst = 10, .every_ms = 6000, .addresses = addresses
	};
	struct limits *l = limits_new(&settings);

	assert_non_null(l);
	return l;
}

static int64_t
take(struct limits *l, const char *text, int64_t now_ms)
{
	struct address address;

	assert_int_equal(address_parse(text, strlen(text), &address), 0);
	return limits_take(l, &address, now_ms);
}

static void
ten_at_once_and_then_one_each_six_seconds(void **state)
{
	struct limits *l = limits(100);
	int64_t now = 1000000, taken = 0;

	(void)state;
	for (int i = 0; i < 10; i++)
		assert_int_equal(take(l, "192.0.2.1", now), 0);
	assert_int_equal(take(l, "192.0.2.1", now), 6000);
	assert_int_equal(take(l, "192.0.2.1", now + 2000), 4000);
	assert_int_equal(take(l, "192.0.2.1", now + 6000), 0);
	assert_int_equal(take(l, "192.0.2.1", now + 6000), 6000);
	/* An hour of trying each 10 ms: what the rate gives, no more. */
	for (int64_t t = now + 12000; t < now + 3612000; t += 10)
		taken += take(l, "192.0.2.1", t) == 0;
	assert_int_equal(taken, 600);
	/* A quiet while gives the burst again, and not more. */
	now += 100000000;
	for (int i = 0; i < 10; i++)
		assert_int_equal(take(l, "192.0.2.1", now), 0);
	assert_true(take(l, "192.0.2.1", now) > 0);
	limits_free(l);
}

static void
one_address_does_not_use_up_anothers(void **state)
{
	struct limits *l = limits(100);

	(void)state;
	for (int i = 0; i < 10000; i++)
		take(l, "192.0.2.1", 1000);
	assert_true(take(l, "192.0.2.1", 1000) > 0);
	assert_int_equal(take(l, "192.0.2.2", 1000), 0);
	/* The same in IPv6's clothes. */
	assert_true(take(l, "::ffff:192.0.2.1", 1000) > 0);
	limits_free(l);
}

static void
a_household_of_ipv6_is_one_address(void **state)
{
	struct limits *l = limits(100);
	char text[64];

	(void)state;
	for (int i = 0; i < 10; i++) {
		snprintf(text, sizeof(text), "2001:db8:1:2::%x", i + 1);
		assert_int_equal(take(l, text, 1000), 0);
	}
	assert_true(take(l, "2001:db8:1:2:ffff::1", 1000) > 0);
	assert_int_equal(take(l, "2001:db8:1:3::1", 1000), 0);
	limits_free(l);
}

static void
a_full_table_forgets_whom_it_has_not_seen_for_longest(void **state)
{
	struct limits *l = limits(4);
	char text[64];

	(void)state;
	for (int i = 0; i < 11; i++)
		take(l, "192.0.2.1", 1000);
	for (int i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "198.51.%d.%d", i / 250, i % 250);
		assert_int_equal(take(l, text, 1000 + i), 0);
		/* Who keeps trying stays known. */
		assert_true(take(l, "192.0.2.1", 1000 + i) > 0);
	}
	limits_free(l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ten_at_once_and_then_one_each_six_seconds),
		cmocka_unit_test(one_address_does_not_use_up_anothers),
		cmocka_unit_test(a_household_of_ipv6_is_one_address),
		cmocka_unit_test(
		    a_full_table_forgets_whom_it_has_not_seen_for_longest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
