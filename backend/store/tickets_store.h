/*
 * tickets_store: what the role support remembers of tickets, and of what was
 * said about them.
 *
 * Each function returns 0, or -1 with errno; a `get` or `find` 1 when found, 0
 * when not.  All are called within the runtime's transaction.  It decides
 * nothing, but that a word about a ticket is there once: a unique key.
 */
#ifndef PREGON_BACKEND_TICKETS_STORE_H
#define PREGON_BACKEND_TICKETS_STORE_H

#include "backend/rules/helpdesk.h"
#include "backend/store/database.h"

/* A ticket, and what the cart's event said beside its words. */
struct ticket_row {
	struct helpdesk_ticket ticket;
	int64_t asked_ms; /* when they asked: the event's own time */
	/* Not 0: asked_ms is the arrival's until the time marker of that boot
	 * comes; boot_ms counts from it. */
	uint64_t boot;
	int64_t boot_ms;
	struct place place;
	bool told; /* to the admins */
};

struct unmended_ticket {
	char id[TICKET_ID_MAX + 1];
	int64_t boot_ms;
	int64_t opened_ms;
};

/* What was said of a ticket after it was opened. */
struct ticket_entry {
	enum ticket_act act;
	int64_t at_ms;
	const char *by;
	const char *text;
	enum ticket_state state; /* after it */
	uint32_t revision; /* of a refused word: none */
	const char *refused; /* why; NULL: it was taken */
};

struct tickets_store;
struct tickets_store_ops {
	int (*get)(
	    struct tickets_store *, const char *id, struct helpdesk_ticket *);
	/* A new one.  EEXIST: it is there. */
	int (*open)(struct tickets_store *, const struct ticket_row *);
	/* Over what was there: state, revision, replies, changed_ms. */
	int (*put)(struct tickets_store *, const struct helpdesk_ticket *);
	/* Has this word of the ticket been kept? */
	int (*word_find)(
	    struct tickets_store *, const char *ticket, const char *word);
	/* EEXIST: it has. */
	int (*word_put)(struct tickets_store *, const char *ticket,
	    const char *word, const struct ticket_entry *);
	/* Tickets of the cart (NULL: any), opened after then, that were
	 * told. */
	int (*told_since)(struct tickets_store *, const char *cart,
	    int64_t after_ms, int64_t *count);
	/* A ticket of the cart whose time waits for this boot's marker. */
	int (*unmended_find)(struct tickets_store *, const char *cart,
	    uint64_t boot, struct unmended_ticket *);
	/* Its time is known. */
	int (*asked_put)(
	    struct tickets_store *, const char *id, int64_t asked_ms);
	/* The addresses of tickets resolved before then. */
	int (*forget_mails)(struct tickets_store *, int64_t before_ms);
	void (*close)(struct tickets_store *);
};
struct tickets_store {
	const struct tickets_store_ops *ops;
};

/* NULL: errno.  It uses the database and does not own it. */
struct tickets_store *tickets_store_sqlite(struct database *);

#endif
