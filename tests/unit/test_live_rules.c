/*
 * The live table's rules: fixes, statuses and wills in any order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "backend/consumer/live_rules.h"

#define NOW INT64_C(1795190400000)

static struct cart_state cart;

static int
fresh(void **state)
{
	(void)state;
	live_init(&cart, "AAAA01");
	return 0;
}

static void
put_fix(int64_t at_ms, uint64_t boot, int32_t lat, int64_t record_ms,
    const int64_t *offset_ms)
{
	struct fix fix = { .at = { at_ms, boot }, .lat_e6 = lat };
	struct event_time time = event_time(&fix.at, record_ms, offset_ms);

	live_fix(&cart, &fix, &time, record_ms);
}

static struct status
status_of(uint64_t epoch, uint64_t count, uint64_t connection)
{
	return (struct status){ .epoch = epoch,
		.count = count,
		.connection = connection,
		.state = STATUS_ONLINE,
		.at = { .ms = NOW },
		.backlog = (uint32_t)count };
}

static struct status
will_of(uint64_t epoch, uint64_t connection)
{
	return (struct status){
		.epoch = epoch, .connection = connection, .state = STATUS_LOST
	};
}

static void
the_fix_last_by_its_own_time_stays(void **state)
{
	(void)state;
	put_fix(NOW, 0, 1, NOW, NULL);
	put_fix(NOW - 1000, 0, 2, NOW + 1000, NULL);
	assert_int_equal(cart.fix.lat_e6, 1);
	put_fix(NOW + 10, 0, 3, NOW + 2000, NULL);
	assert_int_equal(cart.fix.lat_e6, 3);
	assert_int_equal(cart.fix.at.ms, NOW + 10);
	assert_int_equal(cart.fix_record_ms, NOW + 2000);
}

static void
a_fix_without_a_clock_is_ordered_by_its_boot_and_mended(void **state)
{
	(void)state;
	put_fix(60000, 7, 1, NOW, NULL);
	assert_int_equal(cart.fix.at.ms, NOW);
	put_fix(50000, 7, 2, NOW + 500, NULL);
	assert_int_equal(cart.fix.lat_e6, 1);
	assert_false(live_mend(&cart, 8, 1));
	assert_true(live_mend(&cart, 7, NOW - 100000));
	assert_int_equal(cart.fix.at.ms, NOW - 40000);
	assert_int_equal(cart.fix_as_given.boot, 0);
}

static void
an_older_count_of_the_epoch_is_ignored(void **state)
{
	struct status status = status_of(1, 5, 1);

	(void)state;
	assert_true(live_status(&cart, &status, NOW, NULL));
	assert_int_equal(cart.contact_ms, NOW);
	status.count = 4;
	assert_false(live_status(&cart, &status, NOW + 1, NULL));
	status.count = 5; /* a bridge reads it again at its start */
	assert_false(live_status(&cart, &status, NOW + 1, NULL));
	assert_int_equal(cart.backlog, 5);
	assert_int_equal(cart.contact_ms, NOW);
}

static void
across_epochs_the_time_orders(void **state)
{
	struct status status = status_of(1, 500, 1);

	(void)state;
	assert_true(live_status(&cart, &status, NOW, NULL));
	status = status_of(2, 0, 1);
	status.at.ms = NOW - 1;
	assert_false(live_status(&cart, &status, NOW + 5, NULL));
	status.at.ms = NOW + 1;
	assert_true(live_status(&cart, &status, NOW + 5, NULL));
	assert_int_equal(cart.epoch, 2);
}

static void
a_will_speaks_of_its_own_connection_only(void **state)
{
	struct status status = status_of(1, 5, 2);
	struct status will = will_of(1, 1);

	(void)state;
	live_status(&cart, &status, NOW, NULL);
	live_will(&cart, &will);
	assert_int_equal(cart.state, STATUS_ONLINE);
	will = will_of(1, 2);
	live_will(&cart, &will);
	assert_int_equal(cart.state, STATUS_LOST);
	assert_int_equal(cart.contact_ms, NOW);
	status = status_of(1, 6, 3);
	live_status(&cart, &status, NOW + 1, NULL);
	assert_int_equal(cart.state, STATUS_ONLINE);
}

static void
a_will_that_overtook_its_statuses_still_holds(void **state)
{
	struct status status = status_of(1, 5, 2);
	struct status will = will_of(1, 2);

	(void)state;
	live_will(&cart, &will);
	live_status(&cart, &status, NOW, NULL);
	assert_int_equal(cart.state, STATUS_LOST);
	/* A clean stop of the same connection is the cart's own word. */
	status.count = 6;
	status.state = STATUS_STOPPED;
	live_status(&cart, &status, NOW + 1, NULL);
	assert_int_equal(cart.state, STATUS_STOPPED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
		    the_fix_last_by_its_own_time_stays, fresh),
		cmocka_unit_test_setup(
		    a_fix_without_a_clock_is_ordered_by_its_boot_and_mended,
		    fresh),
		cmocka_unit_test_setup(
		    an_older_count_of_the_epoch_is_ignored, fresh),
		cmocka_unit_test_setup(across_epochs_the_time_orders, fresh),
		cmocka_unit_test_setup(
		    a_will_speaks_of_its_own_connection_only, fresh),
		cmocka_unit_test_setup(
		    a_will_that_overtook_its_statuses_still_holds, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
