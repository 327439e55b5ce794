/*
 * The life of a support ticket, word by word.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "backend/rules/helpdesk.h"

#define NOW INT64_C(1795190400000)
#define ID "AAAA01-T0000000000001"

static struct helpdesk_why why;

static struct ticket_word
word_of(enum ticket_act act, const char *text, int64_t at_ms)
{
	struct ticket_word word = { .ticket = ID,
		.word = "W1",
		.act = act,
		.at_ms = at_ms,
		.by = "Rosa",
		.cart = "AAAA01" };

	snprintf(word.text, sizeof(word.text), "%s", text);
	return word;
}

static struct helpdesk_ticket
opened(void)
{
	struct ticket_word word = word_of(TICKET_OPEN, "no gas", NOW);
	struct helpdesk_ticket ticket;

	snprintf(word.mail, sizeof(word.mail), "ana@example.cl");
	assert_int_equal(helpdesk_open(&ticket, &word, &why), HELPDESK_MOVED);
	return ticket;
}

static enum helpdesk_verdict
say(struct helpdesk_ticket *ticket, enum ticket_act act, const char *text,
    int64_t at_ms)
{
	struct ticket_word word = word_of(act, text, at_ms);

	return helpdesk_say(ticket, &word, &why);
}

static void
a_ticket_begins_as_it_was_said(void **state)
{
	struct helpdesk_ticket ticket = opened();

	(void)state;
	assert_string_equal(ticket.id, ID);
	assert_string_equal(ticket.cart, "AAAA01");
	assert_string_equal(ticket.mail, "ana@example.cl");
	assert_string_equal(ticket.by, "Rosa");
	assert_string_equal(ticket.text, "no gas");
	assert_int_equal(ticket.state, TICKET_IS_OPEN);
	assert_int_equal(ticket.revision, 0);
	assert_int_equal(ticket.opened_ms, NOW);
	assert_int_equal(ticket.changed_ms, NOW);
}

static void
nothing_but_open_opens_one(void **state)
{
	struct ticket_word word = word_of(TICKET_REPLY, "hello", NOW);
	struct helpdesk_ticket ticket;

	(void)state;
	assert_int_equal(helpdesk_open(&ticket, &word, &why), HELPDESK_REFUSED);
	assert_string_equal(why.text, "there is no such ticket");
}

static void
the_first_reply_takes_it_in_progress(void **state)
{
	struct helpdesk_ticket ticket = opened();

	(void)state;
	assert_int_equal(say(&ticket, TICKET_REPLY, "which valve?", NOW + 1),
	    HELPDESK_MOVED);
	assert_int_equal(ticket.state, TICKET_IN_PROGRESS);
	assert_int_equal(
	    say(&ticket, TICKET_REPLY, "the left one", NOW + 2), HELPDESK_SAID);
	assert_int_equal(ticket.state, TICKET_IN_PROGRESS);
	assert_int_equal(ticket.revision, 2);
	assert_int_equal(ticket.replies, 2);
	assert_int_equal(
	    say(&ticket, TICKET_RESOLVE, "it works", NOW + 3), HELPDESK_MOVED);
	assert_int_equal(ticket.state, TICKET_RESOLVED);
	assert_int_equal(ticket.revision, 3);
	assert_int_equal(ticket.replies, 2);
	assert_int_equal(ticket.changed_ms, NOW + 3);
}

static void
one_that_needs_no_reply_is_resolved_at_once(void **state)
{
	struct helpdesk_ticket ticket = opened();

	(void)state;
	assert_int_equal(
	    say(&ticket, TICKET_RESOLVE, "", NOW + 1), HELPDESK_MOVED);
	assert_int_equal(ticket.state, TICKET_RESOLVED);
	assert_int_equal(ticket.replies, 0);
}

static void
repeats_are_harmless(void **state)
{
	struct helpdesk_ticket ticket = opened(), before;

	(void)state;
	before = ticket;
	assert_int_equal(
	    say(&ticket, TICKET_OPEN, "no gas", NOW + 1), HELPDESK_SAME);
	assert_memory_equal(&ticket, &before, sizeof(ticket));
	say(&ticket, TICKET_RESOLVE, "done", NOW + 1);
	before = ticket;
	assert_int_equal(
	    say(&ticket, TICKET_RESOLVE, "again", NOW + 2), HELPDESK_SAME);
	assert_int_equal(
	    say(&ticket, TICKET_OPEN, "no gas", NOW + 3), HELPDESK_SAME);
	assert_memory_equal(&ticket, &before, sizeof(ticket));
}

static void
what_may_not_be_is_refused_with_words(void **state)
{
	struct helpdesk_ticket ticket = opened(), before = ticket;
	struct ticket_word word = word_of(TICKET_REPLY, "hello", NOW);

	(void)state;
	assert_int_equal(say(&ticket, TICKET_REPLY, "", NOW), HELPDESK_REFUSED);
	assert_string_equal(why.text, "a reply needs words");
	snprintf(word.cart, sizeof(word.cart), "BBBB02");
	assert_int_equal(helpdesk_say(&ticket, &word, &why), HELPDESK_REFUSED);
	assert_string_equal(why.text, "it is a ticket of cart AAAA01");
	assert_memory_equal(&ticket, &before, sizeof(ticket));
	ticket.cart[0] = '\0';
	assert_int_equal(helpdesk_say(&ticket, &word, &why), HELPDESK_REFUSED);
	assert_string_equal(why.text, "it is a ticket of no cart");
}

static void
there_is_no_way_back_from_resolved(void **state)
{
	struct helpdesk_ticket ticket = opened(), before;

	(void)state;
	say(&ticket, TICKET_RESOLVE, "done", NOW + 1);
	before = ticket;
	assert_int_equal(
	    say(&ticket, TICKET_REPLY, "and now?", NOW + 2), HELPDESK_REFUSED);
	assert_non_null(strstr(why.text, "resolved"));
	assert_memory_equal(&ticket, &before, sizeof(ticket));
}

static void
time_does_not_go_back(void **state)
{
	struct helpdesk_ticket ticket = opened();

	(void)state;
	say(&ticket, TICKET_REPLY, "hello", NOW + 1000);
	say(&ticket, TICKET_REPLY, "hello", NOW + 10);
	assert_int_equal(ticket.changed_ms, NOW + 1000);
	assert_int_equal(ticket.opened_ms, NOW);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ticket_begins_as_it_was_said),
		cmocka_unit_test(nothing_but_open_opens_one),
		cmocka_unit_test(the_first_reply_takes_it_in_progress),
		cmocka_unit_test(one_that_needs_no_reply_is_resolved_at_once),
		cmocka_unit_test(repeats_are_harmless),
		cmocka_unit_test(what_may_not_be_is_refused_with_words),
		cmocka_unit_test(there_is_no_way_back_from_resolved),
		cmocka_unit_test(time_does_not_go_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
