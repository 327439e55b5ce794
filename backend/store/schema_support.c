/*
 * The database of the role support.
 */
#include "backend/store/schema.h"
#include "backend/store/schema_runtime.h"

static const char *const steps[] = { SCHEMA_RUNTIME_1 SCHEMA_RUNTIME_2
	/* Columns as in struct helpdesk_ticket (backend/rules/helpdesk.h). */
	"CREATE TABLE ticket ("
	" id TEXT PRIMARY KEY,"
	" cart TEXT NOT NULL," /* '': of none */
	" mail TEXT NOT NULL,"
	" by_whom TEXT NOT NULL,"
	" text TEXT NOT NULL,"
	" state INTEGER NOT NULL," /* enum ticket_state */
	" revision INTEGER NOT NULL,"
	" replies INTEGER NOT NULL,"
	" opened_ms INTEGER NOT NULL,"
	" changed_ms INTEGER NOT NULL,"
	" asked_ms INTEGER NOT NULL,"
	" boot INTEGER NOT NULL," /* not 0: boot_ms counts from it */
	" boot_ms INTEGER NOT NULL,"
	" lat_e6 INTEGER NOT NULL,"
	" lon_e6 INTEGER NOT NULL,"
	" age_s INTEGER NOT NULL," /* -1: no place */
	" told INTEGER NOT NULL" /* to the admins */
	") STRICT;"
	"CREATE INDEX ticket_by_time ON ticket (opened_ms, id);"
	"CREATE INDEX ticket_by_cart ON ticket (cart, opened_ms, id);"
	"CREATE INDEX ticket_by_state ON ticket (state, opened_ms, id);"
	/* Below TICKET_RESOLVED. */
	"CREATE INDEX ticket_unresolved ON ticket (opened_ms, id)"
	" WHERE state < 2;"
	"CREATE INDEX ticket_told ON ticket (opened_ms) WHERE told = 1;"
	"CREATE INDEX ticket_told_of ON ticket (cart, opened_ms)"
	" WHERE told = 1;"
	"CREATE INDEX ticket_unmended ON ticket (cart, boot) WHERE boot <> 0;"
	"CREATE INDEX ticket_mail ON ticket (changed_ms)"
	" WHERE state = 2 AND mail <> '';"
	/* What was said after it was opened, each word once; refused: why. */
	"CREATE TABLE ticket_word ("
	" id INTEGER PRIMARY KEY,"
	" ticket TEXT NOT NULL,"
	" word TEXT NOT NULL,"
	" act INTEGER NOT NULL," /* enum ticket_act */
	" at_ms INTEGER NOT NULL,"
	" by_whom TEXT NOT NULL,"
	" text TEXT NOT NULL,"
	" state INTEGER NOT NULL," /* after it */
	" revision INTEGER NOT NULL,"
	" refused TEXT,"
	" UNIQUE (ticket, word)"
	") STRICT;" };

const struct store_schema schema_support = {
	.name = "support",
	.steps = steps,
	.step_count = sizeof(steps) / sizeof(steps[0]),
};
