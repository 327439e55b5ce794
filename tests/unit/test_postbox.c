/*
 * Commands down: what a cart is sent, when, and what is then forgotten.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker-bridge/postbox.h"
#include "schemas/topics.h"

#define LEDGER 50
#define RESEND 1000
#define RESEND_MAX 8000

struct fixture {
	struct postbox *box;
	int64_t now;
	/* what was asked of us since the last look */
	int sent, erased;
	struct cmd last;
	uint8_t payload[64];
	char cart[CART_MAX + 1];
	char key[64];
	uint64_t statuses;
};

static void
on_send(void *ctx, plate_t plate, const struct cmd *cmd)
{
	struct fixture *f = ctx;

	f->sent++;
	f->last = *cmd;
	memcpy(f->payload, cmd->payload,
	    cmd->payload_len < 64 ? cmd->payload_len : 64);
	plate_text(plate, f->cart);
}

static void
on_erase(void *ctx, const char *key, size_t key_len)
{
	struct fixture *f = ctx;

	f->erased++;
	snprintf(f->key, sizeof(f->key), "%.*s", (int)key_len, key);
}

static int
set_up_of(void **state, int64_t max_bytes)
{
	const struct postbox_settings settings = { .max_bytes = max_bytes,
		.resend_ms = RESEND,
		.resend_max_ms = RESEND_MAX };
	const struct postbox_handler handler = { .send = on_send,
		.erase = on_erase };
	struct fixture *f = calloc(1, sizeof(*f));

	f->now = 1000000;
	f->box = postbox_new(&settings, &handler, f);
	postbox_set_ledger(f->box, LEDGER);
	postbox_set_ready(f->box, true);
	*state = f;
	return f->box == NULL ? -1 : 0;
}

static int
set_up(void **state)
{
	return set_up_of(state, 1 << 20);
}

static int
set_up_small(void **state)
{
	return set_up_of(state, 16 << 10);
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	postbox_free(f->box);
	free(f);
	return 0;
}

static int
put(struct fixture *f, const char *key, uint64_t id, enum cmd_kind kind,
    size_t payload_len)
{
	static uint8_t payload[FRAME_BYTES_MAX], record[FRAME_BYTES_MAX + 64];
	struct decode_error error;
	struct mp_writer w;
	struct cmd cmd = { .kind = kind, .payload = payload };
	int len;

	memset(record, (int)id, payload_len);
	mp_writer_init(&w, payload, sizeof(payload));
	mp_write_bin(&w, record, payload_len);
	cmd.payload_len = w.len;
	len = cmd_encode(&cmd, record, sizeof(record));
	assert_true(len > 0);
	return postbox_put(
	    f->box, key, strlen(key), id, record, (size_t)len, f->now, &error);
}

/* The catalogue for all, in the partition of a cart. */
#define PARTITIONS 3
static int
put_for_all_with(struct fixture *f, const char *cart, uint64_t id, int mark)
{
	uint8_t payload[16], record[64];
	struct decode_error error;
	struct mp_writer w;
	struct cmd cmd = { .kind = CMD_CATALOGUE, .payload = payload };
	int len;

	mp_writer_init(&w, payload, sizeof(payload));
	mp_write_int(&w, mark);
	cmd.payload_len = w.len;
	len = cmd_encode(&cmd, record, sizeof(record));
	assert_true(len > 0);
	return postbox_put_all(f->box,
	    topic_partition(TOPIC_COMANDOS, cart, strlen(cart), PARTITIONS), id,
	    record, (size_t)len, f->now, &error);
}

static void
hear_of(struct fixture *f, const char *cart, const struct status *status)
{
	assert_int_equal(postbox_hear(f->box, plate_pack(cart, strlen(cart)),
			     status, f->now),
	    0);
}

static struct status
online(struct fixture *f, uint64_t applied)
{
	return (struct status){ .epoch = 7,
		.count = ++f->statuses,
		.connection = 1,
		.state = STATUS_ONLINE,
		.ledger = LEDGER,
		.applied = applied };
}

static void
hear(struct fixture *f, const char *cart, uint64_t applied)
{
	struct status status = online(f, applied);

	hear_of(f, cart, &status);
}

/* Commands sent since the last time that this was asked. */
static int
sent(struct fixture *f)
{
	int n = f->sent;

	f->sent = 0;
	return n;
}

static void
a_command_goes_at_once_to_a_cart_that_is_online(void **state)
{
	struct fixture *f = *state;

	hear(f, "AB1234", 0);
	assert_int_equal(sent(f), 0);
	assert_int_equal(put(f, "AB1234/u1", 12, CMD_MESSAGE, 5), 0);
	assert_int_equal(sent(f), 1);
	assert_string_equal(f->cart, "AB1234");
	assert_int_equal(f->last.id, 12);
	assert_int_equal(f->last.ledger, LEDGER);
	assert_int_equal(f->last.kind, CMD_MESSAGE);
}

static void
one_at_a_time_in_rising_order(void **state)
{
	struct fixture *f = *state;

	put(f, "AB1234/u1", 12, CMD_MESSAGE, 5);
	put(f, "AB1234/settings", 15, CMD_SETTINGS, 5);
	put(f, "AB1234/u2", 18, CMD_ORDER, 5);
	hear(f, "AB1234", 0);
	assert_int_equal(sent(f), 1);
	assert_int_equal(f->last.id, 12);
	hear(f, "AB1234", 12);
	assert_int_equal(sent(f), 1);
	assert_int_equal(f->last.id, 15);
	hear(f, "AB1234", 15);
	assert_int_equal(sent(f), 1);
	assert_int_equal(f->last.id, 18);
	hear(f, "AB1234", 18);
	assert_int_equal(sent(f), 0);
}

static void
it_is_sent_again_with_backoff_until_it_is_applied(void **state)
{
	struct fixture *f = *state;
	int64_t waits[] = { 1000, 2000, 4000, 8000, 8000 };

	hear(f, "AB1234", 0);
	put(f, "AB1234/u1", 1, CMD_MESSAGE, 5);
	assert_int_equal(sent(f), 1);
	for (size_t i = 0; i < sizeof(waits) / sizeof(*waits); i++) {
		f->now += waits[i] - 1;
		postbox_tick(f->box, f->now);
		hear(f, "AB1234", 0); /* a heartbeat is no reason */
		assert_int_equal(sent(f), 0);
		f->now += 1;
		postbox_tick(f->box, f->now);
		assert_int_equal(sent(f), 1);
	}
}

static void
a_new_connection_is_sent_what_is_due_at_once(void **state)
{
	struct fixture *f = *state;
	struct status status;

	hear(f, "AB1234", 0);
	put(f, "AB1234/u1", 1, CMD_MESSAGE, 5);
	assert_int_equal(sent(f), 1);
	status = online(f, 0);
	status.connection = 2;
	hear_of(f, "AB1234", &status);
	assert_int_equal(sent(f), 1);
}

static void
nothing_goes_to_a_cart_that_is_lost_or_stopped(void **state)
{
	struct fixture *f = *state;
	struct status status = online(f, 0);

	hear_of(f, "AB1234", &status);
	status.state = STATUS_LOST;
	hear_of(f, "AB1234", &status);
	put(f, "AB1234/u1", 1, CMD_MESSAGE, 5);
	assert_int_equal(sent(f), 0);
	hear(f, "AB1234", 0);
	assert_int_equal(sent(f), 1);
	status = online(f, 0);
	status.state = STATUS_STOPPED;
	hear_of(f, "AB1234", &status);
	f->now += 100000;
	postbox_tick(f->box, f->now);
	assert_int_equal(sent(f), 0);
}

static void
the_will_of_an_earlier_connection_is_no_news(void **state)
{
	struct fixture *f = *state;
	struct status status = online(f, 0);
	struct status will = {
		.epoch = 7, .connection = 1, .state = STATUS_LOST
	};

	status.connection = 2;
	hear_of(f, "AB1234", &status);
	hear_of(f, "AB1234", &will);
	put(f, "AB1234/u1", 1, CMD_MESSAGE, 5);
	assert_int_equal(sent(f), 1);
}

static void
an_older_status_of_the_same_epoch_is_ignored(void **state)
{
	struct fixture *f = *state;
	struct status older = online(f, 0);

	hear(f, "AB1234", 5);
	hear_of(f, "AB1234", &older);
	put(f, "AB1234/settings", 3, CMD_SETTINGS, 5);
	assert_int_equal(sent(f), 0);
}

static void
nothing_goes_to_a_cart_of_another_ledger(void **state)
{
	struct fixture *f = *state;
	struct status status = online(f, 0);

	status.ledger = LEDGER - 1;
	hear_of(f, "AB1234", &status);
	put(f, "AB1234/u1", 1, CMD_MESSAGE, 5);
	assert_int_equal(sent(f), 0);
	/* Nor does what it applied of that one mean anything. */
	status.count = ++f->statuses;
	status.applied = 900;
	hear_of(f, "AB1234", &status);
	assert_int_equal(f->erased, 0);
	hear(f, "AB1234", 0);
	assert_int_equal(sent(f), 1);
}

static void
an_applied_message_is_erased_and_settings_stay(void **state)
{
	struct fixture *f = *state;
	struct postbox_figures figures;

	put(f, "AB1234/settings", 1, CMD_SETTINGS, 5);
	put(f, "AB1234/u1", 2, CMD_MESSAGE, 5);
	hear(f, "AB1234", 2);
	assert_int_equal(f->erased, 1);
	assert_string_equal(f->key, "AB1234/u1");
	postbox_figures(f->box, &figures);
	assert_int_equal(figures.held, 1);
	assert_int_equal(sent(f), 0);
	/* Another gateway under the same plate has applied nothing yet. */
	hear_of(f, "AB1234",
	    &(struct status){ .epoch = 8,
		.count = 1,
		.connection = 1,
		.state = STATUS_ONLINE,
		.ledger = LEDGER });
	assert_int_equal(sent(f), 1);
	assert_int_equal(f->last.id, 1);
	assert_int_equal(f->last.kind, CMD_SETTINGS);
}

static void
the_newest_of_a_key_takes_the_place_of_the_older(void **state)
{
	struct fixture *f = *state;
	struct postbox_figures figures;

	put(f, "AB1234/settings", 1, CMD_SETTINGS, 5);
	put(f, "AB1234/settings", 4, CMD_SETTINGS, 6);
	postbox_figures(f->box, &figures);
	assert_int_equal(figures.held, 1);
	hear(f, "AB1234", 0);
	assert_int_equal(sent(f), 1);
	assert_int_equal(f->last.id, 4);
}

static void
a_tombstone_takes_a_command_back(void **state)
{
	struct fixture *f = *state;

	put(f, "AB1234/u1", 1, CMD_MESSAGE, 5);
	postbox_remove(f->box, "AB1234/u1", 9);
	postbox_remove(f->box, "AB1234/u2", 9);
	postbox_remove(f->box, "ZZ1234/u2", 9);
	postbox_remove(f->box, "guild", 5);
	hear(f, "AB1234", 0);
	assert_int_equal(sent(f), 0);
}

static void
nothing_is_sent_or_erased_before_the_log_was_read(void **state)
{
	struct fixture *f = *state;

	postbox_set_ready(f->box, false);
	hear(f, "AB1234", 0);
	put(f, "AB1234/u1", 1, CMD_MESSAGE, 5);
	hear(f, "AB1234", 1);
	assert_int_equal(sent(f), 0);
	assert_int_equal(f->erased, 0);
	postbox_set_ready(f->box, true);
	put(f, "AB1234/settings", 2, CMD_SETTINGS, 5);
	postbox_tick(f->box, f->now);
	assert_int_equal(f->erased, 1);
	assert_int_equal(sent(f), 1);
	assert_int_equal(f->last.id, 2);
}

static void
another_log_is_another_world(void **state)
{
	struct fixture *f = *state;
	struct postbox_figures figures;

	put(f, "AB1234/u1", 1, CMD_MESSAGE, 5);
	postbox_forget(f->box);
	hear(f, "AB1234", 0);
	assert_int_equal(sent(f), 0);
	postbox_figures(f->box, &figures);
	assert_int_equal(figures.held, 0);
	assert_int_equal(figures.carts, 1);
}

static void
one_catalogue_for_all_carts_is_held_once(void **state)
{
	struct fixture *f = *state;
	struct postbox_figures figures;
	char key[32];

	for (int i = 0; i < 500; i++) {
		snprintf(key, sizeof(key), "AB%04d/catalogue", i);
		/* The same id gives the same bytes here. */
		assert_int_equal(put(f, key, 9, CMD_CATALOGUE, 60000), 0);
	}
	postbox_figures(f->box, &figures);
	assert_int_equal(figures.held, 500);
	assert_true(figures.bytes < 500000);
}

static void
what_has_no_room_is_refused_and_the_rest_goes_on(void **state)
{
	struct fixture *f = *state;
	struct postbox_figures figures;

	hear(f, "AB1234", 0);
	assert_int_equal(put(f, "AB1234/u1", 1, CMD_MESSAGE, 10000), 0);
	assert_int_equal(put(f, "AB1234/u2", 2, CMD_MESSAGE, 10000), -1);
	assert_int_equal(errno, ENOBUFS);
	hear(f, "AB1234", 1);
	assert_int_equal(put(f, "AB1234/u3", 3, CMD_MESSAGE, 10000), 0);
	assert_int_equal(f->last.id, 3);
	postbox_figures(f->box, &figures);
	assert_true(figures.bytes <= 16 << 10);
}

static void
the_oldest_message_of_a_cart_gives_way(void **state)
{
	struct fixture *f = *state;
	struct postbox_figures figures;
	char key[32];

	put(f, "AB1234/settings", 1, CMD_SETTINGS, 5);
	for (int i = 0; i < POSTBOX_PER_CART; i++) {
		snprintf(key, sizeof(key), "AB1234/u%d", i);
		put(f, key, (uint64_t)i + 2, CMD_MESSAGE, 5);
	}
	postbox_figures(f->box, &figures);
	assert_int_equal(figures.held, POSTBOX_PER_CART);
	assert_int_equal(figures.gave_way, 1);
	hear(f, "AB1234", 1);
	assert_int_equal(f->last.id, 3); /* 2 went, 1 is applied */
}

static void
what_the_mqtt_broker_would_not_let_through_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(
	    put(f, "AB1234/catalogue", 1, CMD_CATALOGUE, FRAME_BYTES_MAX - 10),
	    -1);
	assert_int_equal(errno, E2BIG);
	assert_int_equal(put(f, "AB1234/catalogue", 1, CMD_CATALOGUE,
			     FRAME_BYTES_MAX - COMMAND_OVERHEAD - 3),
	    0);
}

static void
records_that_cannot_be_read_are_refused(void **state)
{
	static const char *const keys[] = { "", "/", "AB1234", "ab1234/u",
		"/u1", "AB1234567/u" };
	struct fixture *f = *state;
	struct decode_error error;

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		assert_int_equal(put(f, keys[i], 1, CMD_MESSAGE, 5), -1);
		assert_int_equal(errno, EBADMSG);
	}
	assert_int_equal(
	    postbox_put(f->box, "AB1234/u", 8, 1, "\xc1", 1, 0, &error), -1);
	assert_int_equal(errno, EBADMSG);
}

/* Two plates of one partition, and one of another. */
#define HERE "ABCD11"
static const char *
plate_of(bool same)
{
	static char plate[CART_MAX + 1];
	int32_t here = topic_partition(
	    TOPIC_COMANDOS, HERE, strlen(HERE), PARTITIONS);

	for (int i = 1000; i < 9999; i++) {
		snprintf(plate, sizeof(plate), "PL%d", i);
		if ((topic_partition(TOPIC_COMANDOS, plate, strlen(plate),
			 PARTITIONS) == here) == same)
			return plate;
	}
	fail();
	return NULL;
}

static void
what_is_for_all_goes_to_each_cart_of_the_partition(void **state)
{
	struct fixture *f = *state;
	struct status status = online(f, 0);

	postbox_set_partitions(f->box, PARTITIONS);
	hear_of(f, HERE, &status);
	assert_int_equal(put_for_all_with(f, HERE, 40, 1), 0);
	assert_int_equal(f->sent, 1);
	assert_int_equal(f->last.id, 40);
	assert_int_equal(f->last.kind, CMD_CATALOGUE);
	/* Also to one that was never heard of before. */
	status = online(f, 0);
	hear_of(f, plate_of(true), &status);
	assert_int_equal(f->sent, 2);
	assert_int_equal(f->last.id, 40);
	status = online(f, 0);
	hear_of(f, plate_of(false), &status);
	assert_int_equal(f->sent, 2);
	/* Once applied it is not sent again, and not erased. */
	status = online(f, 40);
	hear_of(f, HERE, &status);
	f->now += 10 * RESEND_MAX;
	postbox_tick(f->box, f->now);
	assert_string_equal(f->cart, plate_of(true));
	assert_int_equal(f->erased, 0);
}

static void
the_newest_for_all_replaces_the_one_before(void **state)
{
	struct fixture *f = *state;
	struct status status = online(f, 40);

	postbox_set_partitions(f->box, PARTITIONS);
	assert_int_equal(put_for_all_with(f, HERE, 40, 1), 0);
	assert_int_equal(put_for_all_with(f, HERE, 45, 2), 0);
	hear_of(f, HERE, &status);
	assert_int_equal(f->sent, 1);
	assert_int_equal(f->last.id, 45);
	assert_int_equal(f->payload[0], 2);
	assert_int_equal(
	    postbox_put_all(f->box,
		topic_partition(TOPIC_COMANDOS, HERE, strlen(HERE), PARTITIONS),
		46, NULL, 0, f->now, NULL),
	    0);
	f->now += RESEND_MAX;
	postbox_tick(f->box, f->now);
	assert_int_equal(f->sent, 1);
}

static void
a_cart_with_a_newer_catalogue_of_its_own_keeps_it(void **state)
{
	struct fixture *f = *state;
	struct status status = online(f, 0);

	postbox_set_partitions(f->box, PARTITIONS);
	assert_int_equal(put_for_all_with(f, HERE, 40, 1), 0);
	assert_int_equal(put(f, HERE "/catalogue", 50, CMD_CATALOGUE, 9), 0);
	hear_of(f, HERE, &status);
	assert_int_equal(f->last.id, 50);
	/* Unless the guild's is newer again: then both, in their order. */
	assert_int_equal(put_for_all_with(f, HERE, 60, 2), 0);
	status = online(f, 50);
	hear_of(f, HERE, &status);
	assert_int_equal(f->last.id, 60);
	assert_int_equal(f->sent, 2);
}

static void
what_is_for_all_waits_its_turn(void **state)
{
	struct fixture *f = *state;
	struct status status = online(f, 0);

	postbox_set_partitions(f->box, PARTITIONS);
	assert_int_equal(put_for_all_with(f, HERE, 40, 1), 0);
	assert_int_equal(put(f, HERE "/u1", 39, CMD_MESSAGE, 5), 0);
	assert_int_equal(put(f, HERE "/u2", 41, CMD_MESSAGE, 5), 0);
	hear_of(f, HERE, &status);
	assert_int_equal(f->last.id, 39);
	status = online(f, 39);
	hear_of(f, HERE, &status);
	assert_int_equal(f->last.id, 40);
	status = online(f, 40);
	hear_of(f, HERE, &status);
	assert_int_equal(f->last.id, 41);
	assert_int_equal(f->sent, 3);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_command_goes_at_once_to_a_cart_that_is_online),
		TEST(one_at_a_time_in_rising_order),
		TEST(it_is_sent_again_with_backoff_until_it_is_applied),
		TEST(a_new_connection_is_sent_what_is_due_at_once),
		TEST(nothing_goes_to_a_cart_that_is_lost_or_stopped),
		TEST(the_will_of_an_earlier_connection_is_no_news),
		TEST(an_older_status_of_the_same_epoch_is_ignored),
		TEST(nothing_goes_to_a_cart_of_another_ledger),
		TEST(an_applied_message_is_erased_and_settings_stay),
		TEST(the_newest_of_a_key_takes_the_place_of_the_older),
		TEST(a_tombstone_takes_a_command_back),
		TEST(nothing_is_sent_or_erased_before_the_log_was_read),
		TEST(another_log_is_another_world),
		TEST(one_catalogue_for_all_carts_is_held_once),
		TEST(what_is_for_all_goes_to_each_cart_of_the_partition),
		TEST(the_newest_for_all_replaces_the_one_before),
		TEST(a_cart_with_a_newer_catalogue_of_its_own_keeps_it),
		TEST(what_is_for_all_waits_its_turn),
		cmocka_unit_test_setup_teardown(
		    what_has_no_room_is_refused_and_the_rest_goes_on,
		    set_up_small, tear_down),
		TEST(the_oldest_message_of_a_cart_gives_way),
		TEST(what_the_mqtt_broker_would_not_let_through_is_refused),
		TEST(records_that_cannot_be_read_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
