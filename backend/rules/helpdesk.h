/*
 * helpdesk: the life of a support ticket.
 *
 *     open -> in_progress -> resolved
 *         \______________________^
 *
 * Pure: on struct helpdesk_ticket alone, which is all that must be kept of
 * one; no clock, no store.  A function that changes a ticket counts its
 * revision up by one and expects that its caller keeps it, and tells it,
 * before the next word.
 *
 * Words name what is wanted, so a repeat is harmless: a ticket that is there
 * is not opened again, one that is resolved is not resolved again.  That a
 * reply is taken once is not kept here: a word's id is a unique key of the
 * store, and the caller passes over what it has taken.
 *
 * There is no way back.  A vendor's new word is a new ticket: a cart's help
 * event cannot name another one (it may be made before the cart has heard
 * that there is a ticket, and come after it was resolved), so a word that
 * opened a ticket again would depend on when it came, and the log read twice
 * would tell two stories.
 */
#ifndef PREGON_RULES_HELPDESK_H
#define PREGON_RULES_HELPDESK_H

#include "schemas/ticket.h"

/* Everything in it is kept by the store. */
struct helpdesk_ticket {
	char id[TICKET_ID_MAX + 1];
	char cart[CART_MAX + 1]; /* "": of none */
	char mail[MAIL_MAX + 1]; /* told of replies; "" */
	char by[TEXT_NAME_MAX + 1]; /* who asked */
	char text[TEXT_NOTE_MAX + 1]; /* what they said */
	enum ticket_state state;
	uint32_t revision; /* of the last change */
	uint32_t replies;
	int64_t opened_ms;
	int64_t changed_ms; /* the last change, never before another */
};

enum helpdesk_verdict {
	HELPDESK_MOVED, /* to another state: keep it, tell it */
	HELPDESK_SAID, /* same state, one reply more: keep it, tell it */
	HELPDESK_SAME, /* a repeat: nothing changed */
	HELPDESK_REFUSED, /* nothing changed; `why` says why not */
};

/* Words for a person, English, one line. */
#define HELPDESK_WHY_MAX 160
struct helpdesk_why {
	char text[HELPDESK_WHY_MAX];
};

/* A new ticket of `word` (act TICKET_OPEN), at its at_ms: HELPDESK_MOVED, or
 * HELPDESK_REFUSED: another act. */
enum helpdesk_verdict helpdesk_open(struct helpdesk_ticket *,
    const struct ticket_word *, struct helpdesk_why *);

/* What helpdesk_say would say, and why not: for one who only asks, as the API
 * does before it takes a word. */
enum helpdesk_verdict helpdesk_judge(const struct helpdesk_ticket *,
    const struct ticket_word *, struct helpdesk_why *);

/* Changes it as `word` says, at its at_ms, or at the last change if that is
 * later. */
enum helpdesk_verdict helpdesk_say(struct helpdesk_ticket *,
    const struct ticket_word *, struct helpdesk_why *);

#endif
