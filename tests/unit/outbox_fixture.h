/*
 * outbox_fixture: a new outbox in a folder of its own, and events for it.
 * Only for the outbox's tests; all in this header, for each test is a program
 * of one file.
 */
#ifndef PREGON_TESTS_OUTBOX_FIXTURE_H
#define PREGON_TESTS_OUTBOX_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/outbox.h"

#define NOON INT64_C(1795000000000) /* ms, some day of 2026 */
#define MINUTE INT64_C(60000)
#define DAY INT64_C(86400000)

struct fixture {
	char dir[64];
	char path[128];
	struct outbox_settings settings;
	struct outbox *ob;
	bool damaged;
	char why[256];
	uint8_t frame[FRAME_BYTES_MAX];
	struct frame_items items;
};

static inline void
fixture_open(struct fixture *f)
{
	f->ob = outbox_open(&f->settings, &f->damaged, f->why, sizeof(f->why));
	if (f->ob == NULL)
		fail_msg("outbox_open: %s", f->why);
}

static inline void
fixture_reopen(struct fixture *f)
{
	outbox_close(f->ob);
	fixture_open(f);
}

/* A line of shell; the fixture's folder is $D. */
static inline void
shell(const struct fixture *f, const char *line)
{
	assert_int_equal(setenv("D", f->dir, 1), 0);
	assert_int_equal(system(line), 0);
}

static inline int
fixture_setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	snprintf(f->dir, sizeof(f->dir), "/tmp/test-outbox-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/outbox.db", f->dir);
	f->settings = (struct outbox_settings){ f->path, 64 * 1024 * 1024, 30 };
	fixture_open(f);
	*state = f;
	return 0;
}

static inline int
fixture_teardown(void **state)
{
	struct fixture *f = *state;

	outbox_close(f->ob);
	shell(f, "rm -rf \"${D:?}\"");
	free(f);
	return 0;
}

static inline struct instant
at_ms(int64_t ms)
{
	return (struct instant){ .ms = ms };
}

/* A cart that walks north at a fix a minute: the i-th. */
static inline struct fix
walking(uint64_t i)
{
	return (struct fix){
		.at.ms = NOON + (int64_t)i * MINUTE,
		.lat_e6 = -33440000 + (int32_t)(i % 1000000) * 7,
		.lon_e6 = -70650000,
		.speed_dm_s = 13,
		.course_deg = 0,
		.accuracy_m = 8,
	};
}

static inline int
add_fix(struct outbox *ob, const struct fix *fix, uint64_t *seq)
{
	uint8_t item[64];
	struct mp_writer w;

	mp_writer_init(&w, item, sizeof(item));
	assert_int_equal(run_encode(fix, 1, &w), 0);
	if (outbox_begin(ob) == -1)
		return -1;
	if (outbox_append(ob, STREAM_POS, fix->at, item, w.len, seq) == -1) {
		outbox_rollback(ob);
		return -1;
	}
	return outbox_commit(ob, OUTBOX_GROUP);
}

static inline void
add_walk(struct outbox *ob, uint64_t from, uint64_t count)
{
	uint64_t seq;

	for (uint64_t i = from; i < from + count; i++) {
		struct fix fix = walking(i);

		assert_int_equal(add_fix(ob, &fix, &seq), 0);
	}
}

static inline size_t
sale_item(int64_t ms, int64_t amount, uint8_t item[ITEM_BYTES_MAX])
{
	struct sale sale = {
		.at.ms = ms,
		.confirmed = true,
		.open_ms = 60000,
		.customer = { "Ana", 3 },
		.line_count = 1,
		.lines = { { 0, 3, amount } },
	};
	struct mp_writer w;

	mp_writer_init(&w, item, ITEM_BYTES_MAX);
	sale_encode(&sale, &w);
	assert_false(w.full);
	return w.len;
}

static inline size_t
stock_item(int64_t ms, int32_t level, uint8_t item[ITEM_BYTES_MAX])
{
	struct stock stock = {
		.at.ms = ms, .delta = -3, .level = level, .reason = STOCK_SALE
	};
	struct mp_writer w;

	mp_writer_init(&w, item, ITEM_BYTES_MAX);
	stock_encode(&stock, &w);
	return w.len;
}

/* A sale and its stock event, synced.  -1: errno, and nothing is left. */
static inline int
add_sale(struct outbox *ob, int64_t ms, uint64_t *seq)
{
	uint8_t item[ITEM_BYTES_MAX];
	uint64_t stock_seq;
	size_t len;

	if (outbox_begin(ob) == -1)
		return -1;
	len = sale_item(ms, 4500, item);
	if (outbox_append(ob, STREAM_SALE, at_ms(ms), item, len, seq) == -1)
		goto undo;
	len = stock_item(ms, 17, item);
	if (outbox_append(ob, STREAM_STOCK, at_ms(ms), item, len, &stock_seq) ==
	    -1)
		goto undo;
	return outbox_commit(ob, OUTBOX_SYNC);
undo:
	outbox_rollback(ob);
	return -1;
}

/* Cuts the next frame of a stream: false if there is none. */
static inline bool
cut_next(struct fixture *f, enum stream stream, struct frame *frame)
{
	struct decode_error error;
	struct outbox_range range;
	uint64_t next;
	size_t len;
	int rc = outbox_next(f->ob, stream, &range);

	assert_int_not_equal(rc, -1);
	if (rc == 0)
		return false;
	assert_int_equal(outbox_cut(f->ob, stream, &range, 7, 0, f->frame,
			     sizeof(f->frame), &len, &next),
	    0);
	assert_true(len <= sizeof(f->frame));
	assert_int_equal(frame_decode(f->frame, len, frame, &error), 0);
	assert_int_equal(frame->ledger, 7);
	assert_int_equal(frame->epoch, range.epoch);
	assert_int_equal(frame->first_seq, range.first_seq);
	assert_int_equal(frame->first_seq + frame->count, next);
	assert_true(next <= range.end_seq);
	frame_items_init(&f->items, frame, stream);
	return true;
}

/* The frame's next item: false at its end; a bad frame fails the test. */
static inline bool
next_item(struct fixture *f, struct item *item)
{
	int rc = frame_items_next(&f->items, item);

	if (rc == -1)
		fail_msg("%s: expected %s", f->items.error.field,
		    f->items.error.expected);
	return rc == 1;
}

#endif
