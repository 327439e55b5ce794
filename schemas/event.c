/*
 * event: the items that are not fixes.  schemas/frames.md is their text.
 */
#include <errno.h>
#include <string.h>

#include "schemas/event.h"

/* Moments that count from a kernel's start: no kernel runs for so long. */
#define BOOT_MS_MAX (INT64_C(10) * 366 * 86400 * 1000)

static const char *const stock_reasons[STOCK_REASONS] = {
	[STOCK_SALE] = "sale",
	[STOCK_RESTOCK] = "restock",
	[STOCK_COUNT] = "count",
	[STOCK_WASTE] = "waste",
	[STOCK_VOID] = "void"
};

static const char *const gap_reasons[GAP_REASONS] = {
	[GAP_FULL] = "full",
	[GAP_FORGOTTEN] = "forgotten",
	[GAP_REFUSED] = "refused"
};

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

const char *
gap_reason_name(enum gap_reason reason)
{
	return gap_reasons[reason];
}

/* The start of an item: `fields` values that we know follow the kind (more
 * may; *appended says how many). */
static int
item_begin(struct mp_reader *r, const char *field, enum item_kind kind,
    uint32_t fields, uint32_t *appended)
{
	uint32_t count;
	int64_t is;

	if (mp_read_array(r, field, 1 + fields, UINT32_MAX, &count) == -1 ||
	    mp_read_int(r, field, kind, kind, &is) == -1)
		return -1;
	*appended = count - 1 - fields;
	return 0;
}

static void
item_begin_write(struct mp_writer *w, enum item_kind kind, uint32_t fields)
{
	mp_write_array(w, 1 + fields);
	mp_write_int(w, kind);
}

static void
moment_write(struct mp_writer *w, int64_t ms)
{
	if (ms == INSTANT_MISSING)
		mp_write_nil(w);
	else
		mp_write_int(w, ms);
}

static int
moment_read(struct mp_reader *r, const char *field, int64_t *ms)
{
	*ms = INSTANT_MISSING;
	if (mp_read_nil(r))
		return 0;
	return mp_read_int(r, field, 0, TIME_MAX_MS, ms);
}

static void
boot_write(struct mp_writer *w, uint64_t boot)
{
	if (boot == 0)
		mp_write_nil(w);
	else
		mp_write_uint(w, boot);
}

static int
boot_read(struct mp_reader *r, const char *field, uint64_t *boot)
{
	*boot = 0;
	if (mp_read_nil(r))
		return 0;
	return mp_read_uint(r, field, UINT64_MAX, boot);
}

/* The range of a moment is known only with its boot. */
static int
moment_check(struct mp_reader *r, const char *field, struct instant *at)
{
	if (at->ms == INSTANT_MISSING) {
		at->boot = 0;
		return 0;
	}
	if (at->boot != 0 && at->ms > BOOT_MS_MAX)
		return mp_refuse(r, field, "at most 10 years since the boot");
	if (at->boot == 0 && (at->ms < TIME_MIN_MS || at->ms > TIME_MAX_MS))
		return mp_refuse(r, field, "a time from 2020 to 2100");
	return 0;
}

void
instant_encode(struct instant at, struct mp_writer *w)
{
	moment_write(w, at.ms);
	boot_write(w, at.ms == INSTANT_MISSING ? 0 : at.boot);
}

int
instant_decode(struct mp_reader *r, const char *field, struct instant *at)
{
	if (moment_read(r, field, &at->ms) == -1 ||
	    boot_read(r, field, &at->boot) == -1)
		return -1;
	return moment_check(r, field, at);
}

static void
text_encode(struct text text, struct mp_writer *w)
{
	if (text.s == NULL)
		mp_write_nil(w);
	else
		mp_write_str(w, text.s, text.len);
}

static int
text_decode(struct mp_reader *r, const char *field, size_t max,
    struct text *text)
{
	*text = (struct text){ .s = NULL };
	if (mp_read_nil(r))
		return 0;
	return mp_read_str(r, field, max, &text->s, &text->len);
}

static void
place_encode(const struct place *place, struct mp_writer *w)
{
	if (!place->given) {
		mp_write_nil(w);
		return;
	}
	mp_write_array(w, 3);
	mp_write_int(w, place->lat_e6);
	mp_write_int(w, place->lon_e6);
	mp_write_uint(w, place->age_s);
}

static int
place_decode(struct mp_reader *r, const char *field, struct place *place)
{
	int64_t lat, lon, age;
	uint32_t count;

	*place = (struct place){ .given = false };
	if (mp_read_nil(r))
		return 0;
	if (mp_read_array(r, field, 3, UINT32_MAX, &count) == -1 ||
	    mp_read_int(r, field, -90000000, 90000000, &lat) == -1 ||
	    mp_read_int(r, field, -180000000, 180000000, &lon) == -1 ||
	    mp_read_int(r, field, 0, UINT32_MAX, &age) == -1 ||
	    mp_skip(r, field, count - 3) == -1)
		return -1;
	place->given = true;
	place->lat_e6 = (int32_t)lat;
	place->lon_e6 = (int32_t)lon;
	place->age_s = (uint32_t)age;
	return 0;
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
	    mp_read_int(r, "sale.lines.product", 0, PRODUCT_MAX,
	    &product) == -1 ||
	    mp_read_int(r, "sale.lines.units", 1, UNITS_MAX, &units) == -1 ||
	    mp_read_int(r, "sale.lines.amount", 0, AMOUNT_MAX,
	    &line->amount) == -1 ||
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
	if (!mp_read_nil(r) && mp_read_int(r, "sale.open", 0, BOOT_MS_MAX,
	    &sale->open_ms) == -1)
		return -1;
	if (text_decode(r, "sale.customer", TEXT_NAME_MAX,
	    &sale->customer) == -1 ||
	    text_decode(r, "sale.contact", TEXT_NAME_MAX,
	    &sale->contact) == -1 ||
	    text_decode(r, "sale.request_id", TEXT_NAME_MAX,
	    &sale->request_id) == -1 ||
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
	    mp_read_int(r, "stock.level", -UNITS_MAX, UNITS_MAX,
	    &level) == -1 ||
	    mp_read_int(r, "stock.reason", 0, STOCK_REASONS - 1,
	    &reason) == -1 ||
	    text_decode(r, "stock.order", TEXT_NAME_MAX,
	    &stock->order) == -1)
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

/* Both times count from one boot; where they do not, only the first is
 * told. */
void
gap_encode(const struct gap *gap, struct mp_writer *w)
{
	struct instant from = gap->from;
	struct instant to = gap->to;

	if (from.ms == INSTANT_MISSING)
		from.boot = to.boot;
	else if (to.ms != INSTANT_MISSING && to.boot != from.boot)
		to.ms = INSTANT_MISSING;
	item_begin_write(w, ITEM_GAP, 5);
	mp_write_uint(w, gap->count);
	moment_write(w, from.ms);
	moment_write(w, to.ms);
	boot_write(w, from.boot);
	mp_write_int(w, gap->reason);
}

int
gap_decode(struct mp_reader *r, struct gap *gap)
{
	uint32_t appended;
	uint64_t boot;
	int64_t count, reason;

	if (item_begin(r, "gap", ITEM_GAP, 5, &appended) == -1 ||
	    mp_read_int(r, "gap.count", 1, GAP_COUNT_MAX, &count) == -1 ||
	    moment_read(r, "gap.from", &gap->from.ms) == -1 ||
	    moment_read(r, "gap.to", &gap->to.ms) == -1 ||
	    boot_read(r, "gap.boot", &boot) == -1 ||
	    mp_read_int(r, "gap.reason", 0, GAP_REASONS - 1, &reason) == -1)
		return -1;
	gap->count = (uint64_t)count;
	gap->from.boot = gap->to.boot = boot;
	gap->reason = (enum gap_reason)reason;
	if (moment_check(r, "gap.from", &gap->from) == -1 ||
	    moment_check(r, "gap.to", &gap->to) == -1)
		return -1;
	return mp_skip(r, "gap", appended);
}

void
time_marker_encode(const struct time_marker *marker, struct mp_writer *w)
{
	item_begin_write(w, ITEM_TIME, 2);
	mp_write_uint(w, marker->boot);
	mp_write_int(w, marker->offset_ms);
}

int
time_marker_decode(struct mp_reader *r, struct time_marker *marker)
{
	uint32_t appended;

	if (item_begin(r, "time", ITEM_TIME, 2, &appended) == -1 ||
	    mp_read_uint(r, "time.boot", UINT64_MAX, &marker->boot) == -1)
		return -1;
	if (marker->boot == 0)
		return mp_refuse(r, "time.boot", "a boot id, not 0");
	/* Mended times must come out in range: a kernel may have started up
	 * to 10 years before, so the offset may be somewhat smaller. */
	if (mp_read_int(r, "time.offset", TIME_MIN_MS - BOOT_MS_MAX,
	    TIME_MAX_MS, &marker->offset_ms) == -1)
		return -1;
	return mp_skip(r, "time", appended);
}
