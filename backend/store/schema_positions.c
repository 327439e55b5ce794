/*
 * The database of the role positions.
 */
#include "backend/store/schema.h"
#include "backend/store/schema_alerts.h"
#include "backend/store/schema_runtime.h"

static const char *const steps[] = { SCHEMA_RUNTIME_1
	/* The live table; fix_boot not 0: fix_boot_ms counts from that boot
	 * and fix_at_ms is the record's time. */
	"CREATE TABLE cart ("
	" cart TEXT PRIMARY KEY,"
	" contact_ms INTEGER NOT NULL,"
	" has_fix INTEGER NOT NULL,"
	" fix_at_ms INTEGER NOT NULL,"
	" fix_boot INTEGER NOT NULL,"
	" fix_boot_ms INTEGER NOT NULL,"
	" fix_record_ms INTEGER NOT NULL,"
	" lat_e6 INTEGER NOT NULL,"
	" lon_e6 INTEGER NOT NULL,"
	" speed_dm_s INTEGER NOT NULL,"
	" course_deg INTEGER NOT NULL,"
	" accuracy_m INTEGER NOT NULL,"
	" flags INTEGER NOT NULL,"
	" state INTEGER NOT NULL,"
	" status_at_ms INTEGER NOT NULL,"
	" status_count INTEGER NOT NULL,"
	" connection INTEGER NOT NULL,"
	" epoch INTEGER NOT NULL,"
	" boot INTEGER NOT NULL,"
	" fix_mode INTEGER NOT NULL,"
	" day_open INTEGER NOT NULL,"
	" backlog INTEGER NOT NULL,"
	" battery INTEGER NOT NULL,"
	" app_version TEXT NOT NULL,"
	" will_epoch INTEGER NOT NULL,"
	" will_connection INTEGER NOT NULL"
	") STRICT, WITHOUT ROWID;"
	"CREATE INDEX cart_by_contact ON cart (contact_ms);"
	/* Parts of a cart's hour, in chunk.h's form.  With a rowid: the bytes
	 * are rewritten in place, and would burden the index. */
	"CREATE TABLE chunk ("
	" id INTEGER PRIMARY KEY,"
	" cart TEXT NOT NULL,"
	" hour INTEGER NOT NULL," /* since 1970 */
	/* When it was last added to: a fix may be old when it comes. */
	" written_hour INTEGER NOT NULL DEFAULT (unixepoch() / 3600),"
	" fixes INTEGER NOT NULL,"
	" bytes BLOB NOT NULL"
	") STRICT;"
	"CREATE INDEX chunk_of_hour ON chunk (cart, hour);"
	"CREATE INDEX chunk_by_age ON chunk (written_hour);"
	/* Runs whose boot no time marker has mended yet, as they came. */
	"CREATE TABLE unmended ("
	" id INTEGER PRIMARY KEY,"
	" cart TEXT NOT NULL,"
	" boot INTEGER NOT NULL,"
	" record_ms INTEGER NOT NULL,"
	" fixes INTEGER NOT NULL,"
	" run BLOB NOT NULL"
	") STRICT;"
	"CREATE INDEX unmended_of_boot ON unmended (cart, boot);"
	"CREATE INDEX unmended_by_time ON unmended (cart, record_ms);",
	SCHEMA_ALERTS_1
	/* Zones as their records came (schemas/zone.h). */
	"CREATE TABLE zone ("
	" id TEXT PRIMARY KEY,"
	" bytes BLOB NOT NULL"
	") STRICT;"
	/* Settings by records of topic_reglas; scope "*": of all. */
	"CREATE TABLE rule ("
	" scope TEXT NOT NULL,"
	" name TEXT NOT NULL,"
	" value TEXT NOT NULL,"
	" PRIMARY KEY (scope, name)"
	") STRICT, WITHOUT ROWID;"
	/* A partition's witnessed clock (backend/rules/witness.h). */
	"CREATE TABLE witness ("
	" part INTEGER PRIMARY KEY,"
	" beat_ms INTEGER NOT NULL,"
	" clock_ms INTEGER NOT NULL"
	") STRICT;"
	/* What is watched of a cart (backend/consumer/watchlist.h). */
	"CREATE TABLE watch ("
	" cart TEXT PRIMARY KEY,"
	" bytes BLOB NOT NULL"
	") STRICT;"
	/* Reports of strange carts; no sighting yet: it is still to be
	 * judged. */
	"CREATE TABLE report ("
	" id TEXT PRIMARY KEY,"
	" at_ms INTEGER NOT NULL,"
	" lat_e6 INTEGER NOT NULL,"
	" lon_e6 INTEGER NOT NULL,"
	" note TEXT NOT NULL,"
	" sighting TEXT"
	") STRICT, WITHOUT ROWID;"
	"CREATE INDEX report_waiting ON report (at_ms) WHERE sighting IS NULL;"
	"CREATE INDEX report_by_time ON report (at_ms);"
	/* What they amount to: of a cart, or of a fugitive (no cart). */
	"CREATE TABLE sighting ("
	" id TEXT PRIMARY KEY,"
	" cart TEXT NOT NULL,"
	" first_ms INTEGER NOT NULL,"
	" last_ms INTEGER NOT NULL,"
	" lat_e6 INTEGER NOT NULL,"
	" lon_e6 INTEGER NOT NULL,"
	" count INTEGER NOT NULL,"
	" note TEXT NOT NULL"
	") STRICT, WITHOUT ROWID;",
	SCHEMA_RUNTIME_2 };

const struct store_schema schema_positions = {
	.name = "positions",
	.steps = steps,
	.step_count = sizeof(steps) / sizeof(steps[0]),
};
