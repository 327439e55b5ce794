/*
 * The role stock's tables in SQLite.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "backend/store/stock_sqlite.h"

#define EVENT_COLUMNS                                                          \
	"cart, product, at_ms, epoch, seq, boot, boot_ms, record_ms, delta,"   \
	" level, reason, ordered, jump"

static const char *const stock_sql[STOCK_STATEMENTS] = {
	[EVENT_PUT] = "INSERT INTO stock_event (" EVENT_COLUMNS ")"
		      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[EVENT_DELETE] =
	    "DELETE FROM stock_event WHERE cart = ?"
	    " AND product = ? AND at_ms = ? AND epoch = ? AND seq = ?",
	[EVENT_BEFORE] = "SELECT " EVENT_COLUMNS " FROM stock_event"
			 " WHERE cart = ? AND product = ?"
			 " AND (at_ms, epoch, seq) < (?, ?, ?)"
			 " ORDER BY at_ms DESC, epoch DESC, seq DESC LIMIT 1",
	[EVENT_AFTER] = "SELECT " EVENT_COLUMNS " FROM stock_event"
			" WHERE cart = ? AND product = ?"
			" AND (at_ms, epoch, seq) > (?, ?, ?)"
			" ORDER BY at_ms, epoch, seq LIMIT 1",
	[EVENT_LAST] = "SELECT " EVENT_COLUMNS " FROM stock_event"
		       " WHERE cart = ? AND product = ?"
		       " ORDER BY at_ms DESC, epoch DESC, seq DESC LIMIT 1",
	[EVENT_FIRST] = "SELECT " EVENT_COLUMNS " FROM stock_event"
			" WHERE cart = ? AND product = ? AND at_ms >= ?"
			" ORDER BY at_ms, epoch, seq LIMIT 1",
	/* STOCK_COUNT, STOCK_RESTOCK. */
	[SEEN_FIND] = "SELECT max(at_ms) FROM stock_event WHERE cart = ?"
		      " AND product = ? AND at_ms > ?"
		      " AND (reason = 2 OR (reason = 1 AND ordered = 0))",
	[EVENT_SET_JUMP] =
	    "UPDATE stock_event SET jump = ? WHERE cart = ?"
	    " AND product = ? AND at_ms = ? AND epoch = ? AND seq = ?",
	/* The reason is STOCK_COUNT, written out for the partial index. */
	[DOUBT_FIND] =
	    "SELECT 1 FROM (SELECT at_ms, epoch, seq"
	    " FROM stock_event WHERE cart = ?1 AND product = ?2 AND jump = 1"
	    " ORDER BY at_ms DESC, epoch DESC, seq DESC LIMIT 1) AS e"
	    " WHERE NOT EXISTS (SELECT 1 FROM stock_event AS c"
	    " WHERE c.cart = ?1 AND c.product = ?2 AND c.reason = 2"
	    " AND (c.at_ms, c.epoch, c.seq) > (e.at_ms, e.epoch, e.seq))",
	[EVENT_UNMENDED] = "SELECT " EVENT_COLUMNS " FROM stock_event"
			   " WHERE cart = ? AND boot = ? AND boot <> 0 LIMIT 1",
	[LEVEL_PUT] = "INSERT OR REPLACE INTO level (cart, product, level,"
		      " at_ms, please_count) VALUES (?, ?, ?, ?, ?)",
	[LEVELS_AFTER] = "SELECT cart, product, level, at_ms, please_count"
			 " FROM level WHERE (cart, product) > (?, ?)"
			 " ORDER BY cart, product LIMIT ?",
	[RULES_GET] = "SELECT record FROM stock_rules WHERE scope = ?",
	[RULES_PUT] = "INSERT OR REPLACE INTO stock_rules (scope, record)"
		      " VALUES (?, ?)",
	[RULES_DROP] = "DELETE FROM stock_rules WHERE scope = ?",
	[RULES_COUNT] = "SELECT count(*) FROM stock_rules WHERE scope <> ?",
	[CATALOGUE_GET] = "SELECT revision, payload FROM catalogue",
	[CATALOGUE_PUT] = "INSERT OR REPLACE INTO catalogue (one, revision,"
			  " at_ms, by_whom, payload) VALUES (1, ?, ?, ?, ?)",
	[PRODUCTS_CLEAR] = "DELETE FROM product",
	[PRODUCT_PUT] = "INSERT INTO product (code, name, price)"
			" VALUES (?, ?, ?)",
};

static int
event_put(struct stock_store *store, const struct stock_record *e)
{
	struct statement *s = stock_statement(store, EVENT_PUT);

	if (statement_bind(s, "sIIIIIIIiiiii", e->cart, (int64_t)e->product,
		e->at_ms, (int64_t)e->epoch, (int64_t)e->seq,
		(int64_t)e->given.boot, e->given.ms, e->record_ms,
		(int)e->delta, (int)e->level, (int)e->reason, (int)e->ordered,
		(int)e->jump) == -1)
		return -1;
	return statement_run(s);
}

static int
bind_place(struct statement *s, const struct stock_record *e)
{
	return statement_bind(s, "sIIII", e->cart, (int64_t)e->product,
	    e->at_ms, (int64_t)e->epoch, (int64_t)e->seq);
}

static int
event_delete(struct stock_store *store, const struct stock_record *e)
{
	struct statement *s = stock_statement(store, EVENT_DELETE);

	return bind_place(s, e) == -1 ? -1 : statement_run(s);
}

static int
event_get(struct statement *s, struct stock_record *e)
{
	int rc = statement_step(s);

	if (rc == 1) {
		snprintf(e->cart, sizeof(e->cart), "%s", statement_text(s, 0));
		e->product = (uint32_t)statement_int(s, 1);
		e->at_ms = statement_int(s, 2);
		e->epoch = (uint64_t)statement_int(s, 3);
		e->seq = (uint64_t)statement_int(s, 4);
		e->given.boot = (uint64_t)statement_int(s, 5);
		e->given.ms = statement_int(s, 6);
		e->record_ms = statement_int(s, 7);
		e->delta = (int32_t)statement_int(s, 8);
		e->level = (int32_t)statement_int(s, 9);
		e->reason = (enum stock_reason)statement_int(s, 10);
		e->ordered = statement_int(s, 11) != 0;
		e->jump = statement_int(s, 12) != 0;
	}
	statement_reset(s);
	return rc;
}

static int
event_before(struct stock_store *store, const struct stock_record *place,
    struct stock_record *before)
{
	struct statement *s = stock_statement(store, EVENT_BEFORE);

	return bind_place(s, place) == -1 ? -1 : event_get(s, before);
}

static int
event_after(struct stock_store *store, const struct stock_record *place,
    struct stock_record *after)
{
	struct statement *s = stock_statement(store, EVENT_AFTER);

	return bind_place(s, place) == -1 ? -1 : event_get(s, after);
}

static int
event_last(struct stock_store *store, const char *cart, uint32_t product,
    struct stock_record *last)
{
	struct statement *s = stock_statement(store, EVENT_LAST);

	if (statement_bind(s, "sI", cart, (int64_t)product) == -1)
		return -1;
	return event_get(s, last);
}

static int
event_first(struct stock_store *store, const char *cart, uint32_t product,
    int64_t since_ms, struct stock_record *first)
{
	struct statement *s = stock_statement(store, EVENT_FIRST);

	if (statement_bind(s, "sII", cart, (int64_t)product, since_ms) == -1)
		return -1;
	return event_get(s, first);
}

static int
seen_find(struct stock_store *store, const char *cart, uint32_t product,
    int64_t since_ms, int64_t *seen_ms)
{
	struct statement *s = stock_statement(store, SEEN_FIND);
	int rc;

	if (statement_bind(s, "sII", cart, (int64_t)product, since_ms) == -1)
		return -1;
	rc = statement_step(s);
	if (rc == 1) {
		rc = !statement_null(s, 0);
		*seen_ms = statement_int(s, 0);
	}
	statement_reset(s);
	return rc;
}

static int
event_set_jump(struct stock_store *store, const struct stock_record *e)
{
	struct statement *s = stock_statement(store, EVENT_SET_JUMP);

	if (statement_bind(s, "isIIII", (int)e->jump, e->cart,
		(int64_t)e->product, e->at_ms, (int64_t)e->epoch,
		(int64_t)e->seq) == -1)
		return -1;
	return statement_run(s);
}

static int
doubt_find(struct stock_store *store, const char *cart, uint32_t product)
{
	struct statement *s = stock_statement(store, DOUBT_FIND);
	int rc;

	if (statement_bind(s, "sI", cart, (int64_t)product) == -1)
		return -1;
	rc = statement_step(s);
	statement_reset(s);
	return rc;
}

static int
unmended_find(struct stock_store *store, const char *cart, uint64_t boot,
    struct stock_record *e)
{
	struct statement *s = stock_statement(store, EVENT_UNMENDED);

	if (statement_bind(s, "sI", cart, (int64_t)boot) == -1)
		return -1;
	return event_get(s, e);
}

static int
level_put(struct stock_store *store, const struct stock_level *level)
{
	struct statement *s = stock_statement(store, LEVEL_PUT);

	if (statement_bind(s, "sIiIi", level->cart, (int64_t)level->product,
		(int)level->level, level->at_ms,
		(int)level->please_count) == -1)
		return -1;
	return statement_run(s);
}

static int
levels_after(struct stock_store *store, const char *cart, int64_t product,
    struct stock_level *levels, int cap)
{
	struct statement *s = stock_statement(store, LEVELS_AFTER);
	int rc, count = 0;

	if (statement_bind(s, "sIi", cart, product, cap) == -1)
		return -1;
	while (count < cap && (rc = statement_step(s)) == 1) {
		struct stock_level *l = &levels[count++];

		snprintf(l->cart, sizeof(l->cart), "%s", statement_text(s, 0));
		l->product = (uint32_t)statement_int(s, 1);
		l->level = (int32_t)statement_int(s, 2);
		l->at_ms = statement_int(s, 3);
		l->please_count = statement_int(s, 4) != 0;
	}
	statement_reset(s);
	return count < cap && rc == -1 ? -1 : count;
}

static void
stock_close(struct stock_store *store)
{
	free(store); /* statements go with the database */
}

static const struct stock_store_ops stock_ops = {
	.event_put = event_put,
	.event_delete = event_delete,
	.event_before = event_before,
	.event_after = event_after,
	.event_last = event_last,
	.event_first = event_first,
	.seen_find = seen_find,
	.event_set_jump = event_set_jump,
	.doubt_find = doubt_find,
	.unmended_find = unmended_find,
	.level_put = level_put,
	.levels_after = levels_after,
	.rules_get = stock_rules_get,
	.rules_put = stock_rules_put,
	.rules_count = stock_rules_count,
	.catalogue_is = stock_catalogue_is,
	.catalogue_put = stock_catalogue_put,
	.close = stock_close,
};

struct stock_store *
stock_store_sqlite(struct database *db)
{
	struct stock_sqlite *store = calloc(1, sizeof(*store));

	if (store == NULL)
		return NULL;
	store->base.ops = &stock_ops;
	if (statements_prepare(db->sqlite, stock_sql, STOCK_STATEMENTS,
		store->statements) == -1) {
		free(store);
		return NULL;
	}
	return &store->base;
}
