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
	/* Sales are found by cart and day: the day's carts come first. */
	[READ_HOURLY - READ_COMMON] =
	    "SELECT (s.at_ms - ?3) / 3600000 AS hour,"
	    " sum(s.confirmed = 1 AND s.voided = 0),"
	    " sum(iif(s.confirmed = 1 AND s.voided = 0, s.units, 0)),"
	    " sum(iif(s.confirmed = 1 AND s.voided = 0, s.amount, 0)),"
	    " sum(s.confirmed = 0)"
	    " FROM day_total AS d CROSS JOIN sale AS s"
	    " ON s.cart = d.cart AND s.day = d.day"
	    " WHERE d.day = ?1 AND (?2 IS NULL OR d.cart = ?2)"
	    " GROUP BY hour",
	[READ_SALE_ROWS - READ_COMMON] =
	    "SELECT id, cart, epoch, seq,"
	    " at_ms, units, amount, confirmed, voided, provisional, bytes_hash"
	    " FROM sale WHERE id > ? ORDER BY id LIMIT ?",
	[READ_SALE_OF_FOLIO - READ_COMMON] =
	    "SELECT id, cart, epoch, seq,"
	    " at_ms, units, amount, confirmed, voided, provisional, bytes_hash"
	    " FROM sale WHERE cart = ?1 AND epoch = ?2 AND seq = ?3"
	    " UNION ALL SELECT s.id, s.cart, s.epoch, s.seq, s.at_ms, s.units,"
	    " s.amount, s.confirmed, s.voided, s.provisional, a.bytes_hash"
	    " FROM sale_alias AS a JOIN sale AS s ON s.id = a.sale"
	    " WHERE a.cart = ?1 AND a.epoch = ?2 AND a.seq = ?3",
	[READ_BOOK_HEAD - READ_COMMON] =
	    "SELECT e.day, e.edition, d.edition, e.made_ms,"
	    " e.frequent_visits FROM book_edition AS e JOIN book_day AS d"
	    " ON d.day = e.day WHERE e.day = ?1"
	    " AND e.edition = iif(?2 = 0, d.edition, ?2)",
	/* Each cart's last word up to that edition. */
	[READ_BOOK_ROWS - READ_COMMON] =
	    "SELECT cart, sales, units, revenue, customers, frequent,"
	    " abandoned, voided, provisional FROM book_row AS r"
	    " WHERE day = ?1 AND (?3 IS NULL OR cart = ?3) AND edition ="
	    " (SELECT max(l.edition) FROM book_row AS l WHERE l.day = r.day"
	    "  AND l.cart = r.cart AND l.edition <= ?2)"
	    " AND (cart = '' OR sales <> 0 OR abandoned <> 0 OR voided <> 0)"
	    " ORDER BY cart",
	[READ_BOOKS - READ_COMMON] =
	    "SELECT e.day, e.edition, d.edition, e.made_ms,"
	    " e.frequent_visits, r.cart, r.sales, r.units, r.revenue,"
	    " r.customers, r.frequent, r.abandoned, r.voided, r.provisional"
	    " FROM book_edition AS e JOIN book_day AS d ON d.day = e.day"
	    " JOIN book_row AS r ON r.day = e.day AND r.cart = ?1"
	    " AND r.edition = (SELECT max(l.edition) FROM book_row AS l"
	    "  WHERE l.day = e.day AND l.cart = ?1 AND l.edition <= e.edition)"
	    " WHERE e.day IN (SELECT day FROM book_day WHERE edition > 0"
	    "  AND (?2 IS NULL OR day < ?2) ORDER BY day DESC LIMIT ?3)"
	    " ORDER BY e.day DESC, e.edition DESC",
	[READ_SALES_GUILD -
	    READ_COMMON] = "SELECT frequent_visits FROM sales_guild",
	[READ_CUSTOMERS - READ_COMMON] =
	    "SELECT c.customer_key, sum(c.sales) AS visits, max(c.day)"
	    " FROM (SELECT DISTINCT cart FROM day_total"
	    "  WHERE day BETWEEN ?1 AND ?2 AND (?3 IS NULL OR cart = ?3)) AS d"
	    " CROSS JOIN day_customer AS c ON c.cart = d.cart"
	    " AND c.day BETWEEN ?1 AND ?2 GROUP BY c.customer_key"
	    " HAVING visits >= ?4 ORDER BY visits DESC, c.customer_key"
	    " LIMIT ?5",
	[READ_CUSTOMER_LAST - READ_COMMON] =
	    "SELECT ifnull(s.customer, ''), ifnull(s.contact, ''), s.at_ms,"
	    " s.cart FROM day_customer AS c"
	    " INDEXED BY day_customer_visits CROSS JOIN sale AS s"
	    " ON s.cart = c.cart AND s.day = c.day"
	    " AND s.customer_key = c.customer_key AND s.confirmed = 1"
	    " AND s.voided = 0 WHERE c.customer_key = ?1 AND c.day = ?2"
	    " AND (?3 IS NULL OR c.cart = ?3)"
	    " ORDER BY s.at_ms DESC LIMIT 1",
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

int
read_hourly(struct reader *reader, const char *date, const char *cart,
    int64_t from_ms, int (*each)(void *, const struct hour_row *), void *ctx)
{
	struct statement *s;
	struct hour_row row;
	int rc;

	if (read_open(reader, READ_SALES) == -1)
		return -1;
	s = read_statement(reader, READ_SALES, READ_HOURLY);
	if (statement_bind(s, "ssI", date, cart, from_ms) == -1)
		return -1;
	while ((rc = statement_step(s)) == 1) {
		row.hour = statement_int(s, 0);
		row.sales = statement_int(s, 1);
		row.units = statement_int(s, 2);
		row.revenue = statement_int(s, 3);
		row.abandoned = statement_int(s, 4);
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
	row->bytes_hash = (uint64_t)statement_int(s, 10);
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

int
read_sale(struct reader *reader, const struct folio *folio,
    int (*each)(void *, const struct sale_row *), void *ctx)
{
	struct statement *s;
	struct sale_row row;
	int rc;

	if (read_open(reader, READ_SALES) == -1)
		return -1;
	s = read_statement(reader, READ_SALES, READ_SALE_OF_FOLIO);
	if (statement_bind(s, "sII", folio->cart, (int64_t)folio->epoch,
		(int64_t)folio->seq) == -1)
		return -1;
	rc = statement_step(s);
	if (rc == 1) {
		sale_fill(s, &row);
		each(ctx, &row);
	}
	statement_reset(s);
	return rc == -1 ? -1 : 0;
}
