/*
 * schema_alerts: the tables of alerts_store.h, as part of a step of each role
 * that raises alerts.
 *
 * Times are Unix ms; 0 is "not given".
 */
#ifndef PREGON_BACKEND_SCHEMA_ALERTS_H
#define PREGON_BACKEND_SCHEMA_ALERTS_H

/* state: enum alert_state, 0 open, 2 resolved. */
#define SCHEMA_ALERTS_1                                                                                          \
	"CREATE TABLE alert ("                                                                                   \
	" id TEXT PRIMARY KEY,"                                                                                  \
	" cart TEXT NOT NULL,"                                                                                   \
	" cause INTEGER NOT NULL,"                                                                               \
	" state INTEGER NOT NULL CHECK (state IN (0, 2)),"                                                       \
	" settled INTEGER NOT NULL,"                                                                             \
	" revision INTEGER NOT NULL,"                                                                            \
	" opened_ms INTEGER NOT NULL,"                                                                           \
	" at_ms INTEGER NOT NULL,"                                                                               \
	" since_ms INTEGER NOT NULL,"                                                                            \
	" until_ms INTEGER NOT NULL,"                                                                            \
	" known INTEGER NOT NULL,"                                                                               \
	" why INTEGER NOT NULL,"                                                                                 \
	" has_place INTEGER NOT NULL,"                                                                           \
	" lat_e6 INTEGER NOT NULL,"                                                                              \
	" lon_e6 INTEGER NOT NULL,"                                                                              \
	" place_at_ms INTEGER NOT NULL,"                                                                         \
	" moved_m INTEGER NOT NULL,"                                                                             \
	" count INTEGER NOT NULL,"                                                                               \
	" subject TEXT NOT NULL,"                                                                                \
	" by_whom TEXT NOT NULL,"                                                                                \
	" note TEXT NOT NULL"                                                                                    \
	") STRICT, WITHOUT ROWID;" /* At most one open for a (cart, cause); of no cart: any number. */           \
	"CREATE UNIQUE INDEX alert_open ON alert (cart, cause)"                                                  \
	" WHERE state = 0 AND cart <> '';"                                                                       \
	"CREATE INDEX alert_by_time ON alert (opened_ms, id);"                                                   \
	"CREATE INDEX alert_by_state ON alert (state, at_ms);" /* Mostly there are none: the tick asks often. */ \
	"CREATE INDEX gap_unexplained ON gap (stream, cart) WHERE reason = "                                     \
	"-1;"

#endif
