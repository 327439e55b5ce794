/*
 * The books of closed days in SQLite.
 */
#include <stdio.h>
#include <stdlib.h>

#include "backend/store/daybooks_store.h"
#include "backend/store/statements.h"

enum daybook_statement {
	DAY_CHANGE,
	CHANGED_NEXT,
	DAY_SETTLE,
	LATER_VISITS,
	FIGURES_GUILD,
	FIGURES_CARTS,
	ROW_LAST,
	ROW_PUT,
	EDITION_PUT,
	FREQUENT_PUT,
	DAYBOOK_STATEMENTS
};

/* DAYBOOK_VISIT_DAYS of them, the day itself the last. */
#define WINDOW "BETWEEN date(?1, '-29 days') AND ?1"
_Static_assert(DAYBOOK_VISIT_DAYS == 30, "WINDOW says 29 days before");

static const char *const daybooks_sql[DAYBOOK_STATEMENTS] = {
	[DAY_CHANGE] =
	    "INSERT INTO book_day (day, edition, first_ms, last_ms)"
	    " VALUES (?1, 0, ?2, ?2) ON CONFLICT (day) DO UPDATE SET"
	    " first_ms = iif(last_ms = 0, ?2, first_ms), last_ms = ?2",
	[CHANGED_NEXT] = "SELECT day, edition, first_ms, last_ms FROM book_day"
			 " WHERE last_ms <> 0 AND day > ? ORDER BY day LIMIT 1",
	[DAY_SETTLE] = "UPDATE book_day SET edition = ?2, first_ms = 0,"
		       " last_ms = 0 WHERE day = ?1",
	[LATER_VISITS] = "SELECT DISTINCT day FROM day_customer"
			 " WHERE customer_key = ?2 AND day > ?1"
			 " AND day <= date(?1, '+29 days')",
	/* A customer of two carts is one of the guild's. */
	[FIGURES_GUILD] =
	    "SELECT s.*, c.customers, c.frequent, a.*"
	    " FROM (SELECT ifnull(sum(sales), 0), ifnull(sum(units), 0),"
	    "  ifnull(sum(revenue), 0) FROM day_total WHERE day = ?1) AS s,"
	    " (SELECT ifnull(sum(abandoned), 0), ifnull(sum(voided), 0),"
	    "  ifnull(sum(provisional), 0)"
	    "  FROM day_total WHERE day = ?1) AS a,"
	    " (SELECT count(*) AS customers, ifnull(sum("
	    "   (SELECT sum(v.sales) FROM day_customer AS v"
	    "    INDEXED BY day_customer_visits WHERE v.customer_key = k"
	    "    AND v.day " WINDOW ") >= ?2), 0) AS frequent"
	    "  FROM (SELECT DISTINCT o.customer_key AS k"
	    "   FROM day_total AS d CROSS JOIN day_customer AS o"
	    "   ON o.cart = d.cart AND o.day = d.day"
	    "   WHERE d.day = ?1)) AS c",
	[FIGURES_CARTS] =
	    "SELECT d.cart, d.sales, d.units, d.revenue, d.customers,"
	    " (SELECT count(*) FROM day_customer AS c"
	    "  WHERE c.cart = d.cart AND c.day = d.day"
	    "  AND (SELECT sum(v.sales) FROM day_customer AS v"
	    "   INDEXED BY day_customer_of_cart WHERE v.cart = c.cart"
	    "   AND v.customer_key = c.customer_key"
	    "   AND v.day " WINDOW ") >= ?2),"
	    " d.abandoned, d.voided, d.provisional"
	    " FROM day_total AS d WHERE d.day = ?1 ORDER BY d.cart",
	[ROW_LAST] = "SELECT sales, units, revenue, customers, frequent,"
		     " abandoned, voided, provisional FROM book_row"
		     " WHERE day = ? AND cart = ?"
		     " ORDER BY edition DESC LIMIT 1",
	[ROW_PUT] = "INSERT INTO book_row (day, cart, edition, sales, units,"
		    " revenue, customers, frequent, abandoned, voided,"
		    " provisional) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[EDITION_PUT] = "INSERT INTO book_edition (day, edition, made_ms,"
			" frequent_visits) VALUES (?, ?, ?, ?)",
	[FREQUENT_PUT] = "UPDATE sales_guild SET frequent_visits = ?",
};

struct daybooks_sqlite {
	struct daybooks_store base;
	struct statement *statements[DAYBOOK_STATEMENTS];
};

static struct statement *
statement(struct daybooks_store *store, enum daybook_statement which)
{
	return ((struct daybooks_sqlite *)store)->statements[which];
}

static int
day_change(struct daybooks_store *store, const char *day, int64_t now_ms)
{
	struct statement *s = statement(store, DAY_CHANGE);

	if (statement_bind(s, "sI", day, now_ms) == -1)
		return -1;
	return statement_run(s);
}

static int
changed_next(
    struct daybooks_store *store, const char *after, struct daybook_day *day)
{
	struct statement *s = statement(store, CHANGED_NEXT);
	int rc;

	if (statement_bind(s, "s", after) == -1)
		return -1;
	rc = statement_step(s);
	if (rc == 1) {
		snprintf(
		    day->day, sizeof(day->day), "%s", statement_text(s, 0));
		day->edition = statement_int(s, 1);
		day->changes.first_ms = statement_int(s, 2);
		day->changes.last_ms = statement_int(s, 3);
	}
	statement_reset(s);
	return rc;
}

static int
day_settle(struct daybooks_store *store, const char *day, int64_t edition)
{
	struct statement *s = statement(store, DAY_SETTLE);

	if (statement_bind(s, "sI", day, edition) == -1)
		return -1;
	return statement_run(s);
}

static int
later_visits(struct daybooks_store *store, const char *day,
    const char *customer_key, int (*each)(void *, const char *), void *ctx)
{
	struct statement *s = statement(store, LATER_VISITS);
	int rc;

	if (statement_bind(s, "ss", day, customer_key) == -1)
		return -1;
	while ((rc = statement_step(s)) == 1) {
		if (each(ctx, statement_text(s, 0)) == -1) {
			statement_reset(s);
			return -1;
		}
	}
	return rc;
}

/* From the column on. */
static void
figures_fill(struct statement *s, int column, struct daybook_figures *f)
{
	f->sales = statement_int(s, column);
	f->units = statement_int(s, column + 1);
	f->revenue = statement_int(s, column + 2);
	f->customers = statement_int(s, column + 3);
	f->frequent = statement_int(s, column + 4);
	f->abandoned = statement_int(s, column + 5);
	f->voided = statement_int(s, column + 6);
	f->provisional = statement_int(s, column + 7);
}

static int
figures_guild(struct daybooks_store *store, const char *day, int64_t visits,
    struct daybook_figures *f)
{
	struct statement *s = statement(store, FIGURES_GUILD);
	int rc;

	if (statement_bind(s, "sI", day, visits) == -1)
		return -1;
	rc = statement_step(s);
	if (rc == 1)
		figures_fill(s, 0, f);
	statement_reset(s);
	return rc == 1 ? 0 : -1;
}

static int
figures(struct daybooks_store *store, const char *day, int64_t visits,
    int (*each)(void *, const char *, const struct daybook_figures *),
    void *ctx)
{
	struct statement *s = statement(store, FIGURES_CARTS);
	struct daybook_figures f;
	int rc;

	if (figures_guild(store, day, visits, &f) == -1 ||
	    each(ctx, "", &f) == -1 ||
	    statement_bind(s, "sI", day, visits) == -1)
		return -1;
	while ((rc = statement_step(s)) == 1) {
		figures_fill(s, 1, &f);
		if (each(ctx, statement_text(s, 0), &f) == -1) {
			statement_reset(s);
			return -1;
		}
	}
	return rc;
}

static int
row_last(struct daybooks_store *store, const char *day, const char *cart,
    struct daybook_figures *f)
{
	struct statement *s = statement(store, ROW_LAST);
	int rc;

	if (statement_bind(s, "ss", day, cart) == -1)
		return -1;
	rc = statement_step(s);
	if (rc == 1)
		figures_fill(s, 0, f);
	statement_reset(s);
	return rc;
}

static int
row_put(struct daybooks_store *store, const char *day, const char *cart,
    int64_t edition, const struct daybook_figures *f)
{
	struct statement *s = statement(store, ROW_PUT);

	if (statement_bind(s, "ssIIIIIIIII", day, cart, edition, f->sales,
		f->units, f->revenue, f->customers, f->frequent, f->abandoned,
		f->voided, f->provisional) == -1)
		return -1;
	return statement_run(s);
}

static int
edition_put(struct daybooks_store *store, const struct daybook_edition *e)
{
	struct statement *s = statement(store, EDITION_PUT);

	if (statement_bind(s, "sIII", e->day, e->edition, e->made_ms,
		e->frequent_visits) == -1)
		return -1;
	return statement_run(s);
}

static int
frequent_put(struct daybooks_store *store, int64_t visits)
{
	struct statement *s = statement(store, FREQUENT_PUT);

	if (statement_bind(s, "I", visits) == -1)
		return -1;
	return statement_run(s);
}

static void
daybooks_close(struct daybooks_store *store)
{
	free(store); /* statements go with the database */
}

static const struct daybooks_store_ops daybooks_ops = {
	.day_change = day_change,
	.changed_next = changed_next,
	.day_settle = day_settle,
	.later_visits = later_visits,
	.figures = figures,
	.row_last = row_last,
	.row_put = row_put,
	.edition_put = edition_put,
	.frequent_put = frequent_put,
	.close = daybooks_close,
};

struct daybooks_store *
daybooks_store_sqlite(struct database *db)
{
	struct daybooks_sqlite *store = calloc(1, sizeof(*store));

	if (store == NULL)
		return NULL;
	store->base.ops = &daybooks_ops;
	if (statements_prepare(db->sqlite, daybooks_sql, DAYBOOK_STATEMENTS,
		store->statements) == -1) {
		free(store);
		return NULL;
	}
	return &store->base;
}
