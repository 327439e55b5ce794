/* mp: what it takes, what it refuses, and that it never believes a length. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "schemas/mp.h"

static struct decode_error error;

static struct mp_reader
reader(const void *bytes, size_t len)
{
	struct mp_reader r;

	memset(&error, 0, sizeof(error));
	mp_reader_init(&r, bytes, len, &error);
	return r;
}

static void
integers_are_written_in_the_shortest_form_and_read_back(void **state)
{
	static const struct {
		int64_t value;
		size_t len;
	} cases[] = { { 0, 1 }, { 127, 1 }, { 128, 2 }, { 255, 2 }, { 256, 3 },
		{ 65535, 3 }, { 65536, 5 }, { UINT32_MAX, 5 },
		{ INT64_C(1) << 32, 9 }, { INT64_MAX, 9 }, { -1, 1 },
		{ -32, 1 }, { -33, 2 }, { -128, 2 }, { -129, 3 }, { -32768, 3 },
		{ -32769, 5 }, { INT32_MIN, 5 }, { (int64_t)INT32_MIN - 1, 9 },
		{ INT64_MIN, 9 } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct mp_writer w;
		struct mp_reader r;
		uint8_t buf[9];
		int64_t v;

		mp_writer_init(&w, buf, sizeof(buf));
		mp_write_int(&w, cases[i].value);
		assert_int_equal(w.len, cases[i].len);
		r = reader(buf, w.len);
		assert_int_equal(mp_peek(&r), MP_INT);
		assert_int_equal(
		    mp_read_int(&r, "v", INT64_MIN, INT64_MAX, &v), 0);
		assert_int_equal(v, cases[i].value);
		assert_int_equal(mp_left(&r), 0);
		/* Cut off, it is no value. */
		r = reader(buf, w.len - 1);
		assert_int_equal(
		    mp_read_int(&r, "v", INT64_MIN, INT64_MAX, &v), -1);
	}
}

static void
the_largest_unsigned_integer_is_no_signed_one(void **state)
{
	struct mp_writer w;
	struct mp_reader r;
	uint8_t buf[9];
	uint64_t u;
	int64_t v;

	(void)state;
	mp_writer_init(&w, buf, sizeof(buf));
	mp_write_uint(&w, UINT64_MAX);
	r = reader(buf, w.len);
	assert_int_equal(mp_read_int(&r, "v", INT64_MIN, INT64_MAX, &v), -1);
	assert_int_equal(mp_read_uint(&r, "v", UINT64_MAX, &u), 0);
	assert_true(u == UINT64_MAX);
}

static void
a_refused_value_leaves_the_cursor_and_names_the_field(void **state)
{
	static const uint8_t minus_one[] = { 0xff };
	struct mp_reader r = reader(minus_one, 1);
	const char *s;
	uint64_t u;
	int64_t v;
	size_t len;
	bool b;

	(void)state;
	errno = 0;
	assert_int_equal(mp_read_uint(&r, "sale.units", 10, &u), -1);
	assert_int_equal(errno, EBADMSG);
	assert_string_equal(error.field, "sale.units");
	assert_string_equal(error.expected, "an integer from 0 to 10");
	assert_int_equal(mp_read_int(&r, "x", 0, 359, &v), -1);
	assert_string_equal(error.expected, "an integer from 0 to 359");
	assert_int_equal(mp_read_bool(&r, "x", &b), -1);
	assert_int_equal(mp_read_str(&r, "x", 9, &s, &len), -1);
	assert_false(mp_read_nil(&r));
	assert_int_equal(mp_left(&r), 1);
	assert_int_equal(mp_read_int(&r, "x", -1, -1, &v), 0);
	assert_int_equal(v, -1);
}

static void
a_long_field_name_is_cut_not_overrun(void **state)
{
	struct mp_reader r = reader("", 0);
	char name[200];

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(mp_refuse(&r, name, name), -1);
	assert_int_equal(strlen(error.field), sizeof(error.field) - 1);
	assert_int_equal(strlen(error.expected), sizeof(error.expected) - 1);
}

static void
text_must_be_utf8_without_nul(void **state)
{
	static const struct {
		const char *bytes;
		bool good;
	} cases[] = { { "\xa3"
			"abc",
			  true },
		{ "\xa2\xc3\xb1", true }, { "\xa3\xe2\x82\xac", true },
		{ "\xa4\xf0\x9f\x8c\xae", true },
		{ "\xa4\xf4\x8f\xbf\xbf", true },
		{ "\xa1\xf1", false }, /* cut off */
		{ "\xa1\x80", false }, /* no start */
		{ "\xa2\xc0\x80", false }, /* overlong NUL */
		{ "\xa2\xc1\xbf", false }, /* overlong */
		{ "\xa3\xe0\x80\xaf", false }, /* overlong */
		{ "\xa3\xed\xa0\x80", false }, /* surrogate */
		{ "\xa4\xf4\x90\x80\x80", false }, /* > U+10FFFF */
		{ "\xa4\xf0\x8f\xbf\xbf", false }, /* overlong */
		{ "\xa2\xc3\x28", false }, { "\xa1\xff", false } };
	struct mp_reader r;
	const char *s;
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		r = reader(cases[i].bytes, strlen(cases[i].bytes));
		assert_int_equal(
		    mp_read_str(&r, "s", 9, &s, &len), cases[i].good ? 0 : -1);
	}
	r = reader("\xa1\0", 2);
	assert_int_equal(mp_read_str(&r, "s", 9, &s, &len), -1);
	r = reader("\xa3"
		   "abc",
	    4);
	assert_int_equal(mp_read_str(&r, "s", 2, &s, &len), -1);
	r = reader("\xa0", 1);
	assert_int_equal(mp_read_str(&r, "s", 0, &s, &len), 0);
	assert_int_equal(len, 0);
}

static void
an_array_that_claims_more_than_is_there_is_refused(void **state)
{
	static const uint8_t lie[] = { 0xdd, 0xff, 0xff, 0xff, 0xff, 1, 2 };
	static const uint8_t two[] = { 0x92, 1, 2 };
	struct mp_reader r = reader(lie, sizeof(lie));
	uint32_t count;

	(void)state;
	assert_int_equal(mp_peek(&r), MP_ARRAY);
	assert_int_equal(mp_read_array(&r, "a", 0, UINT32_MAX, &count), -1);
	assert_int_equal(mp_skip(&r, "a", 1), -1);
	r = reader(two, sizeof(two));
	assert_int_equal(mp_read_array(&r, "a", 3, 9, &count), -1);
	assert_string_equal(error.expected, "an array of 3 to 9 values");
	assert_int_equal(mp_read_array(&r, "a", 1, 1, &count), -1);
	assert_int_equal(mp_read_array(&r, "a", 2, 2, &count), 0);
	assert_int_equal(count, 2);
}

static void
a_body_that_is_not_there_is_refused(void **state)
{
	static const char *const cut[] = { "\xd9\x05"
					   "abcd",
		"\xda\x01\x01"
		"abc",
		"\xdb\xff\xff\xff\xff",
		"\xc4\x02"
		"a",
		"\xc5\xff\xff",
		"\xc6\xff\xff\xff\xff"
		"a",
		"\xc7\x05\x01"
		"abcd",
		"\xd8"
		"123",
		"\xca"
		"123",
		"\xcb"
		"1234567",
		"\xdc\x01", "\xde\x01", "\xdf\x01\x01\x01", "\xd9", "\xc1" };

	(void)state;
	for (size_t i = 0; i < sizeof(cut) / sizeof(*cut); i++) {
		struct mp_reader r = reader(cut[i], strlen(cut[i]));
		size_t before = mp_left(&r);

		assert_int_equal(mp_skip(&r, "v", 1), -1);
		assert_int_equal(mp_left(&r), before);
	}
}

static void
any_whole_value_is_skipped(void **state)
{
	/* nil, false, float 32 and 64, bin, ext 8, fixext 1, map of one,
	 * array of two, text, int. */
	static const uint8_t values[] = "\xc0"
					"\xc2"
					"\xca"
					"1234"
					"\xcb"
					"12345678"
					"\xc4\x01"
					"x"
					"\xc7\x02\x07"
					"ab"
					"\xd4\x01"
					"x"
					"\x81\xa1"
					"k"
					"\x05"
					"\x92\x01\x02"
					"\xa2"
					"hi"
					"\x7f";
	struct mp_reader r = reader(values, sizeof(values) - 1);

	(void)state;
	assert_int_equal(mp_skip(&r, "v", 11), 0);
	assert_int_equal(mp_left(&r), 0);
	assert_int_equal(mp_peek(&r), MP_NONE);
	assert_int_equal(mp_skip(&r, "v", 0), 0);
	assert_int_equal(mp_skip(&r, "v", 1), -1);
}

static void
nesting_is_followed_eight_deep(void **state)
{
	uint8_t deep[20];
	struct mp_reader r;

	(void)state;
	memset(deep, 0x91, sizeof(deep));
	deep[MP_DEPTH_MAX] = 1;
	r = reader(deep, MP_DEPTH_MAX + 1);
	assert_int_equal(mp_skip(&r, "v", 1), 0);
	deep[MP_DEPTH_MAX] = 0x91;
	deep[MP_DEPTH_MAX + 1] = 1;
	r = reader(deep, MP_DEPTH_MAX + 2);
	assert_int_equal(mp_skip(&r, "v", 1), -1);
	assert_int_equal(errno, EBADMSG);
}

static void
a_full_writer_writes_nothing_more(void **state)
{
	struct mp_writer w;
	uint8_t buf[4] = { 9, 9, 9, 9 };

	(void)state;
	mp_writer_init(&w, buf, 3);
	mp_write_cstr(&w, "ab");
	assert_false(w.full);
	mp_write_uint(&w, 1);
	assert_true(w.full);
	assert_int_equal(w.len, 3);
	assert_int_equal(buf[3], 9);
}

static void
lengths_of_text_and_bin_take_their_form(void **state)
{
	static const struct {
		size_t len;
		size_t header;
	} cases[] = { { 31, 1 }, { 32, 2 }, { 255, 2 }, { 256, 3 },
		{ 65535, 3 }, { 65536, 5 } };
	static uint8_t buf[70000], text[65536];

	(void)state;
	memset(text, 'x', sizeof(text));
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct mp_writer w;
		struct mp_reader r;
		const uint8_t *b;
		const char *s;
		size_t len;

		mp_writer_init(&w, buf, sizeof(buf));
		mp_write_str(&w, (char *)text, cases[i].len);
		assert_int_equal(w.len, cases[i].header + cases[i].len);
		r = reader(buf, w.len);
		assert_int_equal(mp_read_str(&r, "s", 65536, &s, &len), 0);
		assert_int_equal(len, cases[i].len);
		mp_writer_init(&w, buf, sizeof(buf));
		mp_write_bin(&w, text, cases[i].len);
		r = reader(buf, w.len);
		assert_int_equal(mp_read_bin(&r, "b", 65536, &b, &len), 0);
		assert_int_equal(len, cases[i].len);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    integers_are_written_in_the_shortest_form_and_read_back),
		cmocka_unit_test(the_largest_unsigned_integer_is_no_signed_one),
		cmocka_unit_test(
		    a_refused_value_leaves_the_cursor_and_names_the_field),
		cmocka_unit_test(a_long_field_name_is_cut_not_overrun),
		cmocka_unit_test(text_must_be_utf8_without_nul),
		cmocka_unit_test(
		    an_array_that_claims_more_than_is_there_is_refused),
		cmocka_unit_test(a_body_that_is_not_there_is_refused),
		cmocka_unit_test(any_whole_value_is_skipped),
		cmocka_unit_test(nesting_is_followed_eight_deep),
		cmocka_unit_test(a_full_writer_writes_nothing_more),
		cmocka_unit_test(lengths_of_text_and_bin_take_their_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
