/*
 * What the role positions judges by, in SQLite.
 */
#include "backend/store/judge_store.h"

#include <stdio.h>
#include <stdlib.h>

#include "backend/store/statements.h"

enum judge_statement {
	ZONE_PUT,
	ZONE_DELETE,
	ZONES,
	RULES_DELETE,
	RULE_PUT,
	RULES,
	WITNESS_PUT,
	WITNESSES,
	WATCH_PUT,
	WATCHES,
	REPORT_PUT,
	REPORT_JUDGED,
	REPORTS_WAITING,
	SIGHTING_PUT,
	SIGHTING_DELETE,
	SIGHTINGS,
	REPORTS_EXPIRE,
	JUDGE_STATEMENTS
};

static const char *const judge_sql[JUDGE_STATEMENTS] = {
	[ZONE_PUT] = "INSERT OR REPLACE INTO zone (id, bytes) VALUES (?, ?)",
	[ZONE_DELETE] = "DELETE FROM zone WHERE id = ?",
	[ZONES] = "SELECT bytes FROM zone ORDER BY id",
	[RULES_DELETE] = "DELETE FROM rule WHERE scope = ?",
	[RULE_PUT] = "INSERT OR REPLACE INTO rule (scope, name, value)"
		     " VALUES (?, ?, ?)",
	[RULES] = "SELECT scope, name, value FROM rule ORDER BY scope, name",
	[WITNESS_PUT] = "INSERT OR REPLACE INTO witness (part, beat_ms,"
			" clock_ms) VALUES (?, ?, ?)",
	[WITNESSES] = "SELECT part, beat_ms, clock_ms FROM witness",
	[WATCH_PUT] = "INSERT OR REPLACE INTO watch (cart, bytes)"
		      " VALUES (?, ?)",
	[WATCHES] = "SELECT cart, bytes FROM watch ORDER BY cart",
	[REPORT_PUT] = "INSERT INTO report (id, at_ms, lat_e6, lon_e6, note)"
		       " VALUES (?, ?, ?, ?, ?)",
	[REPORT_JUDGED] = "UPDATE report SET sighting = ? WHERE id = ?",
	[REPORTS_WAITING] = "SELECT id, at_ms, lat_e6, lon_e6, note"
			    " FROM report WHERE sighting IS NULL"
			    " ORDER BY at_ms, id",
	[SIGHTING_PUT] = "INSERT OR REPLACE INTO sighting (id, cart, first_ms,"
			 " last_ms, lat_e6, lon_e6, count, note)"
			 " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
	[SIGHTING_DELETE] = "DELETE FROM sighting WHERE id = ?",
	[SIGHTINGS] = "SELECT id, cart, first_ms, last_ms, lat_e6, lon_e6,"
		      " count, note FROM sighting ORDER BY first_ms, id",
	[REPORTS_EXPIRE] = "DELETE FROM report WHERE id IN (SELECT id"
			   " FROM report WHERE at_ms < ?"
			   " AND sighting IS NOT NULL LIMIT 100)",
};

struct judge_sqlite {
	struct judge_store base;
	struct statement *statements[JUDGE_STATEMENTS];
};

static struct statement *
statement(struct judge_store *store, enum judge_statement which)
{
	return ((struct judge_sqlite *)store)->statements[which];
}

static void
copy_text(char *to, size_t cap, struct statement *s, int column)
{
	const char *text = statement_text(s, column);

	snprintf(to, cap, "%s", text != NULL ? text : "");
}

static int
zone_put(
    struct judge_store *store, const char *id, const void *bytes, size_t len)
{
	struct statement *s = statement(store, ZONE_PUT);

	if (statement_bind(s, "sb", id, bytes, len) == -1)
		return -1;
	return statement_run(s);
}

static int
run_named(
    struct judge_store *store, enum judge_statement which, const char *name)
{
	struct statement *s = statement(store, which);

	if (statement_bind(s, "s", name) == -1)
		return -1;
	return statement_run(s);
}

static int
zone_delete(struct judge_store *store, const char *id)
{
	return run_named(store, ZONE_DELETE, id);
}

static int
zones_each(struct judge_store *store, int (*each)(void *, const void *, size_t),
    void *ctx)
{
	struct statement *s = statement(store, ZONES);
	const void *bytes;
	size_t len;
	int rc;

	if (statement_bind(s, "") == -1)
		return -1;
	while ((rc = statement_step(s)) == 1) {
		bytes = statement_blob(s, 0, &len);
		rc = each(ctx, bytes, len);
		if (rc != 0)
			break;
	}
	statement_reset(s);
	return rc == -1 ? -1 : 0;
}

static int
rules_delete(struct judge_store *store, const char *scope)
{
	return run_named(store, RULES_DELETE, scope);
}

static int
rule_put(struct judge_store *store, const char *scope, const char *name,
    const char *value)
{
	struct statement *s = statement(store, RULE_PUT);

	if (statement_bind(s, "sss", scope, name, value) == -1)
		return -1;
	return statement_run(s);
}

static int
rules_each(struct judge_store *store,
    int (*each)(void *, const char *, const char *, const char *), void *ctx)
{
	struct statement *s = statement(store, RULES);
	int rc;

	if (statement_bind(s, "") == -1)
		return -1;
	while ((rc = statement_step(s)) == 1) {
		rc = each(ctx, statement_text(s, 0), statement_text(s, 1),
		    statement_text(s, 2));
		if (rc != 0)
			break;
	}
	statement_reset(s);
	return rc == -1 ? -1 : 0;
}

static int
witness_put(struct judge_store *store, const struct witness_row *row)
{
	struct statement *s = statement(store, WITNESS_PUT);

	if (statement_bind(s, "iII", row->part, row->beat_ms, row->clock_ms) ==
	    -1)
		return -1;
	return statement_run(s);
}

static int
witness_each(struct judge_store *store,
    int (*each)(void *, const struct witness_row *), void *ctx)
{
	struct statement *s = statement(store, WITNESSES);
	struct witness_row row;
	int rc;

	if (statement_bind(s, "") == -1)
		return -1;
	while ((rc = statement_step(s)) == 1) {
		row.part = (int32_t)statement_int(s, 0);
		row.beat_ms = statement_int(s, 1);
		row.clock_ms = statement_int(s, 2);
		rc = each(ctx, &row);
		if (rc != 0)
			break;
	}
	statement_reset(s);
	return rc == -1 ? -1 : 0;
}

static int
watch_put(
    struct judge_store *store, const char *cart, const void *bytes, size_t len)
{
	struct statement *s = statement(store, WATCH_PUT);

	if (statement_bind(s, "sb", cart, bytes, len) == -1)
		return -1;
	return statement_run(s);
}

static int
watch_each(struct judge_store *store,
    int (*each)(void *, const char *, const void *, size_t), void *ctx)
{
	struct statement *s = statement(store, WATCHES);
	const void *bytes;
	size_t len;
	int rc;

	if (statement_bind(s, "") == -1)
		return -1;
	while ((rc = statement_step(s)) == 1) {
		bytes = statement_blob(s, 1, &len);
		rc = each(ctx, statement_text(s, 0), bytes, len);
		if (rc != 0)
			break;
	}
	statement_reset(s);
	return rc == -1 ? -1 : 0;
}

static int
report_put(struct judge_store *store, const struct strange_report *report)
{
	struct statement *s = statement(store, REPORT_PUT);

	if (statement_bind(s, "sIiis", report->id, report->at_ms,
		(int)report->lat_e6, (int)report->lon_e6, report->note) == -1)
		return -1;
	return statement_run(s);
}

static int
report_judged(struct judge_store *store, const char *id, const char *sighting)
{
	struct statement *s = statement(store, REPORT_JUDGED);

	if (statement_bind(s, "ss", sighting, id) == -1)
		return -1;
	return statement_run(s);
}

static int
reports_waiting(struct judge_store *store,
    int (*each)(void *, const struct strange_report *), void *ctx)
{
	struct statement *s = statement(store, REPORTS_WAITING);
	struct strange_report report;
	int rc;

	if (statement_bind(s, "") == -1)
		return -1;
	while ((rc = statement_step(s)) == 1) {
		copy_text(report.id, sizeof(report.id), s, 0);
		report.at_ms = statement_int(s, 1);
		report.lat_e6 = (int32_t)statement_int(s, 2);
		report.lon_e6 = (int32_t)statement_int(s, 3);
		copy_text(report.note, sizeof(report.note), s, 4);
		rc = each(ctx, &report);
		if (rc != 0)
			break;
	}
	statement_reset(s);
	return rc == -1 ? -1 : 0;
}

static int
sighting_put(struct judge_store *store, const struct sighting_row *row)
{
	struct statement *s = statement(store, SIGHTING_PUT);

	if (statement_bind(s, "ssIIiiIs", row->id, row->cart, row->first_ms,
		row->last_ms, (int)row->lat_e6, (int)row->lon_e6,
		(int64_t)row->count, row->note) == -1)
		return -1;
	return statement_run(s);
}

static int
sighting_delete(struct judge_store *store, const char *id)
{
	return run_named(store, SIGHTING_DELETE, id);
}

static int
sightings_each(struct judge_store *store,
    int (*each)(void *, const struct sighting_row *), void *ctx)
{
	struct statement *s = statement(store, SIGHTINGS);
	struct sighting_row row;
	int rc;

	if (statement_bind(s, "") == -1)
		return -1;
	while ((rc = statement_step(s)) == 1) {
		copy_text(row.id, sizeof(row.id), s, 0);
		copy_text(row.cart, sizeof(row.cart), s, 1);
		row.first_ms = statement_int(s, 2);
		row.last_ms = statement_int(s, 3);
		row.lat_e6 = (int32_t)statement_int(s, 4);
		row.lon_e6 = (int32_t)statement_int(s, 5);
		row.count = (uint32_t)statement_int(s, 6);
		copy_text(row.note, sizeof(row.note), s, 7);
		rc = each(ctx, &row);
		if (rc != 0)
			break;
	}
	statement_reset(s);
	return rc == -1 ? -1 : 0;
}

static int
reports_expire(struct judge_store *store, int64_t before_ms)
{
	struct statement *s = statement(store, REPORTS_EXPIRE);

	if (statement_bind(s, "I", before_ms) == -1)
		return -1;
	return statement_run(s);
}

static void
judge_close(struct judge_store *store)
{
	free(store); /* statements go with the database */
}

static const struct judge_store_ops judge_ops = {
	.zone_put = zone_put,
	.zone_delete = zone_delete,
	.zones_each = zones_each,
	.rules_delete = rules_delete,
	.rule_put = rule_put,
	.rules_each = rules_each,
	.witness_put = witness_put,
	.witness_each = witness_each,
	.watch_put = watch_put,
	.watch_each = watch_each,
	.report_put = report_put,
	.report_judged = report_judged,
	.reports_waiting = reports_waiting,
	.sighting_put = sighting_put,
	.sighting_delete = sighting_delete,
	.sightings_each = sightings_each,
	.reports_expire = reports_expire,
	.close = judge_close,
};

struct judge_store *
judge_store_sqlite(struct database *db)
{
	struct judge_sqlite *store = calloc(1, sizeof(*store));

	if (store == NULL)
		return NULL;
	store->base.ops = &judge_ops;
	if (statements_prepare(db->sqlite, judge_sql, JUDGE_STATEMENTS,
		store->statements) == -1) {
		free(store);
		return NULL;
	}
	return &store->base;
}
