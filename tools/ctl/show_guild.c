/*
 * show_guild: see the header.
 */
#include <stdlib.h>
#include <string.h>

#include "schemas/alert.h"
#include "schemas/notice.h"
#include "schemas/report.h"
#include "schemas/rules.h"
#include "schemas/zone.h"
#include "tools/ctl/show_guild.h"

/* One of them at a time: the largest are too large for the stack. */
union guild_record {
	struct alert_event alert;
	struct alert_resolution resolution;
	struct notice notice;
	struct strange_report report;
	struct beat beat;
	struct zone zone;
	struct rules rules;
	struct token token;
	struct order_request request;
	struct delivery_event delivery;
	struct products products;
};

static json_t *
show_degrees(int32_t e6)
{
	return json_real(e6 / 1e6);
}

static json_t *
show_string(const char *s)
{
	return s[0] == '\0' ? json_null() : json_string(s);
}

static json_t *
show_place(int32_t lat_e6, int32_t lon_e6)
{
	return json_pack("{s:o, s:o}", "lat", show_degrees(lat_e6), "lon",
	    show_degrees(lon_e6));
}

json_t *
show_order_lines(const struct order_line *lines, uint32_t count)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < count; i++)
		json_array_append_new(list,
		    json_pack("{s:I, s:I}", "product",
			(json_int_t)lines[i].product, "units",
			(json_int_t)lines[i].units));
	return list;
}

static json_t *
alert_json(const struct alert_event *a)
{
	json_t *o = json_pack("{s:s, s:o, s:s, s:s, s:I, s:o, s:o, s:o}", "id",
	    a->id, "cart", show_string(a->cart), "cause",
	    alert_cause_name(a->cause), "state", alert_state_name(a->state),
	    "revision", (json_int_t)a->revision, "at", show_time(a->at_ms),
	    "since", show_time(a->since_ms), "until", show_time(a->until_ms));

	json_object_set_new(
	    o, "known", json_string(alert_known_name(a->known)));
	json_object_set_new(o, "why", json_string(alert_why_name(a->why)));
	json_object_set_new(o, "place",
	    a->has_place ? show_place(a->lat_e6, a->lon_e6) : json_null());
	json_object_set_new(o, "place_at", show_time(a->place_at_ms));
	json_object_set_new(o, "moved_m",
	    a->moved_m < 0 ? json_null() : json_integer(a->moved_m));
	json_object_set_new(o, "count", json_integer(a->count));
	json_object_set_new(o, "subject", show_string(a->subject));
	json_object_set_new(o, "by", show_string(a->by));
	json_object_set_new(o, "note", show_string(a->note));
	return o;
}

static json_t *
notice_json(const struct notice *n)
{
	json_t *values = json_object();

	for (uint32_t i = 0; i < n->value_count; i++)
		json_object_set_new(
		    values, n->values[i].name, json_string(n->values[i].value));
	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "id", n->id, "to",
	    n->to, "event", n->event, "subject", n->subject, "at",
	    show_time(n->at_ms), "values", values);
}

static json_t *
ring_json(const struct zone *z, const struct zone_ring *ring)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < ring->count; i++) {
		const struct zone_point *p = &z->points[ring->first + i];

		json_array_append_new(list, show_place(p->lat_e6, p->lon_e6));
	}
	return list;
}

static json_t *
area_json(const struct zone *z, const struct zone_area *area)
{
	json_t *rings = json_array(), *o;

	for (uint32_t i = 0; i < area->count; i++)
		json_array_append_new(
		    rings, ring_json(z, &z->rings[area->first + i]));
	o = json_pack("{s:o}", area->circle ? "holes" : "rings", rings);
	if (!area->circle)
		return o;
	json_object_set_new(
	    o, "centre", show_place(area->centre.lat_e6, area->centre.lon_e6));
	json_object_set_new(o, "radius_m", json_integer(area->radius_m));
	return o;
}

static json_t *
zone_json(const struct zone *z)
{
	json_t *carts = json_array(), *areas = json_array();

	for (uint32_t i = 0; i < z->cart_count; i++)
		json_array_append_new(carts, json_string(z->carts[i]));
	for (uint32_t i = 0; i < z->area_count; i++)
		json_array_append_new(areas, area_json(z, &z->areas[i]));
	return json_pack("{s:s, s:I, s:s, s:o, s:s, s:o, s:o}", "id", z->id,
	    "revision", (json_int_t)z->revision, "name", z->name, "at",
	    show_time(z->at_ms), "by", z->by, "carts", carts, "areas", areas);
}

static json_t *
rules_json(const struct rules *r)
{
	json_t *settings = json_object();
	char key[TEXT_NAME_MAX + 1];

	for (size_t i = 0; i < r->count; i++) {
		const struct setting *s = &r->settings[i];

		memcpy(key, s->key.s, s->key.len);
		key[s->key.len] = '\0';
		json_object_set_new(
		    settings, key, json_stringn(s->value.s, s->value.len));
	}
	return json_pack("{s:s, s:o, s:s, s:o}", "scope", r->scope, "at",
	    show_time(r->at_ms), "by", r->by, "settings", settings);
}

static json_t *
products_json(const struct products *p)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->count; i++)
		json_array_append_new(list,
		    json_pack("{s:I, s:o, s:I}", "code",
			(json_int_t)p->products[i].code, "name",
			json_stringn(
			    p->products[i].name.s, p->products[i].name.len),
			"price_clp", (json_int_t)p->products[i].price));
	return json_pack("{s:o, s:s, s:o}", "at", show_time(p->at_ms), "by",
	    p->by, "products", list);
}

static json_t *
request_json(const struct order_request *r)
{
	return json_pack("{s:s, s:s, s:s, s:o, s:s, s:s, s:o, s:o, s:o}",
	    "kind", r->kind == REQUEST_CREATE ? "create" : "move", "order",
	    r->order, "cart", r->cart, "at", show_time(r->at_ms), "by", r->by,
	    "to", order_state_name(r->to), "lines",
	    show_order_lines(r->lines, r->line_count), "reason",
	    show_string(r->reason), "mail", show_string(r->mail));
}

static json_t *
delivery_json(const struct delivery_event *d)
{
	json_t *stops = json_array();

	for (uint32_t i = 0; i < d->stop_count; i++) {
		const struct delivery_stop *s = &d->stops[i];

		json_array_append_new(stops,
		    json_pack("{s:s, s:s, s:o}", "order", s->order, "cart",
			s->cart, "place",
			s->has_place ? show_place(s->lat_e6, s->lon_e6)
				     : json_null()));
	}
	return json_pack("{s:s, s:s, s:I, s:o, s:o}", "delivery", d->id,
	    "state", delivery_state_name(d->state), "revision",
	    (json_int_t)d->revision, "at", show_time(d->at_ms), "stops", stops);
}

/* Each decodes into the union and shows what it was. */
#define SHOWS(name, decode, member, json)                                      \
	static json_t *name(union guild_record *u, const void *bytes,          \
	    size_t len, struct decode_error *error)                            \
	{                                                                      \
		if (decode(bytes, len, &u->member, error) == -1)               \
			return show_error(error);                              \
		return json;                                                   \
	}
SHOWS(alert_show, alert_decode, alert, alert_json(&u->alert))
SHOWS(resolution_show, resolution_decode, resolution,
    json_pack("{s:s, s:o, s:s, s:s}", "id", u->resolution.id, "at",
	show_time(u->resolution.at_ms), "by", u->resolution.by, "note",
	u->resolution.note))
SHOWS(notice_show, notice_decode, notice, notice_json(&u->notice))
SHOWS(report_show, report_decode, report,
    json_pack("{s:s, s:o, s:o, s:s}", "id", u->report.id, "at",
	show_time(u->report.at_ms), "place",
	show_place(u->report.lat_e6, u->report.lon_e6), "note", u->report.note))
SHOWS(beat_show, beat_decode, beat,
    json_pack("{s:s, s:I}", "bridge", u->beat.bridge, "count",
	(json_int_t)u->beat.count))
SHOWS(zone_show, zone_decode, zone, zone_json(&u->zone))
SHOWS(rules_show, rules_decode, rules, rules_json(&u->rules))
/* Not its hash: who asks for a list needs none. */
SHOWS(token_show, token_decode, token,
    json_pack("{s:s, s:s, s:s, s:o, s:o, s:s}", "id", u->token.id, "name",
	u->token.name, "role", token_role_name(u->token.role), "cart",
	show_string(u->token.cart), "created", show_time(u->token.created_ms),
	"by", u->token.by))
SHOWS(request_show, order_request_decode, request, request_json(&u->request))
SHOWS(delivery_show, delivery_decode, delivery, delivery_json(&u->delivery))

static json_t *
products_show(union guild_record *u, const void *bytes, size_t len,
    struct decode_error *error)
{
	struct product *products = calloc(CATALOGUE_MAX, sizeof(*products));
	json_t *o;

	if (products == NULL)
		return NULL;
	u->products.products = products;
	o = products_decode(bytes, len, &u->products, error) == -1
	    ? show_error(error)
	    : products_json(&u->products);
	free(products);
	return o;
}

static const struct {
	const char *schema;
	json_t *(*show)(
	    union guild_record *, const void *, size_t, struct decode_error *);
} shows[] = {
	{ SCHEMA_ALERT, alert_show },
	{ SCHEMA_RESOLUTION, resolution_show },
	{ SCHEMA_NOTICE, notice_show },
	{ SCHEMA_REPORT, report_show },
	{ SCHEMA_BEAT, beat_show },
	{ SCHEMA_ZONE, zone_show },
	{ SCHEMA_RULES, rules_show },
	{ SCHEMA_PRODUCTS, products_show },
	{ SCHEMA_TOKEN, token_show },
	{ SCHEMA_ORDER_REQUEST, request_show },
	{ SCHEMA_DELIVERY, delivery_show },
};

json_t *
show_guild(const void *schema, size_t schema_len, const void *bytes, size_t len)
{
	struct decode_error error;
	union guild_record *u;
	json_t *o;

	for (size_t i = 0; i < sizeof(shows) / sizeof(shows[0]); i++) {
		if (strlen(shows[i].schema) != schema_len ||
		    memcmp(shows[i].schema, schema, schema_len) != 0)
			continue;
		u = malloc(sizeof(*u));
		if (u == NULL)
			return NULL;
		o = shows[i].show(u, bytes, len, &error);
		free(u);
		/* cppcheck-suppress returnDanglingLifetime ; JSON copies */
		return o;
	}
	return NULL;
}
