/* mqtt_unsent: what was given to libmosquitto and is not written yet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "lib/mqtt_parts.h"

static void
packets_leave_in_the_order_they_came(void **state)
{
	struct unsent u = { 0 };

	(void)state;
	for (int mid = 1; mid <= 1000; mid++) {
		assert_int_equal(unsent_add(&u, mid, 10, 0), 0);
		if (mid % 3 == 0) /* some leave while others come */
			unsent_done(&u, mid / 3);
	}
	assert_int_equal(u.bytes, (1000 - 333) * 10);
	for (int mid = 334; mid <= 1000; mid++)
		unsent_done(&u, mid);
	assert_int_equal(u.bytes, 0);
	assert_int_equal(u.count, 0);
	unsent_release(&u);
}

static void
what_is_acknowledged_may_leave_in_any_order(void **state)
{
	struct unsent u = { 0 };

	(void)state;
	for (int mid = 1; mid <= 40; mid++)
		assert_int_equal(unsent_add(&u, mid, (size_t)mid, mid % 2), 0);
	assert_int_equal(u.bytes, 820);
	for (int mid = 39; mid > 0; mid -= 2)
		unsent_done(&u, mid);
	assert_int_equal(u.bytes, 420);
	for (int mid = 2; mid <= 40; mid += 2)
		unsent_done(&u, mid);
	assert_int_equal(u.bytes, 0);
	unsent_release(&u);
}

static void
a_lost_connection_takes_only_what_nobody_acknowledges(void **state)
{
	struct unsent u = { 0 };

	(void)state;
	for (int mid = 1; mid <= 100; mid++)
		assert_int_equal(unsent_add(&u, mid, 7, 0), 0);
	assert_int_equal(unsent_add(&u, 101, 1000, 1), 0);
	unsent_forget(&u);
	assert_int_equal(u.bytes, 1000);
	unsent_done(&u, 50); /* an unknown one changes nothing */
	assert_int_equal(u.bytes, 1000);
	assert_int_equal(unsent_add(&u, 102, 7, 0), 0);
	unsent_done(&u, 101);
	unsent_done(&u, 102);
	assert_int_equal(u.bytes, 0);
	unsent_release(&u);
	assert_null(u.ring);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_leave_in_the_order_they_came),
		cmocka_unit_test(what_is_acknowledged_may_leave_in_any_order),
		cmocka_unit_test(
		    a_lost_connection_takes_only_what_nobody_acknowledges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
