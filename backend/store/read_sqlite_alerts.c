/*
 * Alerts of every role that raises them: merged, newest first.
 */
#include <errno.h>
#include <string.h>

#include "backend/store/alerts_sqlite.h"
#include "backend/store/read_sqlite.h"

struct merge {
	struct reader *reader;
	struct statement *cursors[READ_ALERTING]; /* NULL: at its end */
	struct alert_row rows[READ_ALERTING]; /* where each stands */
};

static int
advance(struct merge *merge, int db)
{
	int rc = statement_step(merge->cursors[db]);

	if (rc == 1)
		alert_row_fill(merge->cursors[db], &merge->rows[db]);
	else
		merge->cursors[db] = NULL; /* a step to the end resets */
	return rc == -1 ? -1 : 0;
}

/* A limit of -1 is none to SQLite. */
static int
start(struct merge *merge, int db, const struct alerts_query *query)
{
	struct statement *s = read_statement(
	    merge->reader, (enum read_database)db, READ_ALERTS);

	if (statement_bind(s, "ssiiIsI", query->id, query->cart, query->cause,
		(int)query->open_only,
		query->before_ms == 0 ? INT64_MAX : query->before_ms,
		query->before_id != NULL ? query->before_id : "",
		query->limit == 0 ? INT64_C(-1) : query->limit) == -1)
		return -1;
	merge->cursors[db] = s;
	return advance(merge, db);
}

static bool
is_newer(const struct alert_row *a, const struct alert_row *b)
{
	if (a->opened_ms != b->opened_ms)
		return a->opened_ms > b->opened_ms;
	return strcmp(a->event.id, b->event.id) > 0;
}

/* -1: all are at their end. */
static int
newest(const struct merge *merge)
{
	int best = -1;

	for (int db = 0; db < READ_ALERTING; db++) {
		if (merge->cursors[db] != NULL &&
		    (best == -1 ||
			is_newer(&merge->rows[db], &merge->rows[best])))
			best = db;
	}
	return best;
}

static int
walk(struct merge *merge, int64_t limit,
    int (*each)(void *, const struct alert_row *), void *ctx)
{
	int db;

	for (int64_t n = 0; limit == 0 || n < limit; n++) {
		db = newest(merge);
		if (db == -1 || each(ctx, &merge->rows[db]) != 0)
			return 0;
		if (advance(merge, db) == -1)
			return -1;
	}
	return 0;
}

static void
end(struct merge *merge)
{
	int saved = errno;

	for (int db = 0; db < READ_ALERTING; db++) {
		if (merge->cursors[db] != NULL)
			statement_reset(merge->cursors[db]);
	}
	errno = saved;
}

int
read_alerts(struct reader *reader, const struct alerts_query *query,
    int (*each)(void *, const struct alert_row *), void *ctx)
{
	struct merge merge = { .reader = reader };
	bool any = false;
	int rc = 0;

	for (int db = 0; db < READ_ALERTING && rc == 0; db++) {
		if (read_open(reader, (enum read_database)db) == 0) {
			any = true;
			rc = start(&merge, db, query);
		} else if (errno != ENOENT) {
			rc = -1;
		}
	}
	if (rc == 0 && !any) {
		errno = ENOENT;
		rc = -1;
	}
	if (rc == 0)
		rc = walk(&merge, query->limit, each, ctx);
	end(&merge);
	return rc;
}
