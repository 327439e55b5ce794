/*
 * helpdesk: see the header.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "backend/rules/helpdesk.h"

static enum helpdesk_verdict refuse(struct helpdesk_why *why,
    const char *format, ...) __attribute__((format(printf, 2, 3)));

static enum helpdesk_verdict
refuse(struct helpdesk_why *why, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why->text, sizeof(why->text), format, args);
	va_end(args);
	return HELPDESK_REFUSED;
}

enum helpdesk_verdict
helpdesk_open(struct helpdesk_ticket *ticket, const struct ticket_word *word,
    struct helpdesk_why *why)
{
	why->text[0] = '\0';
	if (word->act != TICKET_OPEN)
		return refuse(why, "there is no such ticket");
	*ticket = (struct helpdesk_ticket){
		.state = TICKET_IS_OPEN,
		.opened_ms = word->at_ms,
		.changed_ms = word->at_ms,
	};
	memcpy(ticket->id, word->ticket, sizeof(ticket->id));
	memcpy(ticket->cart, word->cart, sizeof(ticket->cart));
	memcpy(ticket->mail, word->mail, sizeof(ticket->mail));
	memcpy(ticket->by, word->by, sizeof(ticket->by));
	memcpy(ticket->text, word->text, sizeof(ticket->text));
	return HELPDESK_MOVED;
}

enum helpdesk_verdict
helpdesk_judge(const struct helpdesk_ticket *ticket,
    const struct ticket_word *word, struct helpdesk_why *why)
{
	why->text[0] = '\0';
	if (strcmp(ticket->cart, word->cart) != 0)
		return refuse(why, "it is a ticket of %s%s",
		    ticket->cart[0] != '\0' ? "cart " : "no cart",
		    ticket->cart);
	if (word->act == TICKET_OPEN)
		return HELPDESK_SAME;
	if (word->act == TICKET_RESOLVE)
		return ticket->state == TICKET_RESOLVED ? HELPDESK_SAME
							: HELPDESK_MOVED;
	if (word->text[0] == '\0')
		return refuse(why, "a reply needs words");
	switch (ticket->state) {
	case TICKET_IS_OPEN:
		return HELPDESK_MOVED;
	case TICKET_IN_PROGRESS:
		return HELPDESK_SAID;
	case TICKET_RESOLVED:
	case TICKET_STATES:
		break;
	}
	return refuse(
	    why, "it is resolved: what is to be said now is another ticket");
}

enum helpdesk_verdict
helpdesk_say(struct helpdesk_ticket *ticket, const struct ticket_word *word,
    struct helpdesk_why *why)
{
	enum helpdesk_verdict verdict = helpdesk_judge(ticket, word, why);

	if (verdict != HELPDESK_MOVED && verdict != HELPDESK_SAID)
		return verdict;
	ticket->revision++;
	if (word->at_ms > ticket->changed_ms)
		ticket->changed_ms = word->at_ms;
	if (word->act == TICKET_RESOLVE) {
		ticket->state = TICKET_RESOLVED;
		return verdict;
	}
	ticket->state = TICKET_IN_PROGRESS;
	ticket->replies++;
	return verdict;
}
