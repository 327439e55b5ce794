/* ticket: names, ids, words that are there or not. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "schemas/ticket.h"

static struct decode_error error;
static uint8_t buf[TICKET_BYTES_MAX];

static const struct ticket_word plain = { .ticket = "DEMO01-T0123456789ABC",
	.word = "W0123456789ABC",
	.act = TICKET_OPEN,
	.at_ms = INT64_C(1795192205000),
	.by = "Rosa",
	.cart = "DEMO01",
	.mail = "rosa@example.org",
	.text = "No enciende." };

static void
states_are_found_by_their_names_alone(void **state)
{
	enum ticket_state s;

	(void)state;
	for (int i = 0; i < TICKET_STATES; i++) {
		const char *name = ticket_state_name((enum ticket_state)i);

		assert_int_equal(ticket_state_parse(name, strlen(name), &s), 0);
		assert_int_equal(s, i);
	}
	assert_int_equal(ticket_state_parse("in progress", 11, &s), -1);
	assert_int_equal(errno, EINVAL);
	assert_string_equal(ticket_act_name(TICKET_REPLY), "reply");
}

static void
part_of_a_record_is_none(void **state)
{
	struct ticket_word t;
	int len = ticket_encode(&plain, buf, sizeof(buf));

	(void)state;
	assert_true(len > 0);
	for (size_t cut = 0; cut < (size_t)len; cut++)
		assert_int_equal(ticket_decode(buf, cut, &t, &error), -1);
	assert_int_equal(ticket_encode(&plain, buf, (size_t)len - 1), -1);
	assert_int_equal(errno, ENOBUFS);
}

static void
only_who_settles_may_be_silent(void **state)
{
	struct ticket_word t, silent = plain;
	int len;

	(void)state;
	silent.text[0] = '\0';
	for (int act = 0; act < TICKET_ACTS; act++) {
		silent.act = (enum ticket_act)act;
		len = ticket_encode(&silent, buf, sizeof(buf));
		assert_int_equal(ticket_decode(buf, (size_t)len, &t, &error),
		    act == TICKET_RESOLVE ? 0 : -1);
	}
	assert_string_equal(t.text, "");
}

static void
a_help_event_s_ticket_is_called_as_its_folio_would_be(void **state)
{
	const struct folio longest = { "ABCD1234", EPOCH_MAX, UINT64_MAX };
	char id[TICKET_ID_MAX + 1], folio[FOLIO_MAX + 1];

	(void)state;
	ticket_id_of_help("DEMO01", 10, 47, id);
	assert_string_equal(id, "DEMO01-H0000000A-1F");
	ticket_id_of_help("AB12", 1, 0, id);
	assert_string_equal(id, "AB12-H00000001-0");
	ticket_id_of_help(longest.cart, longest.epoch, longest.seq, id);
	folio_format(&longest, folio);
	assert_int_equal(strlen(id), TICKET_ID_MAX);
	assert_memory_equal(id, "ABCD1234-H", 10);
	assert_string_equal(id + 10, folio + 9);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states_are_found_by_their_names_alone),
		cmocka_unit_test(part_of_a_record_is_none),
		cmocka_unit_test(only_who_settles_may_be_silent),
		cmocka_unit_test(
		    a_help_event_s_ticket_is_called_as_its_folio_would_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
