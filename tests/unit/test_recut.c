/*
 * Frames with items that cannot be read: what goes on, and what is said.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "broker-bridge/recut.h"

#define T0 INT64_C(1763700000000)

struct fixture {
	uint8_t bytes[FRAME_BYTES_MAX];
	struct mp_writer w;
	struct frame frame;
	struct recut recut;
	struct frame_items items;
	struct item item;
};

static int
set_up(void **state)
{
	*state = calloc(1, sizeof(struct fixture));
	return *state == NULL ? -1 : 0;
}

static int
tear_down(void **state)
{
	free(*state);
	return 0;
}

static void
begin(struct fixture *f, uint64_t first, uint64_t count, uint32_t items)
{
	struct frame_head head = { .ledger = 9,
		.epoch = 0x123456789a,
		.first_seq = first,
		.count = count,
		.item_count = items };

	mp_writer_init(&f->w, f->bytes, sizeof(f->bytes));
	frame_encode_head(&head, &f->w);
}

static void
put_stock(struct fixture *f, int32_t level)
{
	struct stock stock = { .at = { .ms = T0 },
		.product = 1,
		.delta = -1,
		.level = level,
		.reason = STOCK_SALE };

	stock_encode(&stock, &f->w);
}

/* A whole value that is no item of any kind. */
static void
put_bad(struct fixture *f)
{
	mp_write_array(&f->w, 2);
	mp_write_int(&f->w, 99);
	mp_write_cstr(&f->w, "what is this?");
}

static enum recut_verdict
cut(struct fixture *f)
{
	struct decode_error error;

	assert_false(f->w.full);
	assert_int_equal(
	    frame_decode(f->bytes, f->w.len, &f->frame, &error), 0);
	return recut_frame(&f->recut, &f->frame, STREAM_STOCK);
}

/* The frame that goes on, ready to be walked. */
static void
open_recut(struct fixture *f)
{
	struct frame original = f->frame;
	struct decode_error error;

	assert_int_equal(
	    frame_decode(f->recut.bytes, f->recut.len, &f->frame, &error), 0);
	assert_int_equal(f->frame.ledger, original.ledger);
	assert_int_equal(f->frame.epoch, original.epoch);
	assert_int_equal(f->frame.first_seq, original.first_seq);
	assert_int_equal(f->frame.count, original.count);
	frame_items_init(&f->items, &f->frame, STREAM_STOCK);
}

static void
expect_stock(struct fixture *f, uint64_t seq, int32_t level)
{
	assert_int_equal(frame_items_next(&f->items, &f->item), 1);
	assert_int_equal(f->item.kind, ITEM_STOCK);
	assert_int_equal(f->item.seq, seq);
	assert_int_equal(f->item.stock.level, level);
}

static void
expect_refused(struct fixture *f, uint64_t seq, uint64_t count)
{
	assert_int_equal(frame_items_next(&f->items, &f->item), 1);
	assert_int_equal(f->item.kind, ITEM_GAP);
	assert_int_equal(f->item.seq, seq);
	assert_int_equal(f->item.count, count);
	assert_int_equal(f->item.gap.reason, GAP_REFUSED);
	assert_int_equal(f->item.gap.from.ms, INSTANT_MISSING);
	assert_int_equal(f->item.gap.to.ms, INSTANT_MISSING);
}

static void
expect_end(struct fixture *f)
{
	assert_int_equal(frame_items_next(&f->items, &f->item), 0);
}

static void
a_good_frame_goes_on_as_it_came(void **state)
{
	struct fixture *f = *state;

	begin(f, 10, 2, 2);
	put_stock(f, 5);
	put_stock(f, 4);
	assert_int_equal(cut(f), RECUT_GOOD);
}

static void
a_bad_item_becomes_a_gap_and_the_others_keep_their_numbers(void **state)
{
	struct fixture *f = *state;

	begin(f, 10, 3, 3);
	put_stock(f, 5);
	put_bad(f);
	put_stock(f, 4);
	assert_int_equal(cut(f), RECUT_SOME);
	assert_int_equal(f->recut.refused, 1);
	assert_string_equal(f->recut.reason,
	    "item 2: item.kind: expected a kind of this stream");
	open_recut(f);
	expect_stock(f, 10, 5);
	expect_refused(f, 11, 1);
	expect_stock(f, 12, 4);
	expect_end(f);
}

static void
the_reason_names_the_first_bad_item_and_counts_the_others(void **state)
{
	struct fixture *f = *state;

	begin(f, 0, 4, 4);
	put_bad(f);
	put_stock(f, 1);
	mp_write_nil(&f->w);
	put_bad(f);
	assert_int_equal(cut(f), RECUT_SOME);
	assert_int_equal(f->recut.refused, 3);
	assert_string_equal(f->recut.reason,
	    "item 1: item.kind: expected a kind of this stream (and 2 more)");
	open_recut(f);
	expect_refused(f, 0, 1);
	expect_stock(f, 1, 1);
	expect_refused(f, 2, 1);
	expect_refused(f, 3, 1);
	expect_end(f);
}

/* A gap marker whose time is nonsense still says how many it takes. */
static void
a_bad_item_that_says_its_count_takes_as_many(void **state)
{
	struct gap gap = { .count = 7,
		.from = { .ms = INSTANT_MISSING },
		.to = { .ms = INSTANT_MISSING },
		.reason = (enum gap_reason)99 };
	struct fixture *f = *state;

	begin(f, 100, 8, 2);
	gap_encode(&gap, &f->w);
	put_stock(f, 3);
	assert_int_equal(cut(f), RECUT_SOME);
	open_recut(f);
	expect_refused(f, 100, 7);
	expect_stock(f, 107, 3);
	expect_end(f);
}

static void
a_frame_without_a_good_item_is_one_gap(void **state)
{
	struct fixture *f = *state;

	begin(f, 4, 2, 2);
	put_bad(f);
	put_bad(f);
	assert_int_equal(cut(f), RECUT_NONE);
	open_recut(f);
	expect_refused(f, 4, 2);
	expect_end(f);
}

static void
a_frame_that_does_not_add_up_is_one_gap_of_its_count(void **state)
{
	struct fixture *f = *state;

	begin(f, 4, 3, 2);
	put_stock(f, 2);
	put_stock(f, 1);
	assert_int_equal(cut(f), RECUT_NONE);
	assert_string_equal(f->recut.reason,
	    "frame.count: expected the sum of its items' numbers");
	open_recut(f);
	expect_refused(f, 4, 3);
	expect_end(f);
}

static void
more_numbers_than_a_gap_may_take_are_hopeless(void **state)
{
	struct fixture *f = *state;

	begin(f, 0, (uint64_t)GAP_COUNT_MAX + 1, 1);
	put_bad(f);
	assert_int_equal(cut(f), RECUT_HOPELESS);
}

/* A gap is longer than a nil: thousands of them outgrow a frame. */
static void
a_recut_that_would_outgrow_a_frame_is_one_gap(void **state)
{
	struct fixture *f = *state;
	char note[40];
	uint32_t n = 0;

	memset(note, 'x', sizeof(note));
	begin(f, 0, FRAME_ITEMS_MAX, FRAME_ITEMS_MAX);
	put_stock(f, 1);
	/* Long enough that what is left of the frame is nils alone. */
	for (n = 1; f->w.len + (FRAME_ITEMS_MAX - n) + 30 < sizeof(f->bytes);
	     n++) {
		struct stock stock = { .at = { .ms = T0 },
			.product = 1,
			.level = (int32_t)n,
			.reason = STOCK_RESTOCK,
			.order = { note, sizeof(note) } };

		if (n + 1 == FRAME_ITEMS_MAX)
			break;
		stock_encode(&stock, &f->w);
	}
	for (; n < FRAME_ITEMS_MAX; n++)
		mp_write_nil(&f->w);
	assert_int_equal(cut(f), RECUT_NONE);
	open_recut(f);
	expect_refused(f, 0, FRAME_ITEMS_MAX);
	expect_end(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_frame_goes_on_as_it_came),
		cmocka_unit_test(
		    a_bad_item_becomes_a_gap_and_the_others_keep_their_numbers),
		cmocka_unit_test(
		    the_reason_names_the_first_bad_item_and_counts_the_others),
		cmocka_unit_test(a_bad_item_that_says_its_count_takes_as_many),
		cmocka_unit_test(a_frame_without_a_good_item_is_one_gap),
		cmocka_unit_test(
		    a_frame_that_does_not_add_up_is_one_gap_of_its_count),
		cmocka_unit_test(more_numbers_than_a_gap_may_take_are_hopeless),
		cmocka_unit_test(a_recut_that_would_outgrow_a_frame_is_one_gap),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
