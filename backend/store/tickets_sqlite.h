/*
 * tickets_sqlite: what the SQLite tickets store and its reader
 * (read_sqlite_tickets.c) share; nobody else's.
 */
#ifndef PREGON_BACKEND_TICKETS_SQLITE_H
#define PREGON_BACKEND_TICKETS_SQLITE_H

#include "backend/store/statements.h"
#include "backend/store/tickets_store.h"

/* The columns in ticket_fill's order. */
#define TICKET_COLUMNS                                                         \
	"id, cart, mail, by_whom, text, state, revision, replies, opened_ms,"  \
	" changed_ms"

/* The column age_s of a ticket that says no place. */
#define TICKET_NO_PLACE INT64_C(-1)

/* From a statement that stands on a row that begins with TICKET_COLUMNS. */
void ticket_fill(struct statement *, struct helpdesk_ticket *);

#endif
