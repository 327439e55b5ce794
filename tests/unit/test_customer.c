/*
 * Who counts as one customer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "backend/consumer/customer.h"

static const char *
key_of(const char *customer, const char *contact)
{
	static char key[CUSTOMER_KEY_MAX + 1];
	struct customer_rules *rules = customer_rules_new();
	struct text name = { customer, customer ? strlen(customer) : 0 };
	struct text mail = { contact, contact ? strlen(contact) : 0 };

	assert_non_null(rules);
	customer_key(rules, name, mail, key);
	customer_rules_free(rules);
	return key;
}

static void
a_customer_is_the_name_trimmed_and_folded(void **state)
{
	(void)state;
	assert_string_equal(key_of("Ana", NULL), "=ana");
	assert_string_equal(key_of("  ANA\t", NULL), "=ana");
	assert_string_equal(key_of("\xc2\xa0"
				   "Ana Mar\xc3\xad"
				   "a ",
				NULL),
	    "=ana mar\xc3\xad"
	    "a");
	assert_string_equal(key_of("\xc3\x91U\xc3\x91O\xc3\x89", NULL),
	    "=\xc3\xb1u\xc3\xb1o\xc3\xa9");
	assert_string_equal(
	    key_of("\xd0\x96\xd0\x9e\xd0\xa0\xf0\x9f\x8c\xad", NULL),
	    "=\xd0\xb6\xd0\xbe\xd1\x80\xf0\x9f\x8c\xad");
}

static void
a_contact_names_a_customer_before_the_name_does(void **state)
{
	(void)state;
	assert_string_equal(
	    key_of("Ana", "ana@Example.cl "), "@ana@example.cl");
	assert_string_equal(key_of("Ana", "  "), "=ana");
	assert_string_equal(key_of(NULL, NULL), "");
	assert_string_equal(key_of(" \t ", ""), "");
}

static void
the_longest_name_fits(void **state)
{
	char name[TEXT_NAME_MAX + 1], key[2 + 3 * TEXT_NAME_MAX / 2];

	(void)state;
	/* U+023A becomes U+2C65, of three bytes instead of two. */
	for (int i = 0; i < TEXT_NAME_MAX; i += 2)
		memcpy(name + i, "\xc8\xba", 2);
	name[TEXT_NAME_MAX] = '\0';
	key[0] = '=';
	for (int i = 0; i < TEXT_NAME_MAX / 2; i++)
		memcpy(key + 1 + 3 * i, "\xe2\xb1\xa5", 3);
	key[1 + 3 * TEXT_NAME_MAX / 2] = '\0';
	assert_string_equal(key_of(name, NULL), key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_customer_is_the_name_trimmed_and_folded),
		cmocka_unit_test(
		    a_contact_names_a_customer_before_the_name_does),
		cmocka_unit_test(the_longest_name_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
