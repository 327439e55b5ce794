/*
 * Tables as RFC 4180 has them, which no spreadsheet runs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>

#include "backend/api/csv.h"

static struct csv csv;

static void
assert_table(const char *expected)
{
	char *text = csv_finish(&csv);

	assert_non_null(text);
	assert_string_equal(text, expected);
	free(text);
}

static void
cells_have_commas_between_and_rows_end_with_cr_lf(void **state)
{
	(void)state;
	csv_init(&csv);
	csv_text(&csv, "cart");
	csv_text(&csv, "sales");
	csv_row_end(&csv);
	csv_text(&csv, "AB1234");
	csv_int(&csv, 12);
	csv_row_end(&csv);
	assert_table("cart,sales\r\nAB1234,12\r\n");
}

static void
what_would_break_a_cell_is_quoted(void **state)
{
	(void)state;
	csv_init(&csv);
	csv_text(&csv, "Pérez, Ana");
	csv_text(&csv, "la \"Flaca\"");
	csv_text(&csv, "two\nlines");
	csv_text(&csv, "\"");
	csv_text(&csv, "plain; 'so'");
	assert_table("\"Pérez, Ana\",\"la \"\"Flaca\"\"\",\"two\nlines\","
		     "\"\"\"\",plain; 'so'");
}

static void
a_text_is_no_formula(void **state)
{
	static const char *const bad[] = { "=1+1", "+56 9 8123", "-2", "@SUM",
		"\t=1" };

	(void)state;
	csv_init(&csv);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		csv_text(&csv, bad[i]);
	csv_text(&csv, "=cmd|' /C calc'!A0,\"");
	csv_text(&csv, "\r=1");
	csv_text(&csv, "a=1");
	assert_table("'=1+1,'+56 9 8123,'-2,'@SUM,'\t=1,"
		     "\"'=cmd|' /C calc'!A0,\"\"\",\"'\r=1\",a=1");
}

static void
what_is_not_known_is_empty(void **state)
{
	(void)state;
	csv_init(&csv);
	csv_text(&csv, NULL);
	csv_text(&csv, "");
	csv_decimal(&csv, -1, 2);
	csv_time(&csv, INT64_MIN);
	csv_decimal(&csv, 5, 2);
	csv_decimal(&csv, 12345, 2);
	csv_time(&csv, 1775361600123);
	assert_table(",,,,0.05,123.45,2026-04-05T04:00:00.123Z");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    cells_have_commas_between_and_rows_end_with_cr_lf),
		cmocka_unit_test(what_would_break_a_cell_is_quoted),
		cmocka_unit_test(a_text_is_no_formula),
		cmocka_unit_test(what_is_not_known_is_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
