/*
 * Chunks of tracks: what was appended is read, in any order of time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/store/chunk.h"

#define START INT64_C(1795190400000) /* a full hour */

static void
assert_fix(const struct fix *a, const struct fix *b)
{
	assert_int_equal(a->at.ms, b->at.ms);
	assert_int_equal(a->at.boot, 0);
	assert_int_equal(a->lat_e6, b->lat_e6);
	assert_int_equal(a->lon_e6, b->lon_e6);
	assert_int_equal(a->speed_dm_s, b->speed_dm_s);
	assert_int_equal(a->course_deg, b->course_deg);
	assert_int_equal(a->accuracy_m, b->accuracy_m);
	assert_int_equal(a->flags, b->flags);
}

static struct fix
any_fix(void)
{
	return (struct fix){
		.at = { .ms = START + rand() % HOUR_MS },
		.lat_e6 = rand() % 180000001 - 90000000,
		.lon_e6 = (int32_t)(rand() % 360000001) - 180000000,
		.speed_dm_s = (uint16_t)(rand() % (FIX_SPEED_MAX + 1)),
		.course_deg = (uint16_t)(rand() % 360),
		.accuracy_m = (uint16_t)rand(),
		.flags = (uint8_t)rand(),
	};
}

/* A cart that walks, as most fixes are. */
static struct fix
walking_fix(int i)
{
	return (struct fix){
		.at = { .ms = START + i * 10000 },
		.lat_e6 = -33450000 + i * 97 + i % 3,
		.lon_e6 = -70660000 + i * 61 - i % 5,
		.speed_dm_s = (uint16_t)(11 + i % 3),
		.course_deg = (uint16_t)(30 + i % 4),
		.accuracy_m = 8,
	};
}

static void
any_fixes_come_back_as_they_were(void **state)
{
	static struct fix fixes[CHUNK_BYTES_MAX];
	static struct chunk chunk, resumed;
	struct chunk_reader r;
	struct fix fix;
	uint32_t n;
	bool provisional;

	(void)state;
	for (unsigned seed = 0; seed < 50; seed++) {
		srand(seed);
		chunk_init(&chunk, START);
		for (n = 0; fixes[n] = any_fix(),
		    chunk_append(&chunk, &fixes[n], n % 3 == 0);
		     n++)
			;
		assert_int_equal(chunk.fixes, n);
		assert_int_equal(
		    chunk_reader_init(&r, START, chunk.bytes, chunk.len), 0);
		for (uint32_t i = 0; i < n; i++) {
			assert_int_equal(chunk_read(&r, &fix, &provisional), 1);
			assert_fix(&fix, &fixes[i]);
			assert_int_equal(provisional, i % 3 == 0);
		}
		assert_int_equal(chunk_read(&r, &fix, &provisional), 0);
		assert_int_equal(
		    chunk_resume(&resumed, START, chunk.bytes, chunk.len), 0);
		assert_int_equal(resumed.fixes, n);
		assert_memory_equal(
		    &resumed.last, &chunk.last, sizeof(chunk.last));
	}
}

static void
a_resumed_chunk_goes_on_as_if_it_had_not_stopped(void **state)
{
	static struct chunk whole, part;

	(void)state;
	chunk_init(&whole, START);
	chunk_init(&part, START);
	for (int i = 0; i < 100; i++) {
		struct fix fix = walking_fix(i);

		assert_true(chunk_append(&whole, &fix, false));
		assert_true(chunk_append(&part, &fix, false));
		assert_int_equal(
		    chunk_resume(&part, START, part.bytes, part.len), 0);
	}
	assert_int_equal(part.len, whole.len);
	assert_memory_equal(part.bytes, whole.bytes, whole.len);
}

static void
a_walking_carts_fix_costs_eight_bytes_at_most(void **state)
{
	static struct chunk chunk;

	(void)state;
	chunk_init(&chunk, START);
	for (int i = 0; i < 360; i++) {
		struct fix fix = walking_fix(i);

		assert_true(chunk_append(&chunk, &fix, false));
	}
	assert_true(chunk.len <= 360 * 8);
}

static void
what_is_no_chunk_is_refused(void **state)
{
	static struct chunk chunk;
	static uint8_t bytes[64];
	struct chunk_reader r;
	struct fix fix = walking_fix(1);
	bool provisional;

	(void)state;
	assert_int_equal(chunk_reader_init(&r, START, "", 0), -1);
	assert_int_equal(chunk_reader_init(&r, START, "\x02", 1), -1);
	assert_int_equal(errno, EBADMSG);
	chunk_init(&chunk, START);
	chunk_append(&chunk, &fix, false);
	for (uint32_t len = 2; len < chunk.len; len++) {
		assert_int_equal(
		    chunk_reader_init(&r, START, chunk.bytes, len), 0);
		assert_int_equal(chunk_read(&r, &fix, &provisional), -1);
	}
	/* Any bytes end, and in no harm. */
	for (unsigned seed = 0; seed < 2000; seed++) {
		srand(seed);
		bytes[0] = 1;
		for (size_t i = 1; i < sizeof(bytes); i++)
			bytes[i] = (uint8_t)rand();
		assert_int_equal(
		    chunk_reader_init(&r, START, bytes, sizeof(bytes)), 0);
		while (chunk_read(&r, &fix, &provisional) == 1)
			;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_fixes_come_back_as_they_were),
		cmocka_unit_test(
		    a_resumed_chunk_goes_on_as_if_it_had_not_stopped),
		cmocka_unit_test(a_walking_carts_fix_costs_eight_bytes_at_most),
		cmocka_unit_test(what_is_no_chunk_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
