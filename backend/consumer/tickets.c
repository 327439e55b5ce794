/*
 * tickets: see the header.
 */
#include <stdio.h>
#include <string.h>

#include "backend/consumer/ticket_say.h"
#include "backend/consumer/tickets.h"

/* A vendor who presses the button again and again, or all of them at once: so
 * many tickets of a cart, and in all, are told in so long; the others are in
 * the list all the same. */
#define TOLD_MAX 5
#define TOLD_ALL_MAX 100
#define TOLD_WITHIN_MS (INT64_C(10) * 60 * 1000)

static void
note_refused(
    struct tickets *tickets, const struct ticket_word *word, const char *why)
{
	unsigned long held;

	tickets->ctx->tally[TALLY_TICKETS_REFUSED]++;
	if (log_limited(&tickets->limit, 1000, &held))
		log_warn("support.word_refused",
		    "ticket=%s act=%s held_back=%lu why=\"%s\"", word->ticket,
		    ticket_act_name(word->act), held, why);
}

/* *told: it is, or was, to be told to the admins. */
static int
is_to_be_told(
    struct tickets *tickets, const struct helpdesk_ticket *ticket, bool *told)
{
	int64_t after_ms = ticket->opened_ms - TOLD_WITHIN_MS;
	struct tickets_store *store = tickets->store;
	int64_t of_cart = 0, of_all;

	if (store->ops->told_since(store, NULL, after_ms, &of_all) == -1 ||
	    (ticket->cart[0] != '\0' &&
		store->ops->told_since(
		    store, ticket->cart, after_ms, &of_cart) == -1))
		return -1;
	*told = of_cart < TOLD_MAX && of_all < TOLD_ALL_MAX;
	return 0;
}

/* It is not there yet. */
static int
keep_opened(struct tickets *tickets, struct ticket_row *row)
{
	struct role_context *ctx = tickets->ctx;

	if (is_to_be_told(tickets, &row->ticket, &row->told) == -1 ||
	    tickets->store->ops->open(tickets->store, row) == -1)
		return -1;
	ctx->tally[TALLY_TICKETS]++;
	if (!row->told || !ticket_is_news(ctx, row->ticket.opened_ms))
		return 0;
	return ticket_say_opened(ctx, &row->ticket);
}

static void
copy_note(char text[TEXT_NOTE_MAX + 1], const struct text *note)
{
	if (note->s != NULL)
		memcpy(text, note->s, note->len);
	text[note->s != NULL ? note->len : 0] = '\0';
}

/* Its id is the event's, so one that was seen before is the same ticket, even
 * if its account is forgotten. */
int
tickets_help(struct tickets *tickets, const struct intake_event *ev)
{
	const struct help *help = &ev->item->help;
	struct ticket_row row = {
		.asked_ms = ev->time.ms,
		.place = help->place,
	};
	struct ticket_word word = {
		.act = TICKET_OPEN,
		.at_ms = ev->record->time_ms,
	};
	struct helpdesk_ticket known;
	struct helpdesk_why why;
	int rc;

	ticket_id_of_help(ev->cart, ev->epoch, ev->seq, word.ticket);
	rc = tickets->store->ops->get(tickets->store, word.ticket, &known);
	if (rc != 0)
		return rc == 1 ? 0 : -1;
	snprintf(word.by, sizeof(word.by), "%s", ev->cart);
	snprintf(word.cart, sizeof(word.cart), "%s", ev->cart);
	copy_note(word.text, &help->note);
	helpdesk_open(&row.ticket, &word, &why);
	if (ev->at.boot != 0 && ev->offset_ms == NULL) {
		row.boot = ev->at.boot;
		row.boot_ms = ev->at.ms;
	}
	return keep_opened(tickets, &row);
}

int
tickets_mend(
    struct tickets *tickets, const char *cart, uint64_t boot, int64_t offset_ms)
{
	struct tickets_store *store = tickets->store;
	struct unmended_ticket found;
	int rc;

	while (
	    (rc = store->ops->unmended_find(store, cart, boot, &found)) == 1) {
		const struct instant given = { found.boot_ms, boot };
		struct event_time time = event_time(
		    &given, found.opened_ms, &offset_ms);

		if (store->ops->asked_put(store, found.id, time.ms) == -1)
			return -1;
	}
	return rc;
}

/* A ticket made over HTTP; a repeat has its id. */
static int
open_ticket(struct tickets *tickets, const struct ticket_word *word)
{
	struct ticket_row row = { .asked_ms = word->at_ms };
	struct helpdesk_why why;

	helpdesk_open(&row.ticket, word, &why);
	return keep_opened(tickets, &row);
}

static int
keep_word(struct tickets *tickets, const struct helpdesk_ticket *ticket,
    const struct ticket_word *word, const char *refused)
{
	const struct ticket_entry entry = {
		.act = word->act,
		.at_ms = refused != NULL ? word->at_ms : ticket->changed_ms,
		.by = word->by,
		.text = word->text,
		.state = ticket->state,
		.revision = ticket->revision,
		.refused = refused,
	};

	return tickets->store->ops->word_put(
	    tickets->store, ticket->id, word->word, &entry);
}

static int
say_word(struct tickets *tickets, struct helpdesk_ticket *ticket,
    const struct ticket_word *word)
{
	struct tickets_store *store = tickets->store;
	struct helpdesk_why why;
	int rc = store->ops->word_find(store, ticket->id, word->word);

	if (rc != 0)
		return rc == 1 ? 0 : -1;
	switch (helpdesk_say(ticket, word, &why)) {
	case HELPDESK_SAME:
		return 0;
	case HELPDESK_REFUSED:
		note_refused(tickets, word, why.text);
		return keep_word(tickets, ticket, word, why.text);
	case HELPDESK_MOVED:
	case HELPDESK_SAID:
		break;
	}
	if (store->ops->put(store, ticket) == -1 ||
	    keep_word(tickets, ticket, word, NULL) == -1)
		return -1;
	return ticket_say_reply(tickets->ctx, ticket, word);
}

/* What a ticket that was opened over HTTP is called, and whose key it has. */
static const char *
find_fault(const struct ticket_word *word, const struct record *record)
{
	const char *key = word->cart[0] != '\0' ? word->cart : word->ticket;
	size_t plate = strlen(word->cart);

	if (strlen(key) != record->key_len ||
	    memcmp(key, record->key, record->key_len) != 0)
		return "ticket.cart: expected the record's key, or none and "
		       "the id as key";
	if (plate > 0 &&
	    (strncmp(word->ticket, word->cart, plate) != 0 ||
		word->ticket[plate] != '-'))
		return "ticket.ticket: expected an id that begins with the "
		       "cart's plate";
	/* A help event opens its own. */
	if (word->act == TICKET_OPEN &&
	    word->ticket[plate > 0 ? plate + 1 : 0] != 'T')
		return "ticket.ticket: expected T where it is opened by a word";
	return NULL;
}

int
tickets_word(struct tickets *tickets, const struct record *record)
{
	struct tickets_store *store = tickets->store;
	struct helpdesk_ticket ticket;
	struct decode_error error;
	struct ticket_word word;
	const char *fault;
	char reason[160];
	int rc;

	if (ticket_decode(record->value, record->len, &word, &error) == -1) {
		snprintf(reason, sizeof(reason), "%s: expected %s", error.field,
		    error.expected);
		return role_reject(tickets->ctx, record, reason);
	}
	fault = find_fault(&word, record);
	if (fault != NULL)
		return role_reject(tickets->ctx, record, fault);
	word.at_ms = record->time_ms;
	rc = store->ops->get(store, word.ticket, &ticket);
	if (rc == -1)
		return -1;
	if (rc == 1)
		return say_word(tickets, &ticket, &word);
	if (word.act == TICKET_OPEN)
		return open_ticket(tickets, &word);
	/* Its bytes are kept: nothing that was said is lost. */
	note_refused(tickets, &word, "there is no such ticket");
	return role_reject(
	    tickets->ctx, record, "ticket.ticket: expected one that is there");
}
