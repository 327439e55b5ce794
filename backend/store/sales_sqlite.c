/*
 * The role sales' tables in SQLite.  Single purchases have a file of their
 * own, sales_sqlite_sale.c.
 */
#include <stdlib.h>

#include "backend/store/sales_sqlite.h"

#define SALE_COLUMNS                                                           \
	"s.id, s.cart, s.epoch, s.seq, s.at_ms, s.boot, s.boot_ms,"            \
	" s.provisional, s.record_ms, s.day, s.confirmed, s.voided,"           \
	" s.customer_key, s.units, s.amount, s.bytes_hash, s.content_hash"

static const char *const sales_sql[SALES_STATEMENTS] = {
	[SALE_FIND] = "SELECT " SALE_COLUMNS " FROM sale AS s"
		      " WHERE cart = ? AND epoch = ? AND seq = ?",
	/* The alias's own bytes: a repeat is compared with those. */
	[SALE_FIND_ALIAS] =
	    "SELECT s.id, s.cart, s.epoch, s.seq, s.at_ms,"
	    " s.boot, s.boot_ms, s.provisional, s.record_ms, s.day,"
	    " s.confirmed, s.voided, s.customer_key, s.units, s.amount,"
	    " a.bytes_hash, s.content_hash"
	    " FROM sale_alias AS a JOIN sale AS s ON s.id = a.sale"
	    " WHERE a.cart = ? AND a.epoch = ? AND a.seq = ?",
	[SALE_FIND_REQUEST] =
	    "SELECT " SALE_COLUMNS " FROM sale AS s"
	    " WHERE cart = ? AND request_id = ? ORDER BY id LIMIT 1",
	[SALE_FIND_CONTENT] =
	    "SELECT " SALE_COLUMNS " FROM sale AS s"
	    " WHERE cart = ? AND request_id = ? AND content_hash = ?"
	    " ORDER BY id LIMIT 1",
	[SALE_FIND_UNMENDED] =
	    "SELECT " SALE_COLUMNS " FROM sale AS s"
	    " WHERE cart = ? AND boot = ? AND provisional = 1 AND boot <> 0"
	    " LIMIT 1",
	[SALE_PUT] =
	    "INSERT INTO sale (cart, epoch, seq, at_ms, boot,"
	    " boot_ms, provisional, record_ms, day, confirmed, voided,"
	    " flagged, open_ms, customer_key, customer, contact, request_id,"
	    " lat_e6, lon_e6, age_s, units, amount, bytes_hash,"
	    " content_hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,"
	    " ?11, 0, ?12, ?13, nullif(?14, ''), nullif(?15, ''),"
	    " nullif(?16, ''), iif(?20, ?17, NULL), iif(?20, ?18, NULL),"
	    " iif(?20, ?19, NULL), ?21, ?22, ?23, ?24)",
	[LINE_PUT] = "INSERT INTO sale_line (sale, line, product, units,"
		     " amount) VALUES (?, ?, ?, ?, ?)",
	[SALE_SET_TIME] = "UPDATE sale SET at_ms = ?, provisional = ?,"
			  " day = ? WHERE id = ?",
	[SALE_SET_VOIDED] = "UPDATE sale SET voided = 1 WHERE id = ?",
	[SALE_SET_FLAGGED] = "UPDATE sale SET flagged = 1 WHERE id = ?",
	[ALIAS_PUT] =
	    "INSERT INTO sale_alias (cart, epoch, seq, sale,"
	    " bytes_hash) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
	[VOID_PUT] =
	    "INSERT INTO void (cart, epoch, seq, reason, record_ms)"
	    " VALUES (?, ?, ?, nullif(?, ''), ?) ON CONFLICT DO NOTHING",
	[VOID_FIND] = "SELECT 1 FROM void"
		      " WHERE cart = ? AND epoch = ? AND seq = ?",
	[CONFLICT_PUT] = "INSERT INTO conflict (sale, epoch, seq, why,"
			 " record_ms, item) VALUES (?, ?, ?, ?, ?, ?)"
			 " ON CONFLICT DO NOTHING",
	[DAY_ADD] = "INSERT INTO day_total (cart, day, sales, units,"
		    " revenue, customers, abandoned, voided, provisional)"
		    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
		    " ON CONFLICT (day, cart) DO UPDATE SET"
		    " sales = sales + excluded.sales,"
		    " units = units + excluded.units,"
		    " revenue = revenue + excluded.revenue,"
		    " customers = customers + excluded.customers,"
		    " abandoned = abandoned + excluded.abandoned,"
		    " voided = voided + excluded.voided,"
		    " provisional = provisional + excluded.provisional",
	[CUSTOMER_ADD] = "INSERT INTO day_customer (cart, day, customer_key,"
			 " sales) VALUES (?, ?, ?, ?)"
			 " ON CONFLICT (cart, day, customer_key) DO UPDATE SET"
			 " sales = sales + excluded.sales",
	[CUSTOMER_COUNT] = "SELECT sales FROM day_customer"
			   " WHERE cart = ? AND day = ? AND customer_key = ?",
	[CUSTOMER_DROP] =
	    "DELETE FROM day_customer"
	    " WHERE cart = ? AND day = ? AND customer_key = ? AND sales = 0",
};

static int
run_on(struct sales_store *store, enum sales_statement which, int64_t id)
{
	struct statement *s = sales_statement(store, which);

	if (statement_bind(s, "I", id) == -1)
		return -1;
	return statement_run(s);
}

static int
sale_set_voided(struct sales_store *store, int64_t id)
{
	return run_on(store, SALE_SET_VOIDED, id);
}

static int
sale_set_flagged(struct sales_store *store, int64_t id)
{
	return run_on(store, SALE_SET_FLAGGED, id);
}

static int
alias_put(struct sales_store *store, const struct folio *folio, int64_t sale,
    uint64_t bytes_hash)
{
	struct statement *s = sales_statement(store, ALIAS_PUT);

	if (statement_bind(s, "sIIII", folio->cart, (int64_t)folio->epoch,
		(int64_t)folio->seq, sale, (int64_t)bytes_hash) == -1)
		return -1;
	return statement_run(s);
}

static int
void_put(struct sales_store *store, const struct folio *folio,
    struct text reason, int64_t record_ms)
{
	struct statement *s = sales_statement(store, VOID_PUT);

	if (statement_bind(s, "sIItI", folio->cart, (int64_t)folio->epoch,
		(int64_t)folio->seq, reason.s, reason.len, record_ms) == -1)
		return -1;
	return statement_run(s);
}

static int
void_find(struct sales_store *store, const struct folio *folio)
{
	struct statement *s = sales_statement(store, VOID_FIND);
	int rc;

	if (statement_bind(s, "sII", folio->cart, (int64_t)folio->epoch,
		(int64_t)folio->seq) == -1)
		return -1;
	rc = statement_step(s);
	statement_reset(s);
	return rc;
}

static int
conflict_put(
    struct sales_store *store, const struct conflict *conflict, bool *fresh)
{
	struct statement *s = sales_statement(store, CONFLICT_PUT);

	if (statement_bind(s, "IIIsIb", conflict->sale,
		(int64_t)conflict->epoch, (int64_t)conflict->seq, conflict->why,
		conflict->record_ms, conflict->item,
		conflict->item_len) == -1 ||
	    statement_run(s) == -1)
		return -1;
	*fresh = statement_changes(s) == 1;
	return 0;
}

static int
day_add(struct sales_store *store, const char *cart, const char *day,
    const struct day_change *d)
{
	struct statement *s = sales_statement(store, DAY_ADD);

	if (statement_bind(s, "ssIIIIIII", cart, day, d->sales, d->units,
		d->revenue, d->customers, d->abandoned, d->voided,
		d->provisional) == -1)
		return -1;
	return statement_run(s);
}

static int
customer_add(struct sales_store *store, const char *cart, const char *day,
    const char *key, int64_t n, int64_t *sales)
{
	struct statement *s = sales_statement(store, CUSTOMER_ADD);
	int rc;

	if (statement_bind(s, "sssI", cart, day, key, n) == -1 ||
	    statement_run(s) == -1)
		return -1;
	s = sales_statement(store, CUSTOMER_COUNT);
	if (statement_bind(s, "sss", cart, day, key) == -1)
		return -1;
	rc = statement_step(s);
	*sales = rc == 1 ? statement_int(s, 0) : 0;
	statement_reset(s);
	if (rc == -1 || *sales != 0)
		return rc == -1 ? -1 : 0;
	s = sales_statement(store, CUSTOMER_DROP);
	if (statement_bind(s, "sss", cart, day, key) == -1)
		return -1;
	return statement_run(s);
}

static void
sales_close(struct sales_store *store)
{
	free(store); /* statements go with the database */
}

static const struct sales_store_ops sales_ops = {
	.sale_find = sales_sale_find,
	.sale_put = sales_sale_put,
	.sale_set_time = sales_sale_set_time,
	.sale_set_voided = sale_set_voided,
	.sale_set_flagged = sale_set_flagged,
	.request_find = sales_request_find,
	.alias_put = alias_put,
	.unmended_find = sales_unmended_find,
	.void_put = void_put,
	.void_find = void_find,
	.conflict_put = conflict_put,
	.day_add = day_add,
	.customer_add = customer_add,
	.close = sales_close,
};

struct sales_store *
sales_store_sqlite(struct database *db)
{
	struct sales_sqlite *store = calloc(1, sizeof(*store));

	if (store == NULL)
		return NULL;
	store->base.ops = &sales_ops;
	store->store = db->sqlite;
	if (statements_prepare(db->sqlite, sales_sql, SALES_STATEMENTS,
		store->statements) == -1) {
		free(store);
		return NULL;
	}
	return &store->base;
}
