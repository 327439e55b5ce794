/*
 * The runtime's tables in SQLite.  Accounts have a file of their own,
 * runtime_sqlite_account.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/store/runtime_sqlite.h"

/* No partition was fixed. */
#define BY_KEY (-1)

/* By the names of enum runtime_statement. */
static const char *const runtime_sql[RUNTIME_STATEMENTS] = {
	[LOG_GET] = "SELECT ledger, log_id FROM guild",
	[LOG_PUT] = "INSERT INTO guild (one, ledger, log_id) VALUES (1, ?, ?)"
		    " ON CONFLICT (one) DO UPDATE SET ledger = excluded.ledger,"
		    " log_id = excluded.log_id",
	[OFFSET_GET] = "SELECT next FROM log_offset"
		       " WHERE topic = ? AND part = ?",
	[OFFSET_FIRST] = "INSERT INTO log_offset (topic, part, next)"
			 " VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
	[OFFSET_SWAP] = "UPDATE log_offset SET next = ?"
			" WHERE topic = ? AND part = ? AND next = ?",
	[OFFSETS_CLEAR] = "DELETE FROM log_offset",
	[ACCOUNT_GET] = "SELECT next, version, touched_ms FROM account"
			" WHERE cart = ? AND stream = ? AND epoch = ?",
	[ACCOUNT_FIRST] = "INSERT INTO account (next, version, touched_ms,"
			  " cart, stream, epoch) VALUES (?, ?, ?, ?, ?, ?)"
			  " ON CONFLICT DO NOTHING",
	[ACCOUNT_SWAP] =
	    "UPDATE account SET next = ?, version = ?,"
	    " touched_ms = ? WHERE cart = ? AND stream = ? AND epoch = ?"
	    " AND version = ?",
	[GAPS_GET] = "SELECT first, count, noticed_ms, reason, from_ms, to_ms"
		     " FROM gap WHERE cart = ? AND stream = ? AND epoch = ?"
		     " AND lost = 0 ORDER BY first",
	[GAPS_CLEAR] =
	    "DELETE FROM gap"
	    " WHERE cart = ? AND stream = ? AND epoch = ? AND lost = 0",
	[GAP_PUT] = "INSERT INTO gap (cart, stream, epoch, first, count,"
		    " noticed_ms, reason, from_ms, to_ms, lost)"
		    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[ACCOUNTS_LOOK] = "SELECT cart, stream, epoch, touched_ms FROM account"
			  " WHERE (cart, stream, epoch) > (?, ?, ?)"
			  " ORDER BY cart, stream, epoch LIMIT 500",
	[ACCOUNT_DROP] = "DELETE FROM account"
			 " WHERE cart = ? AND stream = ? AND epoch = ?",
	[GAPS_DROP] = "DELETE FROM gap"
		      " WHERE cart = ? AND stream = ? AND epoch = ?",
	[MARKER_GET] = "SELECT offset_ms FROM time_marker"
		       " WHERE cart = ? AND boot = ?",
	[MARKER_PUT] = "INSERT INTO time_marker (cart, boot, offset_ms)"
		       " VALUES (?, ?, ?) ON CONFLICT (cart, boot)"
		       " DO UPDATE SET offset_ms = excluded.offset_ms",
	[OUTGOING_PUT] = "INSERT INTO outgoing (topic, key, value, schema,"
			 " reason, origin, route_len, each_partition, part)"
			 " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[OUTGOING_LIST] =
	    "SELECT id, topic, key, value, schema, reason,"
	    " origin, route_len, each_partition, part FROM outgoing"
	    " WHERE id > ? ORDER BY id LIMIT ?",
	[OUTGOING_DELETE] = "DELETE FROM outgoing WHERE id BETWEEN ? AND ?",
	[COUNTER_ADD] = "INSERT INTO counter (name, value) VALUES (?, ?)"
			" ON CONFLICT (name) DO UPDATE SET value = value"
			" + excluded.value",
	[LATE_ADD] =
	    "INSERT INTO late (minute, bucket, n) VALUES (?, ?, ?)"
	    " ON CONFLICT (minute, bucket) DO UPDATE SET n = n + excluded.n",
	[LATE_EXPIRE] = "DELETE FROM late WHERE minute < ?",
	[GAPS_OPEN] = "SELECT count(*) FROM gap"
		      " WHERE reason = -1 AND noticed_ms < ?",
	[GAP_CARTS] = "SELECT cart, min(noticed_ms), sum(count) FROM gap"
		      " WHERE reason = -1 AND stream = ? AND noticed_ms < ?"
		      " GROUP BY cart",
	[GAP_NUMBERS] = "SELECT coalesce(sum(count), 0) FROM gap"
			" WHERE reason = -1 AND stream = ? AND cart = ?",
};

static int
log_get(struct runtime_store *store, struct log_identity *log)
{
	struct statement *s = runtime_statement(store, LOG_GET);
	const void *id;
	size_t len;
	int rc;

	if (statement_bind(s, "") == -1)
		return -1;
	rc = statement_step(s);
	if (rc == 1) {
		log->ledger = (uint64_t)statement_int(s, 0);
		id = statement_blob(s, 1, &len);
		if (len == LOG_ID_BYTES) {
			memcpy(log->log_id, id, LOG_ID_BYTES);
		} else {
			errno = EBADMSG;
			rc = -1;
		}
	}
	statement_reset(s);
	return rc;
}

static int
log_put(struct runtime_store *store, const struct log_identity *log)
{
	struct statement *s = runtime_statement(store, LOG_PUT);

	if (statement_bind(s, "Ib", (int64_t)log->ledger, log->log_id,
		(size_t)LOG_ID_BYTES) == -1)
		return -1;
	return statement_run(s);
}

/* One row, one integer. */
static int
get_int(struct statement *s, int64_t *value)
{
	int rc = statement_step(s);

	if (rc == 1)
		*value = statement_int(s, 0);
	statement_reset(s);
	return rc;
}

static int
offset_get(struct runtime_store *store, const char *topic, int32_t partition,
    int64_t *next)
{
	struct statement *s = runtime_statement(store, OFFSET_GET);

	if (statement_bind(s, "si", topic, (int)partition) == -1)
		return -1;
	return get_int(s, next);
}

int
runtime_swapped(struct statement *s)
{
	if (statement_run(s) == -1)
		return -1;
	if (statement_changes(s) == 1)
		return 0;
	errno = ESTALE;
	return -1;
}

static int
offset_swap(struct runtime_store *store, const char *topic, int32_t partition,
    int64_t expected, int64_t next)
{
	struct statement *s = runtime_statement(
	    store, expected == -1 ? OFFSET_FIRST : OFFSET_SWAP);
	int rc;

	if (expected == -1)
		rc = statement_bind(s, "siI", topic, (int)partition, next);
	else
		rc = statement_bind(
		    s, "IsiI", next, topic, (int)partition, expected);
	return rc == -1 ? -1 : runtime_swapped(s);
}

static int
offsets_clear(struct runtime_store *store)
{
	struct statement *s = runtime_statement(store, OFFSETS_CLEAR);

	if (statement_bind(s, "") == -1)
		return -1;
	return statement_run(s);
}

static int
marker_get(struct runtime_store *store, const char *cart, uint64_t boot,
    int64_t *offset_ms)
{
	struct statement *s = runtime_statement(store, MARKER_GET);

	if (statement_bind(s, "sI", cart, (int64_t)boot) == -1)
		return -1;
	return get_int(s, offset_ms);
}

static int
marker_put(struct runtime_store *store, const char *cart, uint64_t boot,
    int64_t offset_ms)
{
	struct statement *s = runtime_statement(store, MARKER_PUT);

	if (statement_bind(s, "sII", cart, (int64_t)boot, offset_ms) == -1)
		return -1;
	return statement_run(s);
}

static int
outgoing_put(struct runtime_store *store, const struct outgoing *out)
{
	struct statement *s = runtime_statement(store, OUTGOING_PUT);

	const char *topic = topic_info(out->topic)->name;
	int part = out->fixed_partition ? (int)out->partition : BY_KEY;
	int rc;

	if (out->value == NULL)
		rc = statement_bind(s, "sbnsssIii", topic, out->key,
		    out->key_len, out->schema, out->reason, out->origin,
		    (int64_t)out->route_len, (int)out->each_partition, part);
	else
		rc = statement_bind(s, "sbbsssIii", topic, out->key,
		    out->key_len, out->value, out->value_len, out->schema,
		    out->reason, out->origin, (int64_t)out->route_len,
		    (int)out->each_partition, part);
	return rc == -1 ? -1 : statement_run(s);
}

static int
outgoing_row(struct statement *s, struct outgoing *out)
{
	if (topic_parse(statement_text(s, 1), &out->topic) == -1)
		return -1;
	out->key = statement_blob(s, 2, &out->key_len);
	/* NULL: a tombstone. */
	out->value = statement_blob(s, 3, &out->value_len);
	out->schema = statement_text(s, 4);
	out->reason = statement_text(s, 5);
	out->origin = statement_text(s, 6);
	out->route_len = (size_t)statement_int(s, 7);
	out->each_partition = statement_int(s, 8) != 0;
	out->partition = (int32_t)statement_int(s, 9);
	out->fixed_partition = out->partition != BY_KEY;
	return 0;
}

static int
outgoing_list(struct runtime_store *store, int64_t after_id, int limit,
    int (*each)(void *, int64_t, const struct outgoing *), void *ctx)
{
	struct statement *s = runtime_statement(store, OUTGOING_LIST);
	struct outgoing out;
	int rc;

	if (statement_bind(s, "Ii", after_id, limit) == -1)
		return -1;
	while ((rc = statement_step(s)) == 1) {
		if (outgoing_row(s, &out) == -1) {
			rc = -1;
			break;
		}
		if (each(ctx, statement_int(s, 0), &out) != 0) {
			rc = 0;
			break;
		}
	}
	statement_reset(s);
	return rc;
}

static int
outgoing_delete(struct runtime_store *store, int64_t first, int64_t last)
{
	struct statement *s = runtime_statement(store, OUTGOING_DELETE);

	if (statement_bind(s, "II", first, last) == -1)
		return -1;
	return statement_run(s);
}

static int
counter_add(struct runtime_store *store, const char *name, int64_t n)
{
	struct statement *s = runtime_statement(store, COUNTER_ADD);

	if (statement_bind(s, "sI", name, n) == -1)
		return -1;
	return statement_run(s);
}

static int
late_add(struct runtime_store *store, int64_t minute, int bucket, int64_t n)
{
	struct statement *s = runtime_statement(store, LATE_ADD);

	if (statement_bind(s, "IiI", minute, bucket, n) == -1)
		return -1;
	return statement_run(s);
}

static int
late_expire(struct runtime_store *store, int64_t minute)
{
	struct statement *s = runtime_statement(store, LATE_EXPIRE);

	if (statement_bind(s, "I", minute) == -1)
		return -1;
	return statement_run(s);
}

static int
gaps_open(struct runtime_store *store, int64_t before_ms, int64_t *ranges)
{
	struct statement *s = runtime_statement(store, GAPS_OPEN);

	if (statement_bind(s, "I", before_ms) == -1)
		return -1;
	return get_int(s, ranges);
}

static void
runtime_close(struct runtime_store *store)
{
	free(store); /* statements go with the database */
}

static const struct runtime_store_ops runtime_ops = {
	.log_get = log_get,
	.log_put = log_put,
	.offset_get = offset_get,
	.offset_swap = offset_swap,
	.offsets_clear = offsets_clear,
	.account_get = runtime_account_get,
	.account_swap = runtime_account_swap,
	.accounts_expire = runtime_accounts_expire,
	.marker_get = marker_get,
	.marker_put = marker_put,
	.outgoing_put = outgoing_put,
	.outgoing_list = outgoing_list,
	.outgoing_delete = outgoing_delete,
	.counter_add = counter_add,
	.late_add = late_add,
	.late_expire = late_expire,
	.gaps_open = gaps_open,
	.gap_carts = runtime_gap_carts,
	.gap_numbers = runtime_gap_numbers,
	.close = runtime_close,
};

struct runtime_store *
runtime_store_sqlite(struct database *db)
{
	struct runtime_sqlite *store = calloc(1, sizeof(*store));

	if (store == NULL)
		return NULL;
	store->base.ops = &runtime_ops;
	if (statements_prepare(db->sqlite, runtime_sql, RUNTIME_STATEMENTS,
		store->statements) == -1) {
		free(store);
		return NULL;
	}
	return &store->base;
}
