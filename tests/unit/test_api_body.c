/*
 * A request's JSON: what is refused as a whole, and which field is named.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "backend/api/body.h"
#include "schemas/identity.h"

struct trial {
	struct body body;
	struct node root;
	struct answer answer;
};

static void
begin(struct trial *t, const char *text)
{
	answer_init(&t->answer);
	assert_int_equal(
	    body_parse(&t->body, text, strlen(text), &t->answer), 0);
	t->root = body_root(&t->body);
}

static void
end(struct trial *t)
{
	body_release(&t->body);
	answer_release(&t->answer);
}

static void
assert_wrong(
    const struct trial *t, size_t i, const char *field, const char *detail)
{
	assert_true(i < t->body.error_count);
	assert_string_equal(t->body.errors[i].field, field);
	if (strstr(t->body.errors[i].detail, detail) == NULL)
		fail_msg("%s: %s", field, t->body.errors[i].detail);
}

static void
what_is_no_json_is_refused_as_a_whole(void **state)
{
	static const char *const wrong[] = { "", "{", "{\"a\":1,\"a\":2}",
		"[1,]", "nul", "\"\xff\"", "{\"a\":\"\\u0000\"}", "1e999",
		"99999999999999999999", "{} {}" };
	struct answer answer;
	struct body body;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		answer_init(&answer);
		assert_int_equal(
		    body_parse(&body, wrong[i], strlen(wrong[i]), &answer), -1);
		assert_int_equal(answer.status, 400);
		answer_release(&answer);
	}
}

static void
depth_is_bounded_and_brackets_in_text_do_not_count(void **state)
{
	static const char deep[] = "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]";
	struct trial t;
	struct answer answer;
	struct body body;

	(void)state;
	answer_init(&answer);
	assert_int_equal(body_parse(&body, deep, strlen(deep), &answer), -1);
	assert_int_equal(answer.status, 400);
	answer_release(&answer);
	begin(&t, "[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]");
	end(&t);
	begin(&t, "{\"a\":\"[[[[[[[[[[[[[[[[[[[[\\\"[[[[\"}");
	end(&t);
}

static void
every_wrong_field_is_named_by_its_place(void **state)
{
	static const char *const known[] = { "lines", "cart", NULL };
	struct node lines, first, units, cart;
	struct trial t;
	char plate[CART_MAX + 1];
	int64_t n = -1;
	size_t count = 0;

	(void)state;
	begin(&t, "{\"lines\":[{\"units\":\"3\"}],\"colour\":1}");
	assert_true(body_object(&t.root, known));
	lines = body_field(&t.root, "lines");
	assert_true(body_list(&lines, 1, 4, &count));
	assert_int_equal(count, 1);
	first = body_item(&lines, 0);
	units = body_field(&first, "units");
	assert_false(body_int(&units, 1, 9, &n));
	assert_int_equal(n, -1);
	cart = body_field(&t.root, "cart");
	assert_false(body_has(&cart));
	assert_false(body_cart(&cart, plate));
	assert_int_equal(t.body.error_count, 3);
	assert_wrong(&t, 0, "colour", "no field of this name");
	assert_wrong(&t, 1, "lines[0].units", "a whole number from 1 to 9");
	assert_wrong(&t, 2, "cart", "missing: expected a plate");
	body_refuse(&t.body, &t.answer);
	assert_int_equal(t.answer.status, 422);
	assert_non_null(memmem(t.answer.body.text, t.answer.body.len,
	    "\"errors\":[{\"field\":\"colour\"", 26));
	end(&t);
}

static void
numbers_are_not_taken_for_others(void **state)
{
	static const char *const wrong[] = { "1.0", "true", "\"1\"", "null",
		"[]", "0", "11" };
	struct trial t;
	int64_t n;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		begin(&t, wrong[i]);
		assert_false(body_int(&t.root, 1, 10, &n));
		assert_wrong(&t, 0, "", "from 1 to 10");
		end(&t);
	}
	begin(&t, "10");
	assert_true(body_int(&t.root, 1, 10, &n));
	assert_int_equal(n, 10);
	end(&t);
}

static void
degrees_are_rounded_to_a_millionth_and_bounded(void **state)
{
	static const struct {
		const char *text;
		int32_t e6;
	} good[] = { { "-33.4378004", -33437800 }, { "90", 90000000 },
		{ "-90.0", -90000000 }, { "0.0000005", 1 }, { "-0", 0 } };
	static const char *const wrong[] = { "90.0000001", "-91", "\"1\"",
		"null", "1e300" };
	struct trial t;
	int32_t e6;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		begin(&t, good[i].text);
		assert_true(body_degrees(&t.root, 90000000, &e6));
		assert_int_equal(e6, good[i].e6);
		end(&t);
	}
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		begin(&t, wrong[i]);
		assert_false(body_degrees(&t.root, 90000000, &e6));
		end(&t);
	}
}

static void
text_is_bounded_in_bytes_and_has_no_control_characters(void **state)
{
	const char *s = NULL;
	char note[8];
	struct trial t;

	(void)state;
	begin(&t, "\"\\u00f1\\u00f1\"");
	assert_true(body_text(&t.root, 1, 4, &s));
	assert_string_equal(s, "ññ");
	assert_false(body_text(&t.root, 1, 3, &s));
	assert_wrong(&t, 0, "", "text of 1 to 3 bytes");
	end(&t);
	begin(&t, "\"a\\nb\"");
	assert_false(body_text(&t.root, 1, 7, &s));
	assert_wrong(&t, 0, "", "control");
	assert_true(body_note(&t.root, 1, 7, note));
	assert_string_equal(note, "a\nb");
	end(&t);
	begin(&t, "\"a\\u001bb\"");
	assert_false(body_note(&t.root, 1, 7, note));
	end(&t);
}

static void
errors_beyond_the_bound_are_counted_only(void **state)
{
	char text[4096] = "[";
	struct node item;
	struct trial t;
	int64_t n;
	size_t i;

	(void)state;
	for (i = 0; i < 100; i++)
		strcat(text, i > 0 ? ",\"x\"" : "\"x\"");
	begin(&t, strcat(text, "]"));
	for (i = 0; i < 100; i++) {
		item = body_item(&t.root, i);
		assert_false(body_int(&item, 0, 1, &n));
	}
	assert_int_equal(t.body.error_count, 100);
	body_refuse(&t.body, &t.answer);
	assert_non_null(
	    memmem(t.answer.body.text, t.answer.body.len, "(and 99 more)", 13));
	assert_non_null(
	    memmem(t.answer.body.text, t.answer.body.len, "\"[31]\"", 6));
	assert_null(
	    memmem(t.answer.body.text, t.answer.body.len, "\"[32]\"", 6));
	end(&t);
}

/* A stranger's name of a field is cut, but not within a character. */
static void
a_long_name_of_a_field_is_cut(void **state)
{
	static const char *const known[] = { NULL };
	char text[700] = "{\"a";
	struct trial t;
	json_t *read;
	size_t i;

	(void)state;
	for (i = 0; i < 300; i++)
		strcat(text, "ñ");
	begin(&t, strcat(text, "\":1}"));
	assert_true(body_object(&t.root, known));
	assert_int_equal(t.body.error_count, 1);
	assert_true(strlen(t.body.errors[0].field) <= BODY_FIELD_MAX);
	assert_true(strlen(t.body.errors[0].field) > 100);
	body_refuse(&t.body, &t.answer);
	read = json_loadb(t.answer.body.text, t.answer.body.len, 0, NULL);
	assert_non_null(read);
	json_decref(read);
	end(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_json_is_refused_as_a_whole),
		cmocka_unit_test(
		    depth_is_bounded_and_brackets_in_text_do_not_count),
		cmocka_unit_test(every_wrong_field_is_named_by_its_place),
		cmocka_unit_test(numbers_are_not_taken_for_others),
		cmocka_unit_test(
		    degrees_are_rounded_to_a_millionth_and_bounded),
		cmocka_unit_test(
		    text_is_bounded_in_bytes_and_has_no_control_characters),
		cmocka_unit_test(errors_beyond_the_bound_are_counted_only),
		cmocka_unit_test(a_long_name_of_a_field_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
