/*
 * A full outbox: what gives way, in which order, and what it leaves behind.
 */
#include "tests/unit/outbox_fixture.h"

#include <sys/stat.h>
#include <time.h>

#define SMALL (256 * 1024)

static int
small_setup(void **state)
{
	struct fixture *f;

	if (fixture_setup(state) == -1)
		return -1;
	f = *state;
	f->settings.max_bytes = SMALL;
	fixture_reopen(f);
	return 0;
}

static long
file_bytes(const struct fixture *f, const char *end)
{
	char path[160];
	struct stat st;

	snprintf(path, sizeof(path), "%s%s", f->path, end);
	return stat(path, &st) == 0 ? (long)st.st_size : 0;
}

/* What a stream has to say, as the guild would see it. */
struct told {
	uint64_t numbers; /* from 0 on, none left out */
	uint64_t fixes;
	uint64_t gap_items;
	uint64_t gap_numbers;
	uint64_t sales;
};

/* Takes all of a stream's first epoch; each fix must be the one that
 * walking() gave under its number, each gap must hold its times. */
static void
drain(struct fixture *f, enum stream stream, struct told *told)
{
	uint64_t epoch = 0;
	struct frame frame;
	struct item item;

	memset(told, 0, sizeof(*told));
	while (cut_next(f, stream, &frame)) {
		if (epoch == 0)
			epoch = frame.epoch;
		if (frame.epoch != epoch)
			break;
		assert_int_equal(frame.first_seq, told->numbers);
		while (next_item(f, &item)) {
			assert_int_equal(item.seq, told->numbers);
			told->numbers += item.count;
			if (item.kind == ITEM_SALE)
				told->sales++;
			if (item.kind == ITEM_GAP) {
				assert_int_equal(item.gap.reason, GAP_FULL);
				assert_int_equal(
				    item.gap.from.ms, walking(item.seq).at.ms);
				assert_int_equal(item.gap.to.ms,
				    walking(item.seq + item.count - 1).at.ms);
				told->gap_items++;
				told->gap_numbers += item.count;
			}
			for (uint64_t i = 0;
			     item.kind == ITEM_FIXES && i < item.count; i++) {
				assert_int_equal(item.fixes[i].lat_e6,
				    walking(item.seq + i).lat_e6);
				told->fixes++;
			}
		}
		outbox_acknowledge(f->ob, stream, epoch, told->numbers);
	}
}

static void
a_full_outbox_thins_the_older_fixes_and_says_where(void **state)
{
	struct fixture *f = *state;
	uint64_t kept, newest = 0;
	struct frame frame;
	struct item item;
	struct told told;

	add_walk(f->ob, 0, 20000);
	assert_int_equal(outbox_flush(f->ob), 0);
	kept = outbox_depth(f->ob, STREAM_POS);
	assert_true(kept > 1000 && kept < 20000);
	assert_true(file_bytes(f, "") <= SMALL);

	/* All numbers are told, the newest fixes whole. */
	assert_true(cut_next(f, STREAM_POS, &frame));
	while (next_item(f, &item))
		if (item.kind == ITEM_FIXES)
			newest = item.seq + item.count;
	assert_true(newest > 0);
	drain(f, STREAM_POS, &told);
	assert_int_equal(told.numbers, 20000);
	assert_int_equal(told.fixes, kept);
	assert_int_equal(told.fixes + told.gap_numbers, 20000);
	assert_int_equal(outbox_depth(f->ob, STREAM_POS), 0);
}

static void
after_thinning_the_track_still_reaches_back_to_its_start(void **state)
{
	struct fixture *f = *state;
	uint64_t oldest_quarter = 0, newest_quarter = 0;
	struct outbox_range range;
	struct frame frame;
	struct item item;

	add_walk(f->ob, 0, 12000);
	while (cut_next(f, STREAM_POS, &frame)) {
		while (next_item(f, &item)) {
			if (item.kind != ITEM_FIXES)
				continue;
			if (item.seq < 3000)
				oldest_quarter += item.count;
			if (item.seq >= 9000)
				newest_quarter += item.count;
		}
		outbox_next(f->ob, STREAM_POS, &range);
		outbox_acknowledge(f->ob, STREAM_POS, frame.epoch,
		    frame.first_seq + frame.count);
	}
	assert_true(oldest_quarter > 1);
	assert_true(newest_quarter > 2 * oldest_quarter);
}

/* Sales until none fits any more; how many. */
static uint64_t
sell_until_full(struct fixture *f)
{
	uint64_t seq, sold = 0;
	char key[24];
	int kept = 0, i = 0;

	while (add_sale(f->ob, NOON, &seq) == 0) {
		assert_int_equal(seq, sold);
		sold++;
		assert_true(sold < 100000);
	}
	assert_int_equal(errno, ENOSPC);
	/* A sale needs a little more than a fix: take that room too. */
	while (kept == 0) {
		snprintf(key, sizeof(key), "filler%d", i++);
		assert_int_equal(outbox_begin(f->ob), 0);
		kept = outbox_put(f->ob, key, key, sizeof(key));
		if (kept == 0)
			assert_int_equal(outbox_commit(f->ob, OUTBOX_SYNC), 0);
		else
			outbox_rollback(f->ob);
	}
	return sold;
}

static void
fixes_give_way_to_sales_and_sales_to_nothing(void **state)
{
	struct fixture *f = *state;
	struct told told;
	uint64_t sold;

	add_walk(f->ob, 0, 3000);
	sold = sell_until_full(f);
	assert_true(sold > 500);
	assert_int_equal(outbox_depth(f->ob, STREAM_SALE), sold);
	assert_int_equal(outbox_depth(f->ob, STREAM_STOCK), sold);
	/* What a sale that failed did not need stays: a page's fixes. */
	assert_true(outbox_depth(f->ob, STREAM_POS) < 128);
	assert_true(file_bytes(f, "") <= SMALL);
	fixture_reopen(f);
	assert_int_equal(outbox_depth(f->ob, STREAM_SALE), sold);
	drain(f, STREAM_POS, &told);
	assert_int_equal(told.numbers, 3000);
	assert_int_equal(told.fixes + told.gap_numbers, 3000);
	drain(f, STREAM_SALE, &told);
	assert_int_equal(told.sales, sold);
}

static void
a_fix_that_finds_only_sales_takes_its_number_and_leaves_a_gap(void **state)
{
	struct fixture *f = *state;
	struct told told;

	sell_until_full(f);
	add_walk(f->ob, 0, 5000);
	assert_int_equal(outbox_depth(f->ob, STREAM_POS), 0);
	assert_true(file_bytes(f, "") <= SMALL);
	drain(f, STREAM_POS, &told);
	assert_int_equal(told.numbers, 5000);
	assert_int_equal(told.gap_items, 1);
}

static void
once_sales_are_acknowledged_they_give_way_and_selling_goes_on(void **state)
{
	struct fixture *f = *state;
	uint64_t sold = sell_until_full(f), seq, digest;
	uint64_t epoch = outbox_epoch(f->ob);
	struct folio folio;

	outbox_acknowledge(f->ob, STREAM_SALE, epoch, sold / 2);
	for (uint64_t i = 0; i < sold / 8; i++)
		assert_int_equal(add_sale(f->ob, NOON, &seq), 0);
	assert_int_equal(
	    outbox_depth(f->ob, STREAM_SALE), sold - sold / 2 + sold / 8);
	assert_int_equal(
	    outbox_request_find(f->ob, "x", 1, &folio, &digest), 0);
}

static void
what_was_acknowledged_goes_before_any_fix(void **state)
{
	struct fixture *f = *state;
	uint64_t seq, epoch = outbox_epoch(f->ob), depth;
	uint8_t item[ITEM_BYTES_MAX];
	size_t len;

	for (int i = 0; i < 400; i++)
		add_sale(f->ob, NOON, &seq);
	outbox_acknowledge(f->ob, STREAM_SALE, epoch, 400);
	outbox_acknowledge(f->ob, STREAM_STOCK, epoch, 400);
	depth = 0;
	/* Until the first acknowledged sale goes. */
	while (outbox_event(
		   f->ob, STREAM_SALE, epoch, 0, item, sizeof(item), &len) == 1)
		add_walk(f->ob, depth++, 1);
	assert_int_equal(outbox_depth(f->ob, STREAM_POS), depth);
	/* And until the last has gone, no fix does. */
	while (outbox_event(f->ob, STREAM_SALE, epoch, 399, item, sizeof(item),
		   &len) == 1)
		add_walk(f->ob, depth++, 1);
	assert_int_equal(outbox_depth(f->ob, STREAM_POS), depth);
}

static void
a_call_for_help_and_a_time_marker_are_never_given_up(void **state)
{
	struct fixture *f = *state;
	struct help help = { .at.ms = NOON, .note = { "agua", 4 } };
	struct time_marker marker = { 99, NOON };
	uint8_t bytes[256];
	struct mp_writer w;
	struct frame frame;
	struct item item;
	uint64_t seq, markers = 0;

	outbox_begin(f->ob);
	mp_writer_init(&w, bytes, sizeof(bytes));
	help_encode(&help, &w);
	assert_int_equal(
	    outbox_append(f->ob, STREAM_HELP, help.at, bytes, w.len, &seq), 0);
	mp_writer_init(&w, bytes, sizeof(bytes));
	time_marker_encode(&marker, &w);
	assert_int_equal(
	    outbox_append(f->ob, STREAM_POS, help.at, bytes, w.len, &seq), 0);
	assert_int_equal(outbox_commit(f->ob, OUTBOX_SYNC), 0);
	add_walk(f->ob, 1, 3000);
	sell_until_full(f);
	assert_int_equal(outbox_depth(f->ob, STREAM_HELP), 1);
	assert_true(outbox_depth(f->ob, STREAM_POS) < 128);
	assert_true(cut_next(f, STREAM_POS, &frame));
	while (next_item(f, &item))
		markers += item.kind == ITEM_TIME;
	assert_int_equal(markers, 1);
	assert_int_equal(frame.count, 3001);
}

static void
thinning_goes_through_many_short_epochs(void **state)
{
	struct fixture *f = *state;
	struct outbox_range range;
	struct frame frame;
	struct item item;
	uint64_t numbers = 0, kept = 0;

	for (uint64_t i = 0; i < 600; i++) {
		add_walk(f->ob, i * 10, 10);
		assert_int_equal(outbox_begin_epoch(f->ob), 0);
	}
	assert_true(file_bytes(f, "") <= SMALL);
	while (outbox_next(f->ob, STREAM_POS, &range) == 1) {
		assert_true(cut_next(f, STREAM_POS, &frame));
		assert_int_equal(frame.count, 10);
		while (next_item(f, &item))
			kept += item.kind == ITEM_FIXES ? item.count : 0;
		numbers += frame.count;
		outbox_acknowledge(f->ob, STREAM_POS, frame.epoch, 10);
	}
	assert_int_equal(numbers, 6000);
	assert_true(kept > 300 && kept < 6000);
}

static void
a_gap_that_was_acknowledged_and_grows_is_told_again_only_as_what_is_new(
    void **state)
{
	struct fixture *f = *state;
	struct frame frame;
	struct item item;
	uint64_t seq;

	sell_until_full(f);
	add_walk(f->ob, 0, 10);
	outbox_acknowledge(f->ob, STREAM_POS, outbox_epoch(f->ob), 10);
	add_walk(f->ob, 10, 5);
	assert_true(cut_next(f, STREAM_POS, &frame));
	assert_int_equal(frame.first_seq, 10);
	assert_true(next_item(f, &item));
	assert_int_equal(item.gap.count, 5);
	assert_int_equal(item.gap.from.ms, walking(10).at.ms);
	assert_int_equal(item.gap.to.ms, walking(14).at.ms);
	/* Room again: the next fix carries the gap before it. */
	outbox_acknowledge(f->ob, STREAM_SALE, outbox_epoch(f->ob), 400);
	add_walk(f->ob, 15, 1);
	assert_int_equal(outbox_depth(f->ob, STREAM_POS), 1);
	assert_true(cut_next(f, STREAM_POS, &frame));
	assert_int_equal(frame.count, 6);
	assert_true(next_item(f, &item));
	assert_int_equal(item.gap.count, 5);
	assert_true(next_item(f, &item));
	assert_int_equal(item.kind, ITEM_FIXES);
	assert_int_equal(add_sale(f->ob, NOON, &seq), 0);
}

static void
a_large_backlog_is_cut_fast(void **state)
{
	struct fixture *f = *state;
	clock_t begun;
	struct frame frame;

	f->settings.max_bytes = 64 * 1024 * 1024;
	fixture_reopen(f);
	add_walk(f->ob, 0, 100000);
	outbox_flush(f->ob);
	begun = clock();
	for (int i = 0; i < 20; i++)
		assert_true(cut_next(f, STREAM_POS, &frame));
	assert_int_equal(frame.count, RUN_FIXES_MAX);
	/* 4096 of 100,000: some 2 ms each where it was measured. */
	assert_true(clock() - begun < 20 * CLOCKS_PER_SEC / 20);
}

static void
the_wal_is_bounded_too(void **state)
{
	struct fixture *f = *state;

	for (uint64_t i = 0; i < 400; i++) {
		add_walk(f->ob, i * 50, 50);
		assert_int_equal(outbox_flush(f->ob), 0);
		assert_true(file_bytes(f, "-wal") < 2 * 1024 * 1024);
	}
}

#define WITH_SMALL(test)                                                       \
	cmocka_unit_test_setup_teardown(test, small_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SMALL(a_full_outbox_thins_the_older_fixes_and_says_where),
		WITH_SMALL(
		    after_thinning_the_track_still_reaches_back_to_its_start),
		WITH_SMALL(fixes_give_way_to_sales_and_sales_to_nothing),
		WITH_SMALL(
		    a_fix_that_finds_only_sales_takes_its_number_and_leaves_a_gap),
		WITH_SMALL(
		    once_sales_are_acknowledged_they_give_way_and_selling_goes_on),
		WITH_SMALL(what_was_acknowledged_goes_before_any_fix),
		WITH_SMALL(
		    a_call_for_help_and_a_time_marker_are_never_given_up),
		WITH_SMALL(thinning_goes_through_many_short_epochs),
		WITH_SMALL(
		    a_gap_that_was_acknowledged_and_grows_is_told_again_only_as_what_is_new),
		WITH_SMALL(a_large_backlog_is_cut_fast),
		WITH_SMALL(the_wal_is_bounded_too),
	};

	return cmocka_run_group_tests_name("outbox, full", tests, NULL, NULL);
}
