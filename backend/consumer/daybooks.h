/*
 * daybooks: the books of closed days, kept in step with what is sold.
 *
 * Every change of a day's total is noted here; the tick makes a book of each
 * day that has ended, and another edition of it when what came late has
 * changed its figures (backend/rules/daybook.h says when).  A late purchase
 * may also make its customer a frequent one of a later day: that day's book
 * is then looked at as well.
 */
#ifndef PREGON_CONSUMER_DAYBOOKS_H
#define PREGON_CONSUMER_DAYBOOKS_H

#include "backend/consumer/role.h"
#include "backend/store/daybooks_store.h"

struct daybooks;
/* NULL: errno.  The context outlives it. */
struct daybooks *daybooks_new(
    struct role_context *, const struct role_settings *);
void daybooks_free(struct daybooks *);

/* The day's total changed.  `customer_key`: whose visits of that day did; ""
 * nobody's.  0, or -1 with errno. */
int daybooks_change(
    struct daybooks *, const char *day, const char *customer_key);

/* Of the role's functions of that name. */
int daybooks_flush(struct daybooks *);
void daybooks_forget(struct daybooks *);
int daybooks_tick(struct daybooks *, int64_t now_ms, bool caught_up);

#endif
