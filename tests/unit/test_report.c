/* report: strange carts and beats, at their largest. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "schemas/report.h"

static struct decode_error error;

static void
the_largest_report_fits_and_comes_back(void **state)
{
	struct strange_report report = { .at_ms = TIME_MAX_MS,
		.lat_e6 = -LAT_E6_MAX,
		.lon_e6 = LON_E6_MAX };
	struct strange_report got;
	uint8_t buf[REPORT_BYTES_MAX];
	int len;

	(void)state;
	memset(report.id, 'r', REPORT_ID_MAX);
	memset(report.note, 'n', TEXT_NOTE_MAX);
	len = report_encode(&report, buf, sizeof(buf));
	assert_true(len > 0);
	assert_int_equal(report_decode(buf, (size_t)len, &got, &error), 0);
	assert_string_equal(got.id, report.id);
	assert_true(got.at_ms == TIME_MAX_MS);
	assert_int_equal(got.lat_e6, -LAT_E6_MAX);
	assert_int_equal(got.lon_e6, LON_E6_MAX);
	assert_string_equal(got.note, report.note);
	for (size_t cut = 0; cut < (size_t)len; cut++)
		assert_int_equal(report_decode(buf, cut, &got, &error), -1);
	assert_int_equal(report_encode(&report, buf, (size_t)len - 1), -1);
	assert_int_equal(errno, ENOBUFS);
}

static void
a_passer_by_need_not_say_anything(void **state)
{
	struct strange_report report = { .id = "r1", .at_ms = TIME_MIN_MS };
	struct strange_report got;
	uint8_t buf[REPORT_BYTES_MAX];
	int len = report_encode(&report, buf, sizeof(buf));

	(void)state;
	assert_int_equal(report_decode(buf, (size_t)len, &got, &error), 0);
	assert_string_equal(got.note, "");
}

static void
a_report_off_the_earth_is_refused(void **state)
{
	struct strange_report report = {
		.id = "r1", .at_ms = TIME_MIN_MS, .lat_e6 = LAT_E6_MAX + 1
	};
	uint8_t buf[REPORT_BYTES_MAX];
	int len = report_encode(&report, buf, sizeof(buf));

	(void)state;
	assert_int_equal(report_decode(buf, (size_t)len, &report, &error), -1);
	assert_int_equal(errno, EBADMSG);
	assert_string_equal(error.field, "report.place");
}

static void
the_largest_beat_fits_and_comes_back(void **state)
{
	struct beat beat = { .count = UINT64_MAX }, got;
	uint8_t buf[BEAT_BYTES_MAX];
	int len;

	(void)state;
	memset(beat.bridge, 'b', TEXT_NAME_MAX);
	len = beat_encode(&beat, buf, sizeof(buf));
	assert_true(len > 0);
	assert_int_equal(beat_decode(buf, (size_t)len, &got, &error), 0);
	assert_string_equal(got.bridge, beat.bridge);
	assert_true(got.count == UINT64_MAX);
	for (size_t cut = 0; cut < (size_t)len; cut++)
		assert_int_equal(beat_decode(buf, cut, &got, &error), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_largest_report_fits_and_comes_back),
		cmocka_unit_test(a_passer_by_need_not_say_anything),
		cmocka_unit_test(a_report_off_the_earth_is_refused),
		cmocka_unit_test(the_largest_beat_fits_and_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
