/* member: names, keys, and what a later version would not know. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "schemas/member.h"

#define AT INT64_C(1795192205000)

static struct decode_error error;
static uint8_t buf[MEMBER_BYTES_MAX];

static const struct registration asked = { .id = "R0123456789ABC",
	.at_ms = AT,
	.first_name = "Rosa",
	.last_name = "Muñoz",
	.rut = "12345678-5",
	.mail = "rosa@example.org",
	.plate = "DEMO01",
	.premium = true,
	.language = "es" };

static const struct member_decision said = { .id = "D0123456789ABC",
	.who = "0123456789ABCDEFGHJKMNPQRS",
	.act = MEMBER_SUSPEND,
	.at_ms = AT,
	.by = "Ana",
	.reason = "Gateway robado." };

static void
acts_and_states_are_found_by_their_names_alone(void **state)
{
	enum member_state s;
	enum member_act a;

	(void)state;
	for (int i = 0; i < MEMBER_ACTS; i++) {
		const char *name = member_act_name((enum member_act)i);

		assert_int_equal(member_act_parse(name, strlen(name), &a), 0);
		assert_int_equal(a, i);
	}
	for (int i = 0; i < MEMBER_STATES; i++) {
		const char *name = member_state_name((enum member_state)i);

		assert_int_equal(member_state_parse(name, strlen(name), &s), 0);
		assert_int_equal(s, i);
	}
	assert_int_equal(member_act_parse("approved", 8, &a), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(member_act_parse("", 0, &a), -1);
	assert_int_equal(member_state_parse("left ", 5, &s), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(member_state_parse("left ", 4, &s), 0);
}

static void
part_of_a_record_is_none(void **state)
{
	struct registration r;
	struct member_decision d;
	int len = registration_encode(&asked, buf, sizeof(buf));

	(void)state;
	assert_true(len > 0);
	assert_int_equal(registration_encode(&asked, buf, (size_t)len - 1), -1);
	assert_int_equal(errno, ENOBUFS);
	assert_int_equal(registration_encode(&asked, buf, (size_t)len), len);
	for (size_t cut = 0; cut < (size_t)len; cut++)
		assert_int_equal(registration_decode(buf, cut, &r, &error), -1);
	len = member_decision_encode(&said, buf, sizeof(buf));
	assert_true(len > 0);
	for (size_t cut = 0; cut < (size_t)len; cut++)
		assert_int_equal(
		    member_decision_decode(buf, cut, &d, &error), -1);
}

static void
a_record_outlives_its_bytes(void **state)
{
	struct registration r;
	struct member_decision d;
	int len = registration_encode(&asked, buf, sizeof(buf));

	(void)state;
	assert_int_equal(registration_decode(buf, (size_t)len, &r, &error), 0);
	len = member_decision_encode(&said, buf, sizeof(buf));
	assert_int_equal(
	    member_decision_decode(buf, (size_t)len, &d, &error), 0);
	memset(buf, 'x', sizeof(buf));
	assert_string_equal(r.last_name, "Muñoz");
	assert_string_equal(r.rut, "12345678-5");
	assert_string_equal(r.language, "es");
	assert_true(r.premium);
	assert_string_equal(d.who, said.who);
	assert_int_equal(d.act, MEMBER_SUSPEND);
	assert_string_equal(d.reason, "Gateway robado.");
	assert_string_equal(d.plate, "");
}

static void
a_key_is_made_of_a_who_and_an_id_alone(void **state)
{
	char key[MEMBER_KEY_MAX + 1];

	(void)state;
	assert_int_equal(member_key_format(said.who, said.id, key), 0);
	assert_string_equal(key, "0123456789ABCDEFGHJKMNPQRS/D0123456789ABC");
	assert_int_equal(member_key_format("", "R1", key), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(member_key_format("12345678-5", "R1", key), -1);
	assert_int_equal(member_key_format("W", "", key), -1);
	assert_int_equal(member_key_format("W", "a/b", key), -1);
	assert_int_equal(
	    member_key_format("W", "123456789012345678901234567890123", key),
	    -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    acts_and_states_are_found_by_their_names_alone),
		cmocka_unit_test(part_of_a_record_is_none),
		cmocka_unit_test(a_record_outlives_its_bytes),
		cmocka_unit_test(a_key_is_made_of_a_who_and_an_id_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
