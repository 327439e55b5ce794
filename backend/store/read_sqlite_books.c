/*
 * The books of closed days, and customers.
 */
#include "backend/store/read_sqlite.h"

#include <stdio.h>

static void
head_fill(struct statement *s, struct book_head *head)
{
	snprintf(head->date, sizeof(head->date), "%s", statement_text(s, 0));
	head->edition = statement_int(s, 1);
	head->latest = statement_int(s, 2);
	head->made_ms = statement_int(s, 3);
	head->frequent_visits = statement_int(s, 4);
}

/* From the column on. */
static void
row_fill(struct statement *s, int column, struct book_row *row)
{
	struct daybook_figures *f = &row->figures;

	snprintf(row->cart, sizeof(row->cart), "%s", statement_text(s, column));
	f->sales = statement_int(s, column + 1);
	f->units = statement_int(s, column + 2);
	f->revenue = statement_int(s, column + 3);
	f->customers = statement_int(s, column + 4);
	f->frequent = statement_int(s, column + 5);
	f->abandoned = statement_int(s, column + 6);
	f->voided = statement_int(s, column + 7);
	f->provisional = statement_int(s, column + 8);
}

/* 1: there is one. */
static int
read_head(struct reader *reader, const struct book_query *query,
    struct book_head *head)
{
	struct statement *s = read_statement(
	    reader, READ_SALES, READ_BOOK_HEAD);
	int rc;

	if (statement_bind(s, "sI", query->date, query->edition) == -1)
		return -1;
	rc = statement_step(s);
	if (rc == 1)
		head_fill(s, head);
	statement_reset(s);
	return rc;
}

static int
read_rows(struct reader *reader, const struct book_query *query,
    int64_t edition, int (*each)(void *, const struct book_row *), void *ctx)
{
	struct statement *s = read_statement(
	    reader, READ_SALES, READ_BOOK_ROWS);
	struct book_row row;
	int rc;

	if (statement_bind(s, "sIs", query->date, edition, query->cart) == -1)
		return -1;
	while ((rc = statement_step(s)) == 1) {
		row_fill(s, 0, &row);
		if (each(ctx, &row) != 0)
			break;
	}
	statement_reset(s);
	return rc == -1 ? -1 : 0;
}

int
read_book(struct reader *reader, const struct book_query *query,
    int (*head)(void *, const struct book_head *),
    int (*each)(void *, const struct book_row *), void *ctx)
{
	struct book_head found = { .edition = 0 };
	int rc;

	if (read_begin(reader, READ_SALES) == -1)
		return -1;
	rc = read_head(reader, query, &found);
	if (rc == 1 && head(ctx, &found) == 0)
		rc = read_rows(reader, query, found.edition, each, ctx);
	read_end(reader, READ_SALES);
	return rc == -1 ? -1 : 0;
}

int
read_books(struct reader *reader, const struct books_query *query,
    int (*each)(void *, const struct book_head *, const struct book_row *),
    void *ctx)
{
	struct statement *s;
	struct book_head head;
	struct book_row row;
	int rc;

	if (read_open(reader, READ_SALES) == -1)
		return -1;
	s = read_statement(reader, READ_SALES, READ_BOOKS);
	if (statement_bind(s, "ssI", query->cart == NULL ? "" : query->cart,
		query->before, query->days) == -1)
		return -1;
	while ((rc = statement_step(s)) == 1) {
		head_fill(s, &head);
		row_fill(s, 5, &row);
		if (each(ctx, &head, &row) != 0)
			break;
	}
	statement_reset(s);
	return rc == -1 ? -1 : 0;
}

/* From how many visits on a customer comes often. */
static int
read_frequent(struct reader *reader, int64_t *visits)
{
	struct statement *s = read_statement(
	    reader, READ_SALES, READ_SALES_GUILD);
	int rc;

	if (statement_bind(s, "") == -1)
		return -1;
	rc = statement_step(s);
	*visits = rc == 1 ? statement_int(s, 0) : 0;
	statement_reset(s);
	return rc == -1 ? -1 : 0;
}

/* How they were named the last time; a purchase of that day there must be. */
static int
read_last_visit(struct reader *reader, const struct customers_query *query,
    const char *key, const char *day, struct customer_row *row)
{
	struct statement *s = read_statement(
	    reader, READ_SALES, READ_CUSTOMER_LAST);
	int rc;

	row->name[0] = row->contact[0] = row->last_cart[0] = '\0';
	row->last_ms = INSTANT_MISSING;
	if (statement_bind(s, "sss", key, day, query->cart) == -1)
		return -1;
	rc = statement_step(s);
	if (rc == 1) {
		snprintf(
		    row->name, sizeof(row->name), "%s", statement_text(s, 0));
		snprintf(row->contact, sizeof(row->contact), "%s",
		    statement_text(s, 1));
		row->last_ms = statement_int(s, 2);
		snprintf(row->last_cart, sizeof(row->last_cart), "%s",
		    statement_text(s, 3));
	}
	statement_reset(s);
	return rc;
}

static int
customers_of(struct reader *reader, const struct customers_query *query,
    int64_t frequent, int (*each)(void *, const struct customer_row *),
    void *ctx)
{
	struct statement *s = read_statement(
	    reader, READ_SALES, READ_CUSTOMERS);
	struct customer_row row;
	int rc;

	if (statement_bind(s, "sssII", query->from, query->to, query->cart,
		query->frequent_only ? frequent : (int64_t)1,
		query->limit) == -1)
		return -1;
	while ((rc = statement_step(s)) == 1) {
		row.visits = statement_int(s, 1);
		row.frequent = row.visits >= frequent;
		rc = read_last_visit(reader, query, statement_text(s, 0),
		    statement_text(s, 2), &row);
		if (rc == -1 || each(ctx, &row) != 0)
			break;
	}
	statement_reset(s);
	return rc == -1 ? -1 : 0;
}

int
read_customers(struct reader *reader, const struct customers_query *query,
    int (*head)(void *, int64_t frequent_visits),
    int (*each)(void *, const struct customer_row *), void *ctx)
{
	int64_t frequent;
	int rc;

	if (read_begin(reader, READ_SALES) == -1)
		return -1;
	rc = read_frequent(reader, &frequent);
	if (rc == 0 && head(ctx, frequent) == 0)
		rc = customers_of(reader, query, frequent, each, ctx);
	read_end(reader, READ_SALES);
	return rc;
}
