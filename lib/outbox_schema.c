/*
 * The outbox's file and its statements.
 */
#include "lib/outbox_parts.h"

#include <errno.h>
#include <stdio.h>

/* Epochs with nothing kept stay so many, to tell a guild that asks again
 * that there was something. */
#define EMPTY_EPOCHS "200"

#define ROWS(name)                                                             \
	"CREATE TABLE " name " ("                                              \
	"	epoch INTEGER NOT NULL,"                                             \
	"	seq INTEGER NOT NULL,"                                               \
	"	at INTEGER NOT NULL," /* ms; Unix if boot is 0 */              \
	"	boot INTEGER NOT NULL,"                                              \
	"	item BLOB NOT NULL,"                                                 \
	"	gone BLOB NOT NULL," /* times of the hole before */            \
	"	PRIMARY KEY (epoch, seq)"                                            \
	") WITHOUT ROWID;"

static const char *const steps[] = {
	/* In the order of their ids epochs were begun and are sent. */
	"CREATE TABLE epoch ("
	"	id INTEGER PRIMARY KEY,"
	"	epoch INTEGER NOT NULL UNIQUE"
	");"
	"CREATE TABLE counter ("
	"	epoch INTEGER NOT NULL,"
	"	stream INTEGER NOT NULL,"
	"	next INTEGER NOT NULL,"
	"	acked INTEGER NOT NULL,"
	"	high INTEGER NOT NULL,"
	"	last_ms INTEGER NOT NULL,"
	"	untrusted INTEGER NOT NULL,"
	"	gone BLOB NOT NULL," /* empty: none */
	"	forgot BLOB NOT NULL,"
	"	PRIMARY KEY (epoch, stream)"
	") WITHOUT ROWID;"
	"CREATE INDEX counter_unsent ON counter (stream, epoch)"
	"	WHERE acked < next;" ROWS("pos") ROWS("sale") ROWS("stock")
	    ROWS("help") "CREATE TABLE request ("
			 "	id BLOB PRIMARY KEY,"
			 "	epoch INTEGER NOT NULL," /* the number itself */
			 "	seq INTEGER NOT NULL,"
			 "	digest INTEGER NOT NULL"
			 ") WITHOUT ROWID;"
			 "CREATE INDEX request_sale ON request (epoch, seq);"
			 "CREATE TABLE value ("
			 "	key TEXT PRIMARY KEY,"
			 "	value BLOB NOT NULL"
			 ") WITHOUT ROWID;"
			 "CREATE TABLE ledger (ledger INTEGER NOT NULL);"
			 "INSERT INTO ledger VALUES (0)",
};

const struct store_schema outbox_schema = { "outbox", steps,
	sizeof(steps) / sizeof(steps[0]) };

static const char *const sql[ST_COUNT] = {
	[ST_SAVEPOINT] = "SAVEPOINT one",
	[ST_RELEASE] = "RELEASE one",
	[ST_UNDO] = "ROLLBACK TO one",
	[ST_PAGES] = "PRAGMA page_count",
	[ST_FREE_PAGES] = "PRAGMA freelist_count",
	[ST_EPOCH_FIND] = "SELECT id FROM epoch WHERE epoch = ?",
	[ST_EPOCH_ADD] = "INSERT INTO epoch (epoch) VALUES (?) RETURNING id",
	[ST_EPOCH_NUMBER] = "SELECT epoch FROM epoch WHERE id = ?",
	[ST_COUNTER_GET] =
	    "SELECT next, acked, high, last_ms, untrusted, gone, forgot"
	    " FROM counter WHERE epoch = ? AND stream = ?",
	[ST_COUNTER_PUT] =
	    "INSERT INTO counter (epoch, stream, next, acked, high, last_ms,"
	    " untrusted, gone, forgot) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
	    " ON CONFLICT DO UPDATE SET next = excluded.next,"
	    " acked = excluded.acked, high = excluded.high,"
	    " last_ms = excluded.last_ms, untrusted = excluded.untrusted,"
	    " gone = excluded.gone, forgot = excluded.forgot",
	[ST_COUNTER_UNSENT] =
	    "SELECT epoch, acked, next FROM counter"
	    " WHERE stream = ? AND acked < next ORDER BY epoch LIMIT 1",
	[ST_COUNTER_RAISE] =
	    "UPDATE counter SET acked = 0 WHERE epoch IN"
	    " (SELECT epoch FROM counter WHERE last_ms >= ? OR untrusted)",
	[ST_NEWEST] = "SELECT max(last_ms) FROM counter",
	[ST_LEDGER_GET] = "SELECT ledger FROM ledger",
	[ST_LEDGER_PUT] = "UPDATE ledger SET ledger = ?",
	[ST_REQUEST_FIND] =
	    "SELECT epoch, seq, digest FROM request WHERE id = ?",
	[ST_REQUEST_ADD] =
	    "INSERT INTO request (id, epoch, seq, digest) VALUES (?, ?, ?, ?)",
	[ST_REQUEST_FORGET] =
	    "DELETE FROM request WHERE epoch = ? AND seq >= ? AND seq < ?",
	[ST_VALUE_GET] = "SELECT value FROM value WHERE key = ?",
	[ST_VALUE_PUT] = "INSERT INTO value (key, value) VALUES (?, ?)"
			 " ON CONFLICT DO UPDATE SET value = excluded.value",
};

/* Each with the stream's table once. */
static const char *const row_sql[ROW_STATEMENTS] = {
	[ROW_ADD] = "INSERT INTO %s (epoch, seq, at, boot, item, gone)"
		    " VALUES (?, ?, ?, ?, ?, ?)",
	[ROW_GET] = "SELECT item FROM %s WHERE epoch = ? AND seq = ?",
	[ROW_RANGE] = "SELECT seq, at, boot, item, gone FROM %s"
		      " WHERE epoch = ? AND seq >= ? ORDER BY seq",
	[ROW_FROM] = "SELECT epoch, seq FROM %s"
		     " WHERE (epoch, seq) >= (?, ?) ORDER BY epoch, seq"
		     " LIMIT 1",
	[ROW_SPAN] = "UPDATE %s SET gone = ? WHERE epoch = ? AND seq = ?",
	[ROW_COUNT_BETWEEN] = "SELECT count(*) FROM %s"
			      " WHERE epoch = ? AND seq >= ? AND seq < ?",
	[ROW_COUNT_UNSENT] =
	    "SELECT count(*) FROM counter AS c CROSS JOIN %s AS e"
	    " ON e.epoch = c.epoch AND e.seq >= c.acked"
	    " WHERE c.stream = ? AND c.acked < c.next",
	[ROW_FIRST_BELOW] = "SELECT at, boot FROM %s"
			    " WHERE epoch = ? AND seq < ?"
			    " ORDER BY seq LIMIT 1",
	[ROW_LAST_BELOW] = "SELECT at, boot FROM %s"
			   " WHERE epoch = ? AND seq < ?"
			   " ORDER BY seq DESC LIMIT 1",
	[ROW_DELETE_BETWEEN] = "DELETE FROM %s"
			       " WHERE epoch = ? AND seq >= ? AND seq < ?",
	[ROW_ACKNOWLEDGED] =
	    "SELECT e.epoch, e.seq, e.at, e.boot"
	    " FROM counter AS c CROSS JOIN %s AS e"
	    " ON e.epoch = c.epoch AND e.seq < c.acked"
	    " WHERE c.stream = ? ORDER BY c.epoch, e.seq LIMIT ?",
	[ROW_OLDEST_TRUSTED] = "SELECT at FROM %s"
			       " WHERE epoch = ? AND seq >= ? AND boot = 0"
			       " ORDER BY seq LIMIT 1",
	/* CROSS: the rows in their own order, the rest looked up. */
	[ROW_NEWEST] = "SELECT n.epoch, e.seq, e.at, e.boot, e.item,"
		       " e.seq < c.acked FROM %s AS e"
		       " CROSS JOIN epoch AS n ON n.id = e.epoch"
		       " CROSS JOIN counter AS c"
		       " ON c.epoch = e.epoch AND c.stream = ?"
		       " ORDER BY e.epoch DESC, e.seq DESC LIMIT ?",
};

int
outbox_prepare(struct outbox *ob)
{
	char text[512];

	for (int i = 0; i < ST_COUNT; i++) {
		ob->statements[i] = store_prepare(ob->store, sql[i]);
		if (ob->statements[i] == NULL)
			return -1;
	}
	for (int s = 0; s < STREAM_COUNT; s++) {
		for (int i = 0; i < ROW_STATEMENTS; i++) {
			snprintf(text, sizeof(text), row_sql[i],
			    stream_name((enum stream)s));
			ob->rows[s][i] = store_prepare(ob->store, text);
			if (ob->rows[s][i] == NULL)
				return -1;
		}
	}
	return 0;
}

int
outbox_prune(struct outbox *ob)
{
	static const char prune[] =
	    "DELETE FROM epoch WHERE id NOT IN"
	    " (SELECT id FROM epoch ORDER BY id DESC LIMIT " EMPTY_EPOCHS ")"
	    " AND NOT EXISTS (SELECT 1 FROM counter AS c"
	    "	WHERE c.epoch = id AND c.acked < c.next)"
	    " AND NOT EXISTS (SELECT 1 FROM pos AS e WHERE e.epoch = id)"
	    " AND NOT EXISTS (SELECT 1 FROM sale AS e WHERE e.epoch = id)"
	    " AND NOT EXISTS (SELECT 1 FROM stock AS e WHERE e.epoch = id)"
	    " AND NOT EXISTS (SELECT 1 FROM help AS e WHERE e.epoch = id);"
	    "DELETE FROM counter WHERE epoch NOT IN (SELECT id FROM epoch)";

	if (sqlite3_exec(store_handle(ob->store), prune, NULL, NULL, NULL) ==
	    SQLITE_OK)
		return 0;
	errno = EIO;
	return -1;
}
