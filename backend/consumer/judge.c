/*
 * judge: see the header.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/gap_alerts.h"
#include "backend/consumer/intake.h"
#include "backend/consumer/judge_parts.h"

/* A beat this near to the clock: what is found now is news. */
#define CAUGHT_UP_MS 5000

struct judge *
judge_new(struct role_context *ctx, const struct role_settings *settings,
    struct positions_store *tracks, char *why, size_t why_cap)
{
	struct judge *judge = calloc(1, sizeof(*judge));

	if (judge == NULL)
		return NULL;
	judge->ctx = ctx;
	judge->settings = settings;
	judge->store = judge_store_sqlite(ctx->db);
	if (judge->store == NULL)
		goto free_judge;
	judge->alerts = alerts_new(ctx);
	judge->book = rulebook_new(ctx, settings, judge->store, why, why_cap);
	if (judge->alerts == NULL || judge->book == NULL)
		goto free_judge;
	judge->list = watchlist_new(judge->store, judge->alerts);
	judge->sightings = sightings_new(
	    ctx, settings, judge->store, judge->alerts, judge->list, tracks);
	if (judge->list == NULL || judge->sightings == NULL)
		goto free_judge;
	return judge;
free_judge:
	judge_free(judge);
	return NULL;
}

void
judge_free(struct judge *judge)
{
	if (judge == NULL)
		return;
	sightings_free(judge->sightings);
	watchlist_free(judge->list);
	rulebook_free(judge->book);
	alerts_free(judge->alerts);
	if (judge->store != NULL)
		judge->store->ops->close(judge->store);
	free(judge);
}

int
judge_flush(struct judge *judge)
{
	return watchlist_flush(judge->list);
}

void
judge_forget(struct judge *judge)
{
	sightings_forget(judge->sightings);
	watchlist_forget(judge->list);
	rulebook_forget(judge->book);
	alerts_forget(judge->alerts);
	judge->one = NULL;
}

struct watched *
judge_watched(struct judge *judge, const char *cart)
{
	struct watched *one = watchlist_get(judge->list, cart);
	uint32_t version;

	if (one == NULL || rulebook_load(judge->book) == -1)
		return NULL;
	version = rulebook_rules_version(judge->book);
	if (one->rules_seen != version) {
		one->rules = rulebook_cart(judge->book, cart);
		one->rules_seen = version;
	}
	return one;
}

static int
on_emit(void *ctx, const struct alert_event *event)
{
	struct judge_call *call = ctx;

	return alerts_emit(call->judge->alerts, event, call->quiet,
	    &call->settled, &call->word);
}

static int
on_find(void *ctx, const char *id, struct alert_event *event)
{
	struct judge_call *call = ctx;

	return alerts_get(call->judge->alerts, id, event);
}

static bool
is_caught_up(const struct judge *judge, const struct beat_part *part)
{
	int64_t age_ms = clock_realtime_ms(judge->ctx->clock) -
	    part->witness.beat_ms;

	return age_ms <= CAUGHT_UP_MS && age_ms >= -CAUGHT_UP_MS;
}

int
judge_call_begin(struct judge *judge, struct judge_call *call,
    struct watched *one, int32_t partition, int64_t record_ms)
{
	struct beat_part *part = watchlist_part(judge->list, partition);

	if (part == NULL)
		return -1;
	*call = (struct judge_call){ .judge = judge, .one = one };
	call->now = (struct watch_now){
		.record_ms = record_ms,
		.witnessed_ms = witness_at(&part->witness, record_ms),
		.partition = partition,
		.caught_up = is_caught_up(judge, part),
		.missing_ms = one->rules->missing_ms,
		.backlog_ms = judge->settings->backlog_s * 1000,
		.emit = on_emit,
		.find = on_find,
		.ctx = call,
	};
	return 0;
}

/* The machine of an alert that a person had settled before is told so. */
static int
settle_again(struct judge_call *call)
{
	int rc;

	if (!call->settled)
		return 0;
	call->quiet = true;
	rc = watch_settle(&call->one->kept.watch, &call->word, &call->now);
	call->quiet = call->settled = false;
	return rc;
}

/* When the cart must be looked at, and its partition for it. */
static int
set_next(struct judge_call *call)
{
	struct watched *one = call->one;
	struct beat_part *part;

	one->next_w = watch_next(&one->kept.watch, call->now.missing_ms);
	one->due_ms = judge_way_due(one);
	part = watchlist_part(call->judge->list, one->kept.watch.partition);
	if (part == NULL)
		return -1;
	if (one->next_w < part->bound_w)
		part->bound_w = one->next_w;
	if (one->due_ms < part->bound_ms)
		part->bound_ms = one->due_ms;
	return 0;
}

int
judge_call_end(struct judge_call *call)
{
	if (settle_again(call) == -1)
		return -1;
	watchlist_touch(call->judge->list, call->one);
	return set_next(call);
}

int
judge_rules(struct judge *judge, const struct record *record)
{
	return rulebook_apply(judge->book, record);
}

/* Most looks change nothing: then nothing is written. */
static int
look(struct judge *judge, struct watched *one, const struct record *record)
{
	struct watch_kept before;
	struct judge_call call;

	if (judge_watched(judge, one->kept.watch.cart) == NULL ||
	    judge_call_begin(
		judge, &call, one, record->partition, record->time_ms) == -1)
		return -1;
	memcpy(&before, &one->kept, sizeof(before));
	if (watch_beat(&one->kept.watch,
		rulebook_works(one->rules, record->time_ms), &call.now) == -1 ||
	    settle_again(&call) == -1 || judge_way_tick(&call) == -1)
		return -1;
	if (memcmp(&before, &one->kept, sizeof(before)) != 0)
		watchlist_touch(judge->list, one);
	return set_next(&call);
}

static int
look_at_all(struct judge *judge, struct beat_part *part,
    const struct record *record, bool whole)
{
	int64_t bound_w = part->bound_w, bound_ms = part->bound_ms;
	int64_t witnessed = part->witness.witnessed_ms;
	int32_t number = part->number;
	struct watched *const *all;
	size_t count;

	/* Who is behind tells nothing: a look a minute keeps it right. */
	if (!whole &&
	    (!part->was_caught_up ||
		(witnessed < bound_w && record->time_ms < bound_ms)))
		return 0;
	if (watchlist_all(judge->list, &all, &count) == -1)
		return -1;
	bound_w = bound_ms = WATCH_NEVER;
	for (size_t i = 0; i < count; i++) {
		struct watched *one = all[i];

		if (one->kept.watch.partition != number)
			continue;
		if ((whole || one->next_w <= witnessed ||
			one->due_ms <= record->time_ms) &&
		    look(judge, one, record) == -1)
			return -1;
		if (one->next_w < bound_w)
			bound_w = one->next_w;
		if (one->due_ms < bound_ms)
			bound_ms = one->due_ms;
	}
	part = watchlist_part(judge->list, number);
	part->bound_w = bound_w;
	part->bound_ms = bound_ms;
	return 0;
}

/* Something that holds for every cart may have changed. */
static bool
asks_for_all(
    const struct judge *judge, struct beat_part *part, int64_t record_ms)
{
	bool caught_up = is_caught_up(judge, part);
	uint32_t rules = rulebook_rules_version(judge->book);
	uint32_t zones = rulebook_zones_version(judge->book);
	int64_t minute = record_ms / 60000;
	bool asks = minute != part->minute || rules != part->rules_seen ||
	    zones != part->zones_seen || (caught_up && !part->was_caught_up);

	part->minute = minute;
	part->rules_seen = rules;
	part->zones_seen = zones;
	part->was_caught_up = caught_up;
	return asks;
}

static int
reject(struct judge *judge, const struct record *record,
    const struct decode_error *error)
{
	char reason[160];

	snprintf(reason, sizeof(reason), "%s: expected %s", error->field,
	    error->expected);
	return role_reject(judge->ctx, record, reason);
}

int
judge_beat(struct judge *judge, const struct record *record)
{
	struct decode_error error;
	struct beat_part *part;
	struct beat beat;

	if (beat_decode(record->value, record->len, &beat, &error) == -1)
		return reject(judge, record, &error);
	part = watchlist_part(judge->list, record->partition);
	if (part == NULL || rulebook_load(judge->book) == -1)
		return -1;
	witness_beat(&part->witness, record->time_ms);
	part->dirty = true;
	return look_at_all(
	    judge, part, record, asks_for_all(judge, part, record->time_ms));
}

int
judge_report(struct judge *judge, const struct record *record)
{
	return sightings_apply(judge->sightings, record);
}

/* Is it the alert that this machine has open? */
static bool
is_of_case(const struct alert_case *one, const char *id)
{
	return alert_is_open(one) && strcmp(one->event.id, id) == 0;
}

static int
settle_watch(struct judge *judge, const struct record *record, const char *cart,
    const struct alert_resolution *word)
{
	struct watched *one = judge_watched(judge, cart);
	struct judge_call call;

	if (one == NULL)
		return -1;
	if (!is_of_case(&one->kept.watch.missing, word->id) &&
	    !is_of_case(&one->kept.watch.backlog, word->id))
		return alerts_settle(judge->alerts, record);
	if (judge_call_begin(
		judge, &call, one, record->partition, record->time_ms) == -1 ||
	    watch_settle(&one->kept.watch, word, &call.now) == -1)
		return -1;
	return judge_call_end(&call);
}

int
judge_resolution(struct judge *judge, const struct record *record)
{
	struct alert_resolution word;
	struct decode_error error;
	char cart[CART_MAX + 1];
	enum alert_cause cause;
	struct watched *one;

	if (resolution_decode(record->value, record->len, &word, &error) == -1)
		return reject(judge, record, &error);
	if (alert_id_parse(word.id, cart, &cause) == -1)
		return role_reject(
		    judge->ctx, record, "resolution.id: no such alert");
	if (cause == ALERT_MISSING || cause == ALERT_BACKLOG)
		return settle_watch(judge, record, cart, &word);
	if (cart[0] != '\0') {
		one = judge_watched(judge, cart);
		if (one == NULL)
			return -1;
		one->zone_told = one->zone_told && cause != ALERT_ASTRAY_ZONE;
		one->hours_told = one->hours_told &&
		    cause != ALERT_ASTRAY_HOURS;
	}
	return alerts_settle(judge->alerts, record);
}

int
judge_status(struct judge *judge, const struct record *record, const char *cart,
    const struct watch_status *status)
{
	struct watched *one = judge_watched(judge, cart);
	struct fix fix = status->status->fix;
	struct judge_call call;

	if (one == NULL ||
	    judge_call_begin(
		judge, &call, one, record->partition, record->time_ms) == -1 ||
	    watch_status(&one->kept.watch, status, &call.now) == -1)
		return -1;
	/* It is there at once; the stream's may wait behind a backlog. */
	fix.at = (struct instant){ .ms = status->fix_at_ms };
	if (status->status->has_fix &&
	    judge_way(&call, &fix, 1, record->time_ms) == -1)
		return -1;
	return judge_call_end(&call);
}

int
judge_lost(struct judge *judge, const char *cart)
{
	struct watched *one = judge_watched(judge, cart);

	if (one == NULL)
		return -1;
	watch_lost(&one->kept.watch);
	watchlist_touch(judge->list, one);
	return 0;
}

int
judge_frame_begin(
    struct judge *judge, const struct record *record, const char *cart)
{
	judge->record = record;
	judge->told = false;
	judge->one = judge_watched(judge, cart);
	return judge->one == NULL ? -1 : 0;
}

/* With `count` 0: of the frame alone. */
static int
take(struct judge *judge, const struct fix *fixes, size_t count,
    int64_t newest_ms, int64_t record_ms)
{
	struct watched *one = judge->one;
	struct judge_call call;

	if (judge_call_begin(judge, &call, one, judge->record->partition,
		judge->record->time_ms) == -1)
		return -1;
	if ((newest_ms != INSTANT_MISSING || !judge->told) &&
	    watch_frame(&one->kept.watch, newest_ms, &call.now) == -1)
		return -1;
	judge->told = true;
	if (count > 0 &&
	    (watch_fixes(&one->kept.watch, fixes, count, &call.now) == -1 ||
		judge_way(&call, fixes, count, record_ms) == -1))
		return -1;
	return judge_call_end(&call);
}

int
judge_fixes(struct judge *judge, const struct fix *fixes, size_t count,
    int64_t newest_ms, int64_t record_ms)
{
	return take(judge, fixes, count, newest_ms, record_ms);
}

int
judge_timeless(struct judge *judge)
{
	return take(judge, NULL, 0, INSTANT_MISSING, 0);
}

int
judge_frame_end(struct judge *judge)
{
	int rc = 0;

	if (!judge->told)
		rc = take(judge, NULL, 0, INSTANT_MISSING, 0);
	judge->one = NULL;
	return rc;
}

int
judge_tick(struct judge *judge, int64_t now_ms, bool caught_up)
{
	if (gap_alerts_tick(judge->alerts, judge->ctx, STREAM_POS, now_ms,
		caught_up) == -1 ||
	    sightings_tick(judge->sightings, now_ms, caught_up) == -1)
		return -1;
	return alerts_tick(judge->alerts, now_ms);
}
