/*
 * Kafka records as pregonctl tail shows them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/down.h"
#include "schemas/order.h"
#include "schemas/status.h"
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
	    "\"at\":\"2026-11-20T13:05:00.000Z\",\"by\":\"stock\","
	    "\"lines\":[{\"product\":2,\"units\":40}]}");
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
