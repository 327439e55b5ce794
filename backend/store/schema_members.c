/*
 * The database of the role members.
 *
 * Personal data stand in the table registration alone, and go with its row.
 */
#include "backend/store/schema.h"
#include "backend/store/schema_runtime.h"

static const char *const steps[] = { SCHEMA_RUNTIME_1 SCHEMA_RUNTIME_2
	/* What applicants sent; a row goes when its data must. */
	"CREATE TABLE registration ("
	" id TEXT PRIMARY KEY,"
	" who TEXT NOT NULL," /* of its key */
	" part INTEGER NOT NULL," /* where the log has it */
	" received_ms INTEGER NOT NULL,"
	/* Not '': it was refused, and why. */
	" refusal TEXT NOT NULL,"
	" reason TEXT NOT NULL,"
	/* Not 0: it came to nothing then, and is erased some days later. */
	" ended_ms INTEGER NOT NULL,"
	" first_name TEXT NOT NULL,"
	" last_name TEXT NOT NULL,"
	" rut TEXT NOT NULL,"
	" mail TEXT NOT NULL,"
	" plate TEXT NOT NULL,"
	" premium INTEGER NOT NULL,"
	" language TEXT NOT NULL"
	") STRICT, WITHOUT ROWID;"
	"CREATE INDEX registration_ended ON registration (ended_ms)"
	" WHERE ended_ms <> 0;"
	"CREATE INDEX registration_refused ON registration (received_ms, id)"
	" WHERE refusal <> '';"
	/* Columns as in struct member (backend/rules/admission.h). */
	"CREATE TABLE member ("
	" who TEXT PRIMARY KEY,"
	" registration TEXT NOT NULL,"
	" state INTEGER NOT NULL," /* enum member_state */
	" premium INTEGER NOT NULL,"
	" plate TEXT NOT NULL,"
	" enrolment INTEGER NOT NULL,"
	" registered_ms INTEGER NOT NULL,"
	" state_ms INTEGER NOT NULL,"
	" by_whom TEXT NOT NULL,"
	" reason TEXT NOT NULL"
	") STRICT, WITHOUT ROWID;"
	/* Waiting, approved or suspended: a plate is one member's. */
	"CREATE UNIQUE INDEX member_plate ON member (plate)"
	" WHERE state IN (0, 1, 3);"
	"CREATE UNIQUE INDEX member_registration ON member (registration);"
	"CREATE INDEX member_by_time ON member (registered_ms, registration);"
	"CREATE INDEX member_by_state"
	" ON member (state, registered_ms, registration);"
	/* Each decision that was heard: one of the same id is a repeat. */
	"CREATE TABLE decision ("
	" id TEXT PRIMARY KEY,"
	" who TEXT NOT NULL,"
	" act INTEGER NOT NULL," /* enum member_act */
	" at_ms INTEGER NOT NULL,"
	" by_whom TEXT NOT NULL,"
	" refusal TEXT NOT NULL," /* '': done; else why not, in words */
	" part INTEGER NOT NULL," /* where the log has it */
	" erased INTEGER NOT NULL" /* or had it */
	") STRICT, WITHOUT ROWID;"
	"CREATE INDEX decision_of_member ON decision (who, at_ms);"
	/* Every plate that ever had a gateway: what Mosquitto is to know, and
	 * what it has confirmed (done -1: nothing yet). */
	"CREATE TABLE gate ("
	" plate TEXT PRIMARY KEY,"
	" wanted INTEGER NOT NULL," /* 1: in */
	" enrolment INTEGER NOT NULL,"
	" done INTEGER NOT NULL,"
	" done_enrolment INTEGER NOT NULL"
	") STRICT, WITHOUT ROWID;"
	"CREATE INDEX gate_pending ON gate (plate)"
	" WHERE wanted <> done OR enrolment <> done_enrolment;",
	/* When a gateway took the code of this enrolment (0: none did), and
	 * which.  A code names the last bits of its number (lib/enrol_code.h).
	 */
	"ALTER TABLE member ADD COLUMN enrolled_ms INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE member ADD COLUMN gateway TEXT NOT NULL DEFAULT '';"
	"CREATE INDEX member_by_code ON member (enrolment & 4095)"
	" WHERE enrolment <> 0;" };

const struct store_schema schema_members = {
	.name = "members",
	.steps = steps,
	.step_count = sizeof(steps) / sizeof(steps[0]),
};
