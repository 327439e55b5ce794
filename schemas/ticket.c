/*
 * ticket: what is said about a request for support.  schemas/ticket.md is
 * the text.
 */
#include <stdio.h>
#include <string.h>

#include "schemas/envelope.h"
#include "schemas/record_parts.h"
#include "schemas/ticket.h"

#define TICKET_FIELDS 9 /* the version and what follows */

static const char *const acts[TICKET_ACTS] = { [TICKET_OPEN] = "open",
	[TICKET_REPLY] = "reply",
	[TICKET_RESOLVE] = "resolve" };

static const char *const states[TICKET_STATES] = { [TICKET_IS_OPEN] = "open",
	[TICKET_IN_PROGRESS] = "in_progress",
	[TICKET_RESOLVED] = "resolved" };

const char *
ticket_act_name(enum ticket_act act)
{
	return acts[act];
}

const char *
ticket_state_name(enum ticket_state state)
{
	return states[state];
}

int
ticket_state_parse(const char *name, size_t len, enum ticket_state *state)
{
	int found = record_name_find(states, TICKET_STATES, name, len);

	if (found == -1)
		return -1;
	*state = (enum ticket_state)found;
	return 0;
}

int
ticket_encode(const struct ticket_word *said, void *buf, size_t cap)
{
	struct mp_writer w;

	mp_writer_init(&w, buf, cap);
	mp_write_array(&w, TICKET_FIELDS);
	mp_write_int(&w, TICKET_VERSION);
	mp_write_cstr(&w, said->ticket);
	mp_write_cstr(&w, said->word);
	mp_write_int(&w, said->act);
	mp_write_int(&w, said->at_ms);
	mp_write_cstr(&w, said->by);
	record_text_write(said->cart, &w);
	record_text_write(said->mail, &w);
	record_text_write(said->text, &w);
	return envelope_len(&w);
}

static int
cart_read(struct mp_reader *r, char cart[CART_MAX + 1])
{
	cart[0] = '\0';
	return mp_read_nil(r) ? 0 : record_cart_read(r, "ticket.cart", cart);
}

/* A ticket that is settled may be settled without a word. */
static int
text_read(struct mp_reader *r, struct ticket_word *said)
{
	if (said->act == TICKET_RESOLVE)
		return record_text_read(
		    r, "ticket.text", TEXT_NOTE_MAX, said->text);
	return record_word_read(r, "ticket.text", TEXT_NOTE_MAX, said->text);
}

int
ticket_decode(const void *bytes, size_t len, struct ticket_word *said,
    struct decode_error *error)
{
	struct mp_reader r;
	uint32_t appended;
	int act;

	mp_reader_init(&r, bytes, len, error);
	if (envelope_begin(&r, "ticket", TICKET_VERSION, TICKET_FIELDS - 1,
		&appended) == -1 ||
	    record_id_read(&r, "ticket.ticket", TICKET_ID_MAX, said->ticket) ==
		-1 ||
	    record_id_read(&r, "ticket.word", MEMBER_ID_MAX, said->word) ==
		-1 ||
	    record_choice_read(&r, "ticket.act", TICKET_ACTS, &act) == -1 ||
	    record_time_read(&r, "ticket.at", &said->at_ms) == -1 ||
	    record_word_read(&r, "ticket.by", TEXT_NAME_MAX, said->by) == -1 ||
	    cart_read(&r, said->cart) == -1 ||
	    record_text_read(&r, "ticket.mail", MAIL_MAX, said->mail) == -1)
		return -1;
	said->act = (enum ticket_act)act;
	if (text_read(&r, said) == -1)
		return -1;
	return envelope_end(&r, "ticket", appended);
}

void
ticket_id_of_help(const char *cart, uint64_t epoch, uint64_t number,
    char id[TICKET_ID_MAX + 1])
{
	struct folio folio = { .epoch = epoch, .seq = number };
	char text[FOLIO_MAX + 1];
	size_t plate;

	/* A folio is of the same parts. */
	snprintf(folio.cart, sizeof(folio.cart), "%.*s", CART_MAX, cart);
	folio_format(&folio, text);
	plate = strlen(folio.cart);
	snprintf(id, TICKET_ID_MAX + 1, "%s-H%s", folio.cart, text + plate + 1);
}
