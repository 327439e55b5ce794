/* frame: the envelope, and a walk that passes what is bad. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "schemas/frame.h"

#define NOW INT64_C(1795192205000)

static uint8_t buf[FRAME_BYTES_MAX];
static struct frame_items items;
static struct decode_error error;

static const struct stock sold = {
	.at = { NOW, 0 }, .delta = -1, .level = 19, .reason = STOCK_SALE
};

/* A frame that begins at number 100; the caller then writes its items. */
static struct mp_writer
begin(uint64_t count, uint32_t item_count)
{
	struct frame_head head = { 1, 7, 100, count, item_count };
	struct mp_writer w;

	mp_writer_init(&w, buf, sizeof(buf));
	frame_encode_head(&head, &w);
	return w;
}

static void
walk(const struct mp_writer *w, enum stream stream)
{
	static struct frame f;

	assert_false(w->full);
	assert_int_equal(frame_decode(buf, w->len, &f, &error), 0);
	frame_items_init(&items, &f, stream);
}

static void
expect(int rc, uint64_t seq, uint64_t count, struct item *item)
{
	assert_int_equal(frame_items_next(&items, item), rc);
	assert_true(item->seq == seq);
	assert_true(item->count == count);
	assert_non_null(item->bytes);
}

static void
expect_wrong_frame(const char *field)
{
	struct item item;

	/* However often one asks. */
	for (int i = 0; i < 3; i++) {
		assert_int_equal(frame_items_next(&items, &item), -1);
		assert_int_equal(errno, EBADMSG);
		assert_null(item.bytes);
		assert_string_equal(items.error.field, field);
	}
}

static void
items_get_their_numbers_by_their_place(void **state)
{
	struct gap gap = { 40, { INSTANT_MISSING, 0 }, { NOW, 0 },
		GAP_FORGOTTEN };
	struct time_marker marker = { 9, NOW };
	struct mp_writer w = begin(43, 4);
	struct item item;

	(void)state;
	stock_encode(&sold, &w);
	gap_encode(&gap, &w);
	time_marker_encode(&marker, &w);
	stock_encode(&sold, &w);
	walk(&w, STREAM_STOCK);
	expect(1, 100, 1, &item);
	assert_int_equal(item.kind, ITEM_STOCK);
	expect(1, 101, 40, &item);
	assert_int_equal(item.kind, ITEM_GAP);
	expect(1, 141, 1, &item);
	assert_int_equal(item.time.offset_ms, NOW);
	expect(1, 142, 1, &item);
	assert_int_equal(item.stock.level, 19);
	for (int i = 0; i < 3; i++)
		assert_int_equal(frame_items_next(&items, &item), 0);
}

static void
an_item_s_bytes_are_what_was_encoded(void **state)
{
	struct mp_writer w = begin(2, 2);
	size_t start = w.len, second;
	struct item item;

	(void)state;
	stock_encode(&sold, &w);
	second = w.len;
	stock_encode(&sold, &w);
	walk(&w, STREAM_STOCK);
	expect(1, 100, 1, &item);
	assert_ptr_equal(item.bytes, buf + start);
	assert_int_equal(item.len, second - start);
	expect(1, 101, 1, &item);
	assert_ptr_equal(item.bytes, buf + second);
	assert_int_equal(item.len, w.len - second);
}

static void
a_bad_item_is_passed_and_the_good_ones_go_on(void **state)
{
	struct stock bad = sold;
	struct mp_writer w = begin(3, 3);
	struct item item;

	(void)state;
	stock_encode(&sold, &w);
	bad.level = UNITS_MAX + 1;
	stock_encode(&bad, &w);
	stock_encode(&sold, &w);
	walk(&w, STREAM_STOCK);
	expect(1, 100, 1, &item);
	expect(-1, 101, 1, &item);
	assert_int_equal(errno, EBADMSG);
	assert_string_equal(items.error.field, "stock.level");
	assert_int_equal(item.kind, ITEM_STOCK);
	assert_int_equal(item.bytes[0], 0x98);
	expect(1, 102, 1, &item);
	assert_int_equal(frame_items_next(&items, &item), 0);
}

static void
a_bad_run_takes_the_numbers_that_it_says(void **state)
{
	struct fix fixes[3];
	struct mp_writer w = begin(4, 2);
	struct item item;
	size_t at;

	(void)state;
	for (int i = 0; i < 3; i++)
		fixes[i] = (struct fix){ .at = { NOW, 0 } };
	at = w.len;
	assert_int_equal(run_encode(fixes, 3, &w), 0);
	/* The last fix turns by 127 where 0 was: then by text. */
	assert_int_equal(buf[w.len - 1], 0);
	buf[w.len - 1] = 0xa0;
	assert_int_equal(run_encode(fixes, 1, &w), 0);
	walk(&w, STREAM_POS);
	expect(-1, 100, 3, &item);
	assert_ptr_equal(item.bytes, buf + at);
	assert_string_equal(items.error.field, "fixes.course");
	expect(1, 103, 1, &item);
	assert_int_equal(item.fixes[0].at.ms, NOW);
	assert_int_equal(frame_items_next(&items, &item), 0);
}

static void
numbers_that_do_not_add_up_spoil_the_frame(void **state)
{
	struct gap gap = { 5, { INSTANT_MISSING, 0 }, { NOW, 0 }, GAP_FULL };
	struct item item;
	struct mp_writer w;

	(void)state;
	w = begin(2, 1);
	stock_encode(&sold, &w);
	walk(&w, STREAM_STOCK);
	expect(1, 100, 1, &item);
	expect_wrong_frame("frame.count");
	w = begin(5, 2);
	stock_encode(&sold, &w);
	gap_encode(&gap, &w);
	walk(&w, STREAM_STOCK);
	expect(1, 100, 1, &item);
	expect_wrong_frame("frame.count");
}

static void
each_kind_has_its_streams(void **state)
{
	static const struct {
		uint8_t kind;
		bool in[STREAM_COUNT]; /* pos, sale, stock, help */
	} kinds[] = { { ITEM_FIXES, { true, false, false, false } },
		{ ITEM_GAP, { true, true, true, true } },
		{ ITEM_TIME, { true, true, true, true } },
		{ ITEM_SALE, { false, true, false, false } },
		{ ITEM_VOID, { false, true, false, false } },
		{ ITEM_STOCK, { false, false, true, false } },
		{ ITEM_HELP, { false, false, false, true } },
		{ 0, { false, false, false, false } },
		{ 8, { false, false, false, false } } };

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		for (int s = 0; s < STREAM_COUNT; s++) {
			struct mp_writer w = begin(1, 1);
			struct item item;

			/* No item is whole with its kind alone: where the
			 * kind is at home, something else is missing. */
			mp_write_array(&w, 1);
			mp_write_int(&w, kinds[i].kind);
			walk(&w, (enum stream)s);
			expect(-1, 100, 1, &item);
			if (kinds[i].in[s])
				assert_string_not_equal(
				    items.error.field, "item.kind");
			else
				assert_string_equal(
				    items.error.field, "item.kind");
		}
	}
}

static void
a_frame_cut_anywhere_is_refused(void **state)
{
	struct mp_writer w = begin(2, 2);

	(void)state;
	stock_encode(&sold, &w);
	stock_encode(&sold, &w);
	for (size_t len = 0; len < w.len; len++) {
		uint8_t *piece = malloc(len + (len == 0));
		struct frame f;

		memcpy(piece, buf, len);
		assert_int_equal(frame_decode(piece, len, &f, &error), -1);
		assert_int_equal(errno, EBADMSG);
		free(piece);
	}
}

static void
a_frame_has_a_largest_size(void **state)
{
	static uint8_t large[FRAME_BYTES_MAX + 1];
	struct mp_writer w;
	struct frame f;

	(void)state;
	mp_writer_init(&w, large, sizeof(large));
	frame_encode_head(&(struct frame_head){ 1, 7, 0, 1, 1 }, &w);
	mp_write_bin(&w, buf, sizeof(large) - w.len - 3);
	assert_int_equal(w.len, sizeof(large));
	assert_int_equal(frame_decode(large, w.len, &f, &error), -1);
	assert_string_equal(error.field, "frame");
	mp_writer_init(&w, large, sizeof(large));
	frame_encode_head(&(struct frame_head){ 1, 7, 0, 1, 1 }, &w);
	mp_write_bin(&w, buf, sizeof(large) - w.len - 4);
	assert_int_equal(frame_decode(large, w.len, &f, &error), 0);
}

static void
a_full_frame_of_fixes_is_read(void **state)
{
	static struct fix fixes[RUN_FIXES_MAX];
	struct mp_writer w = begin(RUN_FIXES_MAX, 1);
	struct item item;

	(void)state;
	for (int i = 0; i < RUN_FIXES_MAX; i++)
		fixes[i] = (struct fix){ .at = { NOW + 1000 * i, 0 },
			.lat_e6 = 18 * i,
			.course_deg = (uint16_t)(i % 360) };
	assert_int_equal(run_encode(fixes, RUN_FIXES_MAX, &w), 0);
	walk(&w, STREAM_POS);
	expect(1, 100, RUN_FIXES_MAX, &item);
	assert_int_equal(item.fixes[4095].lat_e6, 18 * 4095);
	assert_int_equal(frame_items_next(&items, &item), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_get_their_numbers_by_their_place),
		cmocka_unit_test(an_item_s_bytes_are_what_was_encoded),
		cmocka_unit_test(a_bad_item_is_passed_and_the_good_ones_go_on),
		cmocka_unit_test(a_bad_run_takes_the_numbers_that_it_says),
		cmocka_unit_test(numbers_that_do_not_add_up_spoil_the_frame),
		cmocka_unit_test(each_kind_has_its_streams),
		cmocka_unit_test(a_frame_cut_anywhere_is_refused),
		cmocka_unit_test(a_frame_has_a_largest_size),
		cmocka_unit_test(a_full_frame_of_fixes_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
