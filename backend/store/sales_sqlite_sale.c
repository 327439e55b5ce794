/*
 * Single purchases in SQLite.
 */
#include <stdio.h>

#include "backend/store/sales_sqlite.h"

/* A row of the columns that each SALE_FIND selects. */
static void
sale_fill(struct statement *s, struct sale_record *sale)
{
	sale->id = statement_int(s, 0);
	snprintf(sale->folio.cart, sizeof(sale->folio.cart), "%s",
	    statement_text(s, 1));
	sale->folio.epoch = (uint64_t)statement_int(s, 2);
	sale->folio.seq = (uint64_t)statement_int(s, 3);
	sale->at_ms = statement_int(s, 4);
	sale->given.boot = (uint64_t)statement_int(s, 5);
	sale->given.ms = statement_int(s, 6);
	sale->provisional = statement_int(s, 7) != 0;
	sale->record_ms = statement_int(s, 8);
	snprintf(sale->day, sizeof(sale->day), "%s", statement_text(s, 9));
	sale->confirmed = statement_int(s, 10) != 0;
	sale->voided = statement_int(s, 11) != 0;
	snprintf(sale->customer_key, sizeof(sale->customer_key), "%s",
	    statement_text(s, 12));
	sale->units = statement_int(s, 13);
	sale->amount = statement_int(s, 14);
	sale->bytes_hash = (uint64_t)statement_int(s, 15);
	sale->content_hash = (uint64_t)statement_int(s, 16);
	sale->what = NULL;
}

static int
sale_get(struct statement *s, struct sale_record *sale)
{
	int rc = statement_step(s);

	if (rc == 1)
		sale_fill(s, sale);
	statement_reset(s);
	return rc;
}

int
sales_sale_find(struct sales_store *store, const struct folio *folio,
    struct sale_record *sale, bool *alias)
{
	struct statement *s = sales_statement(store, SALE_FIND);
	int rc;

	*alias = false;
	if (statement_bind(s, "sII", folio->cart, (int64_t)folio->epoch,
		(int64_t)folio->seq) == -1)
		return -1;
	rc = sale_get(s, sale);
	if (rc != 0)
		return rc;
	*alias = true;
	s = sales_statement(store, SALE_FIND_ALIAS);
	if (statement_bind(s, "sII", folio->cart, (int64_t)folio->epoch,
		(int64_t)folio->seq) == -1)
		return -1;
	return sale_get(s, sale);
}

int
sales_request_find(struct sales_store *store, const char *cart,
    struct text request_id, const uint64_t *content, struct sale_record *sale)
{
	struct statement *s = sales_statement(
	    store, content == NULL ? SALE_FIND_REQUEST : SALE_FIND_CONTENT);
	int rc;

	if (content == NULL)
		rc = statement_bind(
		    s, "st", cart, request_id.s, request_id.len);
	else
		rc = statement_bind(s, "stI", cart, request_id.s,
		    request_id.len, (int64_t)*content);
	return rc == -1 ? -1 : sale_get(s, sale);
}

int
sales_unmended_find(struct sales_store *store, const char *cart, uint64_t boot,
    struct sale_record *sale)
{
	struct statement *s = sales_statement(store, SALE_FIND_UNMENDED);

	if (statement_bind(s, "sI", cart, (int64_t)boot) == -1)
		return -1;
	return sale_get(s, sale);
}

static int
lines_put(struct sales_store *store, const struct sale_record *sale)
{
	struct statement *s = sales_statement(store, LINE_PUT);

	for (uint32_t i = 0; i < sale->what->line_count; i++) {
		const struct sale_line *line = &sale->what->lines[i];

		if (statement_bind(s, "IiIII", sale->id, (int)i,
			(int64_t)line->product, (int64_t)line->units,
			line->amount) == -1 ||
		    statement_run(s) == -1)
			return -1;
	}
	return 0;
}

/* Text that may be missing: its type for statement_bind and its arguments
 * would differ, so the empty ones are made NULL by the statement. */
#define TEXT_ARGS(text) (text).s, (text).len

int
sales_sale_put(struct sales_store *store, struct sale_record *sale)
{
	struct sales_sqlite *ss = (struct sales_sqlite *)store;
	struct statement *s = sales_statement(store, SALE_PUT);
	const struct sale *what = sale->what;
	const struct place *place = &what->place;

	if (statement_bind(s, "sIIIIIiIsiiIstttiiIiIIII", sale->folio.cart,
		(int64_t)sale->folio.epoch, (int64_t)sale->folio.seq,
		sale->at_ms, (int64_t)sale->given.boot, sale->given.ms,
		(int)sale->provisional, sale->record_ms, sale->day,
		(int)sale->confirmed, (int)sale->voided, what->open_ms,
		sale->customer_key, TEXT_ARGS(what->customer),
		TEXT_ARGS(what->contact), TEXT_ARGS(what->request_id),
		(int)place->lat_e6, (int)place->lon_e6, (int64_t)place->age_s,
		(int)place->given, sale->units, sale->amount,
		(int64_t)sale->bytes_hash, (int64_t)sale->content_hash) == -1 ||
	    statement_run(s) == -1)
		return -1;
	sale->id = sqlite3_last_insert_rowid(store_handle(ss->store));
	return lines_put(store, sale);
}

int
sales_sale_set_time(struct sales_store *store, const struct sale_record *sale)
{
	struct statement *s = sales_statement(store, SALE_SET_TIME);

	if (statement_bind(s, "IisI", sale->at_ms, (int)sale->provisional,
		sale->day, sale->id) == -1)
		return -1;
	return statement_run(s);
}
