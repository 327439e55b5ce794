/*
 * The outbox: what it keeps, what it lets go, what it sends again.
 */
#include "tests/unit/outbox_fixture.h"

static void
a_sale_is_there_after_the_process_has_died(void **state)
{
	struct fixture *f = *state, copy = *f;
	struct item item;
	struct frame frame;
	uint64_t seq;

	assert_int_equal(add_sale(f->ob, NOON, &seq), 0);
	/* The files as they lie there, without a close. */
	shell(f, "mkdir $D/died && cp $D/outbox.db* $D/died");
	snprintf(copy.path, sizeof(copy.path), "%s/died/outbox.db", f->dir);
	copy.settings.path = copy.path;
	fixture_open(&copy);
	assert_false(copy.damaged);
	assert_int_equal(outbox_depth(copy.ob, STREAM_SALE), 1);
	assert_true(cut_next(&copy, STREAM_SALE, &frame));
	assert_int_equal(frame.epoch, outbox_epoch(f->ob));
	assert_true(next_item(&copy, &item));
	assert_int_equal(item.kind, ITEM_SALE);
	assert_int_equal(item.sale.lines[0].amount, 4500);
	assert_false(next_item(&copy, &item));
	outbox_close(copy.ob);
}

static void
each_opening_begins_an_epoch_and_old_ones_are_sent_first(void **state)
{
	struct fixture *f = *state;
	struct outbox_range range;
	uint64_t epochs[3], seq;

	for (int i = 0; i < 3; i++) {
		epochs[i] = outbox_epoch(f->ob);
		assert_true(epochs[i] > 0 && epochs[i] <= EPOCH_MAX);
		assert_int_equal(add_sale(f->ob, NOON, &seq), 0);
		assert_int_equal(seq, 0);
		fixture_reopen(f);
	}
	for (int i = 0; i < 3; i++) {
		assert_int_equal(outbox_next(f->ob, STREAM_SALE, &range), 1);
		assert_int_equal(range.epoch, epochs[i]);
		assert_int_equal(range.first_seq, 0);
		assert_int_equal(range.end_seq, 1);
		outbox_acknowledge(f->ob, STREAM_SALE, epochs[i], 1);
	}
	assert_int_equal(outbox_next(f->ob, STREAM_SALE, &range), 0);
	assert_int_equal(
	    outbox_range_of(f->ob, STREAM_SALE, epochs[0], &range), 0);
}

static void
a_frame_never_crosses_an_epoch(void **state)
{
	struct fixture *f = *state;
	uint64_t first = outbox_epoch(f->ob);
	struct frame frame;

	add_walk(f->ob, 0, 3);
	assert_int_equal(outbox_begin_epoch(f->ob), 0);
	assert_int_not_equal(outbox_epoch(f->ob), first);
	add_walk(f->ob, 3, 2);
	assert_true(cut_next(f, STREAM_POS, &frame));
	assert_int_equal(frame.epoch, first);
	assert_int_equal(frame.count, 3);
	outbox_acknowledge(f->ob, STREAM_POS, first, 3);
	assert_true(cut_next(f, STREAM_POS, &frame));
	assert_int_equal(frame.epoch, outbox_epoch(f->ob));
	assert_int_equal(frame.first_seq, 0);
	assert_int_equal(frame.count, 2);
}

static void
no_number_is_given_twice_though_all_was_acknowledged(void **state)
{
	struct fixture *f = *state;
	struct fix fix = walking(9);
	uint64_t seq;

	add_walk(f->ob, 0, 5);
	outbox_acknowledge(f->ob, STREAM_POS, outbox_epoch(f->ob), 5);
	assert_int_equal(outbox_depth(f->ob, STREAM_POS), 0);
	assert_int_equal(add_fix(f->ob, &fix, &seq), 0);
	assert_int_equal(seq, 5);
}

static void
a_sale_that_is_rolled_back_undoes_no_fix(void **state)
{
	struct fixture *f = *state;
	uint8_t item[ITEM_BYTES_MAX];
	uint64_t seq;
	size_t len;

	add_walk(f->ob, 0, 3);
	assert_int_equal(outbox_begin(f->ob), 0);
	len = sale_item(NOON, 1000, item);
	assert_int_equal(
	    outbox_append(f->ob, STREAM_SALE, at_ms(NOON), item, len, &seq), 0);
	assert_int_equal(outbox_put(f->ob, "level", "17", 2), 0);
	outbox_rollback(f->ob);
	assert_int_equal(outbox_depth(f->ob, STREAM_SALE), 0);
	assert_int_equal(outbox_depth(f->ob, STREAM_POS), 3);
	assert_int_equal(outbox_get(f->ob, "level", item, sizeof(item)), -1);
	assert_int_equal(errno, ENOENT);
	/* Its number was never seen outside, and is given again. */
	assert_int_equal(add_sale(f->ob, NOON, &seq), 0);
	assert_int_equal(seq, 0);
	fixture_reopen(f);
	assert_int_equal(outbox_depth(f->ob, STREAM_POS), 3);
	assert_int_equal(outbox_depth(f->ob, STREAM_SALE), 1);
}

static void
fixes_of_one_boot_travel_as_one_run_of_few_bytes(void **state)
{
	struct fixture *f = *state;
	struct item item;
	struct frame frame;

	add_walk(f->ob, 0, 60);
	assert_true(cut_next(f, STREAM_POS, &frame));
	assert_int_equal(frame.item_count, 1);
	assert_int_equal(frame.count, 60);
	assert_true(frame.payload_len <= 60 * 8);
	assert_true(next_item(f, &item));
	assert_int_equal(item.kind, ITEM_FIXES);
	for (uint64_t i = 0; i < 60; i++) {
		struct fix fix = walking(i);

		assert_int_equal(item.fixes[i].at.ms, fix.at.ms);
		assert_int_equal(item.fixes[i].lat_e6, fix.lat_e6);
		assert_int_equal(item.fixes[i].accuracy_m, fix.accuracy_m);
	}
	assert_false(next_item(f, &item));
}

static void
a_run_ends_where_the_clock_became_trusted(void **state)
{
	struct fixture *f = *state;
	struct time_marker marker = { 99, NOON - 5000 };
	struct fix early = walking(0), later = walking(1);
	uint8_t bytes[64];
	struct mp_writer w;
	struct item item;
	struct frame frame;
	uint64_t seq;

	early.at = (struct instant){ 5000, 99 };
	assert_int_equal(add_fix(f->ob, &early, &seq), 0);
	mp_writer_init(&w, bytes, sizeof(bytes));
	time_marker_encode(&marker, &w);
	assert_int_equal(outbox_begin(f->ob), 0);
	assert_int_equal(
	    outbox_append(f->ob, STREAM_POS, later.at, bytes, w.len, &seq), 0);
	assert_int_equal(outbox_commit(f->ob, OUTBOX_GROUP), 0);
	assert_int_equal(add_fix(f->ob, &later, &seq), 0);
	assert_int_equal(seq, 2);

	assert_true(cut_next(f, STREAM_POS, &frame));
	assert_int_equal(frame.count, 3);
	assert_true(next_item(f, &item));
	assert_int_equal(item.fixes[0].at.boot, 99);
	assert_true(next_item(f, &item));
	assert_int_equal(item.kind, ITEM_TIME);
	assert_int_equal(item.time.offset_ms, NOON - 5000);
	assert_true(next_item(f, &item));
	assert_int_equal(item.fixes[0].at.boot, 0);
	assert_false(next_item(f, &item));
}

static void
a_run_ends_where_time_goes_back(void **state)
{
	struct fixture *f = *state;
	struct fix one = walking(5), two = walking(4);
	struct frame frame;
	uint64_t seq;

	add_fix(f->ob, &one, &seq);
	add_fix(f->ob, &two, &seq);
	assert_true(cut_next(f, STREAM_POS, &frame));
	assert_int_equal(frame.count, 2);
	assert_int_equal(frame.item_count, 2);
}

static void
frames_of_wild_fixes_are_filled_and_never_overflow(void **state)
{
	struct fixture *f = *state;
	struct frame frame;
	struct item item;
	uint64_t seq, acked = 0;

	for (int i = 0; i < 6000; i++) {
		struct fix fix = walking((uint64_t)i);

		fix.lat_e6 = i % 2 == 0 ? 90000000 : -90000000;
		fix.lon_e6 = i % 2 == 0 ? -180000000 : 180000000;
		fix.speed_dm_s = i % 2 == 0 ? 5000 : 0;
		fix.course_deg = (uint16_t)(i * 77 % 360);
		fix.accuracy_m = (uint16_t)(i % 9000);
		fix.at.ms += i * 100 * MINUTE + i % 7;
		assert_int_equal(add_fix(f->ob, &fix, &seq), 0);
	}
	while (cut_next(f, STREAM_POS, &frame)) {
		if (acked + frame.count < 6000)
			assert_true(frame.payload_len > 65000);
		while (next_item(f, &item))
			;
		acked += frame.count;
		outbox_acknowledge(f->ob, STREAM_POS, frame.epoch, acked);
	}
	assert_int_equal(acked, 6000);
}

static void
a_frame_holds_no_more_numbers_than_asked_for(void **state)
{
	struct fixture *f = *state;
	struct outbox_range range;
	struct decode_error error;
	struct frame frame;
	uint64_t next;
	size_t len;

	add_walk(f->ob, 0, 10);
	assert_int_equal(outbox_next(f->ob, STREAM_POS, &range), 1);
	assert_int_equal(outbox_cut(f->ob, STREAM_POS, &range, 1, 4, f->frame,
			     sizeof(f->frame), &len, &next),
	    0);
	assert_int_equal(next, 4);
	assert_int_equal(frame_decode(f->frame, len, &frame, &error), 0);
	assert_int_equal(frame.count, 4);
	range.first_seq = 8;
	assert_int_equal(outbox_cut(f->ob, STREAM_POS, &range, 1, 4, f->frame,
			     sizeof(f->frame), &len, &next),
	    0);
	assert_int_equal(next, 10);
}

static void
sales_stay_after_their_ack_and_fixes_do_not(void **state)
{
	struct fixture *f = *state;
	uint64_t epoch = outbox_epoch(f->ob), seq;
	uint8_t item[ITEM_BYTES_MAX];
	size_t len;

	assert_int_equal(add_sale(f->ob, NOON, &seq), 0);
	add_walk(f->ob, 0, 2);
	outbox_acknowledge(f->ob, STREAM_SALE, epoch, 1);
	outbox_acknowledge(f->ob, STREAM_STOCK, epoch, 1);
	outbox_acknowledge(f->ob, STREAM_POS, epoch, 1);
	assert_int_equal(outbox_depth(f->ob, STREAM_COUNT), 1);
	assert_int_equal(outbox_oldest_ms(f->ob), NOON + MINUTE);
	assert_int_equal(outbox_event(f->ob, STREAM_SALE, epoch, 0, item,
			     sizeof(item), &len),
	    1);
	assert_int_equal(
	    outbox_event(f->ob, STREAM_POS, epoch, 0, item, sizeof(item), &len),
	    0);
}

static void
an_ack_beyond_the_last_number_lets_go_of_no_more_than_there_is(void **state)
{
	struct fixture *f = *state;
	struct fix fix = walking(7);
	struct outbox_range range;
	uint64_t seq;

	add_walk(f->ob, 0, 2);
	outbox_acknowledge(f->ob, STREAM_POS, outbox_epoch(f->ob), 100);
	add_fix(f->ob, &fix, &seq);
	assert_int_equal(outbox_next(f->ob, STREAM_POS, &range), 1);
	assert_int_equal(range.first_seq, 2);
	assert_int_equal(range.end_seq, 3);
	/* Of an epoch that nobody knows. */
	assert_int_equal(outbox_acknowledge(f->ob, STREAM_POS, 12345, 9), 0);
	assert_int_equal(outbox_depth(f->ob, STREAM_POS), 1);
}

static void
acknowledged_sales_go_with_age_and_their_requests_with_them(void **state)
{
	struct fixture *f = *state;
	uint64_t epoch = outbox_epoch(f->ob), seq, digest;
	uint8_t item[ITEM_BYTES_MAX];
	struct folio folio;
	size_t len;

	len = sale_item(NOON, 100, item);
	assert_int_equal(outbox_begin(f->ob), 0);
	outbox_append(f->ob, STREAM_SALE, at_ms(NOON), item, len, &seq);
	assert_int_equal(
	    outbox_request_store(f->ob, "r1", 2, epoch, seq, 42), 0);
	assert_int_equal(outbox_commit(f->ob, OUTBOX_SYNC), 0);
	outbox_acknowledge(f->ob, STREAM_SALE, epoch, 1);
	assert_int_equal(
	    outbox_request_find(f->ob, "r1", 2, &folio, &digest), 1);
	assert_int_equal(folio.epoch, epoch);
	assert_int_equal(folio.seq, 0);
	assert_int_equal(digest, 42);
	assert_int_equal(
	    outbox_request_find(f->ob, "r2", 2, &folio, &digest), 0);

	add_sale(f->ob, NOON + 31 * DAY, &seq);
	assert_int_equal(outbox_event(f->ob, STREAM_SALE, epoch, 0, item,
			     sizeof(item), &len),
	    1);
	outbox_acknowledge(f->ob, STREAM_SALE, epoch, 2);
	assert_int_equal(outbox_event(f->ob, STREAM_SALE, epoch, 0, item,
			     sizeof(item), &len),
	    0);
	assert_int_equal(outbox_event(f->ob, STREAM_SALE, epoch, 1, item,
			     sizeof(item), &len),
	    1);
	assert_int_equal(
	    outbox_request_find(f->ob, "r1", 2, &folio, &digest), 0);
}

static void
the_first_ledger_heard_is_only_stored(void **state)
{
	struct fixture *f = *state;
	uint64_t seq;

	add_sale(f->ob, NOON, &seq);
	outbox_acknowledge(f->ob, STREAM_SALE, outbox_epoch(f->ob), 1);
	assert_int_equal(outbox_ledger(f->ob), 0);
	assert_int_equal(outbox_raise(f->ob, 60000, NOON - DAY), 0);
	assert_int_equal(outbox_ledger(f->ob), 60000);
	assert_int_equal(outbox_depth(f->ob, STREAM_SALE), 0);
	fixture_reopen(f);
	assert_int_equal(outbox_ledger(f->ob), 60000);
}

static void
a_raised_ledger_sends_whole_epochs_again_with_what_went_as_gaps(void **state)
{
	struct fixture *f = *state;
	uint64_t epoch = outbox_epoch(f->ob), seq;
	struct frame frame;
	struct item item;

	outbox_raise(f->ob, 1, -1);
	add_sale(f->ob, NOON, &seq);
	add_sale(f->ob, NOON + DAY, &seq);
	add_walk(f->ob, 0, 10);
	outbox_acknowledge(f->ob, STREAM_SALE, epoch, 2);
	outbox_acknowledge(f->ob, STREAM_STOCK, epoch, 2);
	outbox_acknowledge(f->ob, STREAM_POS, epoch, 8);
	/* An old one comes to nothing, and so does the same again. */
	assert_int_equal(outbox_raise(f->ob, 1, NOON), 0);
	assert_int_equal(outbox_depth(f->ob, STREAM_SALE), 0);
	assert_int_equal(outbox_raise(f->ob, 2, NOON + DAY), 0);
	assert_int_equal(outbox_depth(f->ob, STREAM_SALE), 2);
	assert_int_equal(outbox_depth(f->ob, STREAM_STOCK), 2);
	assert_int_equal(outbox_depth(f->ob, STREAM_POS), 2);

	assert_true(cut_next(f, STREAM_SALE, &frame));
	assert_int_equal(frame.first_seq, 0);
	assert_int_equal(frame.count, 2);
	assert_true(cut_next(f, STREAM_POS, &frame));
	assert_int_equal(frame.first_seq, 0);
	assert_int_equal(frame.count, 10);
	assert_true(next_item(f, &item));
	assert_int_equal(item.kind, ITEM_GAP);
	assert_int_equal(item.gap.count, 8);
	assert_int_equal(item.gap.reason, GAP_FORGOTTEN);
	assert_int_equal(item.gap.from.ms, NOON);
	assert_int_equal(item.gap.to.ms, NOON + 7 * MINUTE);
	assert_true(next_item(f, &item));
	assert_int_equal(item.kind, ITEM_FIXES);
	assert_int_equal(item.count, 2);
	assert_false(next_item(f, &item));
}

static void
a_raise_leaves_epochs_alone_that_ended_before_it(void **state)
{
	struct fixture *f = *state;
	uint64_t old = outbox_epoch(f->ob), seq;
	struct outbox_range range;

	outbox_raise(f->ob, 1, -1);
	add_sale(f->ob, NOON, &seq);
	outbox_acknowledge(f->ob, STREAM_SALE, old, 1);
	fixture_reopen(f);
	add_sale(f->ob, NOON + DAY, &seq);
	outbox_acknowledge(f->ob, STREAM_SALE, outbox_epoch(f->ob), 1);
	outbox_raise(f->ob, 2, NOON + 1);
	assert_int_equal(outbox_depth(f->ob, STREAM_SALE), 1);
	assert_int_equal(outbox_next(f->ob, STREAM_SALE, &range), 1);
	assert_int_equal(range.epoch, outbox_epoch(f->ob));
}

static void
a_raise_takes_epochs_whose_times_nobody_trusts(void **state)
{
	struct fixture *f = *state;
	uint8_t item[ITEM_BYTES_MAX];
	size_t len = sale_item(NOON, 10, item);
	struct instant at = { .ms = 1000, .boot = 99 };
	uint64_t seq;

	outbox_raise(f->ob, 1, -1);
	outbox_begin(f->ob);
	outbox_append(f->ob, STREAM_SALE, at, item, len, &seq);
	assert_int_equal(outbox_commit(f->ob, OUTBOX_SYNC), 0);
	outbox_acknowledge(f->ob, STREAM_SALE, outbox_epoch(f->ob), 1);
	outbox_raise(f->ob, 2, NOON);
	assert_int_equal(outbox_depth(f->ob, STREAM_SALE), 1);
}

static void
everything_acknowledged_and_gone_becomes_one_gap(void **state)
{
	struct fixture *f = *state;
	struct frame frame;
	struct item item;

	outbox_raise(f->ob, 1, -1);
	add_walk(f->ob, 0, 100);
	outbox_acknowledge(f->ob, STREAM_POS, outbox_epoch(f->ob), 100);
	outbox_raise(f->ob, 2, NOON);
	assert_true(cut_next(f, STREAM_POS, &frame));
	assert_int_equal(frame.count, 100);
	assert_int_equal(frame.item_count, 1);
	assert_true(next_item(f, &item));
	assert_int_equal(item.gap.reason, GAP_FORGOTTEN);
	assert_int_equal(item.gap.count, 100);
	outbox_acknowledge(f->ob, STREAM_POS, frame.epoch, 100);
	assert_false(cut_next(f, STREAM_POS, &frame));
}

static void
values_are_kept_with_the_event_they_belong_to(void **state)
{
	struct fixture *f = *state;
	char buf[8];

	assert_int_equal(outbox_put(f->ob, "day", "open", 4), -1);
	assert_int_equal(errno, EINVAL);
	outbox_begin(f->ob);
	assert_int_equal(outbox_put(f->ob, "day", "open", 4), 0);
	assert_int_equal(outbox_put(f->ob, "day", "closed", 6), 0);
	assert_int_equal(outbox_put(f->ob, "empty", "", 0), 0);
	assert_int_equal(outbox_commit(f->ob, OUTBOX_SYNC), 0);
	fixture_reopen(f);
	assert_int_equal(outbox_get(f->ob, "day", buf, sizeof(buf)), 6);
	assert_memory_equal(buf, "closed", 6);
	assert_int_equal(outbox_get(f->ob, "day", buf, 3), -1);
	assert_int_equal(errno, ERANGE);
	assert_int_equal(outbox_get(f->ob, "empty", buf, sizeof(buf)), 0);
	assert_int_equal(outbox_get(f->ob, "none", buf, sizeof(buf)), -1);
	assert_int_equal(errno, ENOENT);
}

static void
two_gateways_cannot_have_one_outbox(void **state)
{
	struct fixture *f = *state;
	bool damaged;

	assert_null(
	    outbox_open(&f->settings, &damaged, f->why, sizeof(f->why)));
	assert_int_equal(errno, EWOULDBLOCK);
	assert_non_null(strstr(f->why, "another gateway"));
}

static void
spoil(const char *path, long offset, size_t count)
{
	FILE *file = fopen(path, "r+b");

	assert_non_null(file);
	assert_int_equal(fseek(file, offset, SEEK_SET), 0);
	while (count-- > 0)
		fputc(0xa5, file);
	fclose(file);
}

static void
expect_set_aside(struct fixture *f)
{
	uint64_t seq;

	fixture_open(f);
	assert_true(f->damaged);
	shell(f, "test -e $D/outbox.db.damaged-*[0-9]");
	assert_int_equal(outbox_depth(f->ob, STREAM_COUNT), 0);
	assert_int_equal(add_sale(f->ob, NOON, &seq), 0);
	fixture_reopen(f);
	assert_false(f->damaged);
	assert_int_equal(outbox_depth(f->ob, STREAM_SALE), 1);
}

static void
a_file_whose_header_is_damaged_is_set_aside(void **state)
{
	struct fixture *f = *state;
	uint64_t seq;

	add_sale(f->ob, NOON, &seq);
	outbox_close(f->ob);
	spoil(f->path, 0, 4096);
	expect_set_aside(f);
}

static void
a_small_file_damaged_inside_is_set_aside(void **state)
{
	struct fixture *f = *state;

	add_walk(f->ob, 0, 1000);
	outbox_close(f->ob);
	spoil(f->path, 4096, 40 * 4096);
	expect_set_aside(f);
}

static void
from_a_file_set_aside_the_sales_can_still_be_read(void **state)
{
	struct fixture *f = *state, aside = *f;
	struct frame frame;
	struct item item;
	uint64_t seq;

	add_sale(f->ob, NOON, &seq);
	add_walk(f->ob, 0, 2000);
	outbox_close(f->ob);
	/* Fixes alone lie so far behind. */
	spoil(f->path, 20 * 4096, 8 * 4096);
	expect_set_aside(f);
	shell(f, "mv $D/outbox.db.damaged-*[0-9] $D/aside.db");
	snprintf(aside.path, sizeof(aside.path), "%s/aside.db", f->dir);
	aside.ob = outbox_open_reader(aside.path, aside.why, sizeof(aside.why));
	assert_non_null(aside.ob);
	assert_int_equal(outbox_depth(aside.ob, STREAM_SALE), 1);
	assert_true(cut_next(&aside, STREAM_SALE, &frame));
	assert_true(next_item(&aside, &item));
	assert_int_equal(item.kind, ITEM_SALE);
	outbox_close(aside.ob);
}

static void
a_file_of_something_else_is_refused_and_left_alone(void **state)
{
	struct fixture *f = *state;
	struct outbox_settings other = f->settings;
	char path[160];
	bool damaged;

	snprintf(path, sizeof(path), "%s/other.db", f->dir);
	shell(f,
	    "/usr/bin/python3 -c \"import sqlite3;"
	    "c = sqlite3.connect('$D/other.db');"
	    "c.execute('CREATE TABLE t(a)'); c.commit()\"");
	other.path = path;
	assert_null(outbox_open(&other, &damaged, f->why, sizeof(f->why)));
	assert_int_equal(errno, EMEDIUMTYPE);
	assert_false(damaged);
	assert_int_equal(access(path, F_OK), 0);
}

static void
a_folder_that_is_not_there_is_said_in_words(void **state)
{
	struct fixture *f = *state;
	struct outbox_settings other = f->settings;
	bool damaged;

	other.path = "/nowhere/outbox.db";
	assert_null(outbox_open(&other, &damaged, f->why, sizeof(f->why)));
	assert_int_equal(errno, ENOENT);
	assert_non_null(strstr(f->why, "/nowhere/outbox.db"));
}

/* A card in a reader: files that died with a WAL, nothing may be written. */
static void
a_dead_carts_file_is_read_from_a_medium_that_takes_no_writing(void **state)
{
	struct fixture *f = *state, dead = *f;
	struct frame frame;
	uint64_t seq;

	add_walk(f->ob, 0, 3);
	assert_int_equal(add_sale(f->ob, NOON, &seq), 0);
	shell(f,
	    "mkdir $D/card && cp $D/outbox.db $D/outbox.db-wal $D/card &&"
	    " chmod 400 $D/card/* && chmod 500 $D/card &&"
	    " ls $D/card > $D/before");
	snprintf(dead.path, sizeof(dead.path), "%s/card/outbox.db", f->dir);
	dead.ob = outbox_open_reader(dead.path, dead.why, sizeof(dead.why));
	assert_non_null(dead.ob);
	assert_int_equal(outbox_depth(dead.ob, STREAM_SALE), 1);
	assert_int_equal(outbox_depth(dead.ob, STREAM_POS), 3);
	assert_true(cut_next(&dead, STREAM_SALE, &frame));
	assert_int_equal(outbox_begin(dead.ob), -1);
	assert_int_equal(errno, EROFS);
	/* Acks and raises are the copy's own, so that it can be walked. */
	outbox_acknowledge(dead.ob, STREAM_SALE, frame.epoch, 1);
	assert_false(cut_next(&dead, STREAM_SALE, &frame));
	outbox_close(dead.ob);
	shell(f, "ls $D/card | cmp - $D/before && chmod 700 $D/card");
}

static void
a_running_gateways_file_can_be_read(void **state)
{
	struct fixture *f = *state;
	struct outbox *reader;
	uint64_t seq;

	assert_int_equal(add_sale(f->ob, NOON, &seq), 0);
	reader = outbox_open_reader(f->path, f->why, sizeof(f->why));
	assert_non_null(reader);
	assert_int_equal(outbox_depth(reader, STREAM_SALE), 1);
	outbox_close(reader);
	assert_int_equal(add_sale(f->ob, NOON, &seq), 0);
	assert_null(outbox_open_reader("/nowhere/x", f->why, 256));
	assert_int_equal(errno, ENOENT);
}

static void
what_belongs_between_begin_and_commit_is_refused_outside(void **state)
{
	struct fixture *f = *state;
	uint8_t item[ITEM_BYTES_MAX + 1] = { 0x91, ITEM_FIXES };
	uint64_t seq;

	assert_int_equal(
	    outbox_append(f->ob, STREAM_POS, at_ms(NOON), item, 2, &seq), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(outbox_commit(f->ob, OUTBOX_SYNC), -1);
	assert_int_equal(outbox_begin(f->ob), 0);
	assert_int_equal(outbox_begin(f->ob), -1);
	assert_int_equal(errno, EBUSY);
	assert_int_equal(outbox_flush(f->ob), -1);
	assert_int_equal(outbox_append(f->ob, STREAM_SALE, at_ms(NOON), item,
			     sizeof(item), &seq),
	    -1);
	assert_int_equal(errno, EMSGSIZE);
	outbox_rollback(f->ob);
}

static void
a_file_is_one_carts_and_no_others(void **state)
{
	struct fixture *f = *state;
	char owner[CART_MAX + 1];

	assert_int_equal(outbox_claim(f->ob, "AAAA11", owner), 0);
	fixture_reopen(f);
	assert_int_equal(outbox_claim(f->ob, "BBBB22", owner), -1);
	assert_int_equal(errno, EPERM);
	assert_string_equal(owner, "AAAA11");
	assert_int_equal(outbox_claim(f->ob, "AAAA11", owner), 0);
}

#define WITH_OUTBOX(test)                                                      \
	cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_OUTBOX(a_sale_is_there_after_the_process_has_died),
		WITH_OUTBOX(
		    each_opening_begins_an_epoch_and_old_ones_are_sent_first),
		WITH_OUTBOX(a_frame_never_crosses_an_epoch),
		WITH_OUTBOX(
		    no_number_is_given_twice_though_all_was_acknowledged),
		WITH_OUTBOX(a_sale_that_is_rolled_back_undoes_no_fix),
		WITH_OUTBOX(fixes_of_one_boot_travel_as_one_run_of_few_bytes),
		WITH_OUTBOX(a_run_ends_where_the_clock_became_trusted),
		WITH_OUTBOX(a_run_ends_where_time_goes_back),
		WITH_OUTBOX(frames_of_wild_fixes_are_filled_and_never_overflow),
		WITH_OUTBOX(a_frame_holds_no_more_numbers_than_asked_for),
		WITH_OUTBOX(sales_stay_after_their_ack_and_fixes_do_not),
		WITH_OUTBOX(
		    an_ack_beyond_the_last_number_lets_go_of_no_more_than_there_is),
		WITH_OUTBOX(
		    acknowledged_sales_go_with_age_and_their_requests_with_them),
		WITH_OUTBOX(the_first_ledger_heard_is_only_stored),
		WITH_OUTBOX(
		    a_raised_ledger_sends_whole_epochs_again_with_what_went_as_gaps),
		WITH_OUTBOX(a_raise_leaves_epochs_alone_that_ended_before_it),
		WITH_OUTBOX(a_raise_takes_epochs_whose_times_nobody_trusts),
		WITH_OUTBOX(everything_acknowledged_and_gone_becomes_one_gap),
		WITH_OUTBOX(values_are_kept_with_the_event_they_belong_to),
		WITH_OUTBOX(a_file_is_one_carts_and_no_others),
		WITH_OUTBOX(two_gateways_cannot_have_one_outbox),
		WITH_OUTBOX(a_file_whose_header_is_damaged_is_set_aside),
		WITH_OUTBOX(a_small_file_damaged_inside_is_set_aside),
		WITH_OUTBOX(from_a_file_set_aside_the_sales_can_still_be_read),
		WITH_OUTBOX(a_file_of_something_else_is_refused_and_left_alone),
		WITH_OUTBOX(a_folder_that_is_not_there_is_said_in_words),
		WITH_OUTBOX(
		    a_dead_carts_file_is_read_from_a_medium_that_takes_no_writing),
		WITH_OUTBOX(a_running_gateways_file_can_be_read),
		WITH_OUTBOX(
		    what_belongs_between_begin_and_commit_is_refused_outside),
	};

	return cmocka_run_group_tests_name("outbox", tests, NULL, NULL);
}
