/*
 * What the role notify remembers, in SQLite.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/store/notify_store.h"
#include "backend/store/statements.h"

/* What one transaction forgets. */
#define FORGET_MAX 1000

enum {
	NOTIFY_ADD,
	NOTIFY_LAST,
	NOTIFY_GET,
	NOTIFY_NOTICE,
	NOTIFY_PUT,
	NOTIFY_END,
	NOTIFY_DUE,
	NOTIFY_IN_STATE,
	NOTIFY_OF_DIGEST,
	NOTIFY_HELD_RECIPIENTS,
	NOTIFY_FIND_ALERT,
	NOTIFY_FIND_OPEN,
	NOTIFY_ALERTS_SINCE,
	NOTIFY_WAKE,
	NOTIFY_FORGET,
	NOTIFY_STATEMENTS
};

/* The columns in row_fill's order. */
#define COLUMNS                                                                \
	"d.id, d.mail_id, d.way, d.kind, d.recipient, d.event, d.subject,"     \
	" d.state, d.tries, d.born_ms, d.next_ms, d.held, d.doubt, d.over,"    \
	" d.away, d.digest"

/* States are written out for the partial indexes: see schema_notify.c. */
static const char *const notify_sql[NOTIFY_STATEMENTS] = {
	[NOTIFY_ADD] = "INSERT OR IGNORE INTO letter (mail_id, way, kind,"
		       " recipient, event, subject, state, tries, born_ms,"
		       " next_ms, held, doubt, over, away, digest, done_ms,"
		       " notice) VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?, 0, 0, 0,"
		       " 0, 0, 0, ?)",
	[NOTIFY_LAST] = "SELECT last_insert_rowid()",
	[NOTIFY_GET] = "SELECT " COLUMNS " FROM letter d WHERE d.id = ?",
	[NOTIFY_NOTICE] = "SELECT notice FROM letter WHERE id = ?",
	[NOTIFY_PUT] = "UPDATE letter SET state = ?, tries = ?, next_ms = ?,"
		       " held = ?, doubt = ?, over = ?, away = ?, digest = ?"
		       " WHERE id = ?",
	[NOTIFY_END] = "UPDATE letter SET done_ms = ?, notice = NULL,"
		       " recipient = CASE kind WHEN 0 THEN '' ELSE recipient"
		       " END WHERE id = ?",
	[NOTIFY_DUE] = "SELECT " COLUMNS " FROM letter d"
		       " WHERE d.way = ? AND d.state < 2 AND d.next_ms <= ?"
		       " AND (d.subject = '' OR NOT EXISTS (SELECT 1"
		       " FROM letter e WHERE e.recipient = d.recipient"
		       " AND e.subject = d.subject AND e.id < d.id"
		       " AND e.state < 4))"
		       " ORDER BY d.next_ms, d.id LIMIT ?",
	[NOTIFY_IN_STATE] = "SELECT " COLUMNS " FROM letter d"
			    " WHERE d.state = ?1 AND d.state IN (2, 3)"
			    " AND (?2 IS NULL OR d.recipient = ?2)"
			    " ORDER BY d.id LIMIT ?3",
	[NOTIFY_OF_DIGEST] = "SELECT " COLUMNS " FROM letter d"
			     " WHERE d.digest = ? AND d.digest <> 0"
			     " AND d.state = 3 ORDER BY d.id LIMIT ?",
	[NOTIFY_HELD_RECIPIENTS] =
	    "SELECT DISTINCT recipient FROM letter"
	    " WHERE state = 2 AND state IN (2, 3) LIMIT ?",
	[NOTIFY_FIND_ALERT] = "SELECT " COLUMNS " FROM letter d"
			      " WHERE d.recipient = ? AND d.subject = ?"
			      " AND d.kind = 1 ORDER BY d.id DESC LIMIT 1",
	[NOTIFY_FIND_OPEN] = "SELECT " COLUMNS " FROM letter d"
			     " WHERE d.recipient = ? AND d.subject = ?"
			     " AND d.kind = ? AND d.state < 4"
			     " ORDER BY d.id LIMIT 1",
	[NOTIFY_ALERTS_SINCE] =
	    "SELECT (SELECT count(*) FROM letter WHERE recipient = ?1"
	    " AND kind > 0 AND state = 4 AND digest = 0 AND done_ms > ?2)"
	    " + (SELECT count(*) FROM letter WHERE state = 3"
	    " AND state IN (2, 3) AND recipient = ?1 AND kind > 0"
	    " AND held = 0)",
	[NOTIFY_WAKE] = "UPDATE letter SET next_ms = ?2"
			" WHERE way = ?1 AND away = 1 AND state = 1"
			" AND next_ms > ?2",
	[NOTIFY_FORGET] = "DELETE FROM letter WHERE id IN (SELECT id"
			  " FROM letter WHERE done_ms <> 0 AND done_ms < ?"
			  " LIMIT ?)",
};

struct notify_sqlite {
	struct notify_store base;
	struct statement *statements[NOTIFY_STATEMENTS];
};

static struct statement *
statement_of(struct notify_store *store, int which)
{
	return ((struct notify_sqlite *)store)->statements[which];
}

static void
take_text(char *to, size_t cap, struct statement *s, int column)
{
	snprintf(to, cap, "%s", statement_text(s, column));
}

static void
row_fill(struct statement *s, struct letter *d)
{
	d->id = statement_int(s, 0);
	take_text(d->mail_id, sizeof(d->mail_id), s, 1);
	d->way = (enum letter_way)statement_int(s, 2);
	d->kind = (enum letter_kind)statement_int(s, 3);
	take_text(d->to, sizeof(d->to), s, 4);
	take_text(d->event, sizeof(d->event), s, 5);
	take_text(d->subject, sizeof(d->subject), s, 6);
	d->courier = (struct courier){
		.state = (enum courier_state)statement_int(s, 7),
		.tries = (uint32_t)statement_int(s, 8),
		.born_ms = statement_int(s, 9),
		.next_ms = statement_int(s, 10),
		.held = statement_int(s, 11) != 0,
		.doubt = statement_int(s, 12) != 0,
		.over = statement_int(s, 13) != 0,
		.away = statement_int(s, 14) != 0,
	};
	d->digest = statement_int(s, 15);
}

/* Rows of a bound statement. */
static int
rows_fill(struct statement *s, struct letter *rows, int cap)
{
	int rc = 0, count = 0;

	while (count < cap && (rc = statement_step(s)) == 1)
		row_fill(s, &rows[count++]);
	statement_reset(s);
	return rc == -1 ? -1 : count;
}

/* One number of a bound statement. */
static int
number(struct statement *s, int64_t *n)
{
	int rc = statement_step(s);

	if (rc == 1)
		*n = statement_int(s, 0);
	statement_reset(s);
	return rc == -1 ? -1 : 0;
}

static int
notify_add(struct notify_store *store, struct letter *d, const void *notice,
    size_t len)
{
	struct statement *s = statement_of(store, NOTIFY_ADD);

	if (statement_bind(s, notice == NULL ? "siisssiIIn" : "siisssiIIb",
		d->mail_id, (int)d->way, (int)d->kind, d->to, d->event,
		d->subject, (int)d->courier.state, d->courier.born_ms,
		d->courier.next_ms, notice, len) == -1 ||
	    statement_run(s) == -1)
		return -1;
	if (statement_changes(s) == 0)
		return 0;
	s = statement_of(store, NOTIFY_LAST);
	if (statement_bind(s, "") == -1 || number(s, &d->id) == -1)
		return -1;
	return 1;
}

static int
notify_get(struct notify_store *store, int64_t id, struct letter *d)
{
	struct statement *s = statement_of(store, NOTIFY_GET);

	if (statement_bind(s, "I", id) == -1)
		return -1;
	return rows_fill(s, d, 1);
}

static int
notify_notice(
    struct notify_store *store, int64_t id, void *buf, size_t cap, size_t *len)
{
	struct statement *s = statement_of(store, NOTIFY_NOTICE);
	const void *bytes;
	int rc;

	if (statement_bind(s, "I", id) == -1)
		return -1;
	rc = statement_step(s);
	if (rc == 1 && statement_null(s, 0)) {
		rc = 0;
	} else if (rc == 1) {
		bytes = statement_blob(s, 0, len);
		if (*len > cap) {
			errno = ENOBUFS;
			rc = -1;
		} else {
			memcpy(buf, bytes, *len);
		}
	}
	statement_reset(s);
	return rc;
}

static int
notify_put(struct notify_store *store, const struct letter *d, int64_t now_ms)
{
	struct statement *s = statement_of(store, NOTIFY_PUT);
	const struct courier *c = &d->courier;

	if (statement_bind(s, "iIIiiiiII", (int)c->state, (int64_t)c->tries,
		c->next_ms, (int)c->held, (int)c->doubt, (int)c->over,
		(int)c->away, d->digest, d->id) == -1 ||
	    statement_run(s) == -1)
		return -1;
	if (courier_is_open(c->state))
		return 0;
	s = statement_of(store, NOTIFY_END);
	if (statement_bind(s, "II", now_ms, d->id) == -1)
		return -1;
	return statement_run(s);
}

static int
notify_due(struct notify_store *store, enum letter_way way, int64_t now_ms,
    struct letter *rows, int cap)
{
	struct statement *s = statement_of(store, NOTIFY_DUE);

	if (statement_bind(s, "iIi", (int)way, now_ms, cap) == -1)
		return -1;
	return rows_fill(s, rows, cap);
}

static int
notify_in_state(struct notify_store *store, enum courier_state state,
    const char *to, struct letter *rows, int cap)
{
	struct statement *s = statement_of(store, NOTIFY_IN_STATE);

	if (statement_bind(s, "isi", (int)state, to, cap) == -1)
		return -1;
	return rows_fill(s, rows, cap);
}

static int
notify_of_digest(
    struct notify_store *store, int64_t digest, struct letter *rows, int cap)
{
	struct statement *s = statement_of(store, NOTIFY_OF_DIGEST);

	if (statement_bind(s, "Ii", digest, cap) == -1)
		return -1;
	return rows_fill(s, rows, cap);
}

static int
notify_held_recipients(
    struct notify_store *store, char (*to)[NOTICE_TO_MAX + 1], int cap)
{
	struct statement *s = statement_of(store, NOTIFY_HELD_RECIPIENTS);
	int rc = 0, count = 0;

	if (statement_bind(s, "i", cap) == -1)
		return -1;
	while (count < cap && (rc = statement_step(s)) == 1)
		take_text(to[count++], NOTICE_TO_MAX + 1, s, 0);
	statement_reset(s);
	return rc == -1 ? -1 : count;
}

static int
notify_find_alert(struct notify_store *store, const char *to,
    const char *subject, struct letter *d)
{
	struct statement *s = statement_of(store, NOTIFY_FIND_ALERT);

	if (statement_bind(s, "ss", to, subject) == -1)
		return -1;
	return rows_fill(s, d, 1);
}

static int
notify_find_open(struct notify_store *store, const char *to,
    const char *subject, enum letter_kind kind, struct letter *d)
{
	struct statement *s = statement_of(store, NOTIFY_FIND_OPEN);

	if (statement_bind(s, "ssi", to, subject, (int)kind) == -1)
		return -1;
	return rows_fill(s, d, 1);
}

static int
notify_alerts_since(struct notify_store *store, const char *to,
    int64_t since_ms, int64_t *count)
{
	struct statement *s = statement_of(store, NOTIFY_ALERTS_SINCE);

	*count = 0;
	if (statement_bind(s, "sI", to, since_ms) == -1)
		return -1;
	return number(s, count);
}

static int
notify_wake(struct notify_store *store, enum letter_way way, int64_t now_ms)
{
	struct statement *s = statement_of(store, NOTIFY_WAKE);

	if (statement_bind(s, "iI", (int)way, now_ms) == -1)
		return -1;
	return statement_run(s);
}

static int
notify_forget(struct notify_store *store, int64_t before_ms)
{
	struct statement *s = statement_of(store, NOTIFY_FORGET);

	if (statement_bind(s, "Ii", before_ms, FORGET_MAX) == -1)
		return -1;
	return statement_run(s);
}

static void
notify_close(struct notify_store *store)
{
	free(store); /* statements go with the database */
}

static const struct notify_store_ops notify_ops = {
	.add = notify_add,
	.get = notify_get,
	.notice = notify_notice,
	.put = notify_put,
	.due = notify_due,
	.in_state = notify_in_state,
	.of_digest = notify_of_digest,
	.held_recipients = notify_held_recipients,
	.find_alert = notify_find_alert,
	.find_open = notify_find_open,
	.alerts_since = notify_alerts_since,
	.wake = notify_wake,
	.forget = notify_forget,
	.close = notify_close,
};

struct notify_store *
notify_store_sqlite(struct database *db)
{
	struct notify_sqlite *store = calloc(1, sizeof(*store));

	if (store == NULL)
		return NULL;
	store->base.ops = &notify_ops;
	if (sqlite3_exec(store_handle(db->sqlite), "PRAGMA secure_delete = ON",
		NULL, NULL, NULL) != SQLITE_OK ||
	    statements_prepare(db->sqlite, notify_sql, NOTIFY_STATEMENTS,
		store->statements) == -1) {
		free(store);
		return NULL;
	}
	return &store->base;
}
