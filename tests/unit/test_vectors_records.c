/*
 * The golden bytes of the guild's own records: each is read to the documented
 * values (or refused at the documented field), and writing what was read
 * gives the same bytes.  Run from the root of the checkout.
 */
#include "schemas/alert.h"
#include "schemas/notice.h"
#include "schemas/order.h"
#include "schemas/report.h"
#include "schemas/rules.h"
#include "schemas/zone.h"
#include "tests/unit/vectors_check.h"

/* Nothing is not given. */
static json_t *
given(const char *s)
{
	return s[0] == '\0' ? json_null() : json_string(s);
}

static json_t *
moment(int64_t ms)
{
	return ms == INSTANT_MISSING ? json_null() : json_integer(ms);
}

static void
read_alert(
    const json_t *vector, const uint8_t *bytes, size_t len, struct reading *out)
{
	struct alert_event a;
	json_t *place = json_null();

	(void)vector;
	if (alert_decode(bytes, len, &a, &out->error) == -1) {
		out->errno_seen = errno;
		return;
	}
	if (a.has_place)
		place = json_pack("{si si so}", "lat_e6", a.lat_e6, "lon_e6",
		    a.lon_e6, "at_ms", moment(a.place_at_ms));
	out->values = json_pack(
	    "{ss so ss ss sI sI sI so ss ss so so sI so so so}", "id", a.id,
	    "cart", given(a.cart), "cause", alert_cause_name(a.cause), "state",
	    alert_state_name(a.state), "revision", (json_int_t)a.revision,
	    "at_ms", a.at_ms, "since_ms", a.since_ms, "until_ms",
	    moment(a.until_ms), "known", alert_known_name(a.known), "why",
	    alert_why_name(a.why), "place", place, "moved_m",
	    a.moved_m < 0 ? json_null() : json_integer(a.moved_m), "count",
	    a.count, "subject", given(a.subject), "by", given(a.by), "note",
	    given(a.note));
	out->again_len = alert_encode(&a, out->again, ALERT_BYTES_MAX);
}

static void
read_resolution(
    const json_t *vector, const uint8_t *bytes, size_t len, struct reading *out)
{
	struct alert_resolution said;

	(void)vector;
	if (resolution_decode(bytes, len, &said, &out->error) == -1) {
		out->errno_seen = errno;
		return;
	}
	out->values = json_pack("{ss sI ss so}", "id", said.id, "at_ms",
	    said.at_ms, "by", said.by, "note", given(said.note));
	out->again_len = resolution_encode(&said, out->again, ALERT_BYTES_MAX);
}

static void
read_notice(
    const json_t *vector, const uint8_t *bytes, size_t len, struct reading *out)
{
	static struct notice n;
	json_t *values = json_array();

	(void)vector;
	if (notice_decode(bytes, len, &n, &out->error) == -1) {
		out->errno_seen = errno;
		json_decref(values);
		return;
	}
	for (uint32_t i = 0; i < n.value_count; i++)
		json_array_append_new(values,
		    json_pack("[s s]", n.values[i].name, n.values[i].value));
	out->values = json_pack("{ss ss ss ss sI so}", "id", n.id, "to", n.to,
	    "event", n.event, "subject", n.subject, "at_ms", n.at_ms, "values",
	    values);
	out->again_len = notice_encode(&n, out->again, NOTICE_BYTES_MAX);
}

static void
read_report(
    const json_t *vector, const uint8_t *bytes, size_t len, struct reading *out)
{
	struct strange_report r;

	(void)vector;
	if (report_decode(bytes, len, &r, &out->error) == -1) {
		out->errno_seen = errno;
		return;
	}
	out->values = json_pack("{ss sI si si so}", "id", r.id, "at_ms",
	    r.at_ms, "lat_e6", r.lat_e6, "lon_e6", r.lon_e6, "note",
	    given(r.note));
	out->again_len = report_encode(&r, out->again, REPORT_BYTES_MAX);
}

static void
read_beat(
    const json_t *vector, const uint8_t *bytes, size_t len, struct reading *out)
{
	struct beat b;

	(void)vector;
	if (beat_decode(bytes, len, &b, &out->error) == -1) {
		out->errno_seen = errno;
		return;
	}
	out->values = json_pack(
	    "{ss sI}", "bridge", b.bridge, "count", (json_int_t)b.count);
	out->again_len = beat_encode(&b, out->again, BEAT_BYTES_MAX);
}

static json_t *
ring_of(const struct zone *zone, const struct zone_ring *ring)
{
	json_t *points = json_array();

	for (uint32_t i = 0; i < ring->count; i++) {
		const struct zone_point *p = &zone->points[ring->first + i];

		json_array_append_new(
		    points, json_pack("[i i]", p->lat_e6, p->lon_e6));
	}
	return points;
}

static json_t *
area_of(const struct zone *zone, const struct zone_area *area)
{
	json_t *rings = json_array();
	json_t *json = json_pack("{so}", "rings", rings);

	for (uint32_t i = 0; i < area->count; i++)
		json_array_append_new(
		    rings, ring_of(zone, &zone->rings[area->first + i]));
	if (area->circle) {
		json_object_set_new(json, "centre",
		    json_pack(
			"[i i]", area->centre.lat_e6, area->centre.lon_e6));
		json_object_set_new(
		    json, "radius_m", json_integer(area->radius_m));
	}
	return json;
}

static void
read_zone(
    const json_t *vector, const uint8_t *bytes, size_t len, struct reading *out)
{
	static struct zone z;
	json_t *carts, *areas;

	(void)vector;
	if (zone_decode(bytes, len, &z, &out->error) == -1) {
		out->errno_seen = errno;
		return;
	}
	carts = json_array();
	for (uint32_t i = 0; i < z.cart_count; i++)
		json_array_append_new(carts, json_string(z.carts[i]));
	areas = json_array();
	for (uint32_t i = 0; i < z.area_count; i++)
		json_array_append_new(areas, area_of(&z, &z.areas[i]));
	out->values = json_pack("{ss sI ss sI ss so so}", "id", z.id,
	    "revision", (json_int_t)z.revision, "name", z.name, "at_ms",
	    z.at_ms, "by", z.by, "carts", carts, "areas", areas);
	out->again_len = zone_encode(&z, out->again, ZONE_BYTES_MAX);
}

static void
read_rules(
    const json_t *vector, const uint8_t *bytes, size_t len, struct reading *out)
{
	struct rules r;
	json_t *settings;

	(void)vector;
	if (rules_decode(bytes, len, &r, &out->error) == -1) {
		out->errno_seen = errno;
		return;
	}
	settings = json_array();
	for (size_t i = 0; i < r.count; i++)
		json_array_append_new(settings,
		    json_pack("[s% s%]", r.settings[i].key.s,
			r.settings[i].key.len, r.settings[i].value.s,
			r.settings[i].value.len));
	out->values = json_pack("{ss sI ss so}", "scope", r.scope, "at_ms",
	    r.at_ms, "by", r.by, "settings", settings);
	out->again_len = rules_encode(&r, out->again, RULES_BYTES_MAX);
}

static void
read_products(
    const json_t *vector, const uint8_t *bytes, size_t len, struct reading *out)
{
	static struct product list[CATALOGUE_MAX];
	struct products p = { .products = list };
	json_t *products;

	(void)vector;
	if (products_decode(bytes, len, &p, &out->error) == -1) {
		out->errno_seen = errno;
		return;
	}
	products = json_array();
	for (size_t i = 0; i < p.count; i++)
		json_array_append_new(products,
		    json_pack("[I s% I]", (json_int_t)list[i].code,
			list[i].name.s, list[i].name.len, list[i].price));
	out->values = json_pack(
	    "{sI ss so}", "at_ms", p.at_ms, "by", p.by, "products", products);
	out->again_len = products_encode(&p, out->again, RULES_BYTES_MAX);
}

static void
read_token(
    const json_t *vector, const uint8_t *bytes, size_t len, struct reading *out)
{
	char hash[2 * TOKEN_HASH_BYTES + 1];
	struct token t;

	(void)vector;
	if (token_decode(bytes, len, &t, &out->error) == -1) {
		out->errno_seen = errno;
		return;
	}
	for (int i = 0; i < TOKEN_HASH_BYTES; i++)
		snprintf(hash + 2 * i, 3, "%02x", t.hash[i]);
	out->values = json_pack("{ss ss ss ss sI ss so}", "id", t.id, "name",
	    t.name, "role", token_role_name(t.role), "hash", hash, "created_ms",
	    t.created_ms, "by", t.by, "cart", given(t.cart));
	out->again_len = token_encode(&t, out->again, TOKEN_BYTES_MAX);
}

static void
read_request(
    const json_t *vector, const uint8_t *bytes, size_t len, struct reading *out)
{
	struct order_request asked;
	json_t *lines;

	(void)vector;
	if (order_request_decode(bytes, len, &asked, &out->error) == -1) {
		out->errno_seen = errno;
		return;
	}
	lines = json_array();
	for (uint32_t i = 0; i < asked.line_count; i++)
		json_array_append_new(lines,
		    json_pack("[I I]", (json_int_t)asked.lines[i].product,
			(json_int_t)asked.lines[i].units));
	out->values = json_pack("{ss ss ss sI ss ss so so so}", "kind",
	    asked.kind == REQUEST_CREATE ? "create" : "move", "order",
	    asked.order, "cart", asked.cart, "at_ms", asked.at_ms, "by",
	    asked.by, "to", order_state_name(asked.to), "lines", lines,
	    "reason", given(asked.reason), "mail", given(asked.mail));
	out->again_len = order_request_encode(
	    &asked, out->again, REQUEST_BYTES_MAX);
}

static void
read_delivery(
    const json_t *vector, const uint8_t *bytes, size_t len, struct reading *out)
{
	struct delivery_event d;
	json_t *stops;

	(void)vector;
	if (delivery_decode(bytes, len, &d, &out->error) == -1) {
		out->errno_seen = errno;
		return;
	}
	stops = json_array();
	for (uint32_t i = 0; i < d.stop_count; i++) {
		const struct delivery_stop *stop = &d.stops[i];
		json_t *place = json_null();

		if (stop->has_place)
			place = json_pack("[i i]", stop->lat_e6, stop->lon_e6);
		json_array_append_new(stops,
		    json_pack("{ss ss so}", "order", stop->order, "cart",
			stop->cart, "place", place));
	}
	out->values = json_pack("{ss ss sI sI so}", "id", d.id, "state",
	    delivery_state_name(d.state), "revision", (json_int_t)d.revision,
	    "at_ms", d.at_ms, "stops", stops);
	out->again_len = delivery_encode(&d, out->again, DELIVERY_BYTES_MAX);
}

static void
alerts_and_resolutions(void **state)
{
	(void)state;
	check_file("alert", read_alert);
	check_file("resolution", read_resolution);
}

static void
alert_ids(void **state)
{
	json_t *vectors = json_load_file(FOLDER "alert_id.json", 0, NULL);
	json_t *vector;
	size_t i;

	(void)state;
	assert_non_null(vectors);
	json_array_foreach(vectors, i, vector)
	{
		const char *text = string_at(vector, "text");
		json_t *values = json_object_get(vector, "values");
		json_t *since = json_object_get(values, "since_ms");
		char cart[CART_MAX + 1], again[ALERT_ID_MAX + 1];
		enum alert_cause cause;

		if (values == NULL) {
			assert_int_equal(
			    alert_id_parse(text, cart, &cause), -1);
			continue;
		}
		assert_int_equal(alert_id_parse(text, cart, &cause), 0);
		assert_string_equal(
		    alert_cause_name(cause), string_at(values, "cause"));
		if (string_at(values, "cart") != NULL)
			assert_string_equal(cart, string_at(values, "cart"));
		else
			assert_string_equal(cart, "");
		if (since == NULL)
			continue;
		alert_id(again, cart, cause, json_integer_value(since));
		assert_string_equal(again, text);
	}
	json_decref(vectors);
}

static void
notices(void **state)
{
	(void)state;
	check_file("notice", read_notice);
}

static void
reports_and_beats(void **state)
{
	(void)state;
	check_file("report", read_report);
	check_file("beat", read_beat);
}

static void
what_the_guild_has_laid_down(void **state)
{
	(void)state;
	check_file("zone", read_zone);
	check_file("rules", read_rules);
	check_file("products", read_products);
	check_file("token", read_token);
}

static void
requests_and_deliveries(void **state)
{
	(void)state;
	check_file("request", read_request);
	check_file("delivery", read_delivery);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alerts_and_resolutions),
		cmocka_unit_test(alert_ids),
		cmocka_unit_test(notices),
		cmocka_unit_test(reports_and_beats),
		cmocka_unit_test(what_the_guild_has_laid_down),
		cmocka_unit_test(requests_and_deliveries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
