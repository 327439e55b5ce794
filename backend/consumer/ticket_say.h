/*
 * ticket_say: what people hear of a support ticket: notices in topic_avisos.
 *
 * The same cause makes the same id, so who reads them knows a repeat.  What is
 * a week old is not told: then the log is being read again.  Functions return
 * 0, or -1 with errno when the store failed.
 */
#ifndef PREGON_CONSUMER_TICKET_SAY_H
#define PREGON_CONSUMER_TICKET_SAY_H

#include "backend/consumer/role.h"
#include "backend/rules/helpdesk.h"

/* Is it news to anybody? */
bool ticket_is_news(const struct role_context *, int64_t at_ms);

/* To the admins. */
int ticket_say_opened(struct role_context *, const struct helpdesk_ticket *);
/* A reply, or that it is resolved: to the cart, and to the mail. */
int ticket_say_reply(struct role_context *, const struct helpdesk_ticket *,
    const struct ticket_word *);

#endif
