/*
 * read_tickets: the rows of read.h about support tickets.
 */
#ifndef PREGON_BACKEND_READ_TICKETS_H
#define PREGON_BACKEND_READ_TICKETS_H

#include "backend/store/tickets_store.h"

/* Which tickets: all that is given must hold; newest first, by opened_ms and
 * id. */
struct tickets_query {
	const char *id; /* NULL: any */
	const char *cart; /* NULL: any */
	int state; /* enum ticket_state; -1: any */
	bool unresolved_only;
	/* Only those after this place in the order; before_ms 0: from the
	 * newest on. */
	int64_t before_ms;
	const char *before_id;
	int64_t limit; /* 0: without */
};

#endif
