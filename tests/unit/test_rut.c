/* rut, mail: what is said of what is wrong (schemas/vectors has the rest). */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "schemas/member.h"
#include "schemas/notice.h"

static char rut[RUT_MAX + 1];

static int
parse(const char *text)
{
	return rut_parse(text, strlen(text), rut);
}

static void
one_check_digit_of_eleven_is_right(void **state)
{
	static const char digits[] = "0123456789K";
	char text[RUT_MAX + 1];

	(void)state;
	for (unsigned n = 1; n < 100000000; n += n < 2000 ? 1 : 9973) {
		int right = 0;

		for (int i = 0; i < 11; i++) {
			snprintf(text, sizeof(text), "%u-%c", n, digits[i]);
			if (parse(text) == 0)
				right++;
			else
				assert_int_equal(errno, EDOM);
			assert_string_equal(rut, text);
		}
		assert_int_equal(right, 1);
	}
}

static void
a_wrong_form_and_a_wrong_digit_are_told_apart(void **state)
{
	(void)state;
	assert_int_equal(parse("12.345.678-4"), -1);
	assert_int_equal(errno, EDOM);
	assert_int_equal(parse("12.345.67-4"), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(parse("0-0"), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(rut_parse(NULL, 0, rut), -1);
	assert_int_equal(errno, EINVAL);
	assert_string_equal(rut, "");
}

static void
of_what_is_wrong_as_much_is_kept_as_fits(void **state)
{
	(void)state;
	assert_int_equal(parse("12.345.678-4"), -1);
	assert_string_equal(rut, "12.345.678");
	assert_int_equal(parse("no sé más"), -1);
	assert_string_equal(rut, "no sé má"); /* the s is the eleventh byte */
	assert_int_equal(parse("123456789ñ"), -1);
	assert_string_equal(rut, "123456789");
	assert_int_equal(parse("ñ"), -1);
	assert_string_equal(rut, "ñ");
	assert_int_equal(rut_parse("1\0002", 3, rut), -1);
	assert_string_equal(rut, "1");
}

static void
only_the_bytes_that_are_its_own_are_read(void **state)
{
	(void)state;
	assert_int_equal(rut_parse("12345678-55", 10, rut), 0);
	assert_string_equal(rut, "12345678-5");
	assert_true(mail_is_valid("a@b.cl,", 6));
	assert_false(mail_is_valid("a@b.cl\0", 7));
	assert_false(mail_is_valid("a\0@b.cl", 7));
	assert_false(mail_is_valid(NULL, 0));
}

static void
every_control_character_is_refused_in_a_mail(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++) {
		char text[] = "ros?@example.org", domain[] = "rosa@ex?mple.cl";

		if (c > ' ' && c < 0x7f)
			continue;
		text[3] = domain[7] = (char)c;
		assert_false(mail_is_valid(text, sizeof(text) - 1));
		assert_false(mail_is_valid(domain, sizeof(domain) - 1));
	}
}

static void
the_longest_mail_fits_a_notice(void **state)
{
	(void)state;
	assert_true(strlen("mail:") + MAIL_MAX <= NOTICE_TO_MAX);
	assert_true(strlen("member:") + MEMBER_ID_MAX <= NOTICE_TO_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_check_digit_of_eleven_is_right),
		cmocka_unit_test(a_wrong_form_and_a_wrong_digit_are_told_apart),
		cmocka_unit_test(of_what_is_wrong_as_much_is_kept_as_fits),
		cmocka_unit_test(only_the_bytes_that_are_its_own_are_read),
		cmocka_unit_test(every_control_character_is_refused_in_a_mail),
		cmocka_unit_test(the_longest_mail_fits_a_notice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
