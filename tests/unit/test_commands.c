/*
 * What comes down is applied in order, once, and is still there after a
 * restart.
 */
#include "tests/unit/gateway_fixture.h"
#include "lib/log.h"
#include "schemas/order.h"

#define LEDGER 60000

static int tuned;

static void
note_tuned(void *ctx)
{
	(void)ctx;
	tuned++;
}

static int
begin(void **state)
{
	struct bench *b;

	bench_begin(state);
	b = *state;
	assert_int_equal(outbox_raise(b->ob, LEDGER, -1), 0);
	b->commands.tuned = note_tuned;
	tuned = 0;
	return 0;
}

static int
give(struct bench *b, uint64_t id, uint64_t ledger, enum cmd_kind kind,
    const void *payload, size_t len)
{
	uint8_t bytes[4096];
	struct cmd cmd = { id, ledger, kind, payload, len };
	int n = cmd_encode(&cmd, bytes, sizeof(bytes));

	assert_true(n > 0);
	return commands_take(&b->commands, bytes, (size_t)n);
}

static int
give_setting(struct bench *b, uint64_t id, const char *key, const char *value)
{
	struct setting s = { { key, strlen(key) }, { value, strlen(value) } };
	uint8_t payload[256];
	struct mp_writer w;

	mp_writer_init(&w, payload, sizeof(payload));
	settings_encode(&s, 1, &w);
	return give(b, id, LEDGER, CMD_SETTINGS, payload, w.len);
}

static int
give_message(struct bench *b, uint64_t id, uint64_t ledger, const char *text)
{
	struct message m = { NOW, { text, strlen(text) } };
	uint8_t payload[600];
	struct mp_writer w;

	mp_writer_init(&w, payload, sizeof(payload));
	message_encode(&m, &w);
	return give(b, id, ledger, CMD_MESSAGE, payload, w.len);
}

static json_t *
messages(struct bench *b, int after)
{
	return json_object_get(
	    ask(b, "{\"type\":\"inbox\",\"after\":%d}", after), "messages");
}

static void
a_setting_is_used_at_once_and_after_a_restart(void **state)
{
	struct bench *b = *state;

	assert_int_equal(give_setting(b, 3, "keep.distance_m", "35"), 1);
	assert_int_equal(b->settings.keep.distance_m, 35);
	assert_int_equal(tuned, 1);
	assert_int_equal(commands_applied(&b->commands), 3);
	assert_int_equal(give_setting(b, 4, "link.linger_s", "5"), 1);
	b->settings.keep.distance_m = 20;
	b->settings.link.linger_s = 60;
	bench_restart(b);
	assert_int_equal(b->settings.keep.distance_m, 35);
	assert_int_equal(b->settings.link.linger_s, 5);
	assert_int_equal(commands_applied(&b->commands), 4);
}

static void
settings_that_are_not_its_to_set_are_refused(void **state)
{
	struct bench *b = *state;

	assert_int_equal(give_setting(b, 1, "mqtt.host", "evil"), 1);
	assert_int_equal(give_setting(b, 2, "keep.distance_m", "many"), 1);
	assert_int_equal(give_setting(b, 3, "keep.distance_m", "0"), 1);
	assert_int_equal(give_setting(b, 4, "no.such", "1"), 1);
	assert_int_equal(b->commands.refused_settings, 4);
	assert_int_equal(b->settings.keep.distance_m, 20);
	/* Done with, so that they do not come for ever. */
	assert_int_equal(commands_applied(&b->commands), 4);
}

static void
a_command_is_applied_once_and_in_order(void **state)
{
	struct bench *b = *state;

	assert_int_equal(give_message(b, 5, LEDGER, "hello"), 1);
	/* It comes again: the guild is told again that we have it. */
	assert_int_equal(give_message(b, 5, LEDGER, "hello"), 1);
	assert_int_equal(give_message(b, 4, LEDGER, "late"), 1);
	assert_int_equal(json_array_size(messages(b, 0)), 1);
	assert_int_equal(b->commands.applied, 1);
	assert_int_equal(b->commands.repeated, 2);
	bench_restart(b);
	assert_int_equal(give_message(b, 5, LEDGER, "hello"), 1);
	assert_int_equal(json_array_size(messages(b, 0)), 1);
}

static void
of_another_ledger_it_is_not_heeded(void **state)
{
	struct bench *b = *state;

	assert_int_equal(give_message(b, 1, LEDGER - 1, "old"), 0);
	assert_int_equal(give_message(b, 1, LEDGER + 1, "new"), 0);
	assert_int_equal(json_array_size(messages(b, 0)), 0);
}

static void
a_raised_ledger_counts_from_the_beginning(void **state)
{
	struct bench *b = *state;

	assert_int_equal(give_message(b, 900, LEDGER, "one"), 1);
	assert_int_equal(outbox_raise(b->ob, LEDGER + 7, 0), 0);
	assert_int_equal(commands_applied(&b->commands), 0);
	assert_int_equal(give_message(b, 2, LEDGER + 7, "two"), 1);
	assert_int_equal(commands_applied(&b->commands), 2);
	assert_int_equal(json_array_size(messages(b, 0)), 2);
}

static void
messages_and_order_news_are_in_the_inbox(void **state)
{
	struct bench *b = *state;
	struct order_event *order = calloc(1, sizeof(*order));
	uint8_t payload[ORDER_BYTES_MAX];
	json_t *list, *one;
	struct mp_writer w;

	assert_int_equal(give_message(b, 1, LEDGER, "Ven a las 15"), 1);
	strcpy(order->order, "order-7");
	order->state = ORDER_ENTREGANDO;
	order->at_ms = NOW;
	order->line_count = 1;
	order->lines[0] = (struct order_line){ 2, 50 };
	mp_writer_init(&w, payload, sizeof(payload));
	order_news_encode(order, &w);
	assert_int_equal(give(b, 2, LEDGER, CMD_ORDER, payload, w.len), 1);
	free(order);

	bench_restart(b);
	list = messages(b, 0);
	assert_int_equal(json_array_size(list), 2);
	one = json_array_get(list, 0);
	assert_string_equal(text_of(one, "text"), "Ven a las 15");
	assert_string_equal(text_of(one, "at"), "2027-01-15T08:00:00.000Z");
	one = json_array_get(list, 1);
	assert_string_equal(text_of(one, "order"), "order-7");
	assert_string_equal(text_of(one, "state"), "entregando");
	assert_int_equal(json_array_size(messages(b, 1)), 1);
	assert_int_equal(json_array_size(messages(b, 2)), 0);
}

static void
the_oldest_messages_give_way(void **state)
{
	struct bench *b = *state;
	char text[16];
	json_t *list;

	for (int i = 1; i <= INBOX_SLOTS + 5; i++) {
		snprintf(text, sizeof(text), "m%d", i);
		assert_int_equal(give_message(b, (uint64_t)i, LEDGER, text), 1);
	}
	list = messages(b, 0);
	assert_int_equal(json_array_size(list), INBOX_SLOTS);
	assert_string_equal(text_of(json_array_get(list, 0), "text"), "m6");
}

static void
what_cannot_be_read_is_counted_and_done_with(void **state)
{
	struct bench *b = *state;
	static const uint8_t wrong[] = { 0x92, 0x01, 0x02 };

	assert_int_equal(give(b, 1, LEDGER, CMD_MESSAGE, wrong, 3), 1);
	assert_int_equal(give(b, 2, LEDGER, CMD_CATALOGUE, wrong, 3), 1);
	assert_int_equal(give(b, 3, LEDGER, CMD_ORDER, wrong, 3), 1);
	assert_int_equal(give(b, 4, LEDGER, CMD_SETTINGS, wrong, 3), 1);
	assert_int_equal(commands_take(&b->commands, wrong, 3), 0);
	assert_int_equal(b->commands.refused, 5);
	assert_int_equal(commands_applied(&b->commands), 4);
	assert_int_equal(json_array_size(messages(b, 0)), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, bench_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_setting_is_used_at_once_and_after_a_restart),
		TEST(settings_that_are_not_its_to_set_are_refused),
		TEST(a_command_is_applied_once_and_in_order),
		TEST(of_another_ledger_it_is_not_heeded),
		TEST(a_raised_ledger_counts_from_the_beginning),
		TEST(messages_and_order_news_are_in_the_inbox),
		TEST(the_oldest_messages_give_way),
		TEST(what_cannot_be_read_is_counted_and_done_with),
	};

	log_init("test", LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
