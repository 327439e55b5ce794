/*
 * The database of the role notify.
 */
#include "backend/store/schema.h"
#include "backend/store/schema_runtime.h"

/* States are those of enum courier_state: open ones are below 4, 0 queued,
 * 1 waiting, 2 held, 3 sending, 4 sent. */
static const char *const steps[] = { SCHEMA_RUNTIME_1 SCHEMA_RUNTIME_2
	/* One notice to one recipient; columns as in struct letter
	 * (notify_store.h). */
	"CREATE TABLE letter ("
	" id INTEGER PRIMARY KEY," /* in the order in which they came */
	" mail_id TEXT NOT NULL UNIQUE," /* of the notice and the recipient */
	" way INTEGER NOT NULL," /* enum letter_way */
	" kind INTEGER NOT NULL," /* enum letter_kind */
	" recipient TEXT NOT NULL," /* '' once it is over, but of an alert */
	" event TEXT NOT NULL,"
	" subject TEXT NOT NULL,"
	" state INTEGER NOT NULL,"
	" tries INTEGER NOT NULL,"
	" born_ms INTEGER NOT NULL,"
	" next_ms INTEGER NOT NULL,"
	" held INTEGER NOT NULL,"
	" doubt INTEGER NOT NULL,"
	" over INTEGER NOT NULL,"
	" away INTEGER NOT NULL,"
	" digest INTEGER NOT NULL," /* letter.id that it is told in; 0 */
	" done_ms INTEGER NOT NULL," /* 0: it is not over yet */
	" notice BLOB" /* notice/1; NULL once it is over, and of a digest */
	") STRICT;"
	"CREATE INDEX letter_due ON letter (way, next_ms, id)"
	" WHERE state < 2;"
	"CREATE INDEX letter_of_subject ON letter (recipient, subject, id)"
	" WHERE state < 4;"
	"CREATE INDEX letter_of_state ON letter (state, recipient, id)"
	" WHERE state IN (2, 3);"
	"CREATE INDEX letter_away ON letter (way) WHERE away = 1;"
	"CREATE INDEX letter_of_alert ON letter (recipient, subject, id)"
	" WHERE kind = 1;"
	"CREATE INDEX letter_alerts ON letter (recipient, done_ms)"
	" WHERE kind > 0 AND state = 4 AND digest = 0;"
	"CREATE INDEX letter_of_digest ON letter (digest)"
	" WHERE digest <> 0 AND state = 3;"
	"CREATE INDEX letter_done ON letter (done_ms) WHERE done_ms <> 0;" };

const struct store_schema schema_notify = {
	.name = "notify",
	.steps = steps,
	.step_count = sizeof(steps) / sizeof(steps[0]),
};
