/*
 * The JSON writer, read back by jansson.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "backend/api/jsonw.h"

static void
assert_written(struct jsonw *j, const char *expected)
{
	assert_int_equal(jsonw_failed(j), 0);
	assert_int_equal(j->len, strlen(expected));
	assert_memory_equal(j->text, expected, j->len);
	jsonw_release(j);
}

static void
commas_come_by_themselves(void **state)
{
	struct jsonw j;

	(void)state;
	jsonw_init(&j);
	jsonw_open(&j, '{');
	jsonw_key(&j, "a");
	jsonw_open(&j, '[');
	jsonw_close(&j, ']');
	jsonw_key(&j, "b");
	jsonw_open(&j, '[');
	jsonw_int(&j, INT64_MIN);
	jsonw_bool(&j, true);
	jsonw_null(&j);
	jsonw_open(&j, '{');
	jsonw_close(&j, '}');
	jsonw_close(&j, ']');
	jsonw_close(&j, '}');
	assert_written(
	    &j, "{\"a\":[],\"b\":[-9223372036854775808,true,null,{}]}");
}

static void
every_byte_of_text_comes_back(void **state)
{
	char text[256];
	struct jsonw j;
	json_t *read;
	int i;

	(void)state;
	for (i = 1; i < 128; i++)
		text[i - 1] = (char)i;
	strcpy(text + 127, "Ñuñoa");
	jsonw_init(&j);
	jsonw_text(&j, text);
	read = json_loadb(j.text, j.len, JSON_DECODE_ANY, NULL);
	assert_string_equal(json_string_value(read), text);
	json_decref(read);
	jsonw_release(&j);
}

static void
decimals_are_exact(void **state)
{
	struct jsonw j;

	(void)state;
	jsonw_init(&j);
	jsonw_open(&j, '[');
	jsonw_decimal(&j, -33437800, 6);
	jsonw_decimal(&j, -5, 6);
	jsonw_decimal(&j, 0, 6);
	jsonw_decimal(&j, 90000000, 6);
	jsonw_decimal(&j, INT64_MIN, 2);
	jsonw_close(&j, ']');
	assert_written(&j,
	    "[-33.437800,-0.000005,0.000000,90.000000,"
	    "-92233720368547758.08]");
}

static void
times_have_milliseconds_or_are_null(void **state)
{
	struct jsonw j;

	(void)state;
	jsonw_init(&j);
	jsonw_open(&j, '[');
	jsonw_time(&j, INT64_C(1795179900007));
	jsonw_time(&j, INT64_MIN);
	jsonw_close(&j, ']');
	assert_written(&j, "[\"2026-11-20T13:05:00.007Z\",null]");
}

static void
an_answer_has_an_end(void **state)
{
	static char big[1 << 20];
	struct jsonw j;
	int i;

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	jsonw_init(&j);
	for (i = 0; i < 70; i++)
		jsonw_text(&j, big);
	assert_int_equal(jsonw_failed(&j), EFBIG);
	assert_true(j.len <= JSONW_BYTES_MAX);
	jsonw_release(&j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commas_come_by_themselves),
		cmocka_unit_test(every_byte_of_text_comes_back),
		cmocka_unit_test(decimals_are_exact),
		cmocka_unit_test(times_have_milliseconds_or_are_null),
		cmocka_unit_test(an_answer_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
