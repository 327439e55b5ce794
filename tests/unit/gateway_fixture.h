/*
 * gateway_fixture: a shop over a real outbox in a folder of its own and a
 * clock that stands still.  All in this header, for each test is a program of
 * one file.
 */
#ifndef PREGON_TESTS_GATEWAY_FIXTURE_H
#define PREGON_TESTS_GATEWAY_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "firmware-gateway/commands.h"
#include "firmware-gateway/pos_request.h"

#define CART "AB1234"
#define BOOT 0x1234abcd5678ef90
#define NOW INT64_C(1800000000000) /* 2027-01-15T08:00:00Z */

struct bench {
	char dir[64];
	char path[128];
	int64_t max_bytes;
	struct clock_manual clock;
	struct outbox *ob;
	struct timekeeper time;
	struct events events;
	struct locator locator;
	struct shop shop;
	struct inbox inbox;
	struct pos pos;
	struct settings settings;
	struct commands commands;
	int appended[STREAM_COUNT];
	json_t *answer; /* the last */
	uint8_t frame[FRAME_BYTES_MAX];
	struct frame_items items;
};

static inline void
note_appended(void *ctx, enum stream stream)
{
	((struct bench *)ctx)->appended[stream]++;
}

static inline json_t *
no_state(void *ctx)
{
	(void)ctx;
	return json_pack("{s:s}", "cart", CART);
}

/* A start of the gateway; its clock goes on. */
static inline void
bench_start(struct bench *b)
{
	struct outbox_settings outbox = { b->path, b->max_bytes, 30 };
	struct quality_limits limits = { 150, 50 };
	struct keeper_settings keep = { 20, 30, 60000, 600000 };
	bool damaged;
	char why[200];

	b->ob = outbox_open(&outbox, &damaged, why, sizeof(why));
	if (b->ob == NULL)
		fail_msg("outbox_open: %s", why);
	assert_false(damaged);
	timekeeper_init(&b->time, &b->clock.clock, TRUST_AUTO, BOOT);
	events_init(&b->events, b->ob, &b->time);
	b->events.appended = note_appended;
	b->events.ctx = b;
	locator_init(&b->locator, &b->time, &limits, &keep);
	inbox_init(&b->inbox, b->ob);
	shop_init(&b->shop, CART, &b->events, &b->locator);
	b->pos = (struct pos){ .shop = &b->shop,
		.inbox = &b->inbox,
		.state = no_state,
		.ctx = b };
	b->settings.keep.distance_m = 20;
	b->settings.link.linger_s = 60;
	commands_init(
	    &b->commands, &b->events, &b->shop, &b->inbox, &b->settings);
}

static inline void
bench_stop(struct bench *b)
{
	shop_release(&b->shop);
	outbox_close(b->ob);
	b->ob = NULL;
}

static inline void
bench_restart(struct bench *b)
{
	bench_stop(b);
	bench_start(b);
}

static inline int
bench_begin(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	strcpy(b->dir, "/tmp/gateway-test-XXXXXX");
	assert_non_null(mkdtemp(b->dir));
	snprintf(b->path, sizeof(b->path), "%s/outbox.db", b->dir);
	b->max_bytes = 4 << 20;
	clock_manual_init(&b->clock, NOW);
	b->clock.boottime_ms = 100000;
	bench_start(b);
	*state = b;
	return 0;
}

/* The same with a clock that nobody can trust. */
static inline int
bench_begin_undated(void **state)
{
	int rc = bench_begin(state);
	struct bench *b = *state;

	b->clock.synchronised = 0;
	b->clock.realtime_ms = 30000;
	bench_restart(b);
	return rc;
}

static inline int
bench_end(void **state)
{
	struct bench *b = *state;
	char command[128];

	json_decref(b->answer);
	bench_stop(b);
	snprintf(command, sizeof(command), "rm -rf %s", b->dir);
	assert_int_equal(system(command), 0);
	free(b);
	return 0;
}

/* One line to the POS; the answer stays until the next. */
static inline json_t *
ask(struct bench *b, const char *fmt, ...)
{
	char line[POS_LINE_MAX];
	va_list args;
	size_t len;
	char *text;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	text = pos_answer(&b->pos, line, strlen(line), &len);
	assert_non_null(text);
	assert_int_equal(text[len - 1], '\n');
	assert_int_equal(strlen(text), len);
	json_decref(b->answer);
	b->answer = json_loads(text, 0, NULL);
	assert_non_null(b->answer);
	free(text);
	return b->answer;
}

static inline bool
is_ok(const json_t *answer)
{
	return json_is_true(json_object_get(answer, "ok"));
}

static inline const char *
text_of(const json_t *answer, const char *key)
{
	const char *s = json_string_value(json_object_get(answer, key));

	return s != NULL ? s : "";
}

/* Refused, and the words and the field name what is wrong. */
static inline void
assert_refused(const json_t *answer, const char *field)
{
	assert_false(is_ok(answer));
	assert_string_equal(text_of(answer, "field"), field);
	assert_true(strlen(text_of(answer, "error")) > 0);
}

/*
 * The whole backlog of a stream's oldest epoch, as a frame's items: call
 * next_item until it says 0.
 */
static inline void
read_stream(struct bench *b, enum stream stream)
{
	struct outbox_range range;
	struct decode_error error;
	struct frame frame;
	uint64_t next;
	size_t len;

	assert_int_equal(outbox_next(b->ob, stream, &range), 1);
	assert_int_equal(outbox_cut(b->ob, stream, &range, 1, 0, b->frame,
			     sizeof(b->frame), &len, &next),
	    0);
	assert_int_equal(next, range.end_seq);
	assert_int_equal(frame_decode(b->frame, len, &frame, &error), 0);
	frame_items_init(&b->items, &frame, stream);
}

static inline int
next_item(struct bench *b, struct item *item)
{
	int rc = frame_items_next(&b->items, item);

	assert_true(rc != -1);
	return rc;
}

/* All of a stream's epochs are acknowledged. */
static inline void
acknowledge(struct bench *b, enum stream stream)
{
	struct outbox_range range;

	while (outbox_next(b->ob, stream, &range) == 1)
		assert_int_equal(outbox_acknowledge(
				     b->ob, stream, range.epoch, range.end_seq),
		    0);
}

/* A good fix each second from `from` on, walking north at 1.25 m/s. */
static inline void
walk(struct bench *b, int seconds)
{
	struct fix out[KEEPER_OUT_MAX];

	for (int i = 0; i < seconds; i++) {
		struct report r = { .read_ms = b->clock.boottime_ms,
			.mode = 3,
			.has_time = true,
			.time_ms = NOW - 100000 + b->clock.boottime_ms,
			.lat = -33.4 + (double)b->clock.boottime_ms * 1.124e-8,
			.lon = -70.65,
			.speed = 1.25,
			.course = 0,
			.error = 7 };
		size_t n = locator_report(&b->locator, &r, out);

		assert_int_equal(events_fixes(&b->events, out, n), 0);
		clock_manual_advance(&b->clock, 1000);
	}
}

#endif
