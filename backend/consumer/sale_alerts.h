/*
 * sale_alerts: sales that the guild could not count as they came: refused as
 * unreadable (by the bridge or by the role), or in conflict with one that is
 * in the books.  Nothing of it is lost: the bytes are in topic_rechazados or
 * beside the books.
 *
 * One alert a cart, which a person settles; then the next one opens another.
 * It is opened at once; how many more there were is told once a minute at
 * most, and what is not told yet is forgotten with the process.
 */
#ifndef PREGON_CONSUMER_SALE_ALERTS_H
#define PREGON_CONSUMER_SALE_ALERTS_H

#include "backend/consumer/alerts.h"

struct sale_alerts;
/* NULL: errno.  Both outlive it. */
struct sale_alerts *sale_alerts_new(struct role_context *, struct alerts *);
void sale_alerts_free(struct sale_alerts *);
/* Of role->forget. */
void sale_alerts_forget(struct sale_alerts *);

/* One more; `subject` says which (a folio, or ""), `note` why.  -1: errno. */
int sale_alert(struct sale_alerts *, const char *cart, int64_t record_ms,
    const char *subject, const char *note);
/* Of role->apply, for SCHEMA_REJECT: what is no sale is passed over. */
int sale_alerts_rejected(struct sale_alerts *, const struct record *);
/* Of role->flush. */
int sale_alerts_flush(struct sale_alerts *);

#endif
