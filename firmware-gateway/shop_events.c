/*
 * The shop's events: sales and what they do to the stock, voids, counts,
 * calls for help.  Each is one composition in the outbox.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "firmware-gateway/shop_parts.h"

static int32_t
clamp_level(int64_t level)
{
	if (level > UNITS_MAX)
		return UNITS_MAX;
	return level < -UNITS_MAX ? -UNITS_MAX : (int32_t)level;
}

static void
fill_place(struct shop *s, struct place *place)
{
	const struct clock *clock = s->events->time->clock;

	locator_place(s->locator, clock_boottime_ms(clock), place);
}

/*
 * What a line does to its product's stock.  With neither a level told nor
 * one known there is nothing to count from, and no event.
 */
static int
sell_line(struct shop *s, struct instant at, const struct sale_line *line,
    int32_t after)
{
	struct stock stock = { .at = at,
		.product = line->product,
		.delta = -(int32_t)line->units,
		.reason = STOCK_SALE };
	int32_t before;

	if (after != SHOP_COUNT_DOWN)
		stock.level = after;
	else if (shop_level(s, line->product, &before) == 1)
		stock.level = clamp_level((int64_t)before - line->units);
	else
		return 0;
	return shop_put_stock(s, &stock);
}

static int
append_sale(struct shop *s, const struct sale *sale, const int32_t *after,
    const struct shop_request *request, uint64_t *seq)
{
	uint8_t item[ITEM_BYTES_MAX];
	struct mp_writer w;

	mp_writer_init(&w, item, sizeof(item));
	sale_encode(sale, &w);
	if (events_append(s->events, STREAM_SALE, sale->at, &w, seq) == -1)
		return -1;
	for (uint32_t i = 0; sale->confirmed && i < sale->line_count; i++)
		if (sell_line(s, sale->at, &sale->lines[i], after[i]) == -1)
			return -1;
	return shop_note_request(s, request, *seq);
}

int
shop_sale(struct shop *s, struct sale *sale, const int32_t *after,
    const struct shop_request *request, struct shop_answer *answer,
    struct shop_error *error)
{
	struct folio folio = { .seq = 0 };
	int rc = shop_repeated(s, request, answer, error);

	if (rc == 1 && !sale->confirmed)
		answer->folio[0] = '\0';
	if (rc != 0)
		return rc == 1 ? 0 : -1;
	fill_place(s, &sale->place);
	if (events_begin(s->events, &sale->at) == -1)
		return shop_failed(error);
	folio.epoch = outbox_epoch(s->outbox);
	rc = append_sale(s, sale, after, request, &folio.seq);
	if (shop_finish(s, rc, error) == -1)
		return -1;
	if (sale->confirmed) {
		memcpy(folio.cart, s->cart, strlen(s->cart) + 1);
		folio_format(&folio, answer->folio);
		s->sales++;
	}
	return 0;
}

/* ---- void ---- */

/* The sale that a folio names: 1 found, 0 no longer (or not) kept, -1 it is
 * something else. */
static int
find_sale(struct shop *s, const struct folio *folio, uint8_t *bytes,
    struct sale *sale, struct shop_error *error)
{
	struct decode_error decode;
	struct mp_reader r;
	size_t len;
	int rc = outbox_event(s->outbox, STREAM_SALE, folio->epoch, folio->seq,
	    bytes, ITEM_BYTES_MAX, &len);

	if (rc == -1)
		return shop_failed(error);
	if (rc == 0)
		return 0;
	mp_reader_init(&r, bytes, len, &decode);
	if (sale_decode(&r, sale) == -1 || !sale->confirmed)
		return shop_refuse(error, "folio", "folio: that is not a sale");
	return 1;
}

/* A void has an id of its own making, so that a second one changes nothing.
 * No POS can send it: a request_id has no control characters. */
static void
void_request(const struct folio *folio, char id[FOLIO_MAX + 8],
    struct shop_request *request)
{
	char text[FOLIO_MAX + 1];

	folio_format(folio, text);
	snprintf(id, FOLIO_MAX + 8, "\001void %s", text);
	request->id = (struct text){ id, strlen(id) };
	request->digest = 0;
}

static int
append_void(struct shop *s, const struct void_sale *v, const struct sale *sale,
    const struct shop_request *requests)
{
	uint8_t item[ITEM_BYTES_MAX];
	struct mp_writer w;
	int32_t before;
	uint64_t seq;

	mp_writer_init(&w, item, sizeof(item));
	void_encode(v, &w);
	if (events_append(s->events, STREAM_SALE, v->at, &w, &seq) == -1)
		return -1;
	for (uint32_t i = 0; sale != NULL && i < sale->line_count; i++) {
		const struct sale_line *line = &sale->lines[i];
		struct stock stock = { .at = v->at,
			.product = line->product,
			.delta = (int32_t)line->units,
			.reason = STOCK_VOID };

		if (shop_level(s, line->product, &before) != 1)
			continue;
		stock.level = clamp_level((int64_t)before + line->units);
		if (shop_put_stock(s, &stock) == -1)
			return -1;
	}
	if (shop_note_request(s, &requests[0], seq) == -1)
		return -1;
	return shop_note_request(s, &requests[1], seq);
}

static int
parse_own_folio(const struct shop *s, const struct text *text,
    struct folio *folio, struct shop_error *error)
{
	if (folio_parse(text->s, text->len, folio) == -1)
		return shop_refuse(error, "folio",
		    "folio: \"%.*s\" is no folio", (int)text->len, text->s);
	if (strcmp(folio->cart, s->cart) != 0)
		return shop_refuse(error, "folio",
		    "folio: that sale is of cart %s, not of this one",
		    folio->cart);
	return 0;
}

int
shop_void(struct shop *s, const struct text *text, const struct text *reason,
    const struct shop_request *request, struct shop_answer *answer,
    struct shop_error *error)
{
	struct void_sale v = { .reason = *reason };
	struct shop_request requests[2] = { *request };
	uint8_t bytes[ITEM_BYTES_MAX];
	char id[FOLIO_MAX + 8], canonical[FOLIO_MAX + 1];
	struct folio folio;
	struct sale sale;
	int found = 0, rc;

	if (parse_own_folio(s, text, &folio, error) == -1)
		return -1;
	folio_format(&folio, canonical);
	void_request(&folio, id, &requests[1]);
	rc = shop_repeated(s, &requests[0], answer, error);
	if (rc == 0)
		rc = shop_repeated(s, &requests[1], answer, error);
	if (rc == 0)
		rc = found = find_sale(s, &folio, bytes, &sale, error);
	if (rc == -1)
		return -1;
	memcpy(answer->folio, canonical, sizeof(canonical));
	if (answer->repeated)
		return 0;
	v.folio = (struct text){ canonical, strlen(canonical) };
	if (events_begin(s->events, &v.at) == -1)
		return shop_failed(error);
	rc = append_void(s, &v, found == 1 ? &sale : NULL, requests);
	if (shop_finish(s, rc, error) == -1)
		return -1;
	if (found == 0)
		snprintf(answer->note, sizeof(answer->note),
		    "that sale is no longer kept here: please count the stock");
	return 0;
}

/* ---- stock and help ---- */

static int
plan_stock(const struct shop *s, const struct shop_stock *given,
    struct stock *stock, struct shop_error *error)
{
	int32_t before = 0;
	int known = shop_level(s, given->product, &before);

	if (given->has_level == given->has_delta)
		return shop_refuse(error, "level",
		    "level: give level (what there is) or delta (what came or"
		    " went)");
	if (given->has_delta && known != 1)
		return shop_refuse(error, "delta",
		    "delta: this product was never counted: give its level"
		    " first");
	stock->product = given->product;
	stock->order = given->order;
	if (given->has_level) {
		stock->level = (int32_t)given->level;
		stock->delta = stock->level - before;
		stock->reason = STOCK_COUNT;
	} else {
		stock->delta = (int32_t)given->delta;
		stock->level = clamp_level(before + given->delta);
		stock->reason = given->delta < 0 ? STOCK_WASTE : STOCK_RESTOCK;
	}
	if (given->has_reason)
		stock->reason = given->reason;
	return 0;
}

int
shop_stock(struct shop *s, const struct shop_stock *given,
    const struct shop_request *request, struct shop_answer *answer,
    struct shop_error *error)
{
	struct stock stock = { .product = 0 };
	int rc = shop_repeated(s, request, answer, error);

	answer->folio[0] = '\0';
	if (rc != 0)
		return rc == 1 ? 0 : -1;
	if (plan_stock(s, given, &stock, error) == -1)
		return -1;
	if (events_begin(s->events, &stock.at) == -1)
		return shop_failed(error);
	rc = shop_put_stock(s, &stock);
	if (rc == 0)
		rc = shop_note_request(s, request, 0);
	if (shop_finish(s, rc, error) == -1)
		return -1;
	answer->has_level = true;
	answer->level = stock.level;
	return 0;
}

int
shop_help(struct shop *s, const struct text *note,
    const struct shop_request *request, struct shop_answer *answer,
    struct shop_error *error)
{
	struct help help = { .note = *note };
	uint8_t item[ITEM_BYTES_MAX];
	struct mp_writer w;
	uint64_t seq;
	int rc = shop_repeated(s, request, answer, error);

	answer->folio[0] = '\0';
	if (rc != 0)
		return rc == 1 ? 0 : -1;
	fill_place(s, &help.place);
	if (events_begin(s->events, &help.at) == -1)
		return shop_failed(error);
	mp_writer_init(&w, item, sizeof(item));
	help_encode(&help, &w);
	rc = events_append(s->events, STREAM_HELP, help.at, &w, &seq);
	if (rc == 0)
		rc = shop_note_request(s, request, 0);
	return shop_finish(s, rc, error);
}
