/* status: the size it may have, and what is refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "schemas/status.h"

#define BOOT_MS INT64_C(316000000001)

static struct status
largest(void)
{
	struct status s = { .epoch = EPOCH_MAX,
		.count = UINT64_MAX,
		.connection = UINT64_MAX,
		.state = STATUS_LOST,
		.at = { BOOT_MS, UINT64_MAX },
		.boot = UINT64_MAX,
		.fix_mode = FIX_MODE_3D,
		.has_fix = true,
		.fix = { { BOOT_MS, UINT64_MAX }, -90000000, -180000000,
		    FIX_SPEED_MAX, 359, 65534, 253 },
		.day_open = true,
		.backlog = UINT32_MAX,
		.battery = 100,
		.ledger = LEDGER_MAX,
		.applied = UINT64_MAX,
		.oldest = { BOOT_MS, UINT64_MAX } };

	memset(s.version, 'v', APP_VERSION_MAX);
	return s;
}

static void
the_largest_status_fits_and_comes_back(void **state)
{
	struct status s = largest(), got;
	uint8_t buf[STATUS_BYTES_MAX];
	struct decode_error error;
	int len = status_encode(&s, buf, sizeof(buf));

	(void)state;
	assert_in_range(len, 1, STATUS_BYTES_MAX);
	memset(&got, 0, sizeof(got));
	assert_int_equal(status_decode(buf, (size_t)len, &got, &error), 0);
	assert_true(got.count == UINT64_MAX && got.applied == UINT64_MAX);
	assert_true(got.connection == UINT64_MAX);
	assert_true(got.boot == UINT64_MAX && got.at.boot == UINT64_MAX);
	assert_int_equal(got.fix.at.ms, BOOT_MS);
	assert_int_equal(got.fix.flags, 253);
	assert_true(got.oldest.ms == BOOT_MS);
	assert_true(got.oldest.boot == UINT64_MAX);
	assert_int_equal(got.state, STATUS_LOST);
	assert_string_equal(got.version, s.version);
	for (size_t cut = 0; cut < (size_t)len; cut++)
		assert_int_equal(status_decode(buf, cut, &got, &error), -1);
}

static void
a_buffer_too_small_is_said(void **state)
{
	struct status s = largest();
	uint8_t buf[STATUS_BYTES_MAX];
	int len = status_encode(&s, buf, sizeof(buf));

	(void)state;
	assert_true(len > 0);
	assert_int_equal(status_encode(&s, buf, (size_t)len), len);
	assert_int_equal(status_encode(&s, buf, (size_t)len - 1), -1);
	assert_int_equal(errno, ENOBUFS);
}

static void
a_fix_that_cannot_be_is_not_sent(void **state)
{
	struct status s = largest();
	uint8_t buf[STATUS_BYTES_MAX];

	(void)state;
	s.fix.course_deg = 360;
	assert_int_equal(status_encode(&s, buf, sizeof(buf)), -1);
	assert_int_equal(errno, EINVAL);
}

static void
an_unknown_battery_and_no_fix_are_nil(void **state)
{
	struct status s = largest(), got;
	uint8_t buf[STATUS_BYTES_MAX];
	struct decode_error error;
	int len;

	(void)state;
	s.battery = BATTERY_UNKNOWN;
	s.has_fix = false;
	s.at.ms = INSTANT_MISSING;
	len = status_encode(&s, buf, sizeof(buf));
	assert_int_equal(status_decode(buf, (size_t)len, &got, &error), 0);
	assert_int_equal(got.battery, BATTERY_UNKNOWN);
	assert_false(got.has_fix);
	assert_true(got.at.ms == INSTANT_MISSING);
}

/* A cart that says nothing of its oldest event writes what carts wrote before
 * there was one. */
static void
the_oldest_event_is_written_only_where_it_is_given(void **state)
{
	static const struct instant none[] = { { 0, 0 }, { INSTANT_MISSING, 0 },
		{ INSTANT_MISSING, 7 }, { TIME_MIN_MS - 1, 0 },
		{ TIME_MAX_MS + 1, 0 }, { -1, 7 }, { BOOT_MS_MAX + 1, 7 } };
	static const struct instant some[] = { { TIME_MIN_MS, 0 },
		{ TIME_MAX_MS, 0 }, { 0, 7 }, { BOOT_MS_MAX, 7 } };
	struct status s = largest(), got;
	uint8_t buf[STATUS_BYTES_MAX];
	struct decode_error error;
	int len;

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		s.oldest = none[i];
		len = status_encode(&s, buf, sizeof(buf));
		assert_int_equal(buf[2], 16);
		got.oldest = s.at;
		assert_int_equal(
		    status_decode(buf, (size_t)len, &got, &error), 0);
		assert_true(got.oldest.ms == INSTANT_MISSING);
		assert_true(got.oldest.boot == 0);
	}
	for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
		s.oldest = some[i];
		len = status_encode(&s, buf, sizeof(buf));
		assert_int_equal(buf[2], 18);
		assert_int_equal(
		    status_decode(buf, (size_t)len, &got, &error), 0);
		assert_true(got.oldest.ms == some[i].ms);
		assert_true(got.oldest.boot == some[i].boot);
	}
}

static void
a_heartbeat_is_small(void **state)
{
	struct status s = { .epoch = EPOCH_MAX,
		.count = 1000,
		.connection = 3,
		.state = STATUS_ONLINE,
		.at = { 1795192205000, 0 },
		.boot = UINT64_MAX,
		.fix_mode = FIX_MODE_3D,
		.has_fix = true,
		.fix = { { 1795192203000, 0 }, -33441820, -70646120, 13, 90, 4,
		    0 },
		.day_open = true,
		.battery = 87,
		.ledger = 60375,
		.applied = 41,
		.version = "0.1.0" };
	uint8_t buf[STATUS_BYTES_MAX];

	(void)state;
	/* 1,500 of them in ten hours: each byte is 1.5 kB a day. */
	assert_in_range(status_encode(&s, buf, sizeof(buf)), 50, 80);
}

static void
each_fix_mode_has_a_name(void **state)
{
	(void)state;
	for (int i = 0; i < FIX_MODES; i++) {
		assert_non_null(fix_mode_name((enum fix_mode)i));
		for (int k = 0; k < i; k++)
			assert_string_not_equal(fix_mode_name((enum fix_mode)i),
			    fix_mode_name((enum fix_mode)k));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_largest_status_fits_and_comes_back),
		cmocka_unit_test(a_buffer_too_small_is_said),
		cmocka_unit_test(a_fix_that_cannot_be_is_not_sent),
		cmocka_unit_test(an_unknown_battery_and_no_fix_are_nil),
		cmocka_unit_test(
		    the_oldest_event_is_written_only_where_it_is_given),
		cmocka_unit_test(a_heartbeat_is_small),
		cmocka_unit_test(each_fix_mode_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
