/*
 * What is under way to Kafka, which refused bytes are kept, and how a cart's
 * topic is read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>

#include "broker-bridge/inflight.h"
#include "broker-bridge/seen.h"

static struct inflight_key
key_of(const char *cart, uint64_t first_seq)
{
	return (struct inflight_key){ .plate = plate_pack(cart, 6),
		.epoch = 77,
		.first_seq = first_seq,
		.ledger = 3,
		.stream = STREAM_SALE };
}

static void
a_repeated_frame_is_known_until_the_first_is_released(void **state)
{
	struct inflight *in = inflight_new(10, 1000);
	struct inflight_key key = key_of("AB1234", 5), other = key;
	struct inflight_slot *slot = inflight_take(in, &key, 60, 1);

	(void)state;
	assert_non_null(slot);
	assert_null(inflight_take(in, &key, 90, 2));
	assert_int_equal(errno, EEXIST);
	/* After a raised ledger it is another frame. */
	other.ledger = 4;
	assert_non_null(inflight_take(in, &other, 60, 2));
	inflight_release(in, slot);
	assert_non_null(inflight_take(in, &key, 60, 3));
	inflight_free(in);
}

static void
frames_of_other_carts_streams_and_epochs_are_no_repeats(void **state)
{
	struct inflight *in = inflight_new(10, 1000);
	struct inflight_key key = key_of("AB1234", 5);

	(void)state;
	assert_non_null(inflight_take(in, &key, 1, 1));
	key.stream = STREAM_STOCK;
	assert_non_null(inflight_take(in, &key, 1, 1));
	key.epoch++;
	assert_non_null(inflight_take(in, &key, 1, 1));
	key.plate = plate_pack("AB1235", 6);
	assert_non_null(inflight_take(in, &key, 1, 1));
	key.first_seq++;
	assert_non_null(inflight_take(in, &key, 1, 1));
	assert_int_equal(inflight_frames(in), 5);
	inflight_free(in);
}

static void
neither_frames_nor_bytes_go_over_their_bounds(void **state)
{
	struct inflight *in = inflight_new(2, 100);
	struct inflight_key a = key_of("AB1234", 1), b = key_of("AB1234", 2),
			    c = key_of("AB1234", 3);
	struct inflight_slot *first = inflight_take(in, &a, 60, 1);

	(void)state;
	assert_non_null(first);
	assert_null(inflight_take(in, &b, 41, 1));
	assert_int_equal(errno, ENOBUFS);
	assert_non_null(inflight_take(in, &b, 40, 1));
	assert_null(inflight_take(in, &c, 0, 1));
	assert_int_equal(errno, ENOBUFS);
	assert_false(inflight_is_calm(in));
	inflight_release(in, first);
	assert_true(inflight_is_calm(in));
	assert_int_equal(inflight_bytes(in), 40);
	assert_non_null(inflight_take(in, &c, 60, 1));
	inflight_free(in);
}

static void
the_oldest_is_known_whatever_is_released_first(void **state)
{
	struct inflight *in = inflight_new(10, 1000);
	struct inflight_slot *slots[4];

	(void)state;
	assert_int_equal(inflight_oldest_us(in), INT64_MAX);
	for (int i = 0; i < 4; i++) {
		struct inflight_key key = key_of("AB1234", (uint64_t)i);

		slots[i] = inflight_take(in, &key, 1, 100 + i);
	}
	inflight_release(in, slots[1]);
	assert_int_equal(inflight_oldest_us(in), 100);
	inflight_release(in, slots[0]);
	assert_int_equal(inflight_oldest_us(in), 102);
	inflight_release(in, slots[3]);
	inflight_release(in, slots[2]);
	assert_int_equal(inflight_oldest_us(in), INT64_MAX);
	inflight_free(in);
}

/* Against a plain array, in random order. */
static void
many_come_and_go_and_each_is_found(void **state)
{
	enum { KEYS = 300 };
	struct inflight *in = inflight_new(200, 1 << 20);
	struct inflight_slot *held[KEYS] = { NULL };
	uint32_t count = 0;

	(void)state;
	srand(1);
	for (int i = 0; i < 100000; i++) {
		int n = rand() % KEYS;
		struct inflight_key key = key_of("AB1234", (uint64_t)n);
		struct inflight_slot *slot = inflight_take(in, &key, 1, i);

		if (held[n] != NULL) {
			assert_null(slot);
			assert_int_equal(errno, EEXIST);
			inflight_release(in, held[n]);
			held[n] = NULL;
			count--;
		} else if (count == 200) {
			assert_null(slot);
			assert_int_equal(errno, ENOBUFS);
		} else {
			assert_non_null(slot);
			assert_int_equal(slot->key.first_seq, n);
			held[n] = slot;
			count++;
		}
		assert_int_equal(inflight_frames(in), count);
		assert_int_equal(inflight_bytes(in), count);
	}
	inflight_free(in);
}

static void
refused_bytes_are_remembered_and_the_oldest_forgotten(void **state)
{
	struct seen *seen = seen_new();
	uint64_t first = seen_hash("pregon/AB1234/pos", "x", 1);

	(void)state;
	assert_false(seen_has(seen, first));
	seen_add(seen, first);
	assert_true(seen_has(seen, first));
	assert_false(seen_has(seen, seen_hash("pregon/AB1235/pos", "x", 1)));
	assert_false(seen_has(seen, seen_hash("pregon/AB1234/pos", "y", 1)));
	/* One that is met now and then stays, whatever else comes. */
	for (uint64_t i = 1; i < 1000000; i++) {
		seen_add(seen, i * UINT64_C(0x9e3779b97f4a7c15));
		if (i % 1000 == 0)
			assert_true(seen_has(seen, first));
	}
	for (uint64_t i = 1; i < 1000000; i++)
		seen_add(seen, i * UINT64_C(0xbf58476d1ce4e5b9));
	assert_false(seen_has(seen, first));
	seen_free(seen);
}

static void
a_topic_gives_its_cart_and_stream(void **state)
{
	char text[CART_MAX + 1];
	struct address to;

	(void)state;
	assert_int_equal(address_read("pregon/AB1234/sale", &to), 0);
	assert_int_equal(to.stream, STREAM_SALE);
	assert_int_equal(to.cart_len, 6);
	assert_int_equal(plate_text(to.plate, text), 6);
	assert_string_equal(text, "AB1234");
	assert_int_equal(address_read("pregon/AAAA/status", &to), 0);
	assert_true(to.is_status);
	assert_int_equal(address_read("pregon/ABCD1234/pos", &to), 0);
	assert_int_equal(plate_text(to.plate, text), 8);
	assert_string_equal(text, "ABCD1234");
}

static void
a_topic_that_is_no_carts_is_refused(void **state)
{
	static const char *const topics[] = { "", "p", "pregon", "pregon/",
		"pregon//pos", "pregon/AB1234", "pregon/AB1234/",
		"pregon/AB1234/po", "pregon/AB1234/posx", "pregon/AB1234/pos/x",
		"pregon/ab1234/pos", "pregon/ABC/pos", "pregon/ABCDE1234/pos",
		"pregon/AB-234/pos", "pregonx/AB1234/pos",
		"pregon/AB1234/ack" };
	struct address to;

	(void)state;
	for (size_t i = 0; i < sizeof(topics) / sizeof(*topics); i++)
		assert_int_equal(address_read(topics[i], &to), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_repeated_frame_is_known_until_the_first_is_released),
		cmocka_unit_test(
		    frames_of_other_carts_streams_and_epochs_are_no_repeats),
		cmocka_unit_test(neither_frames_nor_bytes_go_over_their_bounds),
		cmocka_unit_test(
		    the_oldest_is_known_whatever_is_released_first),
		cmocka_unit_test(many_come_and_go_and_each_is_found),
		cmocka_unit_test(
		    refused_bytes_are_remembered_and_the_oldest_forgotten),
		cmocka_unit_test(a_topic_gives_its_cart_and_stream),
		cmocka_unit_test(a_topic_that_is_no_carts_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
