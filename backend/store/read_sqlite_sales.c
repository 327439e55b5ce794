/*
 * Sales by day and one by one.
 */
#include "backend/store/read_sqlite.h"

#include <stdio.h>

const char *const read_sales_sql[READ_STATEMENTS - READ_COMMON] = {
	[READ_DAILY - READ_COMMON] =
	    "SELECT cart, day, sales, units,"
	    " revenue, customers, abandoned, voided, provisional"
	    " FROM day_total WHERE day = ?1 AND (?2 IS NULL OR cart = ?2)"
	    " AND (sales <> 0 OR abandoned <> 0 OR voided <> 0)"
	    " ORDER BY cart",
	[READ_SALE_ROWS - READ_COMMON] =
	    "SELECT id, cart, epoch, seq,"
	    " at_ms, units, amount, confirmed, voided, provisional"
	    " FROM sale WHERE id > ? ORDER BY id LIMIT ?",
};

static void
daily_fill(struct statement *s, struct daily_row *row)
{
	snprintf(row->cart, sizeof(row->cart), "%s", statement_text(s, 0));
	snprintf(row->date, sizeof(row->date), "%s", statement_text(s, 1));
	row->sales = statement_int(s, 2);
	row->units = statement_int(s, 3);
	row->revenue = statement_int(s, 4);
	row->customers = statement_int(s, 5);
	row->abandoned = statement_int(s, 6);
	row->voided = statement_int(s, 7);
	row->provisional = statement_int(s, 8);
}

int
read_daily(struct reader *reader, const char *date, const char *cart,
    int (*each)(void *, const struct daily_row *), void *ctx)
{
	struct statement *s;
	struct daily_row row;
	int rc;

	if (read_open(reader, READ_SALES) == -1)
		return -1;
	s = read_statement(reader, READ_SALES, READ_DAILY);
	if (statement_bind(s, "ss", date, cart) == -1)
		return -1;
	while ((rc = statement_step(s)) == 1) {
		daily_fill(s, &row);
		if (each(ctx, &row) != 0)
			break;
	}
	statement_reset(s);
	return rc == -1 ? -1 : 0;
}

static void
sale_fill(struct statement *s, struct sale_row *row)
{
	struct folio folio;

	snprintf(row->cart, sizeof(row->cart), "%s", statement_text(s, 1));
	snprintf(folio.cart, sizeof(folio.cart), "%s", row->cart);
	folio.epoch = (uint64_t)statement_int(s, 2);
	folio.seq = (uint64_t)statement_int(s, 3);
	row->at_ms = statement_int(s, 4);
	row->units = statement_int(s, 5);
	row->amount = statement_int(s, 6);
	row->confirmed = statement_int(s, 7) != 0;
	row->voided = statement_int(s, 8) != 0;
	row->provisional = statement_int(s, 9) != 0;
	/* An abandoned purchase has no folio. */
	if (row->confirmed)
		folio_format(&folio, row->folio);
	else
		row->folio[0] = '\0';
}

int
read_sales(struct reader *reader, int64_t after_id, int64_t limit,
    int (*each)(void *, int64_t, const struct sale_row *), void *ctx)
{
	struct statement *s;
	struct sale_row row;
	int rc;

	if (read_open(reader, READ_SALES) == -1)
		return -1;
	s = read_statement(reader, READ_SALES, READ_SALE_ROWS);
	if (statement_bind(s, "II", after_id, limit) == -1)
		return -1;
	while ((rc = statement_step(s)) == 1) {
		sale_fill(s, &row);
		if (each(ctx, statement_int(s, 0), &row) != 0)
			break;
	}
	statement_reset(s);
	return rc == -1 ? -1 : 0;
}
