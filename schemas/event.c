/*
 * event: sales, voids, stock, calls for help.  schemas/frames.md is the text
 * of their layouts.
 */
#include <errno.h>
#include <string.h>

#include "schemas/event_parts.h"

static const char *const stock_reasons[STOCK_REASONS] = { [STOCK_SALE] = "sale",
	[STOCK_RESTOCK] = "restock",
	[STOCK_COUNT] = "count",
	[STOCK_WASTE] = "waste",
	[STOCK_VOID] = "void" };

const char *
stock_reason_name(enum stock_reason reason)
{
	return stock_reasons[reason];
}

int
stock_reason_parse(const char *s, size_t len, enum stock_reason *reason)
{
	for (int i = 0; i < STOCK_REASONS; i++) {
		if (strlen(stock_reasons[i]) == len &&
		    memcmp(stock_reasons[i], s, len) == 0) {
			*reason = (enum stock_reason)i;
			return 0;
		}
	}
	errno = EINVAL;
	return -1;
}

static void
lines_encode(const struct sale *sale, struct mp_writer *w)
{
	mp_write_array(w, sale->line_count);
	for (uint32_t i = 0; i < sale->line_count; i++) {
		mp_write_array(w, 3);
		mp_write_uint(w, sale->lines[i].product);
		mp_write_uint(w, sale->lines[i].units);
		mp_write_int(w, sale->lines[i].amount);
	}
}

static int
line_decode(struct mp_reader *r, struct sale_line *line)
{
	int64_t product, units;
	uint32_t count;

	if (mp_read_array(r, "sale.lines", 3, UINT32_MAX, &count) == -1 ||
	    mp_read_int(r, "sale.lines.product", 0, PRODUCT_MAX, &product) ==
		-1 ||
	    mp_read_int(r, "sale.lines.units", 1, UNITS_MAX, &units) == -1 ||
	    mp_read_int(r, "sale.lines.amount", 0, AMOUNT_MAX, &line->amount) ==
		-1 ||
	    mp_skip(r, "sale.lines", count - 3) == -1)
		return -1;
	line->product = (uint32_t)product;
	line->units = (uint32_t)units;
	return 0;
}

/* What was confirmed sold something; what was abandoned may have had no
 * line yet. */
static int
lines_decode(struct mp_reader *r, struct sale *sale)
{
	if (mp_read_array(r, "sale.lines", sale->confirmed ? 1 : 0,
		SALE_LINES_MAX, &sale->line_count) == -1)
		return -1;
	for (uint32_t i = 0; i < sale->line_count; i++) {
		if (line_decode(r, &sale->lines[i]) == -1)
			return -1;
	}
	return 0;
}

void
sale_encode(const struct sale *sale, struct mp_writer *w)
{
	item_begin_write(w, ITEM_SALE, 9);
	instant_encode(sale->at, w);
	mp_write_bool(w, sale->confirmed);
	if (sale->open_ms < 0)
		mp_write_nil(w);
	else
		mp_write_int(w, sale->open_ms);
	text_encode(sale->customer, w);
	text_encode(sale->contact, w);
	text_encode(sale->request_id, w);
	place_encode(&sale->place, w);
	lines_encode(sale, w);
}

int
sale_decode(struct mp_reader *r, struct sale *sale)
{
	uint32_t appended;

	if (item_begin(r, "sale", ITEM_SALE, 9, &appended) == -1 ||
	    instant_decode(r, "sale.at", &sale->at) == -1 ||
	    mp_read_bool(r, "sale.confirmed", &sale->confirmed) == -1)
		return -1;
	sale->open_ms = -1;
	if (!mp_read_nil(r) &&
	    mp_read_int(r, "sale.open", 0, BOOT_MS_MAX, &sale->open_ms) == -1)
		return -1;
	if (text_decode(r, "sale.customer", TEXT_NAME_MAX, &sale->customer) ==
		-1 ||
	    text_decode(r, "sale.contact", TEXT_NAME_MAX, &sale->contact) ==
		-1 ||
	    text_decode(
		r, "sale.request_id", TEXT_NAME_MAX, &sale->request_id) == -1 ||
	    place_decode(r, "sale.place", &sale->place) == -1 ||
	    lines_decode(r, sale) == -1)
		return -1;
	return mp_skip(r, "sale", appended);
}

void
void_encode(const struct void_sale *v, struct mp_writer *w)
{
	item_begin_write(w, ITEM_VOID, 4);
	instant_encode(v->at, w);
	text_encode(v->folio, w);
	text_encode(v->reason, w);
}

int
void_decode(struct mp_reader *r, struct void_sale *v)
{
	uint32_t appended;

	if (item_begin(r, "void", ITEM_VOID, 4, &appended) == -1 ||
	    instant_decode(r, "void.at", &v->at) == -1 ||
	    mp_read_str(r, "void.folio", TEXT_NAME_MAX, &v->folio.s,
		&v->folio.len) == -1 ||
	    text_decode(r, "void.reason", TEXT_NOTE_MAX, &v->reason) == -1)
		return -1;
	return mp_skip(r, "void", appended);
}

void
stock_encode(const struct stock *stock, struct mp_writer *w)
{
	item_begin_write(w, ITEM_STOCK, 7);
	instant_encode(stock->at, w);
	mp_write_uint(w, stock->product);
	mp_write_int(w, stock->delta);
	mp_write_int(w, stock->level);
	mp_write_int(w, stock->reason);
	text_encode(stock->order, w);
}

int
stock_decode(struct mp_reader *r, struct stock *stock)
{
	int64_t product, delta, level, reason;
	uint32_t appended;

	/* A delta goes from one end of the levels to the other at most. */
	if (item_begin(r, "stock", ITEM_STOCK, 7, &appended) == -1 ||
	    instant_decode(r, "stock.at", &stock->at) == -1 ||
	    mp_read_int(r, "stock.product", 0, PRODUCT_MAX, &product) == -1 ||
	    mp_read_int(r, "stock.delta", -2 * UNITS_MAX, 2 * UNITS_MAX,
		&delta) == -1 ||
	    mp_read_int(r, "stock.level", -UNITS_MAX, UNITS_MAX, &level) ==
		-1 ||
	    mp_read_int(r, "stock.reason", 0, STOCK_REASONS - 1, &reason) ==
		-1 ||
	    text_decode(r, "stock.order", TEXT_NAME_MAX, &stock->order) == -1)
		return -1;
	stock->product = (uint32_t)product;
	stock->delta = (int32_t)delta;
	stock->level = (int32_t)level;
	stock->reason = (enum stock_reason)reason;
	return mp_skip(r, "stock", appended);
}

void
help_encode(const struct help *help, struct mp_writer *w)
{
	item_begin_write(w, ITEM_HELP, 4);
	instant_encode(help->at, w);
	text_encode(help->note, w);
	place_encode(&help->place, w);
}

int
help_decode(struct mp_reader *r, struct help *help)
{
	uint32_t appended;

	if (item_begin(r, "help", ITEM_HELP, 4, &appended) == -1 ||
	    instant_decode(r, "help.at", &help->at) == -1 ||
	    text_decode(r, "help.note", TEXT_NOTE_MAX, &help->note) == -1 ||
	    place_decode(r, "help.place", &help->place) == -1)
		return -1;
	return mp_skip(r, "help", appended);
}
