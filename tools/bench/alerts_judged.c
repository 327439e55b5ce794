/*
 * alerts_judged: events a second through the pure judgement of silence
 * (backend/rules/watch.h), from their bytes to the alerts' bytes.
 *
 *     alerts_judged [CARTS [SECONDS]]
 *
 * Twenty minutes of a guild in memory: each cart has a status each ten
 * seconds, the partition a beat a second, at which the carts that are due are
 * looked at; one cart in a hundred loses its network for some minutes, comes
 * back, and sends in frames what it kept.  The reference is the same loop over
 * the same bytes that only decodes them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/rules/watch.h"
#include "backend/rules/witness.h"
#include "lib/clock.h"
#include "schemas/frame.h"
#include "schemas/report.h"

#define START_MS INT64_C(1795190400000)
#define EVERY_S 10
#define GONE_EVERY 100 /* one cart in so many */
#define GONE_FROM_S 60
#define FRAME_FIXES 20
#define ROUNDS 5
#define BYTES_A_RECORD 400

enum kind { KIND_BEAT, KIND_STATUS, KIND_FRAME };

struct record {
	int64_t ms;
	uint32_t cart;
	uint32_t at, len; /* in bytes */
	enum kind kind;
};

struct bench {
	uint32_t carts;
	int64_t seconds;
	struct record *records;
	size_t count, cap;
	uint8_t *bytes;
	size_t len, bytes_cap;
	/* Of one round. */
	struct witness witness;
	struct watch *watches;
	int64_t *next_w; /* when each must be looked at */
	struct alert_event *last; /* of each cart */
	struct frame_items *items;
	uint64_t alerts, decoded;
};

static void
die(const char *what)
{
	fprintf(stderr, "alerts_judged: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void *
room(size_t count, size_t size)
{
	void *p = calloc(count, size);

	if (p == NULL)
		die("memory");
	return p;
}

/* Where the next record's bytes go. */
static uint8_t *
next_bytes(struct bench *b, size_t *cap)
{
	errno = ENOBUFS;
	if (b->count == b->cap || b->len == b->bytes_cap)
		die("log");
	*cap = b->bytes_cap - b->len;
	return b->bytes + b->len;
}

static void
append(struct bench *b, enum kind kind, uint32_t cart, int64_t ms, int len)
{
	if (len <= 0)
		die("encode");
	b->records[b->count++] = (struct record){ .ms = ms,
		.cart = cart,
		.at = (uint32_t)b->len,
		.len = (uint32_t)len,
		.kind = kind };
	b->len += (size_t)len;
}

static struct fix
fix_at(int64_t ms)
{
	return (struct fix){ .at = { .ms = ms },
		.lat_e6 = -33437000 + (int32_t)((ms - START_MS) / 100),
		.lon_e6 = -70650000,
		.speed_dm_s = 11,
		.accuracy_m = 5 };
}

static void
append_status(struct bench *b, uint32_t cart, int64_t ms, uint32_t backlog)
{
	struct status s = { .epoch = cart + 1,
		.count = (uint64_t)(ms - START_MS) / 1000 + 1,
		.connection = 1,
		.state = STATUS_ONLINE,
		.at = { .ms = ms },
		.boot = cart + 7,
		.fix_mode = FIX_MODE_3D,
		.has_fix = true,
		.fix = fix_at(ms),
		.day_open = true,
		.backlog = backlog,
		.battery = 80,
		.version = "1.0",
		.oldest = { .ms = INSTANT_MISSING } };
	size_t cap;
	uint8_t *buf = next_bytes(b, &cap);

	append(b, KIND_STATUS, cart, ms, status_encode(&s, buf, cap));
}

static void
append_beat(struct bench *b, int64_t ms)
{
	struct beat beat = { .bridge = "pregon-bridge-up",
		.count = (uint64_t)(ms - START_MS) / 1000 };
	size_t cap;
	uint8_t *buf = next_bytes(b, &cap);

	append(b, KIND_BEAT, 0, ms, beat_encode(&beat, buf, cap));
}

/* What it kept since from_ms, in frames. */
static void
append_frames(struct bench *b, uint32_t cart, int64_t from_ms, int64_t ms)
{
	struct frame_head head = { .ledger = 60000,
		.epoch = cart + 1,
		.count = FRAME_FIXES,
		.item_count = 1 };
	struct fix fixes[FRAME_FIXES];
	struct mp_writer w;
	size_t cap;

	while (from_ms + FRAME_FIXES * 10000 <= ms) {
		uint8_t *buf = next_bytes(b, &cap);

		for (int i = 0; i < FRAME_FIXES; i++)
			fixes[i] = fix_at(from_ms += 10000);
		mp_writer_init(&w, buf, cap);
		frame_encode_head(&head, &w);
		if (run_encode(fixes, FRAME_FIXES, &w) == -1 || w.full)
			die("frame");
		head.first_seq += FRAME_FIXES;
		append(b, KIND_FRAME, cart, ms, (int)w.len);
	}
}

/* It is away from one to nine minutes, again and again. */
static bool
is_gone(uint32_t cart, int64_t s)
{
	int64_t away_s = 60 + cart / GONE_EVERY % 9 * 60;

	return cart % GONE_EVERY == 0 && s % 900 >= GONE_FROM_S &&
	    s % 900 < GONE_FROM_S + away_s;
}

static void
make_log(struct bench *b)
{
	for (int64_t s = 0; s < b->seconds; s++) {
		int64_t ms = START_MS + s * 1000;

		append_beat(b, ms);
		for (uint32_t c = (uint32_t)(s % EVERY_S); c < b->carts;
		     c += EVERY_S) {
			bool back = s >= EVERY_S && is_gone(c, s - EVERY_S);
			int64_t from_s = s - s % 900 + GONE_FROM_S;

			if (is_gone(c, s))
				continue;
			append_status(b, c, ms + 1 + c % 997, back ? 30 : 0);
			if (back)
				append_frames(b, c, START_MS + from_s * 1000,
				    ms + 1 + c % 997);
		}
	}
}

static int
on_emit(void *ctx, const struct alert_event *event)
{
	struct bench *b = ctx;
	uint8_t bytes[ALERT_BYTES_MAX];

	if (alert_encode(event, bytes, sizeof(bytes)) <= 0)
		die("alert");
	b->last[strtoul(event->cart + 2, NULL, 10)] = *event;
	b->alerts++;
	return 0;
}

static int
on_find(void *ctx, const char *id, struct alert_event *event)
{
	struct bench *b = ctx;

	*event = b->last[strtoul(id + 2, NULL, 10)];
	return strcmp(event->id, id) == 0;
}

static struct watch_now
now_of(struct bench *b, const struct record *r)
{
	return (struct watch_now){
		.record_ms = r->ms,
		.witnessed_ms = witness_at(&b->witness, r->ms),
		.partition = 1,
		.caught_up = true,
		.missing_ms = 60000,
		.backlog_ms = 3600000,
		.emit = on_emit,
		.find = on_find,
		.ctx = b,
	};
}

static void
take_beat(struct bench *b, const struct record *r, bool judge)
{
	struct decode_error error;
	struct watch_now now;
	struct beat beat;

	if (beat_decode(b->bytes + r->at, r->len, &beat, &error) == -1)
		die("beat");
	b->decoded++;
	if (!judge)
		return;
	witness_beat(&b->witness, r->ms);
	now = now_of(b, r);
	for (uint32_t c = 0; c < b->carts; c++) {
		if (b->next_w[c] > now.witnessed_ms)
			continue;
		watch_beat(&b->watches[c], true, &now);
		b->next_w[c] = watch_next(&b->watches[c], now.missing_ms);
	}
}

static void
take_status(struct bench *b, const struct record *r, bool judge)
{
	struct decode_error error;
	struct watch_now now;
	struct status s;

	if (status_decode(b->bytes + r->at, r->len, &s, &error) == -1)
		die("status");
	b->decoded++;
	if (!judge)
		return;
	now = now_of(b, r);
	watch_status(&b->watches[r->cart],
	    &(struct watch_status){ .status = &s,
		.state = s.state,
		.at_ms = s.at.ms,
		.fix_at_ms = s.fix.at.ms,
		.oldest_ms = s.oldest.ms },
	    &now);
	b->next_w[r->cart] = watch_next(&b->watches[r->cart], now.missing_ms);
}

static void
take_frame(struct bench *b, const struct record *r, bool judge)
{
	struct watch *watch = &b->watches[r->cart];
	struct decode_error error;
	struct watch_now now;
	struct frame frame;
	struct item item;

	if (frame_decode(b->bytes + r->at, r->len, &frame, &error) == -1)
		die("frame");
	frame_items_init(b->items, &frame, STREAM_POS);
	if (frame_items_next(b->items, &item) != 1)
		die("item");
	b->decoded += item.count;
	if (!judge)
		return;
	now = now_of(b, r);
	watch_frame(watch, item.fixes[item.count - 1].at.ms, &now);
	watch_fixes(watch, item.fixes, item.count, &now);
	b->next_w[r->cart] = watch_next(watch, now.missing_ms);
}

/* Events a second. */
static double
run_round(struct bench *b, bool judge)
{
	char plate[16];
	int64_t began_ms;

	b->witness = (struct witness){ 0 };
	b->alerts = b->decoded = 0;
	for (uint32_t c = 0; c < b->carts; c++) {
		snprintf(plate, sizeof(plate), "BC%06u", c);
		watch_init(&b->watches[c], plate);
		b->next_w[c] = INT64_MAX;
	}
	began_ms = clock_boottime_ms(&clock_system);
	for (size_t i = 0; i < b->count; i++) {
		const struct record *r = &b->records[i];

		if (r->kind == KIND_BEAT)
			take_beat(b, r, judge);
		else if (r->kind == KIND_STATUS)
			take_status(b, r, judge);
		else
			take_frame(b, r, judge);
	}
	return (double)b->decoded * 1e3 /
	    (double)(clock_boottime_ms(&clock_system) - began_ms + 1);
}

int
main(int argc, char **argv)
{
	struct bench b = { .carts = 10000, .seconds = 1200 };
	double value = 0, reference = 0, rate;

	if (argc > 1)
		b.carts = (uint32_t)strtoul(argv[1], NULL, 10);
	if (argc > 2)
		b.seconds = strtol(argv[2], NULL, 10);
	b.cap = (size_t)b.seconds * (b.carts / EVERY_S + 2) + b.carts;
	b.bytes_cap = b.cap * BYTES_A_RECORD;
	b.records = room(b.cap, sizeof(*b.records));
	b.bytes = room(b.bytes_cap, 1);
	b.watches = room(b.carts, sizeof(*b.watches));
	b.next_w = room(b.carts, sizeof(*b.next_w));
	b.last = room(b.carts, sizeof(*b.last));
	b.items = room(1, sizeof(*b.items));
	make_log(&b);
	for (int round = 0; round < ROUNDS; round++) {
		rate = run_round(&b, false);
		if (rate > reference)
			reference = rate;
		rate = run_round(&b, true);
		if (rate > value)
			value = rate;
	}
	printf("carts=%u records=%zu events=%llu alerts=%llu value=%.0f "
	       "reference=%.0f\n",
	    b.carts, b.count, (unsigned long long)b.decoded,
	    (unsigned long long)b.alerts, value, reference);
	free(b.records);
	free(b.bytes);
	free(b.watches);
	free(b.next_w);
	free(b.last);
	free(b.items);
	return 0;
}
