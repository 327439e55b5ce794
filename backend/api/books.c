/*
 * The books of closed days: one edition, with the guild's row and each
 * cart's; or, without a date, what every edition of the last days says.
 */
#include <stdlib.h>
#include <string.h>

#include "backend/api/csv.h"
#include "backend/api/handlers.h"

#define BOOK_DAYS 31
#define BOOK_DAYS_MAX 400
#define EDITION_MAX 1000000
/* A plate has capitals: no cart is called this. */
#define GUILD "guild"

static const char *const formats[] = { "json", "csv", NULL };

/* An answer in the making, in either form. */
struct sheet {
	struct jsonw *json;
	struct csv csv;
	bool as_csv;
	struct book_head head; /* of one book; no edition: there is none */
	bool carts; /* the array of JSON was begun */
	/* Of the list. */
	int64_t days;
	char last[11];
};

static void
write_header(struct csv *csv)
{
	static const char *const names[] = { "date", "edition", "made_at",
		"cart", "sales", "units", "revenue_clp", "customers",
		"units_per_customer", "frequent_customers", "abandoned",
		"abandoned_percent", "voided", "provisional" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		csv_text(csv, names[i]);
	csv_row_end(csv);
}

static void
write_cells(
    struct csv *csv, const struct book_head *head, const struct book_row *row)
{
	const struct daybook_figures *f = &row->figures;

	csv_text(csv, head->date);
	csv_int(csv, head->edition);
	csv_time(csv, head->made_ms);
	csv_text(csv, row->cart[0] != '\0' ? row->cart : GUILD);
	csv_int(csv, f->sales);
	csv_int(csv, f->units);
	csv_int(csv, f->revenue);
	csv_int(csv, f->customers);
	csv_decimal(csv, daybook_units_per_customer(f), 2);
	csv_int(csv, f->frequent);
	csv_int(csv, f->abandoned);
	csv_decimal(csv, daybook_abandoned_share(f), 2);
	csv_int(csv, f->voided);
	csv_int(csv, f->provisional);
	csv_row_end(csv);
}

static void
write_count(struct jsonw *j, const char *key, int64_t n)
{
	jsonw_key(j, key);
	jsonw_int(j, n);
}

/* Hundredths; a negative one is no value. */
static void
write_ratio(struct jsonw *j, const char *key, int64_t n)
{
	jsonw_key(j, key);
	if (n < 0)
		jsonw_null(j);
	else
		jsonw_decimal(j, n, 2);
}

static void
write_figures(struct jsonw *j, const struct daybook_figures *f)
{
	write_count(j, "sales", f->sales);
	write_count(j, "units", f->units);
	write_count(j, "revenue_clp", f->revenue);
	write_count(j, "customers", f->customers);
	write_ratio(j, "units_per_customer", daybook_units_per_customer(f));
	write_count(j, "frequent_customers", f->frequent);
	write_count(j, "abandoned", f->abandoned);
	write_ratio(j, "abandoned_percent", daybook_abandoned_share(f));
	write_count(j, "voided", f->voided);
	write_count(j, "provisional", f->provisional);
}

static void
write_head(struct jsonw *j, const struct book_head *head)
{
	jsonw_key(j, "date");
	jsonw_text(j, head->date);
	write_count(j, "edition", head->edition);
	write_count(j, "latest_edition", head->latest);
	jsonw_key(j, "made_at");
	jsonw_time(j, head->made_ms);
	write_count(j, "frequent_visits", head->frequent_visits);
}

static void
sheet_begin(struct sheet *sheet, struct call *call, bool as_csv)
{
	memset(sheet, 0, sizeof(*sheet));
	sheet->json = &call->answer->body;
	sheet->as_csv = as_csv;
	if (as_csv) {
		csv_init(&sheet->csv);
		write_header(&sheet->csv);
	}
}

/* Puts the table into the answer, or (`good` false) drops it. */
static void
sheet_end_csv(struct sheet *sheet, struct answer *a, bool good)
{
	char *text;

	if (!sheet->as_csv)
		return;
	text = csv_finish(&sheet->csv);
	if (!good) {
		free(text);
		return;
	}
	a->type = TYPE_CSV;
	jsonw_adopt(&a->body, text);
}

/* ---- one book ---- */

static int
book_head(void *ctx, const struct book_head *head)
{
	struct sheet *sheet = ctx;

	sheet->head = *head;
	if (!sheet->as_csv) {
		jsonw_open(sheet->json, '{');
		write_head(sheet->json, head);
	}
	return 0;
}

static void
begin_carts(struct sheet *sheet, const struct daybook_figures *guild)
{
	struct jsonw *j = sheet->json;

	jsonw_key(j, "guild");
	if (guild == NULL) {
		jsonw_null(j);
	} else {
		jsonw_open(j, '{');
		write_figures(j, guild);
		jsonw_close(j, '}');
	}
	jsonw_key(j, "carts");
	jsonw_open(j, '[');
	sheet->carts = true;
}

static int
book_row(void *ctx, const struct book_row *row)
{
	struct sheet *sheet = ctx;
	struct jsonw *j = sheet->json;

	if (sheet->as_csv) {
		write_cells(&sheet->csv, &sheet->head, row);
		return 0;
	}
	if (row->cart[0] == '\0') {
		begin_carts(sheet, &row->figures);
		return 0;
	}
	if (!sheet->carts)
		begin_carts(sheet, NULL);
	jsonw_open(j, '{');
	jsonw_key(j, "cart");
	jsonw_text(j, row->cart);
	write_figures(j, &row->figures);
	jsonw_close(j, '}');
	return jsonw_failed(j);
}

static void
no_book(struct call *call, const struct book_query *query)
{
	if (query->edition == 0)
		answer_problem(call->answer, 404, "date", NULL,
		    "date: there is no book of %s: nothing was sold, or the "
		    "day has not closed yet",
		    query->date);
	else
		answer_problem(call->answer, 404, "edition", NULL,
		    "edition: there is no edition %lld of the book of %s",
		    (long long)query->edition, query->date);
}

static void
answer_book(struct call *call, const struct book_query *query, bool as_csv)
{
	struct reader *reader = call->reader;
	struct sheet sheet;
	int rc;

	sheet_begin(&sheet, call, as_csv);
	rc = reader->ops->book(reader, query, book_head, book_row, &sheet);
	sheet_end_csv(&sheet, call->answer, rc == 0 && sheet.head.edition > 0);
	if (rc == -1) {
		api_read_failed(call, "sales");
		return;
	}
	if (sheet.head.edition == 0) {
		no_book(call, query);
		return;
	}
	if (!as_csv) {
		if (!sheet.carts)
			begin_carts(&sheet, NULL);
		jsonw_close(sheet.json, ']');
		jsonw_close(sheet.json, '}');
	}
	call->answer->cacheable = true;
}

/* ---- all of them ---- */

static int
books_row(void *ctx, const struct book_head *head, const struct book_row *row)
{
	struct sheet *sheet = ctx;
	struct jsonw *j = sheet->json;

	if (strcmp(sheet->last, head->date) != 0) {
		memcpy(sheet->last, head->date, sizeof(sheet->last));
		sheet->days++;
	}
	if (sheet->as_csv) {
		write_cells(&sheet->csv, head, row);
		return 0;
	}
	jsonw_open(j, '{');
	write_head(j, head);
	jsonw_key(j, "cart");
	jsonw_text(j, row->cart[0] != '\0' ? row->cart : NULL);
	write_figures(j, &row->figures);
	jsonw_close(j, '}');
	return jsonw_failed(j);
}

static void
answer_books(struct call *call, const struct books_query *query, bool as_csv)
{
	struct reader *reader = call->reader;
	struct jsonw *j = &call->answer->body;
	struct sheet sheet;
	int rc;

	sheet_begin(&sheet, call, as_csv);
	if (!as_csv) {
		jsonw_open(j, '{');
		jsonw_key(j, "books");
		jsonw_open(j, '[');
	}
	rc = reader->ops->books(reader, query, books_row, &sheet);
	sheet_end_csv(&sheet, call->answer, rc == 0);
	if (rc == -1) {
		api_read_failed(call, "sales");
		return;
	}
	if (!as_csv) {
		jsonw_close(j, ']');
		jsonw_key(j, "next_before");
		jsonw_text(j, sheet.days == query->days ? sheet.last : NULL);
		jsonw_close(j, '}');
	}
	call->answer->cacheable = true;
}

/* A parameter that means something only beside, or without, a date. */
static int
check_beside(struct call *call, const char *name, bool with_date)
{
	if (request_param(call->request, name) == NULL ||
	    (request_param(call->request, "date") != NULL) == with_date)
		return 0;
	answer_problem(call->answer, 400, name, NULL, "%s: only with%s date",
	    name, with_date ? " a" : "out a");
	return -1;
}

void
api_books(struct call *call)
{
	const struct request *r = call->request;
	struct books_query all = { .days = BOOK_DAYS };
	struct book_query one = { .edition = 0 };
	char date[11] = "", before[11] = "";
	int format = 0;

	if (request_date(r, "date", date, call->answer) == -1 ||
	    request_date(r, "before", before, call->answer) == -1 ||
	    request_int(r, "edition", 1, EDITION_MAX, &one.edition,
		call->answer) == -1 ||
	    request_int(
		r, "limit", 1, BOOK_DAYS_MAX, &all.days, call->answer) == -1 ||
	    request_cart(r, "cart", &one.cart, call->answer) == -1 ||
	    request_choice(r, "format", formats, &format, call->answer) == -1 ||
	    check_beside(call, "edition", true) == -1 ||
	    check_beside(call, "before", false) == -1 ||
	    check_beside(call, "limit", false) == -1)
		return;
	if (date[0] != '\0') {
		one.date = date;
		answer_book(call, &one, format == 1);
		return;
	}
	all.cart = one.cart;
	all.before = before[0] != '\0' ? before : NULL;
	answer_books(call, &all, format == 1);
}
