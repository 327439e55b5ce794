/*
 * The golden bytes of members and tickets, as test_vectors_records.c reads
 * the others; and keys, RUTs and addresses as people write them.  Run from
 * the root of the checkout.
 */
#include "schemas/member.h"
#include "schemas/ticket.h"
#include "tests/unit/vectors_check.h"

/* Nothing is not given. */
static json_t *
given(const char *s)
{
	return s[0] == '\0' ? json_null() : json_string(s);
}

static void
read_registration(
    const json_t *vector, const uint8_t *bytes, size_t len, struct reading *out)
{
	struct registration r;

	(void)vector;
	if (registration_decode(bytes, len, &r, &out->error) == -1) {
		out->errno_seen = errno;
		return;
	}
	out->values = json_pack("{ss sI ss ss so so ss sb ss}", "id", r.id,
	    "at_ms", r.at_ms, "first_name", r.first_name, "last_name",
	    r.last_name, "rut", given(r.rut), "mail", given(r.mail), "plate",
	    r.plate, "premium", r.premium, "language", r.language);
	out->again_len = registration_encode(&r, out->again, MEMBER_BYTES_MAX);
}

static void
read_decision(
    const json_t *vector, const uint8_t *bytes, size_t len, struct reading *out)
{
	struct member_decision d;

	(void)vector;
	if (member_decision_decode(bytes, len, &d, &out->error) == -1) {
		out->errno_seen = errno;
		return;
	}
	out->values = json_pack("{ss ss ss sI ss so so}", "id", d.id, "who",
	    d.who, "act", member_act_name(d.act), "at_ms", d.at_ms, "by", d.by,
	    "reason", given(d.reason), "plate", given(d.plate));
	if (d.act == MEMBER_ENROL) {
		json_object_set_new(
		    out->values, "enrolment", json_integer(d.enrolment));
		json_object_set_new(
		    out->values, "gateway", json_string(d.gateway));
	}
	out->again_len = member_decision_encode(
	    &d, out->again, MEMBER_BYTES_MAX);
}

static void
read_ticket(
    const json_t *vector, const uint8_t *bytes, size_t len, struct reading *out)
{
	struct ticket_word t;

	(void)vector;
	if (ticket_decode(bytes, len, &t, &out->error) == -1) {
		out->errno_seen = errno;
		return;
	}
	out->values = json_pack("{ss ss ss sI ss so so so}", "ticket", t.ticket,
	    "word", t.word, "act", ticket_act_name(t.act), "at_ms", t.at_ms,
	    "by", t.by, "cart", given(t.cart), "mail", given(t.mail), "text",
	    given(t.text));
	out->again_len = ticket_encode(&t, out->again, TICKET_BYTES_MAX);
}

static void
registrations_and_decisions(void **state)
{
	(void)state;
	check_file("registration", read_registration);
	check_file("decision", read_decision);
}

static void
tickets(void **state)
{
	(void)state;
	check_file("ticket", read_ticket);
}

/*
 * What is written, by a reader that gives its values or NULL.  It is given
 * exactly its bytes, so that a sanitizer sees each read beyond them.
 */
static void
check_written(const char *path, json_t *(*reader)(const char *, size_t))
{
	json_t *vectors = json_load_file(path, 0, NULL), *vector;
	size_t i;

	assert_non_null(vectors);
	json_array_foreach(vectors, i, vector)
	{
		const char *text = string_at(vector, "text");
		size_t len = strlen(text);
		char *copy = malloc(len + (len == 0));
		json_t *got, *values = json_object_get(vector, "values");

		memcpy(copy, text, len);
		got = reader(copy, len);
		if (values == NULL ? got != NULL : !json_equal(got, values))
			fail_msg("%s: %s", path, string_at(vector, "name"));
		json_decref(got);
		free(copy);
	}
	json_decref(vectors);
}

static json_t *
key_values(const char *text, size_t len)
{
	char who[WHO_MAX + 1], id[MEMBER_ID_MAX + 1], key[MEMBER_KEY_MAX + 1];

	if (member_key_parse(text, len, who, id) == -1) {
		assert_int_equal(errno, EINVAL);
		return NULL;
	}
	assert_int_equal(member_key_format(who, id, key), 0);
	assert_int_equal(strlen(key), len);
	assert_memory_equal(key, text, len);
	return json_pack("{ss ss}", "who", who, "id", id);
}

static json_t *
rut_values(const char *text, size_t len)
{
	char rut[RUT_MAX + 1], again[RUT_MAX + 1];

	if (rut_parse(text, len, rut) == -1)
		return NULL;
	assert_int_equal(rut_parse(rut, strlen(rut), again), 0);
	assert_string_equal(again, rut);
	return json_pack("{ss}", "rut", rut);
}

static json_t *
mail_values(const char *text, size_t len)
{
	return mail_is_valid(text, len) ? json_pack("{ss%}", "mail", text, len)
					: NULL;
}

static void
what_people_write(void **state)
{
	(void)state;
	check_written(FOLDER "member_key.json", key_values);
	check_written(FOLDER "rut.json", rut_values);
	check_written(FOLDER "mail.json", mail_values);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registrations_and_decisions),
		cmocka_unit_test(tickets),
		cmocka_unit_test(what_people_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
