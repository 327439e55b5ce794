/*
 * What is shown of the roles' lag, and of records that nobody could read.
 */
#include "api_trial.h"

#include <jansson.h>

#include "backend/api/rejected_parts.h"
#include "backend/api/roles_parts.h"

/* The row of the first role of these partitions; the caller's. */
static json_t *
row_of(struct trial *t, struct part *parts, size_t count)
{
	struct roles_state state = { .roles = { { .name = "sales",
					 .present = true,
					 .parts = parts,
					 .count = count } } };
	json_t *body, *row;

	for (size_t i = 1; i < ROLES_SHOWN; i++)
		state.roles[i].name = "other";
	answer_release(&t->answer);
	answer_init(&t->answer);
	t->call = (struct call){ .api = &t->api, .answer = &t->answer };
	roles_write(&t->call, &state, NULL);
	body = json_loadb(t->answer.body.text, t->answer.body.len, 0, NULL);
	assert_non_null(body);
	row = json_incref(json_array_get(json_object_get(body, "roles"), 0));
	json_decref(body);
	return row;
}

static void
assert_lag(struct trial *t, struct part *parts, size_t count, int64_t records,
    double s)
{
	json_t *row = row_of(t, parts, count);
	json_t *said = json_object_get(row, "lag_records");
	json_t *said_s = json_object_get(row, "lag_s");

	if (records < 0)
		assert_true(json_is_null(said));
	else
		assert_int_equal(json_integer_value(said), records);
	if (s < 0)
		assert_true(json_is_null(said_s));
	else
		assert_true(json_number_value(said_s) == s);
	json_decref(row);
}

#define NEVER INSTANT_MISSING

static void
lag_is_what_waits_and_how_long_the_oldest_has(void **state)
{
	struct part parts[] = {
		{ TOPIC_VENTAS, 0, 10, 0, 10, NOW - 5000, NEVER },
		{ TOPIC_VENTAS, 1, 4, 0, 7, NOW - 9000, NOW - 2500 },
		{ TOPIC_VENTAS, 2, 1, 0, 2, NOW - 9000, NOW - 250 },
	};
	json_t *row;

	assert_lag(*state, parts, 1, 0, 0);
	assert_lag(*state, parts, 2, 3, 2.5);
	assert_lag(*state, parts, 3, 4, 2.5);
	row = row_of(*state, parts, 3);
	assert_string_equal(
	    json_string_value(json_object_get(row, "applied_at")),
	    "2026-11-20T13:04:55.000Z");
	json_decref(row);
}

static void
what_is_not_known_is_null(void **state)
{
	struct part parts[] = {
		{ TOPIC_VENTAS, 0, 4, 0, 7, NEVER, NEVER },
		{ TOPIC_VENTAS, 1, 4, OFFSET_UNKNOWN, OFFSET_UNKNOWN, NEVER,
		    NEVER },
	};

	assert_lag(*state, parts, 1, 3, -1);
	assert_lag(*state, parts, 2, -1, -1);
	assert_lag(*state, NULL, 0, -1, -1);
}

static void
records_that_kafka_has_no_more_are_not_waited_for(void **state)
{
	struct part parts[] = {
		{ TOPIC_VENTAS, 0, OFFSET_UNKNOWN, 90, 100, NEVER, NOW },
		{ TOPIC_VENTAS, 1, OFFSET_UNKNOWN, 0, 0, NEVER, NEVER },
		/* Its end was asked before that was applied. */
		{ TOPIC_VENTAS, 2, 12, 0, 10, NEVER, NEVER },
	};

	assert_lag(*state, parts, 3, 10, 0);
	assert_lag(*state, parts + 1, 2, 0, 0);
}

static void
set(struct bytes *b, const char *text, size_t len)
{
	b->len = len;
	memcpy(b->at, text, len);
}

/* The caller's. */
static json_t *
shown(const struct reject *row)
{
	struct jsonw j;
	json_t *body;

	jsonw_init(&j);
	rejected_write(&j, row);
	assert_int_equal(jsonw_failed(&j), 0);
	body = json_loadb(j.text, j.len, 0, NULL);
	assert_non_null(body);
	jsonw_release(&j);
	return body;
}

static void
assert_source(
    const char *origin, const char *key, const char *topic, const char *cart)
{
	struct reject row = { .at_ms = NOW };
	json_t *body;
	const char *said;

	set(&row.origin, origin, strlen(origin));
	set(&row.key, key, strlen(key));
	body = shown(&row);
	assert_string_equal(
	    json_string_value(json_object_get(body, "topic")), topic);
	said = json_string_value(json_object_get(body, "cart"));
	if (cart == NULL)
		assert_null(said);
	else
		assert_string_equal(said, cart);
	json_decref(body);
}

static void
a_rejected_record_is_its_carts_where_it_says_so(void **state)
{
	(void)state;
	assert_source(
	    "pregon/AB1234/sale", "x", "pregon/AB1234/sale", "AB1234");
	assert_source("pregon/AB1234", "x", "pregon/AB1234", "AB1234");
	assert_source(
	    "pregon/no-plate/sale", "AB1234", "pregon/no-plate/sale", NULL);
	assert_source("topic_ventas/1/17", "AB1234", "topic_ventas", "AB1234");
	assert_source("topic_ventas/1/17", "not a plate", "topic_ventas", NULL);
	assert_source("", "", "", NULL);
	assert_source("pregon/", "", "pregon/", NULL);
}

static void
bytes_of_others_are_always_json(void **state)
{
	struct reject row = { .at_ms = NOW, .size = 70000 };
	json_t *body;

	(void)state;
	set(&row.reason, "sale: \xc3\xb1o \"x\"", 13);
	set(&row.origin, "pregon/\xff\xfe/sale", 14);
	set(&row.preview, "\0\x01\xc1 a\\\"~\x7f", 9);
	body = shown(&row);
	assert_string_equal(json_string_value(json_object_get(body, "reason")),
	    "sale: \xc3\xb1o \"x\"");
	assert_string_equal(json_string_value(json_object_get(body, "origin")),
	    "pregon/\\xff\\xfe/sale");
	assert_string_equal(json_string_value(json_object_get(body, "preview")),
	    "\\x00\\x01\\xc1 a\\x5c\"~\\x7f");
	assert_int_equal(
	    json_integer_value(json_object_get(body, "bytes")), 70000);
	json_decref(body);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TRIAL(lag_is_what_waits_and_how_long_the_oldest_has),
		TRIAL(what_is_not_known_is_null),
		TRIAL(records_that_kafka_has_no_more_are_not_waited_for),
		cmocka_unit_test(
		    a_rejected_record_is_its_carts_where_it_says_so),
		cmocka_unit_test(bytes_of_others_are_always_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
