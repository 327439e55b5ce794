/*
 * positions: where the carts are and were, and what is wrong with them.
 *
 * The live table from fixes and statuses, tracks from fixes alone: a status
 * only repeats a fix that the stream also brings, under its own number.  What
 * it means for alerts: judge.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/livetable.h"
#include "backend/consumer/intake.h"
#include "backend/consumer/judge.h"
#include "backend/consumer/live_rules.h"
#include "backend/consumer/tracks.h"
#include "backend/store/schema.h"

#define DAY_HOURS 24
/* One fix takes at most 7 values of 9 bytes. */
#define RUN_BYTES_MAX (64 * 1024 + 64 * RUN_FIXES_MAX)

struct positions {
	struct role_context *ctx;
	const struct role_settings *settings;
	struct positions_store *store;
	struct intake *intake;
	struct tracks *tracks;
	struct livetable *carts;
	struct judge *judge;
	struct fix fixes[RUN_FIXES_MAX]; /* with their times judged */
	uint8_t run[RUN_BYTES_MAX];
};

/* Nothing to judge: its times are Unix's, in order, and none is ahead. */
static bool
times_stand(const struct intake_event *ev)
{
	return ev->at.boot == 0 && !ev->time.provisional;
}

/* As the event says it, but for times that cannot be. */
static int
fixes_add(struct positions *ps, const struct intake_event *ev)
{
	int64_t record_ms = ev->record->time_ms;
	const struct fix *fixes = ev->fixes;

	ps->ctx->tally[TALLY_FIXES] += (int64_t)ev->fix_count;
	if (times_stand(ev)) {
		if (tracks_add(ps->tracks, ev->cart, fixes, ev->fix_count,
			false) == -1)
			return -1;
		return judge_fixes(
		    ps->judge, fixes, ev->fix_count, ev->time.ms, record_ms);
	}
	for (size_t i = 0; i < ev->fix_count; i++) {
		struct fix *fix = &ps->fixes[i];
		struct event_time time = event_time(
		    &fixes[i].at, record_ms, ev->offset_ms);

		*fix = fixes[i];
		fix->at = (struct instant){ .ms = time.ms };
		if (tracks_add(
			ps->tracks, ev->cart, fix, 1, time.provisional) == -1)
			return -1;
	}
	return judge_fixes(
	    ps->judge, ps->fixes, ev->fix_count, ev->time.ms, record_ms);
}

/* No marker of its boot yet: the run is kept as it is. */
static int
fixes_keep(struct positions *ps, const struct intake_event *ev)
{
	struct mp_writer w;

	mp_writer_init(&w, ps->run, sizeof(ps->run));
	if (run_encode(ev->fixes, ev->fix_count, &w) == -1)
		return -1;
	if (w.full) {
		errno = ENOBUFS;
		return -1;
	}
	ps->ctx->tally[TALLY_FIXES] += (int64_t)ev->fix_count;
	if (judge_timeless(ps->judge) == -1)
		return -1;
	return ps->store->ops->unmended_put(ps->store, ev->cart, ev->at.boot,
	    ev->record->time_ms, ev->fix_count, w.buf, w.len);
}

static int
positions_event(void *self, const struct intake_event *ev)
{
	struct positions *ps = self;
	struct cart_state *state;

	if (ev->item->kind != ITEM_FIXES)
		return 0;
	state = livetable_get(ps->carts, ev->cart);
	if (state == NULL)
		return -1;
	live_fix(state, &ev->fixes[ev->fix_count - 1], &ev->time,
	    ev->record->time_ms);
	if (ev->at.boot != 0 && ev->offset_ms == NULL)
		return fixes_keep(ps, ev);
	return fixes_add(ps, ev);
}

struct mend {
	struct positions *ps;
	const char *cart;
	int64_t offset_ms;
};

static int
mend_run(void *ctx, int64_t record_ms, const void *run, size_t len)
{
	struct mend *mend = ctx;
	struct positions *ps = mend->ps;
	struct decode_error error;
	struct mp_reader r;
	size_t count;

	mp_reader_init(&r, run, len, &error);
	if (run_decode(&r, ps->fixes, RUN_FIXES_MAX, &count) == -1)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct fix *fix = &ps->fixes[i];
		struct event_time time = event_time(
		    &fix->at, record_ms, &mend->offset_ms);

		fix->at = (struct instant){ .ms = time.ms };
		if (tracks_add(
			ps->tracks, mend->cart, fix, 1, time.provisional) == -1)
			return -1;
	}
	return judge_fixes(
	    ps->judge, ps->fixes, count, INSTANT_MISSING, record_ms);
}

static int
positions_mend(void *self, const char *cart, uint64_t boot, int64_t offset_ms)
{
	struct positions *ps = self;
	struct mend mend = { ps, cart, offset_ms };
	struct cart_state *state = livetable_get(ps->carts, cart);
	int rc;

	if (state == NULL)
		return -1;
	live_mend(state, boot, offset_ms);
	do
		rc = ps->store->ops->unmended_take(
		    ps->store, cart, boot, mend_run, &mend);
	while (rc == 1);
	return rc;
}

static const struct intake_handler positions_handler = {
	.event = positions_event,
	.mend = positions_mend,
};

/* Its moments, with the offset of its boot where it is known. */
static int64_t
moment_of(
    const struct instant *at, const struct record *record, const int64_t *known)
{
	if (at->ms == INSTANT_MISSING)
		return INSTANT_MISSING;
	return event_time(at, record->time_ms, known).ms;
}

/* It is the newest: the live table has it already. */
static int
judge_newest(struct positions *ps, const struct record *record,
    const struct cart_state *state, const struct status *status,
    const int64_t *known)
{
	struct watch_status newest = {
		.status = status,
		.state = state->state,
		.at_ms = state->status_at_ms,
		.fix_at_ms = moment_of(&status->fix.at, record, known),
		.oldest_ms = moment_of(&status->oldest, record, known),
	};

	return judge_status(ps->judge, record, state->cart, &newest);
}

static int
apply_will(
    struct positions *ps, struct cart_state *state, const struct status *status)
{
	enum status_state before = state->state;

	live_will(state, status);
	return state->state == STATUS_LOST && before != STATUS_LOST
	    ? judge_lost(ps->judge, state->cart)
	    : 0;
}

static int
apply_status(struct positions *ps, const struct record *record)
{
	struct runtime_store *store = ps->ctx->store;
	char cart[CART_MAX + 1], reason[160];
	int64_t offset_ms, *known;
	struct decode_error error;
	struct cart_state *state;
	struct status status;
	int rc;

	if (intake_cart(ps->ctx, record, cart, &rc) == -1)
		return rc;
	if (status_decode(record->value, record->len, &status, &error) == -1) {
		snprintf(reason, sizeof(reason), "%s: expected %s", error.field,
		    error.expected);
		return role_reject(ps->ctx, record, reason);
	}
	state = livetable_get(ps->carts, cart);
	if (state == NULL)
		return -1;
	if (status.state == STATUS_LOST)
		return apply_will(ps, state, &status);
	rc = status.boot == 0
	    ? 0
	    : store->ops->marker_get(store, cart, status.boot, &offset_ms);
	if (rc == -1)
		return -1;
	known = rc == 1 ? &offset_ms : NULL;
	if (!live_status(state, &status, record->time_ms, known))
		return 0;
	return judge_newest(ps, record, state, &status, known);
}

/* Whatever is in it, the cart itself sent it. */
static int
apply_frame(struct positions *ps, const struct record *record)
{
	struct cart_state *state;
	char cart[CART_MAX + 1];
	int rc;

	if (intake_cart(ps->ctx, record, cart, &rc) == -1)
		return rc;
	state = livetable_get(ps->carts, cart);
	if (state == NULL)
		return -1;
	live_contact(state, record->time_ms);
	if (judge_frame_begin(ps->judge, record, cart) == -1 ||
	    intake_frame(ps->intake, record) == -1)
		return -1;
	return judge_frame_end(ps->judge);
}

static const struct {
	const char *schema;
	int (*apply)(struct judge *, const struct record *);
} judged[] = {
	{ SCHEMA_BEAT, judge_beat },
	{ SCHEMA_REPORT, judge_report },
	{ SCHEMA_RESOLUTION, judge_resolution },
};

static int
positions_apply(void *self, const struct record *record)
{
	struct positions *ps = self;

	if (strcmp(record->schema, SCHEMA_FRAME_POS) == 0)
		return apply_frame(ps, record);
	if (strcmp(record->schema, SCHEMA_STATUS) == 0)
		return apply_status(ps, record);
	for (size_t i = 0; i < sizeof(judged) / sizeof(judged[0]); i++) {
		if (strcmp(record->schema, judged[i].schema) == 0)
			return judged[i].apply(ps->judge, record);
	}
	if (record->topic == TOPIC_REGLAS)
		return judge_rules(ps->judge, record);
	return role_reject(ps->ctx, record,
	    "schema: expected pos/1, status/1, beat/1, report/1 or "
	    "resolution/1");
}

static int
positions_flush(void *self)
{
	struct positions *ps = self;

	if (tracks_flush(ps->tracks) == -1 ||
	    livetable_flush(ps->carts) == -1 || judge_flush(ps->judge) == -1)
		return -1;
	return intake_flush(ps->intake);
}

static void
positions_forget(void *self)
{
	struct positions *ps = self;

	tracks_forget(ps->tracks);
	livetable_forget(ps->carts);
	judge_forget(ps->judge);
	intake_forget(ps->intake);
}

static int
positions_tick(void *self, int64_t now_ms, bool caught_up)
{
	struct positions *ps = self;
	int dropped;

	if (judge_tick(ps->judge, now_ms, caught_up) == -1)
		return -1;
	if (ps->settings->tracks_keep_days == 0)
		return 0;
	if (ps->store->ops->chunks_expire(ps->store,
		now_ms / HOUR_MS - ps->settings->tracks_keep_days * DAY_HOURS,
		&dropped) == -1)
		return -1;
	/* A part in memory may have lost its row. */
	if (dropped > 0)
		tracks_forget(ps->tracks);
	return 0;
}

static void
positions_close(void *self)
{
	struct positions *ps = self;

	intake_free(ps->intake);
	judge_free(ps->judge);
	tracks_free(ps->tracks);
	livetable_free(ps->carts);
	if (ps->store != NULL)
		ps->store->ops->close(ps->store);
	free(ps);
}

static void *
positions_open(struct role_context *ctx, const struct role_settings *settings,
    char *why, size_t why_cap)
{
	struct positions *ps = calloc(1, sizeof(*ps));
	int saved;

	why[0] = '\0';
	if (ps == NULL)
		goto say;
	ps->ctx = ctx;
	ps->settings = settings;
	ps->store = positions_store_sqlite(ctx->db);
	if (ps->store == NULL)
		goto close;
	ps->intake = intake_new(ctx, STREAM_POS, &positions_handler, ps);
	ps->tracks = tracks_new(ps->store);
	ps->carts = livetable_new(ps->store);
	if (ps->intake == NULL || ps->tracks == NULL || ps->carts == NULL)
		goto close;
	ps->judge = judge_new(ctx, settings, ps->store, why, why_cap);
	if (ps->judge != NULL)
		return ps;
close:
	saved = errno;
	positions_close(ps);
	errno = saved;
say:
	if (why[0] == '\0')
		snprintf(why, why_cap, "%s", strerror(errno));
	return NULL;
}

static const enum topic positions_topics[] = { TOPIC_REGLAS,
	TOPIC_COORDENADAS };

const struct role role_positions = {
	.name = "positions",
	.schema = &schema_positions,
	.topics = positions_topics,
	.topic_count = 2,
	.prior_count = 1,
	.open = positions_open,
	.close = positions_close,
	.apply = positions_apply,
	.flush = positions_flush,
	.forget = positions_forget,
	.tick = positions_tick,
};
