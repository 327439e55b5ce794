/*
 * alerts_store: the alerts of one role, in its own database; the same tables
 * and the same SQL for every role that raises any.
 *
 * A row is an alert as it stands: its last event, with `state` either
 * ALERT_OPENED or ALERT_RESOLVED.  At most one is open for a (cart, cause): a
 * unique key of the store (alerts of no cart are apart).  A row that a person
 * resolved stays as their word: an alert of that id does not open again.
 *
 * Each function returns 0, or -1 with errno; a `get` 1 when found, 0 when
 * not.  All are called within the runtime's transaction.  It decides nothing.
 */
#ifndef PREGON_BACKEND_ALERTS_STORE_H
#define PREGON_BACKEND_ALERTS_STORE_H

#include "backend/store/database.h"
#include "schemas/alert.h"

struct alert_row {
	struct alert_event event; /* the last; ->state as it stands */
	int64_t opened_ms; /* at_ms of revision 0 */
	bool settled; /* by a person's word, whether it was open or not */
};

struct alerts_store;
struct alerts_store_ops {
	/* By its id, over what was there.  EEXIST: another alert of this
	 * (cart, cause) is open. */
	int (*put)(struct alerts_store *, const struct alert_row *);
	int (*get)(struct alerts_store *, const char *id, struct alert_row *);
	/* The open ones, by cart and cause; the walk ends when `each` returns
	 * other than 0, -1 also when that is -1. */
	int (*open_each)(struct alerts_store *,
	    int (*each)(void *, const struct alert_row *), void *ctx);
	/* Drops some resolved ones not changed since. */
	int (*expire)(struct alerts_store *, int64_t before_ms);
	void (*close)(struct alerts_store *);
};
struct alerts_store {
	const struct alerts_store_ops *ops;
};

/* NULL: errno.  It uses the database and does not own it.  The schema of the
 * role must hold SCHEMA_ALERTS_1 (schema_alerts.h). */
struct alerts_store *alerts_store_sqlite(struct database *);

#endif
