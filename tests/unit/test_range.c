/*
 * The part of a file that a client asks for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "backend/api/range.h"

#define SIZE 1000

/* "what it is of 1000 bytes", as a line. */
static void
is(const char *asked, const char *line)
{
	struct range r = range_find(asked, SIZE);
	char text[RANGE_TEXT_MAX] = "whole";

	if (r.kind != RANGE_WHOLE)
		range_format(&r, SIZE, text);
	if (strcmp(text, line) != 0)
		fail_msg("%s: %s instead of %s", asked, text, line);
	if (r.kind == RANGE_PART) {
		assert_true(r.len > 0);
		assert_true(r.from + r.len <= SIZE);
	}
}

static void
a_part_is_named_by_its_first_and_last_byte(void **state)
{
	(void)state;
	is("bytes=0-0", "bytes 0-0/1000");
	is("bytes=0-499", "bytes 0-499/1000");
	is("bytes=500-999", "bytes 500-999/1000");
	is("bytes=999-999", "bytes 999-999/1000");
	is("BYTES= 0-9 ", "bytes 0-9/1000");
	is("bytes=0000000000000000000000000-9", "bytes 0-9/1000");
}

static void
it_ends_with_the_file(void **state)
{
	(void)state;
	is("bytes=0-", "bytes 0-999/1000");
	is("bytes=998-", "bytes 998-999/1000");
	is("bytes=998-1000", "bytes 998-999/1000");
	is("bytes=0-18446744073709551615", "bytes 0-999/1000");
	is("bytes=0-99999999999999999999999999", "bytes 0-999/1000");
}

static void
the_last_bytes_are_counted_from_the_end(void **state)
{
	(void)state;
	is("bytes=-1", "bytes 999-999/1000");
	is("bytes=-1000", "bytes 0-999/1000");
	is("bytes=-1001", "bytes 0-999/1000");
	is("bytes=-99999999999999999999999999", "bytes 0-999/1000");
}

static void
what_begins_behind_the_end_is_none(void **state)
{
	(void)state;
	is("bytes=1000-", "bytes */1000");
	is("bytes=1000-1001", "bytes */1000");
	is("bytes=18446744073709551615-", "bytes */1000");
	is("bytes=99999999999999999999999999-", "bytes */1000");
	is("bytes=-0", "bytes */1000");
}

static void
what_is_not_understood_is_the_whole(void **state)
{
	static const char *const others[] = { NULL, "", "bytes",
		"bytes=", "bytes=-", "bytes=1", "bytes=a-b", "bytes=0-9,20-29",
		"bytes=,", "bytes=0-9,", "bytes=9-0", "bytes=0x1-2",
		"bytes=+1-2", "bytes=1--2", "bytes=1-2-3", "bytes= - 5",
		"lines=0-9", "bytes=0- 9", "bytes=0-9;q=1", " bytes=0-9" };

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		is(others[i], "whole");
}

static void
nothing_has_no_part(void **state)
{
	(void)state;
	assert_int_equal(range_find("bytes=0-", 0).kind, RANGE_NONE);
	assert_int_equal(range_find("bytes=-5", 0).kind, RANGE_WHOLE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_part_is_named_by_its_first_and_last_byte),
		cmocka_unit_test(it_ends_with_the_file),
		cmocka_unit_test(the_last_bytes_are_counted_from_the_end),
		cmocka_unit_test(what_begins_behind_the_end_is_none),
		cmocka_unit_test(what_is_not_understood_is_the_whole),
		cmocka_unit_test(nothing_has_no_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
