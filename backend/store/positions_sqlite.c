/*
 * The role positions' tables in SQLite.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/store/positions_store.h"
#include "backend/store/statements.h"

enum positions_statement {
	CART_GET,
	CART_PUT,
	CHUNK_GET,
	CHUNK_INSERT,
	CHUNK_UPDATE,
	CHUNKS_EACH,
	CHUNKS_EXPIRE,
	UNMENDED_PUT,
	UNMENDED_GET,
	UNMENDED_DELETE,
	POSITIONS_STATEMENTS
};

static const char *const positions_sql[POSITIONS_STATEMENTS] = {
	[CART_GET] =
	    "SELECT contact_ms, has_fix, fix_at_ms, fix_boot,"
	    " fix_boot_ms, fix_record_ms, lat_e6, lon_e6, speed_dm_s,"
	    " course_deg, accuracy_m, flags, state, status_at_ms,"
	    " status_count, connection, epoch, boot, fix_mode, day_open,"
	    " backlog, battery, app_version, will_epoch, will_connection"
	    " FROM cart WHERE cart = ?",
	[CART_PUT] =
	    "INSERT OR REPLACE INTO cart (cart, contact_ms,"
	    " has_fix, fix_at_ms, fix_boot, fix_boot_ms, fix_record_ms,"
	    " lat_e6, lon_e6, speed_dm_s, course_deg, accuracy_m, flags,"
	    " state, status_at_ms, status_count, connection, epoch, boot,"
	    " fix_mode, day_open, backlog, battery, app_version, will_epoch,"
	    " will_connection) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
	    " ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[CHUNK_GET] = "SELECT id, bytes FROM chunk"
		      " WHERE cart = ? AND hour = ? ORDER BY id DESC LIMIT 1",
	[CHUNK_INSERT] = "INSERT INTO chunk (cart, hour, fixes, bytes)"
			 " VALUES (?, ?, ?, ?)",
	[CHUNK_UPDATE] = "UPDATE chunk SET fixes = ?, bytes = ?,"
			 " written_hour = unixepoch() / 3600 WHERE id = ?",
	[CHUNKS_EACH] = "SELECT bytes FROM chunk"
			" WHERE cart = ? AND hour = ? ORDER BY id",
	[CHUNKS_EXPIRE] = "DELETE FROM chunk WHERE id IN"
			  " (SELECT id FROM chunk WHERE written_hour < ?"
			  " LIMIT 500)",
	[UNMENDED_PUT] = "INSERT INTO unmended (cart, boot, record_ms,"
			 " fixes, run) VALUES (?, ?, ?, ?, ?)",
	[UNMENDED_GET] = "SELECT id, record_ms, run FROM unmended"
			 " WHERE cart = ? AND boot = ? ORDER BY id LIMIT 1",
	[UNMENDED_DELETE] = "DELETE FROM unmended WHERE id = ?",
};

struct positions_sqlite {
	struct positions_store base;
	struct store *store;
	struct statement *statements[POSITIONS_STATEMENTS];
};

static struct statement *
statement(struct positions_store *store, enum positions_statement which)
{
	return ((struct positions_sqlite *)store)->statements[which];
}

static void
cart_fill(struct statement *s, struct cart_state *cart)
{
	const char *version = statement_text(s, 22);

	cart->contact_ms = statement_int(s, 0);
	cart->has_fix = statement_int(s, 1) != 0;
	cart->fix.at = (struct instant){ .ms = statement_int(s, 2) };
	cart->fix_as_given.boot = (uint64_t)statement_int(s, 3);
	cart->fix_as_given.ms = statement_int(s, 4);
	cart->fix_record_ms = statement_int(s, 5);
	cart->fix.lat_e6 = (int32_t)statement_int(s, 6);
	cart->fix.lon_e6 = (int32_t)statement_int(s, 7);
	cart->fix.speed_dm_s = (uint16_t)statement_int(s, 8);
	cart->fix.course_deg = (uint16_t)statement_int(s, 9);
	cart->fix.accuracy_m = (uint16_t)statement_int(s, 10);
	cart->fix.flags = (uint8_t)statement_int(s, 11);
	cart->state = (enum status_state)statement_int(s, 12);
	cart->status_at_ms = statement_int(s, 13);
	cart->status_count = (uint64_t)statement_int(s, 14);
	cart->connection = (uint64_t)statement_int(s, 15);
	cart->epoch = (uint64_t)statement_int(s, 16);
	cart->boot = (uint64_t)statement_int(s, 17);
	cart->fix_mode = (enum fix_mode)statement_int(s, 18);
	cart->day_open = statement_int(s, 19) != 0;
	cart->backlog = (uint32_t)statement_int(s, 20);
	cart->battery = (uint8_t)statement_int(s, 21);
	snprintf(cart->version, sizeof(cart->version), "%s",
	    version != NULL ? version : "");
	cart->will_epoch = (uint64_t)statement_int(s, 23);
	cart->will_connection = (uint64_t)statement_int(s, 24);
}

static int
cart_get(struct positions_store *store, struct cart_state *cart)
{
	struct statement *s = statement(store, CART_GET);
	int rc;

	if (statement_bind(s, "s", cart->cart) == -1)
		return -1;
	rc = statement_step(s);
	if (rc == 1)
		cart_fill(s, cart);
	statement_reset(s);
	return rc;
}

static int
cart_put(struct positions_store *store, const struct cart_state *c)
{
	struct statement *s = statement(store, CART_PUT);

	if (statement_bind(s, "sIiIIIIiiiiiiiIIIIIiiIisII", c->cart,
		c->contact_ms, (int)c->has_fix, c->fix.at.ms,
		(int64_t)c->fix_as_given.boot, c->fix_as_given.ms,
		c->fix_record_ms, (int)c->fix.lat_e6, (int)c->fix.lon_e6,
		(int)c->fix.speed_dm_s, (int)c->fix.course_deg,
		(int)c->fix.accuracy_m, (int)c->fix.flags, (int)c->state,
		c->status_at_ms, (int64_t)c->status_count,
		(int64_t)c->connection, (int64_t)c->epoch, (int64_t)c->boot,
		(int)c->fix_mode, (int)c->day_open, (int64_t)c->backlog,
		(int)c->battery, c->version, (int64_t)c->will_epoch,
		(int64_t)c->will_connection) == -1)
		return -1;
	return statement_run(s);
}

static int
chunk_get(struct positions_store *store, const char *cart, int64_t hour,
    int64_t *id, struct chunk *chunk)
{
	struct statement *s = statement(store, CHUNK_GET);
	const void *bytes;
	size_t len;
	int rc;

	if (statement_bind(s, "sI", cart, hour) == -1)
		return -1;
	rc = statement_step(s);
	if (rc == 1) {
		*id = statement_int(s, 0);
		bytes = statement_blob(s, 1, &len);
		if (chunk_resume(chunk, hour * HOUR_MS, bytes, len) == -1)
			rc = -1;
	}
	statement_reset(s);
	return rc;
}

static int
chunk_put(struct positions_store *store, const char *cart, int64_t hour,
    int64_t *id, const struct chunk *chunk)
{
	struct positions_sqlite *ps = (struct positions_sqlite *)store;
	struct statement *s = statement(
	    store, *id == 0 ? CHUNK_INSERT : CHUNK_UPDATE);
	int rc;

	if (*id == 0)
		rc = statement_bind(s, "sIIb", cart, hour,
		    (int64_t)chunk->fixes, chunk->bytes, (size_t)chunk->len);
	else
		rc = statement_bind(s, "IbI", (int64_t)chunk->fixes,
		    chunk->bytes, (size_t)chunk->len, *id);
	if (rc == -1 || statement_run(s) == -1)
		return -1;
	if (*id == 0)
		*id = sqlite3_last_insert_rowid(store_handle(ps->store));
	return 0;
}

static int
chunks_each(struct positions_store *store, const char *cart, int64_t hour,
    int (*each)(void *, const void *, size_t), void *ctx)
{
	struct statement *s = statement(store, CHUNKS_EACH);
	const void *bytes;
	size_t len;
	int rc;

	if (statement_bind(s, "sI", cart, hour) == -1)
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
chunks_expire(struct positions_store *store, int64_t hour, int *dropped)
{
	struct statement *s = statement(store, CHUNKS_EXPIRE);

	if (statement_bind(s, "I", hour) == -1 || statement_run(s) == -1)
		return -1;
	*dropped = statement_changes(s);
	return 0;
}

static int
unmended_put(struct positions_store *store, const char *cart, uint64_t boot,
    int64_t record_ms, size_t fixes, const void *run, size_t len)
{
	struct statement *s = statement(store, UNMENDED_PUT);

	if (statement_bind(s, "sIIIb", cart, (int64_t)boot, record_ms,
		(int64_t)fixes, run, len) == -1)
		return -1;
	return statement_run(s);
}

static int
unmended_take(struct positions_store *store, const char *cart, uint64_t boot,
    int (*run)(void *, int64_t, const void *, size_t), void *ctx)
{
	struct statement *s = statement(store, UNMENDED_GET);
	const void *bytes;
	size_t len;
	int64_t id;
	int rc;

	if (statement_bind(s, "sI", cart, (int64_t)boot) == -1)
		return -1;
	rc = statement_step(s);
	if (rc != 1)
		return rc;
	id = statement_int(s, 0);
	bytes = statement_blob(s, 2, &len);
	rc = run(ctx, statement_int(s, 1), bytes, len);
	statement_reset(s);
	if (rc == -1)
		return -1;
	s = statement(store, UNMENDED_DELETE);
	if (statement_bind(s, "I", id) == -1 || statement_run(s) == -1)
		return -1;
	return 1;
}

static void
positions_close(struct positions_store *store)
{
	free(store); /* statements go with the database */
}

static const struct positions_store_ops positions_ops = {
	.cart_get = cart_get,
	.cart_put = cart_put,
	.chunk_get = chunk_get,
	.chunk_put = chunk_put,
	.chunks_each = chunks_each,
	.chunks_expire = chunks_expire,
	.unmended_put = unmended_put,
	.unmended_take = unmended_take,
	.close = positions_close,
};

struct positions_store *
positions_store_sqlite(struct database *db)
{
	struct positions_sqlite *store = calloc(1, sizeof(*store));

	if (store == NULL)
		return NULL;
	store->base.ops = &positions_ops;
	store->store = db->sqlite;
	if (statements_prepare(db->sqlite, positions_sql, POSITIONS_STATEMENTS,
		store->statements) == -1) {
		free(store);
		return NULL;
	}
	return &store->base;
}
