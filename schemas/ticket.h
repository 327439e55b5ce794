/*
 * ticket: what is said about a request for support, records of topic_soporte
 * beside the carts' `help` frames.
 *
 * A ticket's id: "<cart>-H<epoch>-<number>" of a help event (epoch and number
 * as in a folio), "<cart>-T<13>" of one opened over HTTP for a cart,
 * "T<13>" of one without, 13 characters of base 32 from a hash of who asked
 * and the Idempotency-Key.  Key: the cart, or the id where there is none, so
 * that all of a ticket is in one partition, in order.
 */
#ifndef PREGON_TICKET_H
#define PREGON_TICKET_H

#include "schemas/event.h"
#include "schemas/identity.h"
#include "schemas/member.h"

#define TICKET_VERSION 1
#define TICKET_ID_MAX 32
#define TICKET_BYTES_MAX 2048

enum ticket_act {
	TICKET_OPEN,
	TICKET_REPLY, /* text to the vendor; the first takes it in progress */
	TICKET_RESOLVE,
	TICKET_ACTS
};
const char *ticket_act_name(enum ticket_act);

enum ticket_state {
	TICKET_IS_OPEN,
	TICKET_IN_PROGRESS,
	TICKET_RESOLVED,
	TICKET_STATES
};
const char *ticket_state_name(enum ticket_state); /* "open", "in_progress" */
int ticket_state_parse(const char *, size_t len, enum ticket_state *);

/*
 * [version, ticket, word, act, at, by, cart, mail, text]; SCHEMA_TICKET.
 * Both ids are [A-Za-z0-9_-]{1,32}.
 */
struct ticket_word {
	char ticket[TICKET_ID_MAX + 1];
	char word[MEMBER_ID_MAX + 1]; /* of this record: once, ever */
	enum ticket_act act;
	int64_t at_ms;
	char by[TEXT_NAME_MAX + 1];
	char cart[CART_MAX + 1]; /* "": of none */
	char mail[MAIL_MAX + 1]; /* of OPEN: told of replies; "" */
	char text[TEXT_NOTE_MAX + 1]; /* of OPEN and REPLY not "" */
};
int ticket_encode(const struct ticket_word *, void *buf, size_t cap);
int ticket_decode(
    const void *, size_t, struct ticket_word *, struct decode_error *);

/* "<cart>-H<epoch>-<number>" */
void ticket_id_of_help(const char *cart, uint64_t epoch, uint64_t number,
    char id[TICKET_ID_MAX + 1]);

#endif
