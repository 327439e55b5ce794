/*
 * A code that enrols a gateway: as people type it, whose it is, until when.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/enrol_code.h"
#include "tests/unit/chance.h"

/* 2026-11-20T16:00:00Z, a whole step. */
#define NOW INT64_C(1795190400000)
#define HOUR INT64_C(3600000)
#define ANA "ANA0000000000000000000WHO0"
#define EVA "EVA0000000000000000000WHO0"
#define NUMBER 3621234u

static const struct secret secret = { { 1, 2, 3 } };
static const struct secret other = { { 1, 2, 4 } };

static void
make(int64_t life_ms, char text[ENROL_CODE_TEXT + 1], int64_t *ends_ms)
{
	struct enrol_code code;

	*ends_ms = NOW + life_ms;
	enrol_code_make(&secret, ANA, NUMBER, ends_ms, &code);
	enrol_code_format(&code, text);
}

static int
parse(const char *text, struct enrol_code *code)
{
	return enrol_code_parse(text, strlen(text), code);
}

static void
a_code_is_its_members_and_its_numbers_alone(void **state)
{
	char text[ENROL_CODE_TEXT + 1];
	struct enrol_code code;
	int64_t ends, told;

	(void)state;
	make(24 * HOUR, text, &ends);
	assert_int_equal(strlen(text), ENROL_CODE_TEXT);
	assert_int_equal(parse(text, &code), 0);
	assert_true(enrol_code_is(&code, &secret, ANA, NUMBER, NOW, &told));
	assert_true(told == ends);
	assert_false(enrol_code_is(&code, &secret, EVA, NUMBER, NOW, &told));
	assert_false(enrol_code_is(&code, &other, ANA, NUMBER, NOW, &told));
	/* Of the same last bits, too. */
	assert_false(
	    enrol_code_is(&code, &secret, ANA, NUMBER + 4096, NOW, &told));
	assert_false(
	    enrol_code_is(&code, &secret, ANA, NUMBER + 1, NOW, &told));
}

static void
its_end_is_told_however_late_it_comes(void **state)
{
	static const int64_t lives[] = { 1, HOUR, 24 * HOUR,
		ENROL_LIFE_MAX_H * HOUR };
	char text[ENROL_CODE_TEXT + 1];
	struct enrol_code code;
	int64_t ends, told;

	(void)state;
	for (size_t i = 0; i < sizeof(lives) / sizeof(lives[0]); i++) {
		make(lives[i], text, &ends);
		assert_true(ends >= NOW + lives[i]);
		assert_true(ends < NOW + lives[i] + ENROL_STEP_MS);
		parse(text, &code);
		for (int64_t late = 0; late <= 13 * 24 * HOUR; late += HOUR) {
			assert_true(enrol_code_is(
			    &code, &secret, ANA, NUMBER, NOW + late, &told));
			assert_true(told == ends);
			if (late + lives[i] > 13 * 24 * HOUR)
				break;
		}
		/* Four weeks later its last bits are of another time: the
		 * seal is not. */
		assert_false(enrol_code_is(&code, &secret, ANA, NUMBER,
		    NOW + 4096 * ENROL_STEP_MS, &told));
	}
}

static void
what_people_make_of_it_is_read_the_same(void **state)
{
	struct enrol_code code, again;
	char text[ENROL_CODE_TEXT + 1];
	static const char *const ways[] = { "0123456789ABCDEF",
		"0123-4567-89AB-CDEF", "0123 4567 89ab cdef",
		"o1234567 89AbCdEf", "OI23-4567-89AB-CDEF",
		"  ol23.4567.89ab.cdef  ", "--0-1-2-3-4567-89AB-CDEF--" };

	(void)state;
	assert_int_equal(parse(ways[0], &code), 0);
	enrol_code_format(&code, text);
	assert_string_equal(text, "0123-4567-89AB-CDEF");
	for (size_t i = 1; i < sizeof(ways) / sizeof(ways[0]); i++) {
		assert_int_equal(parse(ways[i], &again), 0);
		enrol_code_format(&again, text);
		assert_string_equal(text, "0123-4567-89AB-CDEF");
	}
}

static void
what_is_no_code_is_refused(void **state)
{
	static const char *const wrong[] = { "", "-", "0123-4567-89AB-CDE",
		"0123-4567-89AB-CDEF-G", "0123-4567-89AB-CDEU",
		"0123_4567_89AB_CDEF", "0123-4567-89AB-CD\xc3\xa9" };
	struct enrol_code code;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		errno = 0;
		assert_int_equal(parse(wrong[i], &code), -1);
		assert_int_equal(errno, EINVAL);
	}
	assert_int_equal(enrol_code_parse("0123456789ABCDE\0", 16, &code), -1);
}

/* Each of its characters, for each other character. */
static void
one_mistyped_character_is_noticed(void **state)
{
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	char text[ENROL_CODE_TEXT + 1], typed[ENROL_CODE_TEXT + 1];
	struct enrol_code code;
	int64_t ends, told;
	int tried = 0;

	(void)state;
	make(24 * HOUR, text, &ends);
	for (size_t i = 0; i < ENROL_CODE_TEXT; i++) {
		for (const char *c = digits; *c != '\0' && text[i] != '-';
		     c++) {
			if (*c == text[i])
				continue;
			memcpy(typed, text, sizeof(typed));
			typed[i] = *c;
			assert_int_equal(parse(typed, &code), 0);
			assert_false(enrol_code_is(
			    &code, &secret, ANA, NUMBER, NOW, &told));
			tried++;
		}
	}
	assert_int_equal(tried, 16 * 31);
}

static void
what_was_drawn_by_chance_is_no_ones(void **state)
{
	uint64_t seed = 20261121;
	struct enrol_code code = { .place = NUMBER & ENROL_PLACE_MASK };
	int64_t told;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		code.ends = chance(&seed, 4096);
		for (size_t k = 0; k < ENROL_SEAL_BYTES; k++)
			code.seal[k] = (uint8_t)chance(&seed, 256);
		assert_false(
		    enrol_code_is(&code, &secret, ANA, NUMBER, NOW, &told));
	}
}

/* Whatever is typed: it is refused, or is the code that it is written as. */
static void
whatever_is_typed_is_read_or_refused(void **state)
{
	static const char near[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZilo-. U";
	char typed[40], text[ENROL_CODE_TEXT + 1], again[ENROL_CODE_TEXT + 1];
	uint64_t seed = 7;
	struct enrol_code code;
	int good = 0;

	(void)state;
	for (int i = 0; i < 300000; i++) {
		size_t len = chance(&seed, sizeof(typed));

		for (size_t k = 0; k < len; k++)
			typed[k] = chance(&seed, 100) == 0
			    ? (char)chance(&seed, 256)
			    : near[chance(&seed, sizeof(near) - 1)];
		if (enrol_code_parse(typed, len, &code) == -1)
			continue;
		good++;
		enrol_code_format(&code, text);
		assert_int_equal(parse(text, &code), 0);
		enrol_code_format(&code, again);
		assert_string_equal(text, again);
	}
	assert_true(good > 1000);
}

static void
a_gateways_name_is_of_its_word_and_the_secret(void **state)
{
	char a[ENROL_GATEWAY_MAX + 1], b[ENROL_GATEWAY_MAX + 1];

	(void)state;
	secret_gateway(&secret, "WORD0000000000001", a);
	secret_gateway(&secret, "WORD0000000000001", b);
	assert_string_equal(a, b);
	assert_true(who_is_valid(a, strlen(a)));
	secret_gateway(&secret, "WORD0000000000002", b);
	assert_string_not_equal(a, b);
	secret_gateway(&other, "WORD0000000000001", b);
	assert_string_not_equal(a, b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_code_is_its_members_and_its_numbers_alone),
		cmocka_unit_test(its_end_is_told_however_late_it_comes),
		cmocka_unit_test(what_people_make_of_it_is_read_the_same),
		cmocka_unit_test(what_is_no_code_is_refused),
		cmocka_unit_test(one_mistyped_character_is_noticed),
		cmocka_unit_test(what_was_drawn_by_chance_is_no_ones),
		cmocka_unit_test(whatever_is_typed_is_read_or_refused),
		cmocka_unit_test(a_gateways_name_is_of_its_word_and_the_secret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
