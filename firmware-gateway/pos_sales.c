/*
 * Read backwards: a void comes before its sale, and a time marker before the
 * events that it mends.
 */
#include "firmware-gateway/pos_sales.h"

#include <stdlib.h>
#include <string.h>

#include "firmware-gateway/shop_parts.h"

/* Sales, voids, abandoned purchases and markers looked at. */
#define ROWS_MAX 1000
#define MARKERS_MAX 8
#define HOUR_MS INT64_C(3600000)

struct reading {
	struct pos *pos;
	json_t *sales, *voids; /* voids: by folio */
	int64_t since_ms;
	uint64_t waiting;
	bool whole; /* all that waits was seen */
	struct time_marker markers[MARKERS_MAX]; /* the latest, in a ring */
	unsigned marker_count;
	struct sale sale; /* too large for the stack of a callback */
};

/* Unix time of an event; INSTANT_MISSING: there is none yet. */
static int64_t
date_of(const struct reading *r, struct instant at)
{
	unsigned known = r->marker_count < MARKERS_MAX ? r->marker_count
						       : MARKERS_MAX;

	if (at.boot == 0 || at.ms == INSTANT_MISSING)
		return at.ms;
	for (unsigned i = 0; i < known; i++)
		if (r->markers[i].boot == at.boot)
			return at.ms + r->markers[i].offset_ms;
	return INSTANT_MISSING;
}

static const char *
where(const struct reading *r, const struct outbox_kept *kept)
{
	const struct pos *p = r->pos;

	if (kept->acknowledged)
		return "counted";
	return p->under_way != NULL &&
		p->under_way(p->ctx, kept->epoch, kept->seq)
	    ? "sent"
	    : "kept";
}

static json_t *
lines_json(const struct sale *sale, int64_t *units, int64_t *amount)
{
	json_t *lines = json_array();

	*units = *amount = 0;
	for (uint32_t i = 0; i < sale->line_count; i++) {
		const struct sale_line *line = &sale->lines[i];

		*units += line->units;
		*amount += line->amount;
		json_array_append_new(lines,
		    json_pack("{s:I, s:I, s:I}", "product",
			(json_int_t)line->product, "units",
			(json_int_t)line->units, "amount",
			(json_int_t)line->amount));
	}
	return lines;
}

static void
put_text(json_t *object, const char *key, const struct text *text)
{
	if (text->s != NULL)
		json_object_set_new(
		    object, key, json_stringn(text->s, text->len));
}

static void
take_sale(struct reading *r, const struct outbox_kept *kept, int64_t at_ms)
{
	struct folio folio = { .epoch = kept->epoch, .seq = kept->seq };
	char text[FOLIO_MAX + 1], at[CLOCK_TEXT];
	json_t *o, *lines;
	int64_t units, amount;

	memcpy(folio.cart, r->pos->shop->cart, strlen(r->pos->shop->cart) + 1);
	folio_format(&folio, text);
	lines = lines_json(&r->sale, &units, &amount);
	o = json_pack("{s:s, s:I, s:I, s:o, s:s}", "folio", text, "units",
	    (json_int_t)units, "amount", (json_int_t)amount, "lines", lines,
	    "where", where(r, kept));
	if (at_ms != INSTANT_MISSING)
		clock_format(at_ms, at);
	json_object_set_new(
	    o, "at", at_ms == INSTANT_MISSING ? json_null() : json_string(at));
	put_text(o, "customer", &r->sale.customer);
	if (json_object_get(r->voids, text) != NULL)
		json_object_set(o, "void", json_object_get(r->voids, text));
	json_array_append_new(r->sales, o);
}

static void
take_void(struct reading *r, const struct outbox_kept *kept,
    const struct void_sale *v)
{
	json_t *o = json_pack("{s:s}", "where", where(r, kept));

	put_text(o, "reason", &v->reason);
	json_object_setn_new(r->voids, v->folio.s, v->folio.len, o);
}

/* Another kind than a sale; what cannot be read is not shown. */
static void
take_other(struct reading *r, const struct outbox_kept *kept)
{
	struct decode_error error;
	struct time_marker *marker;
	struct void_sale v;
	struct mp_reader reader;

	mp_reader_init(&reader, kept->item, kept->len, &error);
	if (void_decode(&reader, &v) == 0) {
		take_void(r, kept, &v);
		return;
	}
	marker = &r->markers[r->marker_count % MARKERS_MAX];
	mp_reader_init(&reader, kept->item, kept->len, &error);
	if (time_marker_decode(&reader, marker) == 0)
		r->marker_count++;
	else
		marker->boot = 0;
}

static bool
take(void *ctx, const struct outbox_kept *kept)
{
	struct reading *r = ctx;
	struct decode_error error;
	struct mp_reader reader;
	int64_t at_ms = date_of(r, kept->at);

	if (kept->acknowledged && at_ms != INSTANT_MISSING &&
	    at_ms < r->since_ms) {
		r->whole = true;
		return false;
	}
	mp_reader_init(&reader, kept->item, kept->len, &error);
	if (sale_decode(&reader, &r->sale) == -1) {
		take_other(r, kept);
		return true;
	}
	if (!r->sale.confirmed)
		return true;
	r->waiting += !kept->acknowledged;
	if (json_array_size(r->sales) < POS_SALES_MAX)
		take_sale(r, kept, at_ms);
	return true;
}

int
pos_sales(struct pos *p, json_t *answer, struct shop_error *error)
{
	struct reading *r = calloc(1, sizeof(*r));
	struct outbox *outbox = p->shop->outbox;
	struct instant now = timekeeper_now(p->shop->events->time);
	int rows;

	if (r == NULL)
		return shop_failed(error);
	r->pos = p;
	r->sales = json_array();
	r->voids = json_object();
	/* With no date nothing is too old. */
	r->since_ms = now.boot == 0 && now.ms != INSTANT_MISSING
	    ? now.ms - POS_SALES_HOURS * HOUR_MS
	    : INT64_MIN;
	rows = outbox_newest(outbox, STREAM_SALE, ROWS_MAX, take, r);
	if (rows == -1) {
		shop_failed(error);
		goto out;
	}
	/* Of what was not looked at, voids count as well. */
	if (rows == ROWS_MAX && !r->whole)
		r->waiting = outbox_depth(outbox, STREAM_SALE);
	json_object_set(answer, "sales", r->sales);
	json_object_set_new(
	    answer, "waiting", json_integer((json_int_t)r->waiting));
out:
	json_decref(r->sales);
	json_decref(r->voids);
	free(r);
	return rows == -1 ? -1 : 0;
}
