/*
 * The database of the role sales.
 */
#include "backend/store/schema.h"
#include "backend/store/schema_alerts.h"
#include "backend/store/schema_runtime.h"

static const char *const steps[] = { SCHEMA_RUNTIME_1
	/* A folio is (cart, epoch, seq); text forms are made on the way out.
	 * A sale that repeats another's request is not here but in
	 * sale_alias; an abandoned purchase is here, unconfirmed. */
	"CREATE TABLE sale ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" cart TEXT NOT NULL,"
	" epoch INTEGER NOT NULL,"
	" seq INTEGER NOT NULL,"
	" at_ms INTEGER NOT NULL,"
	" boot INTEGER NOT NULL," /* not 0: boot_ms counts from it */
	" boot_ms INTEGER NOT NULL,"
	" provisional INTEGER NOT NULL,"
	" record_ms INTEGER NOT NULL,"
	" day TEXT NOT NULL," /* local, 2026-04-05 */
	" confirmed INTEGER NOT NULL,"
	" voided INTEGER NOT NULL,"
	" flagged INTEGER NOT NULL," /* a conflict names it */
	" open_ms INTEGER NOT NULL," /* -1: not known */
	" customer_key TEXT NOT NULL," /* '': nobody was named */
	" customer TEXT,"
	" contact TEXT,"
	" request_id TEXT,"
	" lat_e6 INTEGER,"
	" lon_e6 INTEGER,"
	" age_s INTEGER,"
	" units INTEGER NOT NULL,"
	" amount INTEGER NOT NULL,"
	" bytes_hash INTEGER NOT NULL," /* of the whole item */
	" content_hash INTEGER NOT NULL," /* of what the POS said */
	" UNIQUE (cart, epoch, seq)"
	") STRICT;"
	"CREATE INDEX sale_of_day ON sale (cart, day);"
	"CREATE INDEX sale_unmended ON sale (cart, boot)"
	" WHERE provisional = 1 AND boot <> 0;"
	"CREATE INDEX sale_of_request ON sale (cart, request_id)"
	" WHERE request_id IS NOT NULL;"
	"CREATE TABLE sale_line ("
	" sale INTEGER NOT NULL REFERENCES sale,"
	" line INTEGER NOT NULL,"
	" product INTEGER NOT NULL,"
	" units INTEGER NOT NULL,"
	" amount INTEGER NOT NULL,"
	" PRIMARY KEY (sale, line)"
	") STRICT, WITHOUT ROWID;"
	"CREATE TABLE sale_alias ("
	" cart TEXT NOT NULL,"
	" epoch INTEGER NOT NULL,"
	" seq INTEGER NOT NULL,"
	" sale INTEGER NOT NULL REFERENCES sale,"
	" bytes_hash INTEGER NOT NULL,"
	" PRIMARY KEY (cart, epoch, seq)"
	") STRICT, WITHOUT ROWID;"
	/* May come before its sale. */
	"CREATE TABLE void ("
	" cart TEXT NOT NULL,"
	" epoch INTEGER NOT NULL," /* of the sale taken back */
	" seq INTEGER NOT NULL,"
	" reason TEXT,"
	" record_ms INTEGER NOT NULL,"
	" PRIMARY KEY (cart, epoch, seq)"
	") STRICT, WITHOUT ROWID;"
	/* The other content, whole, for a person to judge. */
	"CREATE TABLE conflict ("
	" id INTEGER PRIMARY KEY,"
	" sale INTEGER NOT NULL REFERENCES sale,"
	" epoch INTEGER NOT NULL," /* of the other */
	" seq INTEGER NOT NULL,"
	" why TEXT NOT NULL," /* 'folio' or 'request' */
	" record_ms INTEGER NOT NULL,"
	" item BLOB NOT NULL"
	") STRICT;"
	"CREATE UNIQUE INDEX conflict_once ON conflict (sale, item);"
	/* Kept in step with sale, in its transaction. */
	"CREATE TABLE day_total ("
	" day TEXT NOT NULL,"
	" cart TEXT NOT NULL,"
	" sales INTEGER NOT NULL,"
	" units INTEGER NOT NULL,"
	" revenue INTEGER NOT NULL,"
	" customers INTEGER NOT NULL,"
	" abandoned INTEGER NOT NULL,"
	" voided INTEGER NOT NULL,"
	" provisional INTEGER NOT NULL,"
	" PRIMARY KEY (day, cart)"
	") STRICT, WITHOUT ROWID;"
	"CREATE TABLE day_customer ("
	" cart TEXT NOT NULL,"
	" day TEXT NOT NULL,"
	" customer_key TEXT NOT NULL,"
	" sales INTEGER NOT NULL,"
	" PRIMARY KEY (cart, day, customer_key)"
	") STRICT, WITHOUT ROWID;",
	SCHEMA_ALERTS_1,
	SCHEMA_RUNTIME_2
	/* A customer's visits, to any cart and to one: a name that many
	 * customers have makes many rows of the first. */
	"CREATE INDEX day_customer_visits"
	" ON day_customer (customer_key, day, cart, sales);"
	"CREATE INDEX day_customer_of_cart"
	" ON day_customer (cart, customer_key, day, sales);"
	"CREATE INDEX sale_contact ON sale (day) WHERE contact IS NOT NULL;"
	"ALTER TABLE conflict ADD COLUMN erased INTEGER NOT NULL DEFAULT 0;"
	"CREATE INDEX conflict_kept ON conflict (record_ms) WHERE erased = 0;"
	"CREATE TABLE sales_guild ("
	" one INTEGER PRIMARY KEY CHECK (one = 1),"
	" customer_secret BLOB," /* contacts in customer_key are hashed */
	" frequent_visits INTEGER NOT NULL"
	") STRICT;"
	"INSERT INTO sales_guild (one, frequent_visits) VALUES (1, 0);"
	/* A day that anything ever happened on. */
	"CREATE TABLE book_day ("
	" day TEXT PRIMARY KEY,"
	" edition INTEGER NOT NULL," /* of its book; 0: it has none */
	" first_ms INTEGER NOT NULL," /* it changed since; 0: it did not */
	" last_ms INTEGER NOT NULL"
	") STRICT, WITHOUT ROWID;"
	"CREATE INDEX book_changed ON book_day (day) WHERE last_ms <> 0;"
	"INSERT INTO book_day (day, edition, first_ms, last_ms)"
	" SELECT DISTINCT day, 0, 1, 1 FROM day_total;"
	"CREATE TABLE book_edition ("
	" day TEXT NOT NULL,"
	" edition INTEGER NOT NULL," /* 1, 2, ... */
	" made_ms INTEGER NOT NULL,"
	" frequent_visits INTEGER NOT NULL," /* so many were often */
	" PRIMARY KEY (day, edition)"
	") STRICT, WITHOUT ROWID;"
	/* What an edition has not, is as in the one before. */
	"CREATE TABLE book_row ("
	" day TEXT NOT NULL,"
	" cart TEXT NOT NULL," /* '': the guild */
	" edition INTEGER NOT NULL,"
	" sales INTEGER NOT NULL,"
	" units INTEGER NOT NULL,"
	" revenue INTEGER NOT NULL,"
	" customers INTEGER NOT NULL,"
	" frequent INTEGER NOT NULL,"
	" abandoned INTEGER NOT NULL,"
	" voided INTEGER NOT NULL,"
	" provisional INTEGER NOT NULL,"
	" PRIMARY KEY (day, cart, edition)"
	") STRICT, WITHOUT ROWID;" };

const struct store_schema schema_sales = {
	.name = "sales",
	.steps = steps,
	.step_count = sizeof(steps) / sizeof(steps[0]),
};
