/*
 * The guild's figures: from each role's database what it knows.
 */
#include "backend/store/read_sqlite.h"

#include <errno.h>

#include "backend/store/late.h"

#define MINUTE_MS 60000

struct lateness {
	int64_t n[LATE_BUCKETS];
	int64_t total;
};

/* 0 where the counter is not there yet. */
static int
counter_read(struct reader *reader, enum read_database db, const char *name,
    int64_t *value)
{
	struct statement *s = read_statement(reader, db, READ_COUNTER);
	int rc;

	if (statement_bind(s, "s", name) == -1)
		return -1;
	rc = statement_step(s);
	*value = rc == 1 ? statement_int(s, 0) : 0;
	statement_reset(s);
	return rc == -1 ? -1 : 0;
}

/* The first row's integers; one row is sure. */
static int
row_read(struct statement *s, int64_t *values, int count)
{
	int rc = statement_step(s);

	for (int i = 0; rc == 1 && i < count; i++)
		values[i] = statement_int(s, i);
	statement_reset(s);
	return rc == 1 ? 0 : -1;
}

static int
late_read(struct reader *reader, enum read_database db, int64_t now_ms,
    struct lateness *late)
{
	struct statement *s = read_statement(reader, db, READ_LATE);
	int rc;

	if (statement_bind(s, "I", now_ms / MINUTE_MS - LATE_RECENT_MINUTES) ==
	    -1)
		return -1;
	while ((rc = statement_step(s)) == 1) {
		int64_t bucket = statement_int(s, 0);

		if (bucket < 0 || bucket >= LATE_BUCKETS)
			continue;
		late->n[bucket] += statement_int(s, 1);
		late->total += statement_int(s, 1);
	}
	return rc;
}

static int64_t
late_percentile(const struct lateness *late, int percent)
{
	int64_t seen = 0;

	for (int i = 0; i < LATE_BUCKETS; i++) {
		seen += late->n[i];
		if (seen > 0 && seen * 100 >= late->total * percent)
			return late_value(i);
	}
	return STATS_UNKNOWN;
}

static int
common_stats(struct reader *reader, enum read_database db, int64_t now_ms,
    struct stats_row *row)
{
	struct statement *s = read_statement(reader, db, READ_GAPS_OPEN);
	struct statement *open = read_statement(reader, db, READ_ALERTS_OPEN);
	int64_t gaps, duplicates, conflicts, alerts;

	if (statement_bind(s, "I", now_ms - GAP_SHOWN_AFTER_MS) == -1 ||
	    row_read(s, &gaps, 1) == -1 || statement_bind(open, "") == -1 ||
	    row_read(open, &alerts, 1) == -1 ||
	    counter_read(reader, db, "duplicates", &duplicates) == -1 ||
	    counter_read(reader, db, "conflicts", &conflicts) == -1)
		return -1;
	row->gaps_open += gaps;
	row->alerts_open += alerts;
	row->duplicates += duplicates;
	row->conflicts += conflicts;
	return 0;
}

static int
positions_stats(struct reader *reader, int64_t now_ms, int64_t live_ms,
    struct stats_row *row)
{
	struct statement *s = read_statement(
	    reader, READ_POSITIONS, READ_CART_COUNTS);
	int64_t counts[2];

	if (statement_bind(s, "I", now_ms - live_ms) == -1 ||
	    row_read(s, counts, 2) == -1)
		return -1;
	row->carts = counts[0];
	row->live = counts[1];
	s = read_statement(reader, READ_POSITIONS, READ_MISSING);
	if (statement_bind(s, "") == -1 || row_read(s, &row->missing, 1) == -1)
		return -1;
	return counter_read(reader, READ_POSITIONS, "fixes", &row->fixes);
}

static int
sales_stats(struct reader *reader, struct stats_row *row)
{
	if (counter_read(reader, READ_SALES, "sales", &row->sales) == -1 ||
	    counter_read(reader, READ_SALES, "revenue", &row->revenue) == -1)
		return -1;
	return counter_read(reader, READ_SALES, "abandoned", &row->abandoned);
}

static int
stock_stats(struct reader *reader, struct stats_row *row)
{
	struct statement *s = read_statement(
	    reader, READ_STOCK, READ_ORDERS_OPEN);

	if (statement_bind(s, "") == -1)
		return -1;
	return row_read(s, &row->orders_open, 1);
}

static int
database_stats(struct reader *reader, enum read_database db, int64_t now_ms,
    int64_t live_ms, struct stats_row *row, struct lateness *late)
{
	if (common_stats(reader, db, now_ms, row) == -1)
		return -1;
	switch (db) {
	case READ_POSITIONS:
		if (late_read(reader, db, now_ms, late) == -1)
			return -1;
		return positions_stats(reader, now_ms, live_ms, row);
	case READ_SALES:
		if (late_read(reader, db, now_ms, late) == -1)
			return -1;
		return sales_stats(reader, row);
	case READ_STOCK:
		return stock_stats(reader, row);
	case READ_SUPPORT:
	case READ_MEMBERS:
	case READ_NOTIFY:
	case READ_DATABASES:
		break;
	}
	errno = EINVAL;
	return -1;
}

int
read_stats(struct reader *reader, int64_t now_ms, int64_t live_ms,
    struct stats_row *row)
{
	struct lateness late = { .total = 0 };
	bool any = false;

	*row = (struct stats_row){ .carts = STATS_UNKNOWN,
		.live = STATS_UNKNOWN,
		.fixes = STATS_UNKNOWN,
		.sales = STATS_UNKNOWN,
		.revenue = STATS_UNKNOWN,
		.abandoned = STATS_UNKNOWN,
		.orders_open = STATS_UNKNOWN,
		.missing = STATS_UNKNOWN,
		.late_ms_p50 = STATS_UNKNOWN,
		.late_ms_p99 = STATS_UNKNOWN };
	for (int i = 0; i < READ_ALERTING; i++) {
		enum read_database db = (enum read_database)i;

		if (read_open(reader, db) == -1) {
			if (errno != ENOENT)
				return -1;
			continue;
		}
		any = true;
		if (database_stats(reader, db, now_ms, live_ms, row, &late) ==
		    -1)
			return -1;
	}
	if (!any) {
		errno = ENOENT;
		return -1;
	}
	row->late_ms_p50 = late_percentile(&late, 50);
	row->late_ms_p99 = late_percentile(&late, 99);
	return 0;
}
