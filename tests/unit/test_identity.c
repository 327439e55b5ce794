/* identity: plates, streams, folios (schemas/vectors/folio.json has more). */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "schemas/identity.h"

static bool
valid(const char *cart)
{
	return cart_is_valid(cart, strlen(cart));
}

static void
a_plate_is_four_to_eight_capitals_and_digits(void **state)
{
	(void)state;
	assert_true(valid("AB12"));
	assert_true(valid("DEMO01"));
	assert_true(valid("ABCD1234"));
	assert_false(valid("ABC"));
	assert_false(valid("ABCD12345"));
	assert_false(valid("abcd"));
	assert_false(valid("AB-12"));
	assert_false(valid("AB 12"));
	assert_false(valid("AB+#"));
	assert_false(valid(""));
	assert_false(cart_is_valid("AB1\0", 4));
}

static void
each_stream_is_found_by_its_name_alone(void **state)
{
	enum stream s;

	(void)state;
	for (int i = 0; i < STREAM_COUNT; i++) {
		const char *name = stream_name((enum stream)i);

		assert_int_equal(stream_parse(name, strlen(name), &s), 0);
		assert_int_equal(s, i);
	}
	assert_int_equal(stream_parse("sal", 3, &s), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(stream_parse("sales", 5, &s), -1);
	assert_int_equal(stream_parse("", 0, &s), -1);
	assert_int_equal(stream_parse("status", 6, &s), -1);
}

static void
an_epoch_has_eight_characters(void **state)
{
	char text[EPOCH_TEXT + 1];

	(void)state;
	epoch_format(1, text);
	assert_string_equal(text, "00000001");
	epoch_format(EPOCH_MAX, text);
	assert_string_equal(text, "ZZZZZZZZ");
}

static void
a_folio_comes_back_as_it_went(void **state)
{
	struct folio f = { .cart = "ABCD1234" }, g;
	char text[FOLIO_MAX + 1];

	(void)state;
	for (uint64_t i = 1, seq = 0; i <= 40; i++) {
		f.epoch = UINT64_C(0x9e3779b97f4a7c15) * i & EPOCH_MAX;
		f.seq = seq;
		seq = seq << 1 | (i & 1);
		folio_format(&f, text);
		assert_int_equal(folio_parse(text, strlen(text), &g), 0);
		assert_string_equal(g.cart, f.cart);
		assert_true(g.epoch == f.epoch && g.seq == f.seq);
	}
}

static void
the_largest_folio_fits(void **state)
{
	struct folio f = { "ABCD1234", EPOCH_MAX, UINT64_MAX }, g;
	char text[FOLIO_MAX + 1];

	(void)state;
	folio_format(&f, text);
	assert_int_equal(strlen(text), FOLIO_MAX);
	assert_int_equal(folio_parse(text, strlen(text), &g), 0);
	assert_true(g.seq == UINT64_MAX);
}

static void
every_piece_of_a_folio_is_refused(void **state)
{
	static const char whole[] = "DEMO01-BJGTP7J2-Z";
	struct folio f;

	(void)state;
	for (size_t len = 0; len < strlen(whole); len++)
		assert_int_equal(folio_parse(whole, len, &f), -1);
	assert_int_equal(errno, EINVAL);
}

/* As Python's base64.b32encode has it, in Crockford's letters. */
static void
bytes_are_written_from_the_first_bit_on(void **state)
{
	uint8_t bytes[16];
	char text[26];

	(void)state;
	for (int i = 0; i < 16; i++)
		bytes[i] = (uint8_t)(0xf0 + i);
	base32_format(bytes, text, 25);
	assert_string_equal(text, "Y3RZ5WZMYQVFFY7SZBXZSZFYZ");
	base32_format(bytes, text, 1);
	assert_string_equal(text, "Y");
	base32_format(NULL, text, 0);
	assert_string_equal(text, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plate_is_four_to_eight_capitals_and_digits),
		cmocka_unit_test(each_stream_is_found_by_its_name_alone),
		cmocka_unit_test(an_epoch_has_eight_characters),
		cmocka_unit_test(a_folio_comes_back_as_it_went),
		cmocka_unit_test(the_largest_folio_fits),
		cmocka_unit_test(every_piece_of_a_folio_is_refused),
		cmocka_unit_test(bytes_are_written_from_the_first_bit_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
