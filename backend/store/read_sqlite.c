/*
 * The reader over the roles' SQLite files: opening them, and the gaps, which
 * every one of carts has.  The roles' own tables: read_sqlite_positions.c,
 * read_sqlite_track.c, read_sqlite_sales.c, read_sqlite_stats.c.
 */
#include "backend/store/read_sqlite.h"

#include "backend/store/alerts_sqlite.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const struct store_schema *const schemas[READ_DATABASES] = {
	[READ_POSITIONS] = &schema_positions,
	[READ_SALES] = &schema_sales,
	[READ_STOCK] = &schema_stock,
	[READ_SUPPORT] = &schema_support,
	[READ_MEMBERS] = &schema_members,
	[READ_NOTIFY] = &schema_notify,
};

static const char *const no_sql[READ_STATEMENTS - READ_COMMON];
static const char *const *const own_sql[READ_DATABASES] = {
	[READ_POSITIONS] = read_positions_sql,
	[READ_SALES] = read_sales_sql,
	[READ_STOCK] = read_stock_sql,
	[READ_SUPPORT] = read_support_sql,
	[READ_MEMBERS] = read_members_sql,
	[READ_NOTIFY] = no_sql,
};

static const char *const common_sql[READ_COMMON] = {
	[READ_GAPS] = "SELECT cart, stream, epoch, first, count, from_ms,"
		      " to_ms, reason, noticed_ms FROM gap"
		      " WHERE (?1 IS NULL OR cart = ?1)"
		      " AND (reason <> -1 OR noticed_ms <= ?2)"
		      " ORDER BY cart, stream, noticed_ms, epoch, first",
	[READ_GAPS_OPEN] = "SELECT count(*) FROM gap"
			   " WHERE reason = -1 AND noticed_ms <= ?",
	[READ_GAP_NUMBERS] =
	    "SELECT total(count) FROM gap"
	    " WHERE cart = ? AND reason = -1 AND noticed_ms <= ?",
	[READ_COUNTER] = "SELECT value FROM counter WHERE name = ?",
	[READ_LATE] = "SELECT bucket, sum(n) FROM late WHERE minute >= ?"
		      " GROUP BY bucket ORDER BY bucket",
	/* opened_ms 0: a person's word on what was never opened here. */
	[READ_ALERTS] = "SELECT " ALERT_COLUMNS " FROM alert"
			" WHERE opened_ms > 0 AND (?1 IS NULL OR id = ?1)"
			" AND (?2 IS NULL OR cart = ?2)"
			" AND (?3 < 0 OR cause = ?3)"
			" AND (?4 = 0 OR state = 0)"
			" AND (opened_ms, id) < (?5, ?6)"
			" ORDER BY opened_ms DESC, id DESC LIMIT ?7",
	[READ_ALERTS_OPEN] = "SELECT count(*) FROM alert WHERE state = 0",
};

static int
prepare(struct reader_sqlite *r, enum read_database db)
{
	struct statement **statements = r->statements[db];

	/* It changes when another connection commits. */
	r->versions[db] = store_prepare(r->stores[db], "PRAGMA data_version");
	r->offsets[db] = store_prepare(r->stores[db],
	    "SELECT topic, part, next FROM log_offset ORDER BY topic, part");
	if (r->versions[db] == NULL || r->offsets[db] == NULL)
		return -1;
	if (db < READ_OF_CARTS &&
	    statements_prepare(r->stores[db], common_sql,
		db < READ_ALERTING ? READ_COMMON : READ_ALERTS,
		statements) == -1)
		return -1;
	for (int i = READ_COMMON; i < READ_STATEMENTS; i++) {
		const char *sql = own_sql[db][i - READ_COMMON];

		if (sql == NULL)
			continue;
		statements[i] = store_prepare(r->stores[db], sql);
		if (statements[i] == NULL)
			return -1;
	}
	return 0;
}

static void
close_database(struct reader_sqlite *r, enum read_database db)
{
	store_close(r->stores[db]);
	r->stores[db] = NULL;
}

/* The open file is deleted or renamed, and maybe another stands there. */
static bool
was_replaced(
    const struct reader_sqlite *r, enum read_database db, const char *path)
{
	struct stat st;

	return stat(path, &st) == -1 || st.st_dev != r->files[db].device ||
	    st.st_ino != r->files[db].inode;
}

static int
open_database(struct reader_sqlite *r, enum read_database db, const char *path)
{
	struct stat st;
	char why[256];
	int saved;

	/* Before it is opened: if it is replaced in between, it is seen to be
	 * another the next time. */
	if (stat(path, &st) == -1)
		return -1;
	r->files[db] = (struct read_file){ st.st_dev, st.st_ino, ++r->opened };
	r->stores[db] = store_open_reader(path, schemas[db], why, sizeof(why));
	if (r->stores[db] == NULL)
		return -1;
	if (prepare(r, db) == 0)
		return 0;
	saved = errno;
	close_database(r, db);
	errno = saved;
	return -1;
}

static void
database_path(
    const struct reader_sqlite *r, enum read_database db, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%s.db", r->folder, schemas[db]->name);
}

int
read_open(struct reader *reader, enum read_database db)
{
	struct reader_sqlite *r = (struct reader_sqlite *)reader;
	char path[PATH_MAX];

	database_path(r, db, path);
	if (r->stores[db] != NULL && was_replaced(r, db, path))
		close_database(r, db);
	return r->stores[db] != NULL ? 0 : open_database(r, db, path);
}

/* In the middle of a read, where nothing that is open may be closed. */
static int
read_look(struct reader *reader, enum read_database db)
{
	struct reader_sqlite *r = (struct reader_sqlite *)reader;
	char path[PATH_MAX];

	if (r->stores[db] != NULL)
		return 0;
	database_path(r, db, path);
	return open_database(r, db, path);
}

int
read_begin(struct reader *reader, enum read_database db)
{
	if (read_open(reader, db) == -1)
		return -1;
	return store_begin(((struct reader_sqlite *)reader)->stores[db]);
}

void
read_end(struct reader *reader, enum read_database db)
{
	int saved = errno;

	store_rollback(((struct reader_sqlite *)reader)->stores[db]);
	errno = saved;
}

static int64_t
moment(int64_t ms)
{
	return ms == 0 ? INSTANT_MISSING : ms;
}

static void
gap_fill(struct statement *s, struct gap_row *row)
{
	snprintf(row->cart, sizeof(row->cart), "%s", statement_text(s, 0));
	row->stream = (enum stream)statement_int(s, 1);
	row->epoch = (uint64_t)statement_int(s, 2);
	row->first_seq = (uint64_t)statement_int(s, 3);
	row->count = (uint64_t)statement_int(s, 4);
	row->from_ms = moment(statement_int(s, 5));
	row->to_ms = moment(statement_int(s, 6));
	row->reason = (int)statement_int(s, 7);
	row->noticed_ms = statement_int(s, 8);
}

/* 1: the callback wants no more. */
static int
gaps_of(struct reader *reader, enum read_database db, const char *cart,
    int64_t now_ms, int (*each)(void *, const struct gap_row *), void *ctx)
{
	struct statement *s = read_statement(reader, db, READ_GAPS);
	struct gap_row row;
	int rc;

	if (statement_bind(s, "sI", cart, now_ms - GAP_SHOWN_AFTER_MS) == -1)
		return -1;
	while ((rc = statement_step(s)) == 1) {
		gap_fill(s, &row);
		if (each(ctx, &row) != 0)
			break;
	}
	statement_reset(s);
	return rc;
}

/* A role without a database has no gaps; without any: ENOENT. */
int
read_gaps(struct reader *reader, const char *cart, int64_t now_ms,
    int (*each)(void *, const struct gap_row *), void *ctx)
{
	int rc = -1;

	for (int db = 0; db < READ_OF_CARTS; db++) {
		if (read_open(reader, (enum read_database)db) == -1) {
			if (errno != ENOENT)
				return -1;
			continue;
		}
		rc = gaps_of(
		    reader, (enum read_database)db, cart, now_ms, each, ctx);
		if (rc != 0)
			return rc == 1 ? 0 : -1;
	}
	return rc;
}

/* Runs a statement of every database that is there, but support's: who looks at
 * the carts does not hang on it.  Its one number summed. */
static int
sum_of(struct reader *reader, int which, const char *cart, int64_t before_ms,
    int64_t *sum)
{
	*sum = 0;
	for (int i = 0; i < READ_ALERTING; i++) {
		enum read_database db = (enum read_database)i;
		struct statement *s;
		int rc;

		if (read_look(reader, db) == -1) {
			if (errno != ENOENT)
				return -1;
			continue;
		}
		s = read_statement(reader, db, which);
		rc = cart == NULL ? statement_bind(s, "I", before_ms)
				  : statement_bind(s, "sI", cart, before_ms);
		if (rc == -1)
			return -1;
		rc = statement_step(s);
		if (rc == 1)
			*sum += statement_int(s, 0);
		statement_reset(s);
		if (rc == -1)
			return -1;
	}
	return 0;
}

int
read_gaps_shown(struct reader *reader, int64_t now_ms, int64_t *ranges)
{
	return sum_of(
	    reader, READ_GAPS_OPEN, NULL, now_ms - GAP_SHOWN_AFTER_MS, ranges);
}

int
read_gap_numbers(
    struct reader *reader, const char *cart, int64_t now_ms, int64_t *numbers)
{
	return sum_of(reader, READ_GAP_NUMBERS, cart,
	    now_ms - GAP_SHOWN_AFTER_MS, numbers);
}

static void
read_close(struct reader *reader)
{
	struct reader_sqlite *r = (struct reader_sqlite *)reader;

	for (int db = 0; db < READ_DATABASES; db++)
		store_close(r->stores[db]);
	free(r->folder);
	free(r);
}

static const struct reader_ops sqlite_ops = {
	.version = read_version,
	.offsets = read_offsets,
	.carts = read_carts,
	.track = read_track,
	.gaps = read_gaps,
	.daily = read_daily,
	.hourly = read_hourly,
	.stock = read_stock,
	.sales = read_sales,
	.sale = read_sale,
	.book = read_book,
	.books = read_books,
	.customers = read_customers,
	.stats = read_stats,
	.alerts = read_alerts,
	.restocks = read_restocks,
	.restock = read_restock,
	.deliveries = read_deliveries,
	.products = read_products,
	.stock_counts = read_stock_counts,
	.tickets = read_tickets,
	.ticket = read_ticket,
	.members = read_members,
	.member_marks = read_member_marks,
	.member_counts = read_member_counts,
	.zones = read_zones,
	.close = read_close,
};

struct reader *
reader_open_sqlite(const char *folder)
{
	struct reader_sqlite *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->base.ops = &sqlite_ops;
	r->folder = strdup(folder);
	if (r->folder == NULL) {
		free(r);
		return NULL;
	}
	return &r->base;
}
