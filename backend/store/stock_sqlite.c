/*
 * The role stock's tables in SQLite.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "backend/store/statements.h"
#include "backend/store/stock_store.h"

enum stock_statement {
	EVENT_PUT,
	EVENT_DELETE,
	EVENT_BEFORE,
	EVENT_AFTER,
	EVENT_LAST,
	EVENT_SET_JUMP,
	DOUBT_FIND,
	EVENT_UNMENDED,
	LEVEL_PUT,
	RESTOCK_OPEN,
	RESTOCK_FIND,
	RESTOCK_MOVE,
	STOCK_STATEMENTS
};

#define EVENT_COLUMNS                                                          \
	"cart, product, at_ms, epoch, seq, boot, boot_ms, record_ms, delta,"   \
	" level, reason, jump"

static const char *const stock_sql[STOCK_STATEMENTS] = {
	[EVENT_PUT] = "INSERT INTO stock_event (" EVENT_COLUMNS ")"
		      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
	[RESTOCK_OPEN] = "INSERT INTO restock_order (id, cart, product,"
			 " units, state, opened_ms, changed_ms)"
			 " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
	[RESTOCK_FIND] = "SELECT id, cart, product, units, state, opened_ms,"
			 " changed_ms FROM restock_order WHERE id = ?",
	[RESTOCK_MOVE] = "UPDATE restock_order SET state = ?,"
			 " changed_ms = ? WHERE id = ?",
};

struct stock_sqlite {
	struct stock_store base;
	struct statement *statements[STOCK_STATEMENTS];
};

static struct statement *
statement(struct stock_store *store, enum stock_statement which)
{
	return ((struct stock_sqlite *)store)->statements[which];
}

static int
event_put(struct stock_store *store, const struct stock_record *e)
{
	struct statement *s = statement(store, EVENT_PUT);

	if (statement_bind(s, "sIIIIIIIiiii", e->cart, (int64_t)e->product,
		e->at_ms, (int64_t)e->epoch, (int64_t)e->seq,
		(int64_t)e->given.boot, e->given.ms, e->record_ms,
		(int)e->delta, (int)e->level, (int)e->reason,
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
	struct statement *s = statement(store, EVENT_DELETE);

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
		e->jump = statement_int(s, 11) != 0;
	}
	statement_reset(s);
	return rc;
}

static int
event_before(struct stock_store *store, const struct stock_record *place,
    struct stock_record *before)
{
	struct statement *s = statement(store, EVENT_BEFORE);

	return bind_place(s, place) == -1 ? -1 : event_get(s, before);
}

static int
event_after(struct stock_store *store, const struct stock_record *place,
    struct stock_record *after)
{
	struct statement *s = statement(store, EVENT_AFTER);

	return bind_place(s, place) == -1 ? -1 : event_get(s, after);
}

static int
event_last(struct stock_store *store, const char *cart, uint32_t product,
    struct stock_record *last)
{
	struct statement *s = statement(store, EVENT_LAST);

	if (statement_bind(s, "sI", cart, (int64_t)product) == -1)
		return -1;
	return event_get(s, last);
}

static int
event_set_jump(struct stock_store *store, const struct stock_record *e)
{
	struct statement *s = statement(store, EVENT_SET_JUMP);

	if (statement_bind(s, "isIIII", (int)e->jump, e->cart,
		(int64_t)e->product, e->at_ms, (int64_t)e->epoch,
		(int64_t)e->seq) == -1)
		return -1;
	return statement_run(s);
}

static int
doubt_find(struct stock_store *store, const char *cart, uint32_t product)
{
	struct statement *s = statement(store, DOUBT_FIND);
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
	struct statement *s = statement(store, EVENT_UNMENDED);

	if (statement_bind(s, "sI", cart, (int64_t)boot) == -1)
		return -1;
	return event_get(s, e);
}

static int
level_put(struct stock_store *store, const struct stock_level *level)
{
	struct statement *s = statement(store, LEVEL_PUT);

	if (statement_bind(s, "sIiIi", level->cart, (int64_t)level->product,
		(int)level->level, level->at_ms,
		(int)level->please_count) == -1)
		return -1;
	return statement_run(s);
}

static int
restock_open(struct stock_store *store, const struct restock *r, bool *opened)
{
	struct statement *s = statement(store, RESTOCK_OPEN);

	if (statement_bind(s, "ssIIiII", r->id, r->cart, (int64_t)r->product,
		(int64_t)r->units, (int)r->state, r->opened_ms,
		r->changed_ms) == -1 ||
	    statement_run(s) == -1)
		return -1;
	*opened = statement_changes(s) == 1;
	return 0;
}

static int
restock_find(struct stock_store *store, const char *id, struct restock *r)
{
	struct statement *s = statement(store, RESTOCK_FIND);
	int rc;

	if (statement_bind(s, "s", id) == -1)
		return -1;
	rc = statement_step(s);
	if (rc == 1) {
		snprintf(r->id, sizeof(r->id), "%s", statement_text(s, 0));
		snprintf(r->cart, sizeof(r->cart), "%s", statement_text(s, 1));
		r->product = (uint32_t)statement_int(s, 2);
		r->units = (uint32_t)statement_int(s, 3);
		r->state = (enum order_state)statement_int(s, 4);
		r->opened_ms = statement_int(s, 5);
		r->changed_ms = statement_int(s, 6);
	}
	statement_reset(s);
	return rc;
}

static int
restock_move(struct stock_store *store, const struct restock *r)
{
	struct statement *s = statement(store, RESTOCK_MOVE);

	if (statement_bind(s, "iIs", (int)r->state, r->changed_ms, r->id) == -1)
		return -1;
	return statement_run(s);
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
	.event_set_jump = event_set_jump,
	.doubt_find = doubt_find,
	.unmended_find = unmended_find,
	.level_put = level_put,
	.restock_open = restock_open,
	.restock_find = restock_find,
	.restock_move = restock_move,
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
