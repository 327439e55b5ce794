/* down: sizes, bounds, and payloads taken apart. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "schemas/down.h"

#define NOW INT64_C(1795192205000)

static struct decode_error error;

static void
the_largest_ack_fits_and_comes_back(void **state)
{
	struct ack a = { LEDGER_MAX, STREAM_HELP, EPOCH_MAX, SEQ_MAX - 1,
		SEQ_MAX, TIME_MAX_MS },
		   got;
	uint8_t buf[ACK_BYTES_MAX];
	int len = ack_encode(&a, buf, sizeof(buf));

	(void)state;
	assert_in_range(len, 1, ACK_BYTES_MAX);
	assert_int_equal(ack_decode(buf, (size_t)len, &got, &error), 0);
	assert_true(got.ledger == a.ledger && got.epoch == a.epoch);
	assert_true(got.first_seq == a.first_seq);
	assert_true(got.next_seq == a.next_seq);
	assert_int_equal(got.stream, STREAM_HELP);
	assert_int_equal(got.server_time_ms, TIME_MAX_MS);
	assert_int_equal(ack_encode(&a, buf, (size_t)len - 1), -1);
	assert_int_equal(errno, ENOBUFS);
	for (size_t cut = 0; cut < (size_t)len; cut++)
		assert_int_equal(ack_decode(buf, cut, &got, &error), -1);
}

static void
since_is_told_in_seconds_never_later(void **state)
{
	struct guild g = { .ledger = 3, .since_ms = NOW + 999 }, got;
	uint8_t buf[GUILD_BYTES_MAX];
	int len = guild_encode(&g, buf, sizeof(buf));

	(void)state;
	assert_int_equal(guild_decode(buf, (size_t)len, &got, &error), 0);
	assert_int_equal(got.since_ms, NOW);
	assert_false(got.has_log_id);
}

static void
a_log_s_name_comes_back(void **state)
{
	struct guild g = { LEDGER_MAX, -1, true, { 1, 2, 3, 255 } }, got;
	uint8_t buf[GUILD_BYTES_MAX];
	int len = guild_encode(&g, buf, sizeof(buf));

	(void)state;
	assert_int_equal(guild_decode(buf, (size_t)len, &got, &error), 0);
	assert_int_equal(got.since_ms, -1);
	assert_true(got.has_log_id);
	assert_memory_equal(got.log_id, g.log_id, 16);
}

static void
a_command_s_payload_is_one_whole_value(void **state)
{
	uint8_t payload[64], buf[128];
	struct mp_writer w;
	struct cmd c = { .id = UINT64_MAX,
		.ledger = 7,
		.kind = CMD_MESSAGE,
		.payload = payload },
		   got;
	struct message m = { NOW, { "hola", 4 } }, said;
	int len;

	(void)state;
	mp_writer_init(&w, payload, sizeof(payload));
	message_encode(&m, &w);
	c.payload_len = w.len;
	len = cmd_encode(&c, buf, sizeof(buf));
	assert_true(len > 0);
	assert_int_equal(cmd_decode(buf, (size_t)len, &got, &error), 0);
	assert_true(got.id == UINT64_MAX);
	assert_int_equal(got.kind, CMD_MESSAGE);
	assert_int_equal(
	    message_decode(got.payload, got.payload_len, &said, &error), 0);
	assert_int_equal(said.text.len, 4);
	assert_memory_equal(said.text.s, "hola", 4);
	for (size_t cut = 0; cut < (size_t)len; cut++)
		assert_int_equal(cmd_decode(buf, cut, &got, &error), -1);
	assert_int_equal(cmd_encode(&c, buf, (size_t)len - 1), -1);
	assert_int_equal(errno, ENOBUFS);
}

static void
an_unknown_kind_is_told_from_a_bad_one(void **state)
{
	struct cmd c = { .id = 1,
		.kind = CMD_KINDS,
		.payload = (const uint8_t *)"\xc0",
		.payload_len = 1 },
		   got;
	uint8_t buf[32];
	int len = cmd_encode(&c, buf, sizeof(buf));

	(void)state;
	assert_int_equal(cmd_decode(buf, (size_t)len, &got, &error), -1);
	assert_int_equal(errno, ENOTSUP);
	/* The caller may still report it as applied. */
	assert_int_equal(got.id, 1);
	buf[1] = 2;
	assert_int_equal(cmd_decode(buf, (size_t)len, &got, &error), -1);
	assert_int_equal(errno, ENOTSUP);
	assert_int_equal(got.id, 0);
	c.kind = (enum cmd_kind)0;
	len = cmd_encode(&c, buf, sizeof(buf));
	assert_int_equal(cmd_decode(buf, (size_t)len, &got, &error), -1);
	assert_int_equal(errno, EBADMSG);
}

static void
a_whole_catalogue_goes_and_comes(void **state)
{
	static struct product products[CATALOGUE_MAX + 1], got[CATALOGUE_MAX];
	static uint8_t buf[1 << 18];
	struct mp_writer w;
	size_t count;

	(void)state;
	for (uint32_t i = 0; i <= CATALOGUE_MAX; i++)
		products[i] = (struct product){ i, { "Completo", 8 }, 2000 };
	mp_writer_init(&w, buf, sizeof(buf));
	catalogue_encode(products, CATALOGUE_MAX, &w);
	assert_int_equal(
	    catalogue_decode(buf, w.len, got, CATALOGUE_MAX, &count, &error),
	    0);
	assert_int_equal(count, CATALOGUE_MAX);
	assert_int_equal(got[1999].code, 1999);
	assert_int_equal(
	    catalogue_decode(buf, w.len, got, 1999, &count, &error), -1);
	mp_writer_init(&w, buf, sizeof(buf));
	catalogue_encode(products, CATALOGUE_MAX + 1, &w);
	assert_int_equal(
	    catalogue_decode(buf, w.len, got, SIZE_MAX, &count, &error), -1);
	assert_string_equal(error.field, "catalogue");
}

static void
settings_are_text(void **state)
{
	struct setting s = { { "keep.metres", 11 }, { "30", 2 } };
	struct setting got[SETTINGS_MAX];
	uint8_t buf[64];
	struct mp_writer w;
	size_t count;

	(void)state;
	mp_writer_init(&w, buf, sizeof(buf));
	settings_encode(&s, 1, &w);
	assert_int_equal(settings_decode(buf, w.len, got, &count, &error), 0);
	assert_int_equal(count, 1);
	assert_memory_equal(got[0].key.s, "keep.metres", 11);
	assert_memory_equal(got[0].value.s, "30", 2);
	assert_int_equal(
	    settings_decode(buf, w.len - 1, got, &count, &error), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_largest_ack_fits_and_comes_back),
		cmocka_unit_test(since_is_told_in_seconds_never_later),
		cmocka_unit_test(a_log_s_name_comes_back),
		cmocka_unit_test(a_command_s_payload_is_one_whole_value),
		cmocka_unit_test(an_unknown_kind_is_told_from_a_bad_one),
		cmocka_unit_test(a_whole_catalogue_goes_and_comes),
		cmocka_unit_test(settings_are_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
