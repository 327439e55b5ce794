/*
 * watchlist: see the header.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/map.h"
#include "backend/consumer/watchlist.h"

struct watchlist {
	struct judge_store *store;
	struct alerts *alerts;
	bool loaded;
	struct map map;
	struct watched **all;
	size_t count, cap;
	struct watched *dirty;
	struct beat_part *parts;
	size_t part_count;
	uint8_t bytes[WATCH_BYTES_MAX];
};

struct watchlist *
watchlist_new(struct judge_store *store, struct alerts *alerts)
{
	struct watchlist *list = calloc(1, sizeof(*list));

	if (list == NULL)
		return NULL;
	list->store = store;
	list->alerts = alerts;
	map_init(&list->map);
	return list;
}

void
watchlist_free(struct watchlist *list)
{
	if (list == NULL)
		return;
	watchlist_forget(list);
	free(list);
}

void
watchlist_forget(struct watchlist *list)
{
	map_clear(&list->map, free);
	free(list->all);
	free(list->parts);
	list->all = NULL;
	list->parts = NULL;
	list->count = list->cap = list->part_count = 0;
	list->dirty = NULL;
	list->loaded = false;
}

static int
append(struct watchlist *list, struct watched *one)
{
	if (list->count == list->cap) {
		size_t cap = list->cap == 0 ? 256 : 2 * list->cap;
		struct watched **all = realloc(list->all, cap * sizeof(*all));

		if (all == NULL)
			return -1;
		list->all = all;
		list->cap = cap;
	}
	if (map_put(&list->map, map_cart(one->kept.watch.cart), 0, one) == -1)
		return -1;
	list->all[list->count++] = one;
	return 0;
}

static struct watched *
make(struct watchlist *list, const char *cart)
{
	struct watched *one = calloc(1, sizeof(*one));

	if (one == NULL)
		return NULL;
	watch_init(&one->kept.watch, cart);
	astray_init(&one->kept.astray);
	motion_init(&one->kept.motion);
	if (append(list, one) == -1) {
		free(one);
		return NULL;
	}
	return one;
}

/* What another build kept is not read: its watch begins anew. */
static int
load_watch(void *ctx, const char *cart, const void *bytes, size_t len)
{
	struct watched *one = make(ctx, cart);
	struct watch_kept *kept;

	if (one == NULL)
		return -1;
	kept = malloc(sizeof(*kept));
	if (kept == NULL)
		return -1;
	if (watch_read(kept, bytes, len) == 0 &&
	    strcmp(kept->watch.cart, cart) == 0)
		one->kept = *kept;
	free(kept);
	return 0;
}

static struct watched *
find(struct watchlist *list, const char *cart)
{
	struct watched *one = map_get(&list->map, map_cart(cart), 0);

	return one != NULL ? one : make(list, cart);
}

/* An alert that is open says that it is wrong, whatever the watch has kept. */
static int
resume(struct astray_finding *finding, int64_t *out_ms,
    const struct alert_event *open)
{
	if (finding->wrong)
		return 0;
	*finding = (struct astray_finding){
		.wrong = true,
		.since_ms = open->since_ms,
		.until_ms = INSTANT_MISSING,
		.lat_e6 = open->lat_e6,
		.lon_e6 = open->lon_e6,
		.place_at_ms = open->place_at_ms,
	};
	*out_ms = open->since_ms;
	return 0;
}

static int
load_zone_alert(void *ctx, const struct alert_event *open)
{
	struct watched *one = find(ctx, open->cart);

	if (one == NULL)
		return -1;
	one->zone_told = true;
	return resume(&one->kept.astray.zone, &one->kept.astray.out_ms, open);
}

static int
load_hours_alert(void *ctx, const struct alert_event *open)
{
	struct watched *one = find(ctx, open->cart);

	if (one == NULL)
		return -1;
	one->hours_told = true;
	return resume(&one->kept.astray.hours, &one->kept.astray.off_ms, open);
}

/* Another build kept its watch: it goes on from the alert. */
static int
load_missing_alert(void *ctx, const struct alert_event *open)
{
	struct watched *one = find(ctx, open->cart);

	if (one == NULL)
		return -1;
	if (!alert_is_open(&one->kept.watch.missing))
		watch_adopt(&one->kept.watch, open);
	return 0;
}

static int
load_backlog_alert(void *ctx, const struct alert_event *open)
{
	struct watched *one = find(ctx, open->cart);

	if (one == NULL)
		return -1;
	if (!alert_is_open(&one->kept.watch.backlog))
		watch_adopt(&one->kept.watch, open);
	return 0;
}

static struct beat_part *
part_append(struct watchlist *list, int32_t number)
{
	struct beat_part *parts = realloc(
	    list->parts, (list->part_count + 1) * sizeof(*parts));

	if (parts == NULL)
		return NULL;
	list->parts = parts;
	parts[list->part_count] = (struct beat_part){ .number = number,
		.minute = -1 };
	return &parts[list->part_count++];
}

static int
load_part(void *ctx, const struct witness_row *row)
{
	struct beat_part *part = part_append(ctx, row->part);

	if (part == NULL)
		return -1;
	part->witness = (struct witness){ row->beat_ms, row->clock_ms };
	return 0;
}

static int
load(struct watchlist *list)
{
	struct judge_store *store = list->store;

	if (list->loaded)
		return 0;
	if (store->ops->watch_each(store, load_watch, list) == -1 ||
	    store->ops->witness_each(store, load_part, list) == -1 ||
	    alerts_each(
		list->alerts, ALERT_MISSING, load_missing_alert, list) == -1 ||
	    alerts_each(
		list->alerts, ALERT_BACKLOG, load_backlog_alert, list) == -1 ||
	    alerts_each(
		list->alerts, ALERT_ASTRAY_ZONE, load_zone_alert, list) == -1 ||
	    alerts_each(list->alerts, ALERT_ASTRAY_HOURS, load_hours_alert,
		list) == -1) {
		watchlist_forget(list);
		return -1;
	}
	list->loaded = true;
	return 0;
}

struct watched *
watchlist_get(struct watchlist *list, const char *cart)
{
	return load(list) == -1 ? NULL : find(list, cart);
}

void
watchlist_touch(struct watchlist *list, struct watched *one)
{
	if (one->dirty)
		return;
	one->dirty = true;
	one->next_dirty = list->dirty;
	list->dirty = one;
}

struct beat_part *
watchlist_part(struct watchlist *list, int32_t number)
{
	if (load(list) == -1)
		return NULL;
	for (size_t i = 0; i < list->part_count; i++) {
		if (list->parts[i].number == number)
			return &list->parts[i];
	}
	return part_append(list, number);
}

int
watchlist_all(
    struct watchlist *list, struct watched *const **all, size_t *count)
{
	if (load(list) == -1)
		return -1;
	*all = list->all;
	*count = list->count;
	return 0;
}

int
watchlist_parts(struct watchlist *list, struct beat_part **all, size_t *count)
{
	if (load(list) == -1)
		return -1;
	*all = list->parts;
	*count = list->part_count;
	return 0;
}

static int
flush_parts(struct watchlist *list)
{
	for (size_t i = 0; i < list->part_count; i++) {
		struct beat_part *part = &list->parts[i];
		struct witness_row row = { part->number, part->witness.beat_ms,
			part->witness.witnessed_ms };

		if (!part->dirty)
			continue;
		if (list->store->ops->witness_put(list->store, &row) == -1)
			return -1;
		part->dirty = false;
	}
	return 0;
}

int
watchlist_flush(struct watchlist *list)
{
	while (list->dirty != NULL) {
		struct watched *one = list->dirty;
		size_t len = watch_write(&one->kept, list->bytes);

		if (list->store->ops->watch_put(list->store,
			one->kept.watch.cart, list->bytes, len) == -1)
			return -1;
		one->dirty = false;
		list->dirty = one->next_dirty;
	}
	return flush_parts(list);
}
