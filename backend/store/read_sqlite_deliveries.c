/*
 * Deliveries with what the depot picks for them; products; counts.
 */
#include "backend/store/orders_sqlite.h"
#include "backend/store/read_sqlite.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PICKS_MAX (DELIVERY_STOPS_MAX * ORDER_LINES_MAX)

struct work {
	struct delivery_row row;
	struct pick picks[PICKS_MAX];
};

static int
states_fill(struct reader *reader, struct delivery_row *row)
{
	struct statement *s = read_statement(
	    reader, READ_STOCK, READ_DELIVERY_STATES);
	int rc;

	memset(row->states, 0, sizeof(row->states));
	if (statement_bind(s, "s", row->delivery.id) == -1)
		return -1;
	while ((rc = statement_step(s)) == 1) {
		const char *id = statement_text(s, 0);

		for (uint32_t i = 0; i < row->delivery.stop_count; i++) {
			if (strcmp(row->delivery.stops[i].order, id) == 0)
				row->states[i] = (enum order_state)
				    statement_int(s, 1);
		}
	}
	statement_reset(s);
	return rc == -1 ? -1 : 0;
}

static int
picks_fill(struct reader *reader, struct work *work)
{
	struct statement *s = read_statement(reader, READ_STOCK, READ_PICKS);
	size_t count = 0;
	int rc = 0;

	if (statement_bind(s, "s", work->row.delivery.id) == -1)
		return -1;
	while (count < PICKS_MAX && (rc = statement_step(s)) == 1)
		work->picks[count++] = (struct pick){
			.product = (uint32_t)statement_int(s, 0),
			.units = statement_int(s, 1),
			.unfixed = (uint32_t)statement_int(s, 2),
		};
	statement_reset(s);
	work->row.pick_count = count;
	work->row.picks = work->picks;
	return rc == -1 ? -1 : 0;
}

static int
delivery_fill(struct reader *reader, struct statement *s, struct work *work)
{
	struct decode_error error;
	const void *record;
	size_t len;

	record = statement_blob(s, 0, &len);
	if (delivery_decode(record, len, &work->row.delivery, &error) == -1) {
		errno = EBADMSG;
		return -1;
	}
	work->row.opened_ms = statement_int(s, 1);
	if (states_fill(reader, &work->row) == -1)
		return -1;
	return picks_fill(reader, work);
}

static int
leading(const struct deliveries_query *query)
{
	if (query->id != NULL)
		return READ_DELIVERIES_BY_ID;
	return query->state != -1 ? READ_DELIVERIES_BY_STATE
				  : READ_DELIVERIES_BY_TIME;
}

static int
deliveries_walk(struct reader *reader, const struct deliveries_query *query,
    struct work *work, int (*each)(void *, const struct delivery_row *),
    void *ctx)
{
	struct statement *s = read_statement(
	    reader, READ_STOCK, leading(query));
	int rc;

	if (statement_bind(s, "IIsiis",
		query->limit == 0 ? INT64_C(-1) : query->limit,
		query->before_ms == 0 ? INT64_MAX : query->before_ms,
		query->before_id != NULL ? query->before_id : "", query->state,
		(int)query->open_only, query->id) == -1)
		return -1;
	while ((rc = statement_step(s)) == 1) {
		rc = delivery_fill(reader, s, work);
		if (rc == -1 || each(ctx, &work->row) != 0)
			break;
	}
	statement_reset(s);
	return rc == -1 ? -1 : 0;
}

int
read_deliveries(struct reader *reader, const struct deliveries_query *query,
    int (*each)(void *, const struct delivery_row *), void *ctx)
{
	struct work *work = malloc(sizeof(*work));
	int rc = -1;

	if (work == NULL)
		return -1;
	if (read_begin(reader, READ_STOCK) == 0) {
		rc = deliveries_walk(reader, query, work, each, ctx);
		read_end(reader, READ_STOCK);
	}
	free(work);
	return rc;
}

/* 1: there is one, and the callback wants its products. */
static int
catalogue_walk(struct reader *reader,
    int (*each)(void *, const struct catalogue_row *), void *ctx)
{
	struct statement *s = read_statement(
	    reader, READ_STOCK, READ_CATALOGUE);
	struct catalogue_row row = { .revision = 0 };
	int rc;

	if (statement_bind(s, "") == -1)
		return -1;
	rc = statement_step(s);
	if (rc == 1) {
		row.revision = statement_int(s, 0);
		row.at_ms = statement_int(s, 1);
		snprintf(row.by, sizeof(row.by), "%s", statement_text(s, 2));
		row.count = statement_int(s, 3);
	}
	statement_reset(s);
	if (rc == -1)
		return -1;
	return each(ctx, &row) == 0 && row.revision > 0;
}

static int
products_walk(struct reader *reader,
    int (*each)(void *, const struct product_row *), void *ctx)
{
	struct statement *s = read_statement(reader, READ_STOCK, READ_PRODUCTS);
	struct product_row row;
	int rc;

	if (statement_bind(s, "") == -1)
		return -1;
	while ((rc = statement_step(s)) == 1) {
		row.code = (uint32_t)statement_int(s, 0);
		snprintf(
		    row.name, sizeof(row.name), "%s", statement_text(s, 1));
		row.price = statement_int(s, 2);
		if (each(ctx, &row) != 0)
			break;
	}
	statement_reset(s);
	return rc == -1 ? -1 : 0;
}

int
read_products(struct reader *reader,
    int (*catalogue)(void *, const struct catalogue_row *),
    int (*each)(void *, const struct product_row *), void *ctx)
{
	int rc;

	if (read_begin(reader, READ_STOCK) == -1)
		return -1;
	rc = catalogue_walk(reader, catalogue, ctx);
	if (rc == 1)
		rc = products_walk(reader, each, ctx);
	read_end(reader, READ_STOCK);
	return rc;
}

static int
order_counts(struct reader *reader, struct stock_counts *counts)
{
	struct statement *s = read_statement(
	    reader, READ_STOCK, READ_ORDER_COUNTS);
	int rc;

	if (statement_bind(s, "") == -1)
		return -1;
	while ((rc = statement_step(s)) == 1) {
		counts->orders[statement_int(s, 0)] = statement_int(s, 1);
		counts->disputed += statement_int(s, 2);
	}
	return rc;
}

static int
delivery_count(struct reader *reader, struct stock_counts *counts)
{
	struct statement *s = read_statement(
	    reader, READ_STOCK, READ_DELIVERY_COUNT);
	int rc;

	if (statement_bind(s, "") == -1)
		return -1;
	rc = statement_step(s);
	if (rc == 1)
		counts->deliveries_open = statement_int(s, 0);
	statement_reset(s);
	return rc == -1 ? -1 : 0;
}

int
read_stock_counts(struct reader *reader, struct stock_counts *counts)
{
	int rc;

	*counts = (struct stock_counts){ .disputed = 0 };
	if (read_begin(reader, READ_STOCK) == -1)
		return -1;
	rc = order_counts(reader, counts);
	if (rc == 0)
		rc = delivery_count(reader, counts);
	read_end(reader, READ_STOCK);
	return rc;
}
