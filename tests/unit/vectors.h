/*
 * vectors: what was decoded, as the JSON in which schemas/vectors says what
 * should have been.  For the tests of the golden bytes alone.
 */
#ifndef PREGON_TEST_VECTORS_H
#define PREGON_TEST_VECTORS_H

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "schemas/down.h"
#include "schemas/order.h"
#include "schemas/status.h"

static json_t *
hex_of(const uint8_t *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	char *hex = malloc(2 * len + 1);
	json_t *json;

	for (size_t i = 0; i < len; i++) {
		hex[2 * i] = digits[bytes[i] >> 4];
		hex[2 * i + 1] = digits[bytes[i] & 15];
	}
	json = json_stringn(hex, 2 * len);
	free(hex);
	return json;
}

static json_t *
id_of(uint64_t id, int digits)
{
	return json_sprintf("%0*" PRIx64, digits, id);
}

static json_t *
epoch_of(uint64_t epoch)
{
	return id_of(epoch, EPOCH_BITS / 4);
}

static json_t *
uint_of(uint64_t v)
{
	return json_integer((json_int_t)v);
}

static json_t *
text_of(struct text text)
{
	return text.s == NULL ? json_null() : json_stringn(text.s, text.len);
}

static json_t *
instant_of(struct instant at)
{
	if (at.ms == INSTANT_MISSING)
		return json_null();
	if (at.boot == 0)
		return json_pack("{sI}", "ms", at.ms);
	return json_pack("{sI so}", "ms", at.ms, "boot", id_of(at.boot, 16));
}

static json_t *
place_of(const struct place *place)
{
	if (!place->given)
		return json_null();
	return json_pack("{si si sI}", "lat_e6", place->lat_e6, "lon_e6",
	    place->lon_e6, "age_s", (json_int_t)place->age_s);
}

static json_t *
fix_of(const struct fix *fix)
{
	return json_pack("{so si si si si so si}", "at", instant_of(fix->at),
	    "lat_e6", fix->lat_e6, "lon_e6", fix->lon_e6, "speed_dm_s",
	    fix->speed_dm_s, "course_deg", fix->course_deg, "accuracy_m",
	    fix->accuracy_m == FIX_ACCURACY_UNKNOWN
		? json_null()
		: json_integer(fix->accuracy_m),
	    "flags", fix->flags);
}

static json_t *
sale_of(const struct sale *sale)
{
	json_t *lines = json_array();

	for (uint32_t i = 0; i < sale->line_count; i++)
		json_array_append_new(lines,
		    json_pack("[I I I]", (json_int_t)sale->lines[i].product,
			(json_int_t)sale->lines[i].units,
			(json_int_t)sale->lines[i].amount));
	return json_pack("{ss so sb so so so so so so}", "kind", "sale", "at",
	    instant_of(sale->at), "confirmed", sale->confirmed, "open_ms",
	    sale->open_ms < 0 ? json_null() : json_integer(sale->open_ms),
	    "customer", text_of(sale->customer), "contact",
	    text_of(sale->contact), "request_id", text_of(sale->request_id),
	    "place", place_of(&sale->place), "lines", lines);
}

static json_t *
fixes_of(const struct item *item)
{
	json_t *fixes = json_array();

	for (uint64_t i = 0; i < item->count; i++)
		json_array_append_new(fixes, fix_of(&item->fixes[i]));
	return json_pack("{ss so}", "kind", "fixes", "fixes", fixes);
}

static json_t *
item_of(const struct item *item)
{
	switch (item->kind) {
	case ITEM_FIXES:
		return fixes_of(item);
	case ITEM_GAP:
		return json_pack("{ss so so ss}", "kind", "gap", "from",
		    instant_of(item->gap.from), "to", instant_of(item->gap.to),
		    "reason", gap_reason_name(item->gap.reason));
	case ITEM_TIME:
		return json_pack("{ss so sI}", "kind", "time", "boot",
		    id_of(item->time.boot, 16), "offset_ms",
		    item->time.offset_ms);
	case ITEM_SALE:
		return sale_of(&item->sale);
	case ITEM_VOID:
		return json_pack("{ss so so so}", "kind", "void", "at",
		    instant_of(item->void_sale.at), "folio",
		    text_of(item->void_sale.folio), "reason",
		    text_of(item->void_sale.reason));
	case ITEM_STOCK:
		return json_pack("{ss so sI si si ss so}", "kind", "stock",
		    "at", instant_of(item->stock.at), "product",
		    (json_int_t)item->stock.product, "delta", item->stock.delta,
		    "level", item->stock.level, "reason",
		    stock_reason_name(item->stock.reason), "order",
		    text_of(item->stock.order));
	case ITEM_HELP:
		return json_pack("{ss so so so}", "kind", "help", "at",
		    instant_of(item->help.at), "note", text_of(item->help.note),
		    "place", place_of(&item->help.place));
	}
	return NULL;
}

static json_t *
status_of(const struct status *s)
{
	static const char *const states[STATUS_STATES] = { "stopped", "online",
		"lost" };

	json_t *json;

	json = json_pack("{so so so ss so so ss so sb sI so so so ss}", "epoch",
	    epoch_of(s->epoch), "count", uint_of(s->count), "connection",
	    uint_of(s->connection), "state", states[s->state], "at",
	    instant_of(s->at), "boot", id_of(s->boot, 16), "fix_mode",
	    fix_mode_name(s->fix_mode), "fix",
	    s->has_fix ? fix_of(&s->fix) : json_null(), "day_open", s->day_open,
	    "backlog", (json_int_t)s->backlog, "battery",
	    s->battery == BATTERY_UNKNOWN ? json_null()
					  : json_integer(s->battery),
	    "ledger", uint_of(s->ledger), "applied", uint_of(s->applied),
	    "version", s->version);
	if (s->oldest.ms != INSTANT_MISSING)
		json_object_set_new(json, "oldest", instant_of(s->oldest));
	return json;
}

/* Nothing is not given. */
static json_t *
given_of(const char *s)
{
	return s[0] == '\0' ? json_null() : json_string(s);
}

static json_t *
order_of(const struct order_event *order, bool news)
{
	json_t *lines = json_array();
	json_t *json;

	for (uint32_t i = 0; i < order->line_count; i++)
		json_array_append_new(lines,
		    json_pack("[I I]", (json_int_t)order->lines[i].product,
			(json_int_t)order->lines[i].units));
	json = json_pack("{ss ss sI so}", "order", order->order, "state",
	    order_state_name(order->state), "at_ms", order->at_ms, "lines",
	    lines);
	if (!news) {
		json_object_set_new(json, "cart", json_string(order->cart));
		json_object_set_new(json, "by", json_string(order->by));
	}
	if (order->revision == 0 && order->reason[0] == '\0' &&
	    order->delivery[0] == '\0' && order->origin == ORIGIN_LEVEL &&
	    !order->disputed)
		return json; /* what was appended is left out */
	json_object_set_new(json, "revision", uint_of(order->revision));
	json_object_set_new(json, "reason", given_of(order->reason));
	json_object_set_new(json, "delivery", given_of(order->delivery));
	json_object_set_new(
	    json, "origin", json_string(order_origin_name(order->origin)));
	json_object_set_new(json, "disputed", json_boolean(order->disputed));
	return json;
}

#endif
