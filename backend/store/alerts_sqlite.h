/*
 * alerts_sqlite: an alert's row in SQLite, for its writer (alerts_sqlite.c)
 * and its reader (read_sqlite_alerts.c); nobody else's.
 */
#ifndef PREGON_BACKEND_ALERTS_SQLITE_H
#define PREGON_BACKEND_ALERTS_SQLITE_H

#include "backend/store/alerts_store.h"

/* The columns in alert_row_fill's order. */
#define ALERT_COLUMNS                                                          \
	"id, cart, cause, state, settled, revision, opened_ms, at_ms,"         \
	" since_ms, until_ms, known, why, has_place, lat_e6, lon_e6,"          \
	" place_at_ms, moved_m, count, subject, by_whom, note"

/* From a statement that stands on a row of ALERT_COLUMNS. */
void alert_row_fill(struct statement *, struct alert_row *);

#endif
