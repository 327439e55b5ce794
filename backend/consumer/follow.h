/*
 * follow: what a purchase's customer is written goes out: a notice to the
 * mail address that is the contact, `sale.thanks` or `sale.apology`.
 *
 * Its id is the folio's, so that it is one notice however often it is said:
 * by a log that is read again, too.  A contact that is no mail address (a
 * telephone number) is not written to.
 */
#ifndef PREGON_CONSUMER_FOLLOW_H
#define PREGON_CONSUMER_FOLLOW_H

#include "backend/consumer/role.h"
#include "backend/rules/follow_up.h"
#include "backend/store/sales_store.h"

/* A purchase that was not known before; as it came.  0, or -1 with errno. */
int follow(struct role_context *, const struct follow_rules *,
    const struct sale_record *);

#endif
