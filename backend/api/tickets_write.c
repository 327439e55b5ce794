/*
 * What is said to support over HTTP: a ticket, a reply, that it is resolved.
 *
 * The role support decides.  Here only what cannot become right any more is
 * refused: a ticket that is resolved stays so, however far this program's
 * sight of it lags behind.
 */
#include <stdio.h>
#include <string.h>

#include "backend/api/forms.h"
#include "backend/api/handlers.h"
#include "backend/api/tickets_parts.h"

/* Of "<plate>-T" and these. */
#define TICKET_CHARS 13
#define WORD_CHARS 26

static void
submit_word(struct call *call, struct ticket_word *word)
{
	uint8_t bytes[TICKET_BYTES_MAX];
	struct submit_record record = {
		.topic = TOPIC_SOPORTE,
		.key = word->cart[0] != '\0' ? word->cart : word->ticket,
		.value = bytes,
		.schema = SCHEMA_TICKET,
	};

	word->at_ms = clock_realtime_ms(call->api->clock);
	if (word->by[0] == '\0')
		write_by(call, word->by);
	if (call_make_id(call, "word", word->word, WORD_CHARS) == -1)
		return;
	if (write_record(
		call, &record, ticket_encode(word, bytes, sizeof(bytes))) == 0)
		write_done(call, TICKETS_PATH, word->ticket, true);
}

static int
name_ticket(struct call *call, struct ticket_word *word)
{
	char unique[TICKET_CHARS + 1];

	if (call_make_id(call, "ticket", unique, TICKET_CHARS) == -1)
		return -1;
	snprintf(word->ticket, sizeof(word->ticket), "%s%sT%s", word->cart,
	    word->cart[0] != '\0' ? "-" : "", unique);
	return 0;
}

/* A vendor's is of their own cart, said or not. */
static int
choose_cart(struct call *call, struct ticket_word *word)
{
	if (word->cart[0] == '\0') {
		memcpy(word->cart, call->asker.cart, sizeof(word->cart));
		return 0;
	}
	return call_check_cart(call, word->cart);
}

void
api_ticket_post(struct call *call)
{
	struct ticket_word word = { .act = TICKET_OPEN };
	struct body body;

	if (write_body(call, &body, false) == -1)
		return;
	if (!form_ticket(&body, &word))
		body_refuse(&body, call->answer);
	else if (choose_cart(call, &word) == 0 && name_ticket(call, &word) == 0)
		submit_word(call, &word);
	body_release(&body);
}

static void
ask_word(struct call *call, const struct helpdesk_ticket *ticket,
    struct ticket_word *word)
{
	struct helpdesk_why why;

	switch (helpdesk_judge(ticket, word, &why)) {
	case HELPDESK_REFUSED:
		answer_problem(call->answer, 409, NULL, NULL, "%s", why.text);
		return;
	case HELPDESK_SAME:
		write_done(call, TICKETS_PATH, ticket->id, false);
		return;
	case HELPDESK_MOVED:
	case HELPDESK_SAID:
		break;
	}
	submit_word(call, word);
}

static void
api_ticket_word(struct call *call, enum ticket_act act,
    bool (*form)(struct body *, struct ticket_word *))
{
	struct ticket_word word = { .act = act };
	struct helpdesk_ticket ticket;
	struct body body;

	if (find_ticket(call, &ticket) != 1 ||
	    write_body(call, &body, false) == -1)
		return;
	memcpy(word.ticket, ticket.id, sizeof(word.ticket));
	memcpy(word.cart, ticket.cart, sizeof(word.cart));
	if (!form(&body, &word))
		body_refuse(&body, call->answer);
	else
		ask_word(call, &ticket, &word);
	body_release(&body);
}

void
api_ticket_reply(struct call *call)
{
	api_ticket_word(call, TICKET_REPLY, form_reply);
}

void
api_ticket_resolve(struct call *call)
{
	api_ticket_word(call, TICKET_RESOLVE, form_resolve);
}
