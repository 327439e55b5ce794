/*
 * Whom a cart believes about the time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "firmware-gateway/timekeeper.h"

#define BOOT 0x1234abcd5678ef90
#define DAY INT64_C(86400000)
#define WEEK (7 * DAY)

static struct clock_manual machine;
static struct timekeeper t;
static int64_t now; /* the right time */

/* A machine up for a minute whose clock says `says`; it is really `now`. */
static void
start(int64_t says, int synchronised, enum clock_trust trust)
{
	clock_manual_init(&machine, says);
	machine.boottime_ms = 60000;
	machine.synchronised = synchronised;
	timekeeper_init(&t, &machine.clock, trust, BOOT);
	now = t.earliest_ms + 10 * DAY;
}

static void
pass(int64_t ms)
{
	clock_manual_advance(&machine, ms);
	now += ms;
	timekeeper_tick(&t);
}

/* `count` seconds of a receiver whose date is `off` from the right one. */
static void
receive(int count, int64_t off)
{
	for (int i = 0; i < count; i++) {
		pass(1000);
		timekeeper_gnss(&t, now + off, machine.boottime_ms);
	}
}

static void
assert_now(int64_t want)
{
	struct instant at = timekeeper_now(&t);

	assert_int_equal(at.boot, 0);
	assert_in_range(at.ms, want - 5, want + 5);
}

static void
assert_no_date(void)
{
	struct instant at = timekeeper_now(&t);

	assert_int_equal(timekeeper_source(&t), TIME_NONE);
	assert_true(at.boot == BOOT);
	assert_int_equal(at.ms, machine.boottime_ms);
}

static bool
fix_is_of_the_receiver(int64_t off)
{
	bool system_time;
	struct instant at = timekeeper_fix(
	    &t, now + off, machine.boottime_ms, &system_time);

	if (!system_time)
		assert_int_equal(at.ms, now + off);
	return !system_time;
}

static void
without_any_time_a_moment_is_boot_and_boottime(void **state)
{
	(void)state;
	start(0, 0, TRUST_AUTO);
	assert_no_date();
	pass(5000);
	assert_no_date();
}

static void
a_synchronised_clock_is_believed(void **state)
{
	(void)state;
	start(0, 1, TRUST_AUTO);
	machine.realtime_ms = now;
	assert_int_equal(timekeeper_source(&t), TIME_SYSTEM);
	assert_now(now);
}

static void
a_clock_in_1970_is_not_even_if_it_says_that_it_is_synchronised(void **state)
{
	(void)state;
	start(0, 1, TRUST_AUTO);
	assert_no_date();
}

static void
an_unsynchronised_clock_is_not_believed_by_itself(void **state)
{
	(void)state;
	start(0, 0, TRUST_AUTO);
	start(t.earliest_ms + 3 * DAY, 0, TRUST_AUTO);
	assert_no_date();
}

static void
with_trust_system_it_is(void **state)
{
	(void)state;
	start(TIME_MIN_MS + DAY, 0, TRUST_SYSTEM);
	assert_now(TIME_MIN_MS + DAY);
}

static void
a_clock_put_right_while_we_look_is_believed(void **state)
{
	(void)state;
	start(0, 0, TRUST_AUTO);
	pass(300000);
	assert_no_date();
	machine.realtime_ms = now;
	timekeeper_tick(&t);
	assert_int_equal(timekeeper_source(&t), TIME_SYSTEM);
	assert_now(now);
}

static void
a_receivers_date_is_believed_once_it_goes_on(void **state)
{
	(void)state;
	start(0, 0, TRUST_AUTO);
	receive(1, 0);
	assert_no_date();
	receive(1, 0);
	assert_int_equal(timekeeper_source(&t), TIME_GNSS);
	assert_now(now);
	pass(3600000);
	assert_now(now);
}

static void
a_date_that_stands_still_is_not(void **state)
{
	(void)state;
	start(0, 0, TRUST_AUTO);
	for (int i = 0; i < 10; i++) {
		clock_manual_advance(&machine, 60000);
		timekeeper_gnss(&t, now + i, machine.boottime_ms);
	}
	assert_no_date();
}

static void
a_rolled_over_week_number_is_impossible(void **state)
{
	(void)state;
	start(0, 0, TRUST_AUTO);
	receive(5, -1024 * WEEK);
	assert_no_date();
	assert_int_equal(t.date, DATE_IMPOSSIBLE);
	timekeeper_server(&t, now);
	assert_now(now);
	assert_false(fix_is_of_the_receiver(-1024 * WEEK));
}

static void
a_replayed_log_is_found_out_by_a_trusted_clock(void **state)
{
	(void)state;
	start(0, 1, TRUST_AUTO);
	machine.realtime_ms = now;
	receive(5, -3 * DAY);
	assert_int_equal(t.date, DATE_IMPOSSIBLE);
	assert_false(fix_is_of_the_receiver(-3 * DAY));
	receive(2, -400);
	assert_true(fix_is_of_the_receiver(-400));
}

static void
or_by_the_first_ack(void **state)
{
	(void)state;
	start(0, 0, TRUST_AUTO);
	receive(5, 2 * DAY);
	assert_int_equal(timekeeper_source(&t), TIME_GNSS);
	timekeeper_server(&t, now);
	assert_int_equal(timekeeper_source(&t), TIME_SERVER);
	assert_now(now);
	receive(1, 2 * DAY);
	assert_int_equal(t.date, DATE_IMPOSSIBLE);
	assert_false(fix_is_of_the_receiver(2 * DAY));
}

static void
a_receiver_days_behind_the_systems_clock_waits_for_the_ack(void **state)
{
	(void)state;
	start(0, 0, TRUST_AUTO);
	machine.realtime_ms = now;
	t.was_nonsense = t.put_right = false;
	receive(5, -3 * DAY);
	assert_no_date();
}

static void
with_trust_gnss_a_logs_date_is_taken_as_it_is(void **state)
{
	(void)state;
	start(0, 1, TRUST_GNSS);
	machine.realtime_ms = now;
	assert_int_equal(timekeeper_source(&t), TIME_SYSTEM);
	receive(2, -1000 * DAY);
	assert_int_equal(timekeeper_source(&t), TIME_GNSS);
	assert_now(now - 1000 * DAY);
	assert_true(fix_is_of_the_receiver(-1000 * DAY));
	/* Before 2020 no event can be. */
	receive(2, -1024 * WEEK);
	assert_false(fix_is_of_the_receiver(-1024 * WEEK));
}

static void
of_several_acks_the_fastest_is_the_best(void **state)
{
	(void)state;
	start(0, 0, TRUST_AUTO);
	timekeeper_server(&t, now - 900);
	timekeeper_server(&t, now - 20);
	timekeeper_server(&t, now - 4000);
	assert_now(now - 20);
	/* But a guild that sets its clock back is followed. */
	timekeeper_server(&t, now - DAY);
	assert_now(now - DAY);
}

static void
nonsense_from_the_server_is_not_heeded(void **state)
{
	(void)state;
	start(0, 0, TRUST_AUTO);
	timekeeper_server(&t, 12);
	timekeeper_server(&t, INT64_MAX);
	assert_no_date();
}

static void
a_trials_boot_id_comes_from_its_file(void **state)
{
	char path[] = "/tmp/boot-id-XXXXXX";
	uint64_t first;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd != -1);
	assert_int_equal(timekeeper_boot_id(path), 0);
	assert_int_equal(write(fd, "one\n", 4), 4);
	first = timekeeper_boot_id(path);
	assert_true(first != 0 && first == timekeeper_boot_id(path));
	assert_int_equal(pwrite(fd, "two\n", 4, 0), 4);
	assert_true(timekeeper_boot_id(path) != first);
	assert_true(timekeeper_boot_id("") == clock_boot_id());
	close(fd);
	unlink(path);
	assert_int_equal(timekeeper_boot_id(path), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    without_any_time_a_moment_is_boot_and_boottime),
		cmocka_unit_test(a_synchronised_clock_is_believed),
		cmocka_unit_test(
		    a_clock_in_1970_is_not_even_if_it_says_that_it_is_synchronised),
		cmocka_unit_test(
		    an_unsynchronised_clock_is_not_believed_by_itself),
		cmocka_unit_test(with_trust_system_it_is),
		cmocka_unit_test(a_clock_put_right_while_we_look_is_believed),
		cmocka_unit_test(a_receivers_date_is_believed_once_it_goes_on),
		cmocka_unit_test(a_date_that_stands_still_is_not),
		cmocka_unit_test(a_rolled_over_week_number_is_impossible),
		cmocka_unit_test(
		    a_replayed_log_is_found_out_by_a_trusted_clock),
		cmocka_unit_test(or_by_the_first_ack),
		cmocka_unit_test(
		    a_receiver_days_behind_the_systems_clock_waits_for_the_ack),
		cmocka_unit_test(with_trust_gnss_a_logs_date_is_taken_as_it_is),
		cmocka_unit_test(of_several_acks_the_fastest_is_the_best),
		cmocka_unit_test(nonsense_from_the_server_is_not_heeded),
		cmocka_unit_test(a_trials_boot_id_comes_from_its_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
