/*
 * Words with places for values, and the guild's own in every language.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "backend/consumer/templates.h"

#define OURS "backend/templates"

static const char *
find(void *ctx, const char *name)
{
	(void)ctx;
	return strcmp(name, "cart") == 0 ? "ABCD12"
	    : strcmp(name, "note") == 0	 ? "a {{cart}} note"
	    : strcmp(name, "empty") == 0 ? ""
	    : strcmp(name, "lines") == 0 ? "one\ntwo"
					 : NULL;
}

static void
assert_filled(const char *words, const char *expected)
{
	char *text = wording_fill(
	    words, &(struct wording_values){ find, NULL });

	assert_non_null(text);
	assert_string_equal(text, expected);
	free(text);
}

static void
values_take_their_places(void **state)
{
	(void)state;
	assert_filled("Cart {{cart}}!\n", "Cart ABCD12!\n");
	assert_filled("{{cart}}{{cart}}", "ABCD12ABCD12");
	assert_filled("- {{lines}}\n", "- one\ntwo\n");
}

static void
what_a_value_holds_is_no_place(void **state)
{
	(void)state;
	assert_filled("{{note}}", "a {{cart}} note");
}

static void
a_line_without_any_value_is_left_out(void **state)
{
	(void)state;
	assert_filled("a\nNote: {{empty}}\nb\n", "a\nb\n");
	assert_filled("a\nNote: {{unknown}}\nb\n", "a\nb\n");
	assert_filled("{{cart}} {{empty}}\n", "ABCD12 \n");
	assert_filled("a\n\n{{empty}}\n\nb\n", "a\n\nb\n");
}

static void
a_subject_is_there_whatever_it_lacks(void **state)
{
	char *text = wording_fill_line(
	    "Alert {{empty}}", &(struct wording_values){ find, NULL });

	(void)state;
	assert_non_null(text);
	assert_string_equal(text, "Alert ");
	free(text);
}

static void
what_is_no_place_stands_as_it_is(void **state)
{
	(void)state;
	assert_filled("{{", "{{");
	assert_filled("{{cart", "{{cart");
	assert_filled("}} { {cart} }", "}} { {cart} }");
	assert_filled("{{a name that is longer than any name may ever be}}",
	    "{{a name that is longer than any name may ever be}}");
	assert_filled("", "");
}

static void
a_template_is_a_subject_an_empty_line_and_words(void **state)
{
	struct wording w;
	char why[100];

	(void)state;
	assert_int_equal(
	    wording_parse(&w, "Subject: hi {{cart}}\n\nBody\n", why, 100), 0);
	assert_string_equal(w.subject, "hi {{cart}}");
	assert_string_equal(w.body, "Body\n");
	wording_release(&w);
	assert_int_equal(wording_parse(&w, "hi\n\nBody\n", why, 100), -1);
	assert_int_equal(wording_parse(&w, "Subject: hi\nBody", why, 100), -1);
	assert_int_equal(wording_parse(&w, "Subject: hi", why, 100), -1);
	assert_int_equal(wording_parse(&w, "", why, 100), -1);
	assert_non_null(strstr(why, "Subject"));
}

static void
the_guilds_own_words_are_there_in_both_languages(void **state)
{
	char why[500] = "";
	struct templates *t = templates_open(OURS, "es", why, sizeof(why));
	const struct wording *es, *en;

	(void)state;
	if (t == NULL)
		fail_msg("%s", why);
	es = templates_find(t, "es", "alert.opened");
	en = templates_find(t, "en", "alert.opened");
	assert_non_null(es);
	assert_non_null(en);
	assert_string_not_equal(es->subject, en->subject);
	/* A language that nobody wrote is the guild's. */
	assert_ptr_equal(templates_find(t, "fr", "alert.opened"), es);
	assert_null(templates_find(t, "es", "no.such"));
	assert_string_equal(
	    templates_word(t, "es", "cause", "missing"), "sin señal");
	assert_null(templates_word(t, "es", "cause", "unheard"));
	templates_close(t);
}

/* A copy of ours with one thing wrong; what is said of it. */
static void
assert_refused(const char *spoil, const char *language, const char *expected)
{
	char folder[] = "/tmp/pregon-words-XXXXXX", command[400], why[500] = "";
	struct templates *t;

	assert_non_null(mkdtemp(folder));
	snprintf(command, sizeof(command), "cp -r " OURS "/* %s && cd %s && %s",
	    folder, folder, spoil);
	assert_int_equal(system(command), 0);
	t = templates_open(folder, language, why, sizeof(why));
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	assert_int_equal(system(command), 0);
	assert_null(t);
	if (strstr(why, expected) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", expected, why);
}

static void
what_is_missing_or_wrong_is_named(void **state)
{
	(void)state;
	assert_refused("rm en/ticket.reply.txt", "es", "en/ticket.reply.txt");
	assert_refused("rm -r es", "en", "es/alert.opened.txt");
	assert_refused("echo x > es/sale.thanks.txt", "es",
	    "es/sale.thanks.txt: expected a line \"Subject:");
	assert_refused("echo x > en/words.txt", "es",
	    "en/words.txt: expected NAME.VALUE = WORDS");
	assert_refused("true", "fr", "notify.language");
	assert_refused("head -c 100000 /dev/zero > es/big.txt", "es",
	    "es/big.txt: File too large");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_take_their_places),
		cmocka_unit_test(what_a_value_holds_is_no_place),
		cmocka_unit_test(a_line_without_any_value_is_left_out),
		cmocka_unit_test(a_subject_is_there_whatever_it_lacks),
		cmocka_unit_test(what_is_no_place_stands_as_it_is),
		cmocka_unit_test(
		    a_template_is_a_subject_an_empty_line_and_words),
		cmocka_unit_test(
		    the_guilds_own_words_are_there_in_both_languages),
		cmocka_unit_test(what_is_missing_or_wrong_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
