/*
 * What somebody pasted, scanned or typed, taken apart.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "firmware-gateway/enrol_address.h"
#include "tests/unit/chance.h"

#define CODE "K7QF-9M2X-4TRB-0VWN"

static struct enrol_address a;

static void
each_way_to_say_it_is_understood(void **state)
{
	static const struct {
		const char *said, *base, *host;
	} ways[] = {
		{ "https://guild.example/public/#/enrol/" CODE,
		    "https://guild.example", "guild.example" },
		{ " http://10.0.0.5:8080/public/#/enrol/" CODE "\n",
		    "http://10.0.0.5:8080", "10.0.0.5" },
		{ "https://example.cl/pregon/public/#/enrol/" CODE,
		    "https://example.cl/pregon", "example.cl" },
		{ "https://guild.example/public/#/enrol/" CODE "?x=1",
		    "https://guild.example", "guild.example" },
		{ "https://guild.example/public#/enrol/" CODE,
		    "https://guild.example", "guild.example" },
		{ "https://guild.example/public/index.html#/enrol/" CODE,
		    "https://guild.example", "guild.example" },
		{ "guild.example " CODE, "https://guild.example",
		    "guild.example" },
		{ "guild.example:8443 k7qf 9m2x 4trb ovwn",
		    "https://guild.example:8443", "guild.example" },
		{ "guild.example/K7QF9M2X4TRB0VWN", "https://guild.example",
		    "guild.example" },
		{ "HTTP://guild.example/ " CODE, "http://guild.example",
		    "guild.example" },
		{ "guild.example\n" CODE, "https://guild.example",
		    "guild.example" },
		{ "http://[2001:db8::1]:8080/public/#/enrol/" CODE,
		    "http://[2001:db8::1]:8080", "2001:db8::1" },
		/* A host that has the form of a code's beginning. */
		{ "ab12 " CODE, "https://ab12", "ab12" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		assert_int_equal(
		    enrol_address_parse(ways[i].said, &a), ENROL_ADDRESS_GOOD);
		assert_string_equal(a.base, ways[i].base);
		assert_string_equal(a.host, ways[i].host);
		assert_string_equal(a.code, CODE);
		assert_int_equal(
		    a.https, strncmp(ways[i].base, "https", 5) == 0);
	}
}

static void
the_key_that_the_address_names_is_known(void **state)
{
#define PIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLM-_01"
	static const char *const none[] = {
		"https://g/public/#/enrol/" CODE,
		"https://g/public/#/enrol/" CODE "/",
		"https://g/public/#/enrol/" CODE "/short",
		"https://g/public/#/enrol/" CODE "/" PIN "x",
		"https://g/" CODE,
	};

	(void)state;
	assert_int_equal(
	    enrol_address_parse("https://g/public/#/enrol/" CODE "/" PIN, &a),
	    ENROL_ADDRESS_GOOD);
	assert_string_equal(a.pin, PIN);
	assert_string_equal(a.base, "https://g");
	assert_string_equal(a.code, CODE);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		assert_int_equal(
		    enrol_address_parse(none[i], &a), ENROL_ADDRESS_GOOD);
		assert_string_equal(a.pin, "");
	}
}

static void
what_is_missing_is_known(void **state)
{
	static const char *const no_code[] = { "", " ", "guild.example",
		"https://guild.example/public/#/enrol/",
		"https://guild.example/public/#/enrol/K7QF",
		"guild.example K7QF-9M2X-4TRB", "https://guild.example/public/",
		"guild.example K7QF-9M2X-4TRB-0VWU" };
	static const char *const no_guild[] = { CODE, "/" CODE, "#/enrol/" CODE,
		"http:// " CODE, "https:///" CODE, "a b " CODE,
		"http://a\"b " CODE, "http://a/<x> " CODE, "http://:80 " CODE,
		"ftp://guild.example " CODE };
	char endless[2000];

	(void)state;
	for (size_t i = 0; i < sizeof(no_code) / sizeof(no_code[0]); i++)
		assert_int_equal(
		    enrol_address_parse(no_code[i], &a), ENROL_ADDRESS_NO_CODE);
	for (size_t i = 0; i < sizeof(no_guild) / sizeof(no_guild[0]); i++)
		assert_int_equal(enrol_address_parse(no_guild[i], &a),
		    ENROL_ADDRESS_NO_GUILD);
	memset(endless, 'a', sizeof(endless));
	endless[sizeof(endless) - 1] = '\0';
	assert_int_equal(
	    enrol_address_parse(endless, &a), ENROL_ADDRESS_NO_CODE);
	snprintf(endless, sizeof(endless), "http://%0450d " CODE, 1);
	assert_int_equal(
	    enrol_address_parse(endless, &a), ENROL_ADDRESS_NO_GUILD);
}

/* Parts of addresses and codes in any order, and bytes between. */
static void
whatever_is_pasted_is_understood_or_refused(void **state)
{
	static const char *const parts[] = { "https://", "http://", "/public/",
		"#/enrol/", CODE, "K7QF9M2X", "guild.example", ":8080", "/",
		" ", "[::1]", "\n", "?x", "-", "\xff" };
	uint64_t seed = 11;
	char text[400];
	int good = 0;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		text[0] = '\0';
		for (uint32_t n = chance(&seed, 9); n > 0; n--)
			strcat(text,
			    parts[chance(
				&seed, sizeof(parts) / sizeof(parts[0]))]);
		if (enrol_address_parse(text, &a) != ENROL_ADDRESS_GOOD)
			continue;
		good++;
		assert_int_equal(strlen(a.code), ENROL_CODE_TEXT);
		assert_true(a.host[0] != '\0');
		if (strpbrk(a.base, " \n?#") != NULL)
			fail_msg("%s: %s", text, a.base);
	}
	assert_true(good > 300);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_way_to_say_it_is_understood),
		cmocka_unit_test(the_key_that_the_address_names_is_known),
		cmocka_unit_test(what_is_missing_is_known),
		cmocka_unit_test(whatever_is_pasted_is_understood_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
