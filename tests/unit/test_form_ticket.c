/*
 * What may be said to support over HTTP, and the names of what is wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "backend/api/forms.h"

static struct ticket_word word;

/* All wrong fields, "field; " each. */
static const char *
wrong(bool (*form)(struct body *, struct ticket_word *), const char *text)
{
	static char fields[1000];
	struct answer answer;
	struct body body;
	size_t len = 0;
	bool good;

	fields[0] = '\0';
	memset(&word, 0, sizeof(word));
	answer_init(&answer);
	assert_int_equal(body_parse(&body, text, strlen(text), &answer), 0);
	answer_release(&answer);
	good = form(&body, &word);
	assert_int_equal(good, body.error_count == 0);
	for (size_t i = 0; i < body.error_count; i++)
		len += (size_t)snprintf(fields + len, sizeof(fields) - len,
		    "%s; ", body.errors[i].field);
	body_release(&body);
	return fields;
}

static void
a_ticket_needs_words_alone(void **state)
{
	(void)state;
	assert_string_equal(wrong(form_ticket, "{\"text\":\"no gas\"}"), "");
	assert_string_equal(word.text, "no gas");
	assert_string_equal(word.cart, "");
	assert_string_equal(word.mail, "");
	assert_string_equal(word.by, "");
	assert_string_equal(
	    wrong(form_ticket,
		"{\"text\":\"no\\ngas\",\"cart\":\"AB1234\","
		"\"mail\":\"ana@example.cl\",\"name\":\"Ana\"}"),
	    "");
	assert_string_equal(word.text, "no\ngas");
	assert_string_equal(word.cart, "AB1234");
	assert_string_equal(word.mail, "ana@example.cl");
	assert_string_equal(word.by, "Ana");
}

static void
each_wrong_field_is_named(void **state)
{
	(void)state;
	assert_string_equal(wrong(form_ticket, "{}"), "text; ");
	assert_string_equal(
	    wrong(form_ticket,
		"{\"cart\":\"ab\",\"mail\":\"a b@c.cl\",\"name\":\"\","
		"\"text\":7}"),
	    "cart; mail; name; text; ");
	assert_string_equal(
	    wrong(form_ticket, "{\"text\":\"x\",\"cart\":null}"), "cart; ");
	assert_string_equal(
	    wrong(form_ticket, "{\"text\":\"x\",\"zzz\":1}"), "zzz; ");
	assert_string_equal(wrong(form_ticket, "[]"), "; ");
}

static void
words_are_one_field(void **state)
{
	(void)state;
	assert_string_equal(wrong(form_reply, "{\"text\":\"yes\"}"), "");
	assert_string_equal(word.text, "yes");
	assert_string_equal(
	    wrong(form_reply, "{\"note\":\"yes\"}"), "note; text; ");
	assert_string_equal(wrong(form_resolve, "{\"note\":\"done\"}"), "");
	assert_string_equal(word.text, "done");
	assert_string_equal(wrong(form_resolve, "{\"note\":\"\"}"), "note; ");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ticket_needs_words_alone),
		cmocka_unit_test(each_wrong_field_is_named),
		cmocka_unit_test(words_are_one_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
