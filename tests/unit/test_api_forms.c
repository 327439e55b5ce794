/*
 * What may be written, and the names of what is wrong with it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/api/forms.h"

/* All wrong fields, "field; " each. */
struct verdict {
	char fields[1000];
};

static void
parse(struct body *body, const char *text)
{
	struct answer answer;

	answer_init(&answer);
	assert_int_equal(body_parse(body, text, strlen(text), &answer), 0);
	answer_release(&answer);
}

static struct verdict
judge(struct body *body, bool good)
{
	struct verdict v = { "" };
	size_t i, len = 0;

	assert_int_equal(good, body->error_count == 0);
	for (i = 0; i < body->error_count && i < BODY_ERRORS_MAX; i++)
		len += (size_t)snprintf(v.fields + len, sizeof(v.fields) - len,
		    "%s; ", body->errors[i].field);
	body_release(body);
	return v;
}

#define SQUARE "[[0,0],[4,0],[4,4],[0,4],[0,0]]"
#define SMALL "[[1,1],[2,1],[2,2],[1,1]]"
#define FAR "[[11,11],[12,11],[12,12],[11,11]]"
#define BOW "[[0,0],[4,4],[4,0],[0,4],[0,0]]"
#define POLYGON(rings) "{\"type\":\"Polygon\",\"coordinates\":[" rings "]}"
#define CIRCLE "{\"type\":\"Circle\",\"center\":[8,1],\"radius_m\":900}"

static struct verdict
zone(const char *geometry, struct zone *out)
{
	struct zone *z = calloc(1, sizeof(*z));
	struct verdict v;
	struct body body;
	char text[4000];

	snprintf(
	    text, sizeof(text), "{\"name\":\"x\",\"geometry\":%s}", geometry);
	parse(&body, text);
	v = judge(&body, form_zone(&body, true, z));
	if (out != NULL)
		*out = *z;
	free(z);
	return v;
}

static void
rings_of_a_zone_are_closed_by_themselves(void **state)
{
	static struct zone z;

	(void)state;
	assert_string_equal(zone(POLYGON(SQUARE "," SMALL), &z).fields, "");
	assert_int_equal(z.area_count, 1);
	assert_int_equal(z.areas[0].count, 2);
	assert_int_equal(z.rings[0].count, 4);
	assert_int_equal(z.rings[1].first, 4);
	assert_int_equal(z.rings[1].count, 3);
	/* GeoJSON has the longitude first. */
	assert_int_equal(z.points[1].lon_e6, 4000000);
	assert_int_equal(z.points[1].lat_e6, 0);
	assert_string_equal(z.id, "");
	assert_int_equal(z.cart_count, 0);
}

static void
a_circle_has_its_radius_and_its_holes(void **state)
{
	static struct zone z;

	(void)state;
	assert_string_equal(zone(CIRCLE, &z).fields, "");
	assert_true(z.areas[0].circle);
	assert_int_equal(z.areas[0].radius_m, 900);
	assert_int_equal(z.areas[0].centre.lon_e6, 8000000);
	assert_int_equal(z.areas[0].count, 0);
}

static void
the_ring_that_is_wrong_is_named(void **state)
{
	static const struct {
		const char *geometry, *fields;
	} wrong[] = {
		{ POLYGON(BOW), "geometry.coordinates[0]; " },
		{ POLYGON(SQUARE "," FAR), "geometry.coordinates[1]; " },
		{ POLYGON(SQUARE "," SMALL "," BOW),
		    "geometry.coordinates[2]; " },
		{ "{\"type\":\"MultiPolygon\",\"coordinates\":[[" FAR
		  "],[" SQUARE "," BOW "]]}",
		    "geometry.coordinates[1][1]; " },
		{ "{\"type\":\"GeometryCollection\",\"geometries\":[" CIRCLE
		  "," POLYGON(BOW) "]}",
		    "geometry.geometries[1].coordinates[0]; " },
		{ "{\"type\":\"GeometryCollection\",\"geometries\":["
		  "{\"type\":\"MultiPolygon\",\"coordinates\":[[" SQUARE
		  "],[" FAR "]]},"
		  "{\"type\":\"Circle\",\"center\":[18,1],\"radius_m\":900,"
		  "\"holes\":[" BOW "]}]}",
		    "geometry.geometries[1].holes[0]; " },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_string_equal(
		    zone(wrong[i].geometry, NULL).fields, wrong[i].fields);
}

static void
every_wrong_position_is_named(void **state)
{
	(void)state;
	assert_string_equal(
	    zone(POLYGON("[[0,0],[4],[4,\"4\"],[0,0]],[[0,0],[1,1]]"), NULL)
		.fields,
	    "geometry.coordinates[0][1]; geometry.coordinates[0][2][1]; "
	    "geometry.coordinates[1]; ");
	assert_string_equal(
	    zone("{\"type\":\"Point\",\"coordinates\":[0,0]}", NULL).fields,
	    "geometry.type; ");
	assert_string_equal(
	    zone("{\"type\":\"Polygon\",\"colour\":1}", NULL).fields,
	    "geometry.colour; geometry.coordinates; ");
	assert_string_equal(
	    zone("{\"type\":\"GeometryCollection\",\"geometries\":[{\"type\":"
		 "\"GeometryCollection\",\"geometries\":[]}]}",
		NULL)
		.fields,
	    "geometry.geometries[0].type; ");
	assert_string_equal(
	    zone("{\"type\":\"GeometryCollection\"}", NULL).fields,
	    "geometry.geometries; ");
}

static void
rings_areas_and_positions_are_bounded(void **state)
{
	struct zone *z = calloc(1, sizeof(*z));
	char *text = malloc(400000);
	struct body body;
	size_t i, len;

	(void)state;
	/* 65 rings in two polygons, 40 and 25 */
	len = (size_t)sprintf(text,
	    "{\"name\":\"x\",\"geometry\":{\"type\":\"MultiPolygon\","
	    "\"coordinates\":[[");
	for (i = 0; i < 65; i++)
		len += (size_t)sprintf(text + len, "%s" SMALL,
		    i == 40	? "],["
			: i > 0 ? ","
				: "");
	sprintf(text + len, "]]}}");
	parse(&body, text);
	assert_string_equal(judge(&body, form_zone(&body, false, z)).fields,
	    "geometry.coordinates[1][24]; ");
	/* two rings of 2001 positions */
	len = (size_t)sprintf(text,
	    "{\"name\":\"x\",\"geometry\":{\"type\":\"Polygon\","
	    "\"coordinates\":[[");
	for (i = 0; i < 4004; i++)
		len += (size_t)sprintf(text + len, "%s[%d,0]",
		    i == 2002	? "],["
			: i > 0 ? ","
				: "",
		    i % 2002 == 2001 ? 0 : (int)(i % 2002) % 90);
	sprintf(text + len, "]]}}");
	parse(&body, text);
	assert_string_equal(judge(&body, form_zone(&body, false, z)).fields,
	    "geometry.coordinates[1]; ");
	free(text);
	free(z);
}

static void
rules_become_text_and_unknown_ones_are_named(void **state)
{
	struct form_rules *form = calloc(1, sizeof(*form));
	struct body body;

	(void)state;
	parse(&body,
	    "{\"missing.s\":90,\"hours\":\"Mon-Fri 08:00-20:00\","
	    "\"stock.target.65535\":0}");
	assert_true(form_rules(&body, form));
	assert_int_equal(form->rules.count, 3);
	assert_memory_equal(form->rules.settings[0].key.s, "missing.s", 9);
	assert_int_equal(form->rules.settings[0].value.len, 2);
	assert_memory_equal(form->rules.settings[0].value.s, "90", 2);
	assert_int_equal(form->rules.settings[2].value.len, 1);
	body_release(&body);

	parse(&body,
	    "{\"missing.s\":4,\"missing\":5,\"hours\":\"Mon 25:00-26:00\","
	    "\"stock.target.65536\":1,\"stock.target.01\":1,"
	    "\"stock.target.\":1,\"missing.s.1\":60,\"zone.dwell_s\":\"1\"}");
	assert_string_equal(judge(&body, form_rules(&body, form)).fields,
	    "missing.s; missing; hours; stock.target.65536; stock.target.01; "
	    "stock.target.; missing.s.1; zone.dwell_s; ");
	free(form);
}

static void
an_order_has_each_product_once_and_a_mail_address(void **state)
{
	static const char *const mails[] = { "ana", "@b", "a@", "a@b@c",
		"a b@c", "<a@b>" };
	struct order_request request = { .line_count = 9 };
	struct body body;
	char text[300];
	size_t i;

	(void)state;
	parse(&body,
	    "{\"cart\":\"AB1234\",\"mail\":\"ana@b.cl\",\"lines\":"
	    "[{\"product\":3,\"units\":5},{\"product\":0,\"units\":1}]}");
	assert_true(form_order(&body, &request));
	assert_int_equal(request.line_count, 2);
	assert_int_equal(request.lines[0].units, 5);
	assert_string_equal(request.mail, "ana@b.cl");
	body_release(&body);
	parse(&body,
	    "{\"cart\":\"AB1234\",\"lines\":[{\"product\":3,\"units\":5},"
	    "{\"product\":3,\"units\":0},{\"product\":3,\"units\":1}]}");
	assert_string_equal(judge(&body, form_order(&body, &request)).fields,
	    "lines[1].units; lines[2].product; ");
	for (i = 0; i < sizeof(mails) / sizeof(mails[0]); i++) {
		snprintf(text, sizeof(text),
		    "{\"cart\":\"AB1234\",\"mail\":\"%s\",\"lines\":"
		    "[{\"product\":3,\"units\":5}]}",
		    mails[i]);
		parse(&body, text);
		assert_string_equal(
		    judge(&body, form_order(&body, &request)).fields, "mail; ");
	}
}

static void
an_advance_may_say_nothing_and_lines_where_units_are_fixed(void **state)
{
	struct order_request request;
	struct body body;

	(void)state;
	parse(&body, "{}");
	assert_true(form_advance(&body, &request));
	assert_int_equal(request.to, ORDER_STATES);
	assert_int_equal(request.line_count, 0);
	body_release(&body);
	parse(&body,
	    "{\"to\":\"entregando\",\"lines\":[{\"product\":1,\"units\":0}]}");
	assert_string_equal(
	    judge(&body, form_advance(&body, &request)).fields, "lines; ");
	parse(&body, "{\"to\":\"recibido\"}");
	assert_string_equal(
	    judge(&body, form_advance(&body, &request)).fields, "to; ");
}

static void
products_are_named_by_their_place_in_the_list(void **state)
{
	struct catalogue c;
	struct body body;

	(void)state;
	assert_int_equal(catalogue_init(&c, 1000), 0);
	parse(&body,
	    "[{\"name\":\"a\",\"price\":1},{\"name\":\"a\",\"price\":2},"
	    "{\"name\":\"b\",\"price\":3,\"code\":4},"
	    "{\"name\":\"c\",\"price\":3,\"code\":4},7]");
	assert_string_equal(judge(&body, form_products(&body, &c)).fields,
	    "[1].name; [3].code; [4]; ");
	parse(&body, "[]");
	assert_string_equal(
	    judge(&body, form_products(&body, &c)).fields, "; ");
	catalogue_rows_release(&c);
}

#define SALE_NOW INT64_C(1795179900000) /* 2026-11-20T13:05:00Z */

static struct verdict
sale(const char *more, struct form_sale *form)
{
	struct body body;
	char text[800];

	snprintf(text, sizeof(text), "{\"cart\":\"AB1234\",%s}", more);
	parse(&body, text);
	return judge(&body, form_sale(&body, SALE_NOW, form));
}

#define ONE "\"units\":1,\"amount\":5"
#define AT(key, time) "\"" key "\":\"2026-11-20T" time "\""
#define CONFIRMED AT("confirmed_at", "13:05:00Z")

static void
a_sale_has_a_time_of_its_own_that_has_come(void **state)
{
	static const char *const wrong[][2] = {
		{ ONE, "confirmed_at; " },
		{ ONE "," AT("confirmed_at", "13:07:00.001Z"),
		    "confirmed_at; " },
		{ ONE "," CONFIRMED "," AT("opened_at", "13:05:01Z"),
		    "opened_at; " },
		{ ONE "," CONFIRMED "," AT("abandoned_at", "13:05:00Z"),
		    "abandoned_at; " },
	};
	struct form_sale form;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_string_equal(
		    sale(wrong[i][0], &form).fields, wrong[i][1]);
	assert_string_equal(sale(ONE "," CONFIRMED, &form).fields, "");
	assert_true(form.sale.at.ms == SALE_NOW && form.sale.open_ms == -1);
	/* A clock may be a little ahead. */
	assert_string_equal(
	    sale(ONE "," AT("confirmed_at", "13:07:00Z"), &form).fields, "");
	assert_string_equal(
	    sale(ONE "," CONFIRMED "," AT("opened_at", "09:35:00-03:00"), &form)
		.fields,
	    "");
	assert_int_equal(form.sale.open_ms, 1800000);
}

static void
a_sale_is_of_one_product_or_of_lines(void **state)
{
	static const char *const wrong[][2] = {
		{ CONFIRMED, "units; amount; " },
		{ CONFIRMED ",\"lines\":[]", "lines; " },
		{ CONFIRMED ",\"stock_after\":1,\"lines\":[{" ONE "}]",
		    "lines; " },
		{ CONFIRMED ",\"lines\":[{" ONE "},{\"units\":0,"
			    "\"amount\":-1,\"stock_after\":\"x\"}]",
		    "lines[1].units; lines[1].amount; lines[1].stock_after; " },
		{ CONFIRMED ",\"lines\":[{\"name\":1," ONE "}]",
		    "lines[0].name; " },
		{ CONFIRMED "," ONE ",\"lon\":1", "lat; " },
	};
	struct form_sale form;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_string_equal(
		    sale(wrong[i][0], &form).fields, wrong[i][1]);
	assert_string_equal(
	    sale(AT("abandoned_at", "13:05:00Z"), &form).fields, "");
	assert_int_equal(form.sale.line_count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rings_of_a_zone_are_closed_by_themselves),
		cmocka_unit_test(a_circle_has_its_radius_and_its_holes),
		cmocka_unit_test(the_ring_that_is_wrong_is_named),
		cmocka_unit_test(every_wrong_position_is_named),
		cmocka_unit_test(rings_areas_and_positions_are_bounded),
		cmocka_unit_test(rules_become_text_and_unknown_ones_are_named),
		cmocka_unit_test(
		    an_order_has_each_product_once_and_a_mail_address),
		cmocka_unit_test(
		    an_advance_may_say_nothing_and_lines_where_units_are_fixed),
		cmocka_unit_test(products_are_named_by_their_place_in_the_list),
		cmocka_unit_test(a_sale_has_a_time_of_its_own_that_has_come),
		cmocka_unit_test(a_sale_is_of_one_product_or_of_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
