/*
 * tickets: from help events and words to tickets.  What may be is in
 * backend/rules/helpdesk.h; here it is kept and told.
 *
 * Functions return 0, or -1 with errno when the store failed.
 */
#ifndef PREGON_CONSUMER_TICKETS_H
#define PREGON_CONSUMER_TICKETS_H

#include "backend/consumer/intake.h"
#include "backend/store/tickets_store.h"
#include "lib/log.h"

/* The caller fills in the first two. */
struct tickets {
	struct role_context *ctx;
	struct tickets_store *store;
	struct log_limit limit;
};

/* Of the intake's handler: a vendor asks for help. */
int tickets_help(struct tickets *, const struct intake_event *);
/* A time marker came: what the cart asked before it has its time. */
int tickets_mend(
    struct tickets *, const char *cart, uint64_t boot, int64_t offset_ms);
/* Of role->apply, for SCHEMA_TICKET. */
int tickets_word(struct tickets *, const struct record *);

#endif
