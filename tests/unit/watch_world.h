/*
 * watch_world: a guild that watches carts, without any of its parts: one
 * partition, its beats, what was told.  Static functions: each test program
 * is one file.
 */
#ifndef PREGON_TESTS_WATCH_WORLD_H
#define PREGON_TESTS_WATCH_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/rules/watch.h"
#include "backend/rules/witness.h"

/* 2026-11-20T16:00:00Z */
#define WORLD_NOW INT64_C(1795190400000)
#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define WORLD_LAT (-33437000)
#define WORLD_LON (-70650000)

struct world {
	struct witness witness;
	int64_t ms; /* record time */
	int64_t next_beat_ms;
	bool deaf; /* no beats: the guild's own outage */
	bool behind; /* the reader is */
	bool closed; /* out of hours */
	int64_t missing_ms, backlog_ms;
	struct watch *carts;
	size_t cart_count;
	/* All that was told, and where it began last. */
	struct alert_event *told;
	size_t told_count, told_cap;
	size_t seen;
};

static inline int
world_emit(void *ctx, const struct alert_event *event)
{
	struct world *w = ctx;

	if (w->told_count == w->told_cap) {
		w->told_cap = w->told_cap == 0 ? 64 : 2 * w->told_cap;
		w->told = realloc(w->told, w->told_cap * sizeof(*w->told));
		assert_non_null(w->told);
	}
	w->told[w->told_count++] = *event;
	return 0;
}

static inline int
world_find(void *ctx, const char *id, struct alert_event *event)
{
	struct world *w = ctx;

	for (size_t i = w->told_count; i > 0; i--) {
		if (strcmp(w->told[i - 1].id, id) == 0) {
			*event = w->told[i - 1];
			return 1;
		}
	}
	return 0;
}

static inline void
world_init(struct world *w, size_t carts)
{
	char plate[CART_MAX + 1];

	memset(w, 0, sizeof(*w));
	w->ms = w->next_beat_ms = WORLD_NOW;
	w->missing_ms = 60000;
	w->backlog_ms = 3600000;
	w->cart_count = carts;
	w->carts = malloc(carts * sizeof(*w->carts));
	assert_non_null(w->carts);
	for (size_t i = 0; i < carts; i++) {
		snprintf(plate, sizeof(plate), "CART%04zu", i % 10000);
		watch_init(&w->carts[i], plate);
	}
}

static inline void
world_free(struct world *w)
{
	free(w->carts);
	free(w->told);
}

static inline struct watch_now
world_at(struct world *w)
{
	return (struct watch_now){
		.record_ms = w->ms,
		.witnessed_ms = witness_at(&w->witness, w->ms),
		.partition = 1,
		.caught_up = !w->behind,
		.missing_ms = w->missing_ms,
		.backlog_ms = w->backlog_ms,
		.emit = world_emit,
		.find = world_find,
		.ctx = w,
	};
}

static inline void
world_beat(struct world *w)
{
	struct watch_now now;
	bool minute;

	minute = w->ms / 60000 != w->witness.beat_ms / 60000;
	witness_beat(&w->witness, w->ms);
	now = world_at(w);
	for (size_t i = 0; i < w->cart_count; i++) {
		struct watch *cart = &w->carts[i];

		if (minute ||
		    now.witnessed_ms >= watch_next(cart, w->missing_ms))
			assert_int_equal(watch_beat(cart, !w->closed, &now), 0);
	}
}

/* Time goes on, with beats. */
static inline void
world_run(struct world *w, int64_t ms)
{
	int64_t end = w->ms + ms;

	while (w->next_beat_ms <= end) {
		w->ms = w->next_beat_ms;
		w->next_beat_ms += 1000;
		if (!w->deaf)
			world_beat(w);
	}
	w->ms = end;
}

/* A status as a cart has them while all is well, at this moment. */
static inline struct status
world_status(const struct world *w)
{
	return (struct status){
		.epoch = 1,
		.count = 1,
		.connection = 1,
		.state = STATUS_ONLINE,
		.at = { .ms = w->ms },
		.boot = 7,
		.fix_mode = FIX_MODE_3D,
		.has_fix = true,
		.fix = { .at = { .ms = w->ms },
		    .lat_e6 = WORLD_LAT,
		    .lon_e6 = WORLD_LON,
		    .accuracy_m = 5 },
		.day_open = true,
		.battery = BATTERY_UNKNOWN,
		.oldest = { .ms = INSTANT_MISSING },
	};
}

static inline void
world_say(struct world *w, struct watch *cart, const struct status *s)
{
	struct watch_now now = world_at(w);
	struct watch_status said = { .status = s,
		.state = s->state,
		.at_ms = s->at.ms,
		.fix_at_ms = s->fix.at.ms,
		.oldest_ms = s->oldest.ms };

	assert_int_equal(watch_status(cart, &said, &now), 0);
}

static inline void
world_report(struct world *w, struct watch *cart)
{
	struct status s = world_status(w);

	world_say(w, cart, &s);
}

/* A frame and its fixes. */
static inline void
world_frame(
    struct world *w, struct watch *cart, const struct fix *fixes, size_t count)
{
	struct watch_now now = world_at(w);

	assert_int_equal(watch_frame(cart, fixes[count - 1].at.ms, &now), 0);
	assert_int_equal(watch_fixes(cart, fixes, count, &now), 0);
}

/* What was told since the last call of it. */
static inline size_t
world_news(struct world *w, const struct alert_event **first)
{
	size_t count = w->told_count - w->seen;

	if (first != NULL)
		*first = count > 0 ? &w->told[w->seen] : NULL;
	w->seen = w->told_count;
	return count;
}

/* All of them reporting every ten seconds, each at its own moment. */
static inline void
world_live(struct world *w, size_t from, int64_t ms)
{
	for (int64_t end = w->ms + ms; w->ms < end;) {
		for (size_t i = from; i < w->cart_count; i++) {
			if (i % 10 == (size_t)(w->ms / 1000 % 10))
				world_report(w, &w->carts[i]);
		}
		world_run(w, 1000);
	}
}

static inline size_t
world_open(const struct world *w)
{
	size_t open = 0;

	for (size_t i = 0; i < w->cart_count; i++)
		open += alert_is_open(&w->carts[i].missing) ||
		    alert_is_open(&w->carts[i].backlog);
	return open;
}

/* One cart that reported just now, at some moment between two beats. */
static inline struct watch *
world_one(struct world *w, int64_t offset_ms)
{
	world_init(w, 1);
	world_run(w, 20000 + offset_ms);
	world_report(w, &w->carts[0]);
	return &w->carts[0];
}

static inline const struct alert_event *
world_assert_one(
    struct world *w, enum alert_cause cause, enum alert_state state)
{
	const struct alert_event *event;

	assert_int_equal(world_news(w, &event), 1);
	assert_int_equal(event->cause, cause);
	assert_int_equal(event->state, state);
	return event;
}

#endif
