/*
 * A role's alerts in SQLite.
 */
#include "backend/store/alerts_sqlite.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "backend/store/statements.h"

enum alerts_statement {
	ALERT_PUT,
	ALERT_GET,
	ALERTS_OPEN,
	ALERTS_EXPIRE,
	ALERTS_STATEMENTS
};

static const char *const alerts_sql[ALERTS_STATEMENTS] = {
	[ALERT_PUT] = "INSERT INTO alert (" ALERT_COLUMNS ")"
		      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
		      " ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
		      " state = excluded.state, settled = excluded.settled,"
		      " revision = excluded.revision,"
		      " opened_ms = excluded.opened_ms,"
		      " at_ms = excluded.at_ms, since_ms = excluded.since_ms,"
		      " until_ms = excluded.until_ms, known = excluded.known,"
		      " why = excluded.why, has_place = excluded.has_place,"
		      " lat_e6 = excluded.lat_e6, lon_e6 = excluded.lon_e6,"
		      " place_at_ms = excluded.place_at_ms,"
		      " moved_m = excluded.moved_m, count = excluded.count,"
		      " subject = excluded.subject,"
		      " by_whom = excluded.by_whom, note = excluded.note",
	[ALERT_GET] = "SELECT " ALERT_COLUMNS " FROM alert WHERE id = ?",
	[ALERTS_OPEN] = "SELECT " ALERT_COLUMNS " FROM alert WHERE state = 0"
			" ORDER BY cart, cause, id",
	[ALERTS_EXPIRE] = "DELETE FROM alert WHERE id IN"
			  " (SELECT id FROM alert WHERE state = 2"
			  " AND at_ms < ? LIMIT 100)",
};

struct alerts_sqlite {
	struct alerts_store base;
	struct statement *statements[ALERTS_STATEMENTS];
};

static struct statement *
statement(struct alerts_store *store, enum alerts_statement which)
{
	return ((struct alerts_sqlite *)store)->statements[which];
}

/* "Not given" is 0 in the tables. */
static int64_t
moment_out(int64_t ms)
{
	return ms == INSTANT_MISSING ? 0 : ms;
}

static int64_t
moment_in(int64_t ms)
{
	return ms == 0 ? INSTANT_MISSING : ms;
}

static void
copy_text(char *to, size_t cap, struct statement *s, int column)
{
	const char *text = statement_text(s, column);

	snprintf(to, cap, "%s", text != NULL ? text : "");
}

void
alert_row_fill(struct statement *s, struct alert_row *row)
{
	struct alert_event *e = &row->event;

	copy_text(e->id, sizeof(e->id), s, 0);
	copy_text(e->cart, sizeof(e->cart), s, 1);
	e->cause = (enum alert_cause)statement_int(s, 2);
	e->state = (enum alert_state)statement_int(s, 3);
	row->settled = statement_int(s, 4) != 0;
	e->revision = (uint32_t)statement_int(s, 5);
	row->opened_ms = statement_int(s, 6);
	e->at_ms = statement_int(s, 7);
	e->since_ms = statement_int(s, 8);
	e->until_ms = moment_in(statement_int(s, 9));
	e->known = (enum alert_known)statement_int(s, 10);
	e->why = (enum alert_why)statement_int(s, 11);
	e->has_place = statement_int(s, 12) != 0;
	e->lat_e6 = (int32_t)statement_int(s, 13);
	e->lon_e6 = (int32_t)statement_int(s, 14);
	e->place_at_ms = moment_in(statement_int(s, 15));
	e->moved_m = statement_int(s, 16);
	e->count = statement_int(s, 17);
	copy_text(e->subject, sizeof(e->subject), s, 18);
	copy_text(e->by, sizeof(e->by), s, 19);
	copy_text(e->note, sizeof(e->note), s, 20);
}

static int
alert_put(struct alerts_store *store, const struct alert_row *row)
{
	struct statement *s = statement(store, ALERT_PUT);
	const struct alert_event *e = &row->event;

	if (statement_bind(s, "ssiiiIIIIIiiiiiIIIsss", e->id, e->cart,
		(int)e->cause, (int)e->state, (int)row->settled,
		(int64_t)e->revision, row->opened_ms, e->at_ms, e->since_ms,
		moment_out(e->until_ms), (int)e->known, (int)e->why,
		(int)e->has_place, (int)e->lat_e6, (int)e->lon_e6,
		moment_out(e->place_at_ms), e->moved_m, e->count, e->subject,
		e->by, e->note) == -1)
		return -1;
	return statement_run(s);
}

static int
alert_get(struct alerts_store *store, const char *id, struct alert_row *row)
{
	struct statement *s = statement(store, ALERT_GET);
	int rc;

	if (statement_bind(s, "s", id) == -1)
		return -1;
	rc = statement_step(s);
	if (rc == 1)
		alert_row_fill(s, row);
	statement_reset(s);
	return rc;
}

static int
alerts_open_each(struct alerts_store *store,
    int (*each)(void *, const struct alert_row *), void *ctx)
{
	struct statement *s = statement(store, ALERTS_OPEN);
	struct alert_row row;
	int rc;

	if (statement_bind(s, "") == -1)
		return -1;
	while ((rc = statement_step(s)) == 1) {
		alert_row_fill(s, &row);
		rc = each(ctx, &row);
		if (rc != 0)
			break;
	}
	statement_reset(s);
	return rc == -1 ? -1 : 0;
}

static int
alerts_expire(struct alerts_store *store, int64_t before_ms)
{
	struct statement *s = statement(store, ALERTS_EXPIRE);

	if (statement_bind(s, "I", before_ms) == -1)
		return -1;
	return statement_run(s);
}

static void
alerts_close(struct alerts_store *store)
{
	free(store); /* statements go with the database */
}

static const struct alerts_store_ops alerts_ops = {
	.put = alert_put,
	.get = alert_get,
	.open_each = alerts_open_each,
	.expire = alerts_expire,
	.close = alerts_close,
};

struct alerts_store *
alerts_store_sqlite(struct database *db)
{
	struct alerts_sqlite *store = calloc(1, sizeof(*store));

	if (store == NULL)
		return NULL;
	store->base.ops = &alerts_ops;
	if (statements_prepare(db->sqlite, alerts_sql, ALERTS_STATEMENTS,
		store->statements) == -1) {
		free(store);
		return NULL;
	}
	return &store->base;
}
