/*
 * gate: what is commanded so that a cart is in or out, in which words, and
 * how the broker's answers are read.  The connection is tried on a real
 * Mosquitto, in tests/integration/test_gate.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "backend/consumer/gate_parts.h"

#define MARK UINT64_C(0x0123456789abcdef)

/* Everything that a broker may have: bits of i. */
#define WORLDS 64
static struct gate_seen
world(unsigned i)
{
	return (struct gate_seen){
		.known = true,
		.present = i & 1,
		.foreign = (i & 3) == 3,
		.disabled = (i & 5) == 5,
		.role = (i & 9) == 9,
		.mark = (i & 17) != 17 ? 0
		    : (i & 32) != 0    ? MARK
				       : MARK + 1,
	};
}

static void
what_is_commanded_makes_it_so_and_nothing_is_commanded_then(void **state)
{
	(void)state;
	for (unsigned i = 0; i < WORLDS; i++) {
		for (int in = 0; in < 2; in++) {
			struct gate_seen seen = world(i);
			unsigned steps = gate_plan(&seen, in, MARK);

			if (seen.foreign) {
				assert_int_equal(steps, 0);
				continue;
			}
			gate_settle(&seen, in, MARK);
			assert_int_equal(gate_plan(&seen, in, MARK), 0);
			assert_true(!in || seen.present);
			assert_int_equal(seen.role && !seen.disabled, in);
		}
	}
}

static void
no_connection_is_ended_that_has_a_right_to_be(void **state)
{
	struct gate_seen seen = {
		.known = true, .present = true, .role = true, .mark = MARK
	};

	(void)state;
	assert_int_equal(gate_plan(&seen, true, MARK), 0);
	/* Another gateway's does end. */
	assert_int_equal(gate_plan(&seen, true, MARK + 1), GATE_SET);
}

static void
who_comes_by_certificate_loses_its_role_as_well(void **state)
{
	struct gate_seen seen = {
		.known = true, .present = true, .role = true
	};

	(void)state;
	assert_int_equal(
	    gate_plan(&seen, false, MARK), GATE_DISABLE | GATE_TAKE_ROLE);
	/* Half of it was done by another hand. */
	seen.disabled = true;
	assert_int_equal(gate_plan(&seen, false, MARK), GATE_TAKE_ROLE);
}

static void
what_is_not_known_is_asked_for_first(void **state)
{
	struct gate_seen seen = { .known = false, .present = true };

	(void)state;
	assert_int_equal(gate_plan(&seen, true, MARK), GATE_ASK);
	assert_int_equal(gate_plan(&seen, false, MARK), GATE_ASK);
}

/* As the plugin shows what it was told by createClient. */
static void
a_client_is_read_as_it_was_made(void **state)
{
	char *text = gate_command(
	    GATE_MAKE_CLIENT, "AB1234", 3, "correct horse", "id.1.0");
	json_t *told = json_loads(text, 0, NULL);
	struct gate_seen seen;
	const char *username;

	(void)state;
	assert_non_null(told);
	assert_true(gate_answer_client(told, &username, &seen));
	assert_string_equal(username, "AB1234");
	assert_true(seen.known && seen.present && seen.role);
	assert_false(seen.disabled || seen.foreign);
	assert_int_equal(seen.mark, gate_mark("correct horse"));
	assert_int_not_equal(seen.mark, gate_mark("correct horsf"));
	assert_string_equal(
	    json_string_value(json_object_get(told, "correlationData")),
	    "id.1.0");
	json_decref(told);
	free(text);
}

static struct gate_seen
client_of(const char *text)
{
	json_t *client = json_loads(text, 0, NULL);
	struct gate_seen seen;
	const char *username;

	assert_non_null(client);
	assert_true(gate_answer_client(client, &username, &seen));
	json_decref(client);
	return seen;
}

static void
a_client_with_other_rights_is_not_ours_to_touch(void **state)
{
	(void)state;
	assert_true(client_of("{\"username\":\"AB1234\",\"roles\":"
			      "[{\"rolename\":\"admin\"}]}")
			.foreign);
	assert_true(client_of("{\"username\":\"AB1234\",\"roles\":"
			      "[{\"rolename\":\"cart-AB1235\"}]}")
			.foreign);
	assert_true(client_of("{\"username\":\"AB1234\",\"groups\":"
			      "[{\"groupname\":\"admins\"}],\"roles\":[]}")
			.foreign);
	assert_false(
	    client_of("{\"username\":\"AB1234\",\"disabled\":true}").foreign);
}

static void
a_description_that_is_none_of_ours_is_no_mark(void **state)
{
	(void)state;
	assert_int_equal(client_of("{\"username\":\"AB1234\"}").mark, 0);
	assert_int_equal(client_of("{\"username\":\"AB1234\","
				   "\"textdescription\":\"Ana's\"}")
			     .mark,
	    0);
	assert_int_equal(
	    client_of("{\"username\":\"AB1234\","
		      "\"textdescription\":\"the cart of our Ana\"}")
		.mark,
	    0);
}

static void
answers_that_are_no_clients_are_refused(void **state)
{
	static const char *const texts[] = { "{}", "[]", "{\"username\":1}",
		"{\"username\":\"AB1234\",\"roles\":[1]}" };
	struct gate_seen seen;
	const char *username;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		json_t *client = json_loads(texts[i], 0, NULL);

		assert_non_null(client);
		assert_false(gate_answer_client(client, &username, &seen));
		json_decref(client);
	}
}

static void
a_role_gives_a_cart_its_own_topics_and_no_pattern(void **state)
{
	char *text = gate_command(GATE_MAKE_ROLE, "AB1234", 0, "", "c");
	json_t *role = json_loads(text, 0, NULL);
	const json_t *acl;
	size_t i;

	(void)state;
	assert_string_equal(
	    json_string_value(json_object_get(role, "rolename")),
	    "cart-AB1234");
	assert_int_equal(json_array_size(json_object_get(role, "acls")), 11);
	json_array_foreach(json_object_get(role, "acls"), i, acl)
	{
		const char *topic = json_string_value(
		    json_object_get(acl, "topic"));

		assert_null(strpbrk(topic, "+#%$"));
		assert_true(json_is_true(json_object_get(acl, "allow")));
		assert_true(strcmp(topic, "pregon/guild") == 0 ||
		    strncmp(topic, "pregon/AB1234/", 14) == 0);
	}
	json_decref(role);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_is_commanded_makes_it_so_and_nothing_is_commanded_then),
		cmocka_unit_test(no_connection_is_ended_that_has_a_right_to_be),
		cmocka_unit_test(
		    who_comes_by_certificate_loses_its_role_as_well),
		cmocka_unit_test(what_is_not_known_is_asked_for_first),
		cmocka_unit_test(a_client_is_read_as_it_was_made),
		cmocka_unit_test(
		    a_client_with_other_rights_is_not_ours_to_touch),
		cmocka_unit_test(a_description_that_is_none_of_ours_is_no_mark),
		cmocka_unit_test(answers_that_are_no_clients_are_refused),
		cmocka_unit_test(
		    a_role_gives_a_cart_its_own_topics_and_no_pattern),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
