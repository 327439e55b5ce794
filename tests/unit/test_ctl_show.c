/*
 * Kafka records as pregonctl tail shows them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/alert.h"
#include "schemas/member.h"
#include "schemas/order.h"
#include "schemas/report.h"
#include "schemas/rules.h"
#include "schemas/status.h"
#include "schemas/ticket.h"
#include "schemas/zone.h"
#include "tools/ctl/show.h"

#define AT INT64_C(1795179900000) /* 2026-11-20T13:05:00Z */

/* The record's value as compact JSON; the caller frees it. */
static char *
shown(const char *schema, const void *value, size_t len)
{
	struct show *show = show_new();
	const struct show_record r = {
		.topic = "topic_ventas",
		.partition = 1,
		.offset = 42,
		.timestamp_ms = AT,
		.key = "AB1234",
		.key_len = 6,
		.value = value,
		.value_len = len,
		.headers = { { HEADER_SCHEMA, schema, strlen(schema) } },
		.header_count = 1,
	};
	json_t *o = show_record(show, &r);
	char *text;

	assert_non_null(o);
	assert_string_equal(json_string_value(json_object_get(o, "time")),
	    "2026-11-20T13:05:00.000Z");
	assert_string_equal(
	    json_string_value(json_object_get(o, "key")), "AB1234");
	text = json_dumps(json_object_get(o, "value"),
	    JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(12));
	json_decref(o);
	show_free(show);
	return text;
}

static void
assert_shown(
    const char *schema, const void *value, size_t len, const char *expected)
{
	char *text = shown(schema, value, len);

	assert_string_equal(text, expected);
	free(text);
}

static size_t
frame_of(
    uint8_t *buf, size_t cap, uint64_t count, void (*item)(struct mp_writer *))
{
	const struct frame_head head = { .ledger = 9,
		.epoch = 33,
		.first_seq = 5,
		.count = count,
		.item_count = 1 };
	struct mp_writer w;

	mp_writer_init(&w, buf, cap);
	frame_encode_head(&head, &w);
	item(&w);
	assert_false(w.full);
	return w.len;
}

static void
one_sale(struct mp_writer *w)
{
	const struct sale sale = { .at = { AT, 0 },
		.confirmed = true,
		.open_ms = 4000,
		.customer = { "Ana", 3 },
		.line_count = 1,
		.lines = { { 0, 3, 4500 } } };

	sale_encode(&sale, w);
}

static void
a_sale_is_shown_with_its_lines(void **state)
{
	uint8_t buf[1000];
	size_t len = frame_of(buf, sizeof(buf), 1, one_sale);

	(void)state;
	assert_shown(SCHEMA_FRAME_SALE, buf, len,
	    "{\"ledger\":9,\"epoch\":\"00000011\",\"first_number\":5,"
	    "\"count\":1,\"items\":[{\"kind\":\"sale\",\"number\":5,"
	    "\"count\":1,\"at\":\"2026-11-20T13:05:00.000Z\","
	    "\"confirmed\":true,\"open_ms\":4000,\"customer\":\"Ana\","
	    "\"lines\":[{\"product\":0,\"units\":3,\"amount_clp\":4500}]}]}");
}

static void
one_fix(struct mp_writer *w)
{
	const struct fix fix = { .at = { 60000, 7 },
		.lat_e6 = -33437800,
		.lon_e6 = -70650500,
		.speed_dm_s = 10,
		.course_deg = 90,
		.accuracy_m = 5 };

	assert_int_equal(run_encode(&fix, 1, w), 0);
}

static void
a_time_of_an_untrusted_clock_is_shown_with_its_boot(void **state)
{
	uint8_t buf[1000];
	size_t len = frame_of(buf, sizeof(buf), 1, one_fix);
	char *text = shown(SCHEMA_FRAME_POS, buf, len);

	(void)state;
	assert_non_null(strstr(text,
	    "\"fixes\":[{\"at\":{\"boot\":\"0000000000000007\",\"ms\":60000},"
	    "\"lat\":-33.4378,\"lon\":-70.6505,\"speed_kmh\":3.6,"
	    "\"course_deg\":90,\"accuracy_m\":5}]"));
	free(text);
}

static void
no_event_of_this_stream(struct mp_writer *w)
{
	const struct stock stock = { .at = { AT, 0 }, .level = 3 };

	stock_encode(&stock, w);
}

static void
an_item_that_cannot_be_read_is_shown_as_an_error(void **state)
{
	uint8_t buf[1000];
	size_t len = frame_of(buf, sizeof(buf), 1, no_event_of_this_stream);
	char *text = shown(SCHEMA_FRAME_SALE, buf, len);

	(void)state;
	assert_non_null(strstr(text, "\"items\":[{\"error\":\""));
	free(text);
	text = shown(SCHEMA_FRAME_SALE, "\xc1", 1);
	assert_memory_equal(text, "{\"error\":\"", 10);
	free(text);
}

static void
commands_and_the_guilds_word_are_shown(void **state)
{
	const struct guild guild = { .ledger = 60000,
		.since_ms = AT,
		.has_log_id = true,
		.log_id = { 0xab } };
	const struct message message = { AT, { "hola", 4 } };
	struct cmd cmd = { .kind = CMD_MESSAGE };
	uint8_t buf[300], payload[100];
	struct mp_writer w;
	int len;

	(void)state;
	len = guild_encode(&guild, buf, sizeof(buf));
	assert_shown(SCHEMA_GUILD, buf, (size_t)len,
	    "{\"ledger\":60000,\"since\":\"2026-11-20T13:05:00.000Z\","
	    "\"log_id\":\"ab000000000000000000000000000000\"}");
	mp_writer_init(&w, payload, sizeof(payload));
	message_encode(&message, &w);
	cmd.payload = payload;
	cmd.payload_len = w.len;
	len = cmd_encode(&cmd, buf, sizeof(buf));
	assert_shown(SCHEMA_CMD, buf, (size_t)len,
	    "{\"id\":0,\"ledger\":0,\"kind\":\"message\",\"payload\":"
	    "{\"at\":\"2026-11-20T13:05:00.000Z\",\"text\":\"hola\"}}");
}

static void
statuses_and_orders_are_shown(void **state)
{
	static const struct status status = { .epoch = 33,
		.count = 2,
		.connection = 1,
		.state = STATUS_ONLINE,
		.at = { AT, 0 },
		.boot = 7,
		.fix_mode = FIX_MODE_3D,
		.day_open = true,
		.backlog = 4,
		.battery = BATTERY_UNKNOWN,
		.ledger = 9,
		.version = "0.1.0" };
	static const struct order_event order = { .order = "o1",
		.cart = "AB1234",
		.state = ORDER_RECIBIDO,
		.at_ms = AT,
		.by = "stock",
		.line_count = 1,
		.lines = { { 2, 40 } } };
	uint8_t buf[ORDER_BYTES_MAX];
	char *text;
	int len = status_encode(&status, buf, sizeof(buf));

	(void)state;
	text = shown(SCHEMA_STATUS, buf, (size_t)len);
	assert_non_null(strstr(text, "\"state\":\"online\""));
	assert_non_null(strstr(text, "\"fix\":null"));
	assert_non_null(strstr(text, "\"battery\":null"));
	free(text);
	len = order_encode(&order, buf, sizeof(buf));
	assert_shown(SCHEMA_ORDER, buf, (size_t)len,
	    "{\"order\":\"o1\",\"cart\":\"AB1234\",\"state\":\"recibido\","
	    "\"revision\":0,\"at\":\"2026-11-20T13:05:00.000Z\","
	    "\"by\":\"stock\",\"lines\":[{\"product\":2,\"units\":40}],"
	    "\"origin\":\"level\",\"delivery\":\"\",\"reason\":\"\","
	    "\"disputed\":false}");
}

static void
order_news_are_shown_in_their_command(void **state)
{
	struct order_event order = { .order = "o1",
		.state = ORDER_ENTREGANDO,
		.at_ms = AT,
		.line_count = 1,
		.lines = { { 2, 40 } } };
	uint8_t payload[ORDER_BYTES_MAX], buf[ORDER_BYTES_MAX];
	struct cmd cmd = { .kind = CMD_ORDER, .payload = payload };
	struct mp_writer w;
	int len;

	(void)state;
	mp_writer_init(&w, payload, sizeof(payload));
	order_news_encode(&order, &w);
	cmd.payload_len = w.len;
	len = cmd_encode(&cmd, buf, sizeof(buf));
	assert_shown(SCHEMA_CMD, buf, (size_t)len,
	    "{\"id\":0,\"ledger\":0,\"kind\":\"order\",\"payload\":"
	    "{\"order\":\"o1\",\"state\":\"entregando\","
	    "\"at\":\"2026-11-20T13:05:00.000Z\","
	    "\"lines\":[{\"product\":2,\"units\":40}]}}");
}

static void
alerts_beats_and_reports_are_shown(void **state)
{
	struct alert_event alert = { .id = "AB1234-missing-x",
		.cart = "AB1234",
		.cause = ALERT_MISSING,
		.at_ms = AT + 61000,
		.since_ms = AT,
		.until_ms = INSTANT_MISSING,
		.known = KNOWN_LINK_LOST,
		.place_at_ms = INSTANT_MISSING,
		.moved_m = -1 };
	struct beat beat = { "bridge-up", 7 };
	struct strange_report report = { "r1", AT, -33437800, -70650000,
		"rojo" };
	uint8_t buf[ALERT_BYTES_MAX];
	int len = alert_encode(&alert, buf, sizeof(buf));

	(void)state;
	assert_shown(SCHEMA_ALERT, buf, (size_t)len,
	    "{\"id\":\"AB1234-missing-x\",\"cart\":\"AB1234\","
	    "\"cause\":\"missing\",\"state\":\"opened\",\"revision\":0,"
	    "\"at\":\"2026-11-20T13:06:01.000Z\","
	    "\"since\":\"2026-11-20T13:05:00.000Z\",\"until\":null,"
	    "\"known\":\"link_lost\",\"why\":\"unknown\",\"place\":null,"
	    "\"place_at\":null,\"moved_m\":null,\"count\":0,"
	    "\"subject\":null,\"by\":null,\"note\":null}");
	len = beat_encode(&beat, buf, sizeof(buf));
	assert_shown(SCHEMA_BEAT, buf, (size_t)len,
	    "{\"bridge\":\"bridge-up\",\"count\":7}");
	len = report_encode(&report, buf, sizeof(buf));
	assert_shown(SCHEMA_REPORT, buf, (size_t)len,
	    "{\"id\":\"r1\",\"at\":\"2026-11-20T13:05:00.000Z\","
	    "\"place\":{\"lat\":-33.4378,\"lon\":-70.65},\"note\":\"rojo\"}");
	assert_shown(SCHEMA_ALERT, "\x01", 1,
	    "{\"error\":\"alert: expected an array of at least 1 values\"}");
}

static void
a_token_is_shown_without_its_hash(void **state)
{
	struct token token = { .id = "t1",
		.name = "Eva",
		.role = TOKEN_DEPOT,
		.created_ms = AT,
		.by = "pregonctl" };
	uint8_t buf[TOKEN_BYTES_MAX];
	int len = token_encode(&token, buf, sizeof(buf));

	(void)state;
	assert_shown(SCHEMA_TOKEN, buf, (size_t)len,
	    "{\"id\":\"t1\",\"name\":\"Eva\",\"role\":\"depot\","
	    "\"cart\":null,\"created\":\"2026-11-20T13:05:00.000Z\","
	    "\"by\":\"pregonctl\"}");
}

static void
a_registration_is_shown_without_the_person(void **state)
{
	static const struct registration asked = { .id = "R1",
		.at_ms = AT,
		.first_name = "Rosa",
		.last_name = "Díaz",
		.rut = "12345678-5",
		.mail = "rosa@example.org",
		.plate = "AB1234",
		.premium = true,
		.language = "es" };
	uint8_t buf[MEMBER_BYTES_MAX];
	int len = registration_encode(&asked, buf, sizeof(buf));

	(void)state;
	assert_shown(SCHEMA_MEMBER, buf, (size_t)len,
	    "{\"id\":\"R1\",\"at\":\"2026-11-20T13:05:00.000Z\","
	    "\"plate\":\"AB1234\",\"premium\":true,\"language\":\"es\"}");
	assert_shown(SCHEMA_MEMBER, "\x90", 1,
	    "{\"error\":\"registration: expected an array of at least 1 "
	    "values\"}");
}

static void
decisions_and_tickets_are_shown(void **state)
{
	static const struct member_decision decision = { .id = "D1",
		.who = "W1",
		.act = MEMBER_PLATE,
		.at_ms = AT,
		.by = "Eva",
		.plate = "CD5678" };
	static const struct ticket_word ticket = { .ticket = "T1",
		.word = "W2",
		.act = TICKET_REPLY,
		.at_ms = AT,
		.by = "Eva",
		.text = "Ya va." };
	uint8_t buf[MEMBER_BYTES_MAX];
	int len = member_decision_encode(&decision, buf, sizeof(buf));

	(void)state;
	assert_shown(SCHEMA_MEMBER_DECISION, buf, (size_t)len,
	    "{\"id\":\"D1\",\"who\":\"W1\",\"act\":\"plate\","
	    "\"at\":\"2026-11-20T13:05:00.000Z\",\"by\":\"Eva\","
	    "\"reason\":null,\"plate\":\"CD5678\"}");
	len = ticket_encode(&ticket, buf, sizeof(buf));
	assert_shown(SCHEMA_TICKET, buf, (size_t)len,
	    "{\"ticket\":\"T1\",\"word\":\"W2\",\"act\":\"reply\","
	    "\"at\":\"2026-11-20T13:05:00.000Z\",\"by\":\"Eva\","
	    "\"cart\":null,\"mail\":null,\"text\":\"Ya va.\"}");
}

static void
a_zone_is_shown_with_its_rings(void **state)
{
	struct zone *zone = calloc(1, sizeof(*zone));
	uint8_t buf[ZONE_BYTES_MAX];
	int len;

	(void)state;
	strcpy(zone->id, "centro");
	strcpy(zone->name, "Centro");
	strcpy(zone->by, "Eva");
	zone->revision = 1;
	zone->at_ms = AT;
	zone->area_count = zone->ring_count = 1;
	zone->areas[0] = (struct zone_area){ .count = 1 };
	zone->rings[0] = (struct zone_ring){ 0, 3 };
	zone->point_count = 3;
	zone->points[0] = (struct zone_point){ 1000000, 2000000 };
	zone->points[1] = (struct zone_point){ 1000000, 3000000 };
	zone->points[2] = (struct zone_point){ 2000000, 3000000 };
	len = zone_encode(zone, buf, sizeof(buf));
	assert_true(len > 0);
	assert_shown(SCHEMA_ZONE, buf, (size_t)len,
	    "{\"id\":\"centro\",\"revision\":1,\"name\":\"Centro\","
	    "\"at\":\"2026-11-20T13:05:00.000Z\",\"by\":\"Eva\","
	    "\"carts\":[],\"areas\":[{\"rings\":[["
	    "{\"lat\":1.0,\"lon\":2.0},{\"lat\":1.0,\"lon\":3.0},"
	    "{\"lat\":2.0,\"lon\":3.0}]]}]}");
	free(zone);
}

static void
what_nobody_can_read_is_shown_as_hex(void **state)
{
	(void)state;
	assert_shown(SCHEMA_REJECT, "\x00\xff\x41", 3, "{\"hex\":\"00ff41\"}");
	assert_shown("later/9", "ab", 2, "{\"hex\":\"6162\"}");
	assert_shown(SCHEMA_GUILD, NULL, 0, "null");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sale_is_shown_with_its_lines),
		cmocka_unit_test(
		    a_time_of_an_untrusted_clock_is_shown_with_its_boot),
		cmocka_unit_test(
		    an_item_that_cannot_be_read_is_shown_as_an_error),
		cmocka_unit_test(commands_and_the_guilds_word_are_shown),
		cmocka_unit_test(statuses_and_orders_are_shown),
		cmocka_unit_test(what_nobody_can_read_is_shown_as_hex),
		cmocka_unit_test(order_news_are_shown_in_their_command),
		cmocka_unit_test(alerts_beats_and_reports_are_shown),
		cmocka_unit_test(a_token_is_shown_without_its_hash),
		cmocka_unit_test(a_zone_is_shown_with_its_rings),
		cmocka_unit_test(a_registration_is_shown_without_the_person),
		cmocka_unit_test(decisions_and_tickets_are_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
