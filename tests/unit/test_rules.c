/* rules: rules, the catalogue and tokens, at their largest and wrong. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "schemas/rules.h"

static struct decode_error error;
static uint8_t buf[1 << 18];
static char name[TEXT_NAME_MAX + 1], note[TEXT_NOTE_MAX + 1];

static int
setup(void **state)
{
	(void)state;
	memset(name, 'n', TEXT_NAME_MAX);
	memset(note, 'v', TEXT_NOTE_MAX);
	return 0;
}

static void
the_largest_rules_fit_and_come_back(void **state)
{
	static struct rules rules, got;
	int len;

	(void)state;
	memcpy(rules.scope, "ABCD1234", 9);
	rules.at_ms = TIME_MAX_MS;
	memcpy(rules.by, name, sizeof(name));
	rules.count = SETTINGS_MAX;
	for (int i = 0; i < SETTINGS_MAX; i++)
		rules.settings[i] = (struct setting){ { name, TEXT_NAME_MAX },
			{ note, TEXT_NOTE_MAX } };
	len = rules_encode(&rules, buf, RULES_BYTES_MAX);
	assert_true(len > 0);
	assert_int_equal(rules_decode(buf, (size_t)len, &got, &error), 0);
	assert_string_equal(got.scope, rules.scope);
	assert_true(got.at_ms == rules.at_ms);
	assert_string_equal(got.by, name);
	assert_int_equal(got.count, SETTINGS_MAX);
	assert_int_equal(got.settings[63].key.len, TEXT_NAME_MAX);
	assert_memory_equal(got.settings[63].value.s, note, TEXT_NOTE_MAX);
	for (size_t cut = 0; cut < (size_t)len; cut += 1 + cut / 50)
		assert_int_equal(rules_decode(buf, cut, &got, &error), -1);
	assert_int_equal(rules_encode(&rules, buf, (size_t)len - 1), -1);
	assert_int_equal(errno, ENOBUFS);
}

static void
rules_are_of_a_cart_or_of_all(void **state)
{
	struct rules rules = {
		.scope = RULES_ALL, .at_ms = TIME_MIN_MS, .by = "Rosa"
	};
	struct rules got;
	int len = rules_encode(&rules, buf, sizeof(buf));

	(void)state;
	assert_int_equal(rules_decode(buf, (size_t)len, &got, &error), 0);
	assert_string_equal(got.scope, RULES_ALL);
	assert_int_equal(got.count, 0);
	memcpy(rules.scope, "**", 3);
	len = rules_encode(&rules, buf, sizeof(buf));
	assert_int_equal(rules_decode(buf, (size_t)len, &got, &error), -1);
	assert_string_equal(error.field, "rules.scope");
}

static void
a_full_catalogue_comes_back(void **state)
{
	static struct product written[CATALOGUE_MAX], read[CATALOGUE_MAX];
	struct products p = { .at_ms = TIME_MAX_MS,
		.by = "Rosa",
		.count = CATALOGUE_MAX,
		.products = written };
	struct products got = { .products = read };
	int len;

	(void)state;
	for (uint32_t i = 0; i < CATALOGUE_MAX; i++)
		written[i] = (struct product){ i, { name, TEXT_NAME_MAX },
			AMOUNT_MAX };
	len = products_encode(&p, buf, sizeof(buf));
	assert_true(len > 0);
	assert_int_equal(products_decode(buf, (size_t)len, &got, &error), 0);
	assert_ptr_equal(got.products, read);
	assert_true(got.at_ms == TIME_MAX_MS);
	assert_string_equal(got.by, "Rosa");
	assert_int_equal(got.count, CATALOGUE_MAX);
	assert_int_equal(read[1999].code, 1999);
	assert_true(read[1999].price == AMOUNT_MAX);
	assert_int_equal(read[1999].name.len, TEXT_NAME_MAX);
	assert_int_equal(
	    products_decode(buf, (size_t)len - 1, &got, &error), -1);
	assert_int_equal(products_encode(&p, buf, (size_t)len - 1), -1);
	assert_int_equal(errno, ENOBUFS);
	p.count = 0;
	len = products_encode(&p, buf, sizeof(buf));
	for (size_t cut = 0; cut < (size_t)len; cut++)
		assert_int_equal(products_decode(buf, cut, &got, &error), -1);
}

static struct token
vendor(void)
{
	struct token t = { .role = TOKEN_VENDOR,
		.cart = "ABCD1234",
		.created_ms = TIME_MAX_MS };

	memset(t.id, 'i', TOKEN_ID_MAX);
	memcpy(t.name, name, sizeof(name));
	memcpy(t.by, name, sizeof(name));
	memset(t.hash, 0xa5, TOKEN_HASH_BYTES);
	return t;
}

static void
token_must_be_refused(const struct token *token, const char *field)
{
	struct token got;
	int len = token_encode(token, buf, TOKEN_BYTES_MAX);

	assert_true(len > 0);
	assert_int_equal(token_decode(buf, (size_t)len, &got, &error), -1);
	assert_int_equal(errno, EBADMSG);
	assert_string_equal(error.field, field);
}

static void
the_largest_token_fits_and_comes_back(void **state)
{
	struct token t = vendor(), got;
	int len = token_encode(&t, buf, TOKEN_BYTES_MAX);

	(void)state;
	assert_true(len > 0);
	assert_int_equal(token_decode(buf, (size_t)len, &got, &error), 0);
	assert_string_equal(got.id, t.id);
	assert_string_equal(got.name, t.name);
	assert_int_equal(got.role, TOKEN_VENDOR);
	assert_string_equal(got.cart, "ABCD1234");
	assert_memory_equal(got.hash, t.hash, TOKEN_HASH_BYTES);
	assert_true(got.created_ms == TIME_MAX_MS);
	assert_string_equal(got.by, t.by);
	for (size_t cut = 0; cut < (size_t)len; cut++)
		assert_int_equal(token_decode(buf, cut, &got, &error), -1);
}

static void
a_vendor_s_token_is_for_one_cart(void **state)
{
	struct token t = vendor(), got;
	int len;

	(void)state;
	t.cart[0] = '\0';
	token_must_be_refused(&t, "token.cart");
	t.role = TOKEN_DEPOT;
	len = token_encode(&t, buf, TOKEN_BYTES_MAX);
	assert_int_equal(token_decode(buf, (size_t)len, &got, &error), 0);
	assert_string_equal(got.cart, "");
	memcpy(t.cart, "DEMO01", 7);
	token_must_be_refused(&t, "token.cart");
}

static void
a_token_s_id_has_no_dot(void **state)
{
	struct token t = vendor();

	(void)state;
	t.id[3] = '.';
	token_must_be_refused(&t, "token.id");
}

static void
each_role_has_a_name(void **state)
{
	enum token_role role;

	(void)state;
	for (int i = 0; i < TOKEN_ROLES; i++) {
		const char *word = token_role_name((enum token_role)i);

		assert_int_equal(
		    token_role_parse(word, strlen(word), &role), 0);
		assert_int_equal(role, i);
	}
	assert_string_equal(token_role_name(TOKEN_ADMIN), "admin");
	assert_int_equal(token_role_parse("root", 4, &role), -1);
	assert_int_equal(errno, EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_largest_rules_fit_and_come_back),
		cmocka_unit_test(rules_are_of_a_cart_or_of_all),
		cmocka_unit_test(a_full_catalogue_comes_back),
		cmocka_unit_test(the_largest_token_fits_and_comes_back),
		cmocka_unit_test(a_vendor_s_token_is_for_one_cart),
		cmocka_unit_test(a_token_s_id_has_no_dot),
		cmocka_unit_test(each_role_has_a_name),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
