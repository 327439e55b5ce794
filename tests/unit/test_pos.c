/* pos: runs of fixes come back whole, small, and are refused when wrong. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "schemas/frame.h"

#define NOW INT64_C(1795192205000)

static struct fix fixes[RUN_FIXES_MAX], got[RUN_FIXES_MAX];
static uint8_t buf[512 * 1024];
static struct decode_error error;

static const struct fix standing = { .at = { NOW, 0 },
	.lat_e6 = -33441820,
	.lon_e6 = -70646120,
	.speed_dm_s = 13,
	.course_deg = 90,
	.accuracy_m = 4 };

static size_t
encode(size_t count)
{
	struct mp_writer w;

	mp_writer_init(&w, buf, sizeof(buf));
	assert_int_equal(run_encode(fixes, count, &w), 0);
	assert_false(w.full);
	return w.len;
}

static void
assert_round_trip(size_t count)
{
	struct mp_reader r;
	uint32_t said;
	size_t n;

	mp_reader_init(&r, buf, encode(count), &error);
	assert_int_equal(run_count(&r, &said), 0);
	assert_int_equal(said, count);
	assert_int_equal(run_decode(&r, got, RUN_FIXES_MAX, &n), 0);
	assert_int_equal(n, count);
	assert_int_equal(mp_left(&r), 0);
	for (size_t i = 0; i < n; i++) {
		assert_true(got[i].at.ms == fixes[i].at.ms);
		assert_true(got[i].at.boot == fixes[i].at.boot);
		assert_int_equal(got[i].lat_e6, fixes[i].lat_e6);
		assert_int_equal(got[i].lon_e6, fixes[i].lon_e6);
		assert_int_equal(got[i].speed_dm_s, fixes[i].speed_dm_s);
		if ((fixes[i].flags & FIX_NO_COURSE) == 0)
			assert_int_equal(
			    got[i].course_deg, fixes[i].course_deg);
		assert_int_equal(got[i].accuracy_m, fixes[i].accuracy_m);
		assert_int_equal(got[i].flags, fixes[i].flags);
	}
}

static int64_t
draw(int64_t below)
{
	return lrand48() % below;
}

/* Anything that fields allow, walking or leaping. */
static void
draw_fix(struct fix *fix, const struct fix *before, bool in_ms)
{
	int64_t unit = in_ms ? 1 : 1000;

	*fix = *before;
	fix->at.ms += draw(draw(5) == 0 ? 100000 : 60) * unit;
	if (draw(4) == 0) {
		fix->lat_e6 = (int32_t)draw(180000001) - 90000000;
		fix->lon_e6 = (int32_t)(draw(360000001) - 180000000);
	} else {
		fix->lat_e6 += (int32_t)draw(3) - (fix->lat_e6 > 0);
		fix->lon_e6 += (int32_t)draw(3) - (fix->lon_e6 > 0);
	}
	fix->speed_dm_s = (uint16_t)draw(FIX_SPEED_MAX + 1);
	fix->course_deg = (uint16_t)draw(360);
	if (draw(5) == 0)
		fix->accuracy_m = draw(3) == 0
		    ? FIX_ACCURACY_UNKNOWN
		    : (uint16_t)draw(FIX_ACCURACY_UNKNOWN);
	if (draw(5) == 0)
		fix->flags = (uint8_t)draw(FIX_FLAGS_MAX + 1);
}

static void
runs_of_any_fixes_come_back(void **state)
{
	(void)state;
	srand48(42);
	for (int round = 0; round < 2000; round++) {
		size_t count = 1 +
		    (size_t)draw(round % 100 == 0 ? RUN_FIXES_MAX : 20);
		bool in_ms = draw(2) == 0;

		fixes[0] = standing;
		if (draw(3) == 0)
			fixes[0].at = (struct instant){ draw(100000) * 1000,
				(uint64_t)draw(1000000) + 1 };
		fixes[0].flags = (uint8_t)draw(3);
		for (size_t i = 1; i < count; i++)
			draw_fix(&fixes[i], &fixes[i - 1], in_ms);
		assert_round_trip(count);
	}
}

static void
refused(size_t count)
{
	struct mp_writer w;

	mp_writer_init(&w, buf, sizeof(buf));
	errno = 0;
	assert_int_equal(run_encode(fixes, count, &w), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(w.len, 0);
}

static void
what_could_not_be_read_back_is_not_written(void **state)
{
	(void)state;
	refused(0);
	for (size_t i = 0; i < 2; i++)
		fixes[i] = standing;
	refused(RUN_FIXES_MAX + 1);
	fixes[1].at.ms--;
	refused(2);
	fixes[1] = standing;
	fixes[1].at = (struct instant){ 1000, 7 };
	refused(2);
	fixes[0] = standing;
	fixes[0].course_deg = 360;
	refused(1);
	fixes[0] = standing;
	fixes[0].speed_dm_s = FIX_SPEED_MAX + 1;
	refused(1);
	fixes[0] = standing;
	fixes[0].lat_e6 = 90000001;
	refused(1);
	fixes[0] = standing;
	fixes[0].lon_e6 = -180000001;
	refused(1);
	fixes[0] = standing;
	fixes[0].at.ms = INSTANT_MISSING;
	refused(1);
}

static void
more_fixes_than_there_is_room_for_are_refused(void **state)
{
	struct mp_reader r;
	size_t n;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		fixes[i] = standing;
	mp_reader_init(&r, buf, encode(3), &error);
	assert_int_equal(run_decode(&r, got, 2, &n), -1);
	assert_int_equal(errno, E2BIG);
}

static void
every_byte_matters(void **state)
{
	size_t len, n;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		fixes[i] = standing;
	fixes[2].flags = FIX_2D;
	len = encode(3);
	for (size_t cut = 0; cut < len; cut++) {
		uint8_t *piece = malloc(cut + (cut == 0));
		struct mp_reader r;
		uint32_t said;

		memcpy(piece, buf, cut);
		mp_reader_init(&r, piece, cut, &error);
		assert_int_equal(run_decode(&r, got, 8, &n), -1);
		assert_int_equal(errno, EBADMSG);
		assert_int_equal(run_count(&r, &said), -1);
		free(piece);
	}
}

/* Differences so large that a careless sum would overflow. */
static void
huge_differences_are_refused(void **state)
{
	static const int64_t huge[] = { INT64_MAX, INT64_MIN, INT64_C(1) << 48,
		-(INT64_C(1) << 48), 1000000000 };

	(void)state;
	for (size_t field = 0; field < 5; field++) {
		for (size_t i = 0; i < 5; i++) {
			struct mp_writer w;
			struct mp_reader r;
			size_t n;

			mp_writer_init(&w, buf, sizeof(buf));
			mp_write_array(&w, 15);
			mp_write_int(&w, ITEM_FIXES);
			mp_write_int(&w, 0);
			mp_write_int(&w, NOW / 1000);
			for (int k = 0; k < 5; k++)
				mp_write_int(&w, 0);
			for (size_t k = 0; k < 5; k++)
				mp_write_int(&w, k == field ? huge[i] : 0);
			mp_write_nil(&w); /* if time is negative */
			mp_write_int(&w, 0);
			if (field == 0 && huge[i] == 1000000000)
				continue; /* 31 years: a time */
			mp_reader_init(&r, buf, w.len, &error);
			assert_int_equal(run_decode(&r, got, 8, &n), -1);
			assert_int_equal(errno, EBADMSG);
		}
	}
}

/* A walk at 1.3 m/s, kept each 20 m or so, with 3 m of noise. */
static void
draw_walk(size_t count)
{
	double heading = 1, lat = -33.44, lon = -70.65;

	for (size_t i = 0; i < count; i++) {
		heading += (drand48() - 0.5) * (draw(8) == 0 ? 3 : 0.3);
		lat += 20 * cos(heading) / 111320;
		lon += 20 * sin(heading) / 92900;
		fixes[i] = standing;
		fixes[i].at.ms += (int64_t)i * 15000 + draw(4) * 1000;
		fixes[i].lat_e6 = (int32_t)lround(lat * 1e6) +
		    (int32_t)draw(55) - 27;
		fixes[i].lon_e6 = (int32_t)lround(lon * 1e6) +
		    (int32_t)draw(65) - 32;
		fixes[i].speed_dm_s = (uint16_t)(11 + draw(5));
		fixes[i].course_deg =
		    (uint16_t)(((int)lround(heading * 57.3) % 360 + 360) % 360);
	}
}

static void
a_walk_costs_eight_bytes_a_fix_and_forty_alone(void **state)
{
	struct frame_head head = { 60375, EPOCH_MAX, 60000, 60, 1 };
	struct mp_writer w;

	(void)state;
	srand48(7);
	draw_walk(60);
	mp_writer_init(&w, buf, sizeof(buf));
	frame_encode_head(&head, &w);
	assert_int_equal(run_encode(fixes, 60, &w), 0);
	assert_in_range(w.len, 5 * 60, 8 * 60);
	head.count = 1;
	for (size_t i = 0; i < 60; i++) {
		mp_writer_init(&w, buf, sizeof(buf));
		frame_encode_head(&head, &w);
		assert_int_equal(run_encode(&fixes[i], 1, &w), 0);
		assert_in_range(w.len, 30, 40);
	}
}

static void
a_fix_alone_joins_others_as_if_they_had_been_one_run(void **state)
{
	uint8_t joined[1024];
	struct mp_reader r;
	size_t len, n;

	(void)state;
	srand48(9);
	draw_walk(10);
	len = encode(10);
	assert_in_range(len, 1, sizeof(joined));
	memcpy(joined, buf, len);
	for (size_t i = 0; i < 10; i++) {
		struct mp_writer w;

		mp_writer_init(&w, buf, sizeof(buf));
		assert_int_equal(run_encode(&fixes[i], 1, &w), 0);
		mp_reader_init(&r, buf, w.len, &error);
		assert_int_equal(run_decode(&r, &fixes[i], 1, &n), 0);
	}
	assert_int_equal(encode(10), len);
	assert_memory_equal(joined, buf, len);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_of_any_fixes_come_back),
		cmocka_unit_test(what_could_not_be_read_back_is_not_written),
		cmocka_unit_test(more_fixes_than_there_is_room_for_are_refused),
		cmocka_unit_test(every_byte_matters),
		cmocka_unit_test(huge_differences_are_refused),
		cmocka_unit_test(
		    a_walk_costs_eight_bytes_a_fix_and_forty_alone),
		cmocka_unit_test(
		    a_fix_alone_joins_others_as_if_they_had_been_one_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
