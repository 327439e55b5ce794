/*
 * The items of a frame, each as an object with its kind.
 */
#include <inttypes.h>
#include <stdio.h>

#include "lib/clock.h"
#include "tools/ctl/show.h"

static const char *const kind_names[] = { [ITEM_FIXES] = "fixes",
	[ITEM_GAP] = "gap",
	[ITEM_TIME] = "time",
	[ITEM_SALE] = "sale",
	[ITEM_VOID] = "void",
	[ITEM_STOCK] = "stock",
	[ITEM_HELP] = "help" };

json_t *
show_time(int64_t unix_ms)
{
	char text[CLOCK_TEXT];

	if (unix_ms == INSTANT_MISSING)
		return json_null();
	clock_format(unix_ms, text);
	return json_string(text);
}

static json_t *
hex64(uint64_t n)
{
	char text[20];

	snprintf(text, sizeof(text), "%016" PRIx64, n);
	return json_string(text);
}

json_t *
show_instant(struct instant at)
{
	if (at.boot == 0 || at.ms == INSTANT_MISSING)
		return show_time(at.ms);
	return json_pack(
	    "{s:o, s:I}", "boot", hex64(at.boot), "ms", (json_int_t)at.ms);
}

static void
put_text(json_t *o, const char *key, struct text text)
{
	if (text.s != NULL)
		json_object_set_new(o, key, json_stringn(text.s, text.len));
}

static void
put_place(json_t *o, const struct place *place)
{
	if (place->given)
		json_object_set_new(o, "place",
		    json_pack("{s:f, s:f, s:I}", "lat", place->lat_e6 / 1e6,
			"lon", place->lon_e6 / 1e6, "age_s",
			(json_int_t)place->age_s));
}

json_t *
show_fix(const struct fix *fix)
{
	json_t *o = json_pack("{s:o, s:f, s:f, s:f}", "at",
	    show_instant(fix->at), "lat", fix->lat_e6 / 1e6, "lon",
	    fix->lon_e6 / 1e6, "speed_kmh", fix->speed_dm_s * 0.36);

	if (!(fix->flags & FIX_NO_COURSE))
		json_object_set_new(
		    o, "course_deg", json_integer(fix->course_deg));
	if (fix->accuracy_m != FIX_ACCURACY_UNKNOWN)
		json_object_set_new(
		    o, "accuracy_m", json_integer(fix->accuracy_m));
	if (fix->flags & FIX_2D)
		json_object_set_new(o, "two_d", json_true());
	if (fix->flags & FIX_SYSTEM_TIME)
		json_object_set_new(o, "system_time", json_true());
	if (fix->flags & FIX_PARKED)
		json_object_set_new(o, "parked", json_true());
	return o;
}

static void
put_fixes(json_t *o, const struct item *item)
{
	json_t *list = json_array();
	uint64_t i;

	for (i = 0; i < item->count; i++)
		json_array_append_new(list, show_fix(&item->fixes[i]));
	json_object_set_new(o, "fixes", list);
}

static void
put_sale(json_t *o, const struct sale *sale)
{
	json_t *lines = json_array();
	uint32_t i;

	json_object_set_new(o, "at", show_instant(sale->at));
	json_object_set_new(o, "confirmed", json_boolean(sale->confirmed));
	if (sale->open_ms >= 0)
		json_object_set_new(o, "open_ms", json_integer(sale->open_ms));
	put_text(o, "customer", sale->customer);
	put_text(o, "contact", sale->contact);
	put_text(o, "request_id", sale->request_id);
	put_place(o, &sale->place);
	for (i = 0; i < sale->line_count; i++)
		json_array_append_new(lines,
		    json_pack("{s:I, s:I, s:I}", "product",
			(json_int_t)sale->lines[i].product, "units",
			(json_int_t)sale->lines[i].units, "amount_clp",
			(json_int_t)sale->lines[i].amount));
	json_object_set_new(o, "lines", lines);
}

static void
put_stock(json_t *o, const struct stock *stock)
{
	json_object_set_new(o, "at", show_instant(stock->at));
	json_object_set_new(o, "product", json_integer(stock->product));
	json_object_set_new(o, "delta_units", json_integer(stock->delta));
	json_object_set_new(o, "level_units", json_integer(stock->level));
	json_object_set_new(
	    o, "reason", json_string(stock_reason_name(stock->reason)));
	put_text(o, "order", stock->order);
}

static void
put_gap(json_t *o, const struct gap *gap)
{
	json_object_set_new(o, "from", show_instant(gap->from));
	json_object_set_new(o, "to", show_instant(gap->to));
	json_object_set_new(
	    o, "reason", json_string(gap_reason_name(gap->reason)));
}

json_t *
show_item(const struct item *item)
{
	json_t *o = json_pack("{s:s, s:I, s:I}", "kind", kind_names[item->kind],
	    "number", (json_int_t)item->seq, "count", (json_int_t)item->count);

	switch (item->kind) {
	case ITEM_FIXES:
		put_fixes(o, item);
		break;
	case ITEM_GAP:
		put_gap(o, &item->gap);
		break;
	case ITEM_TIME:
		json_object_set_new(o, "boot", hex64(item->time.boot));
		json_object_set_new(
		    o, "offset_ms", json_integer(item->time.offset_ms));
		break;
	case ITEM_SALE:
		put_sale(o, &item->sale);
		break;
	case ITEM_VOID:
		json_object_set_new(o, "at", show_instant(item->void_sale.at));
		put_text(o, "folio", item->void_sale.folio);
		put_text(o, "reason", item->void_sale.reason);
		break;
	case ITEM_STOCK:
		put_stock(o, &item->stock);
		break;
	case ITEM_HELP:
		json_object_set_new(o, "at", show_instant(item->help.at));
		put_text(o, "note", item->help.note);
		put_place(o, &item->help.place);
		break;
	}
	return o;
}
