/*
 * tracks: see the header.
 */
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/map.h"
#include "backend/consumer/tracks.h"

/* Parts in memory, 4 kB each; beyond it all are written and dropped, and read
 * again as needed.  A frame may touch thousands of hours. */
#define PARTS_MAX 16384

struct part {
	char cart[CART_MAX + 1];
	int64_t hour;
	int64_t id; /* of its row; 0: none yet */
	bool dirty;
	struct part *next_dirty;
	struct chunk chunk;
};

struct tracks {
	struct positions_store *store;
	struct map parts;
	struct part *dirty;
};

struct tracks *
tracks_new(struct positions_store *store)
{
	struct tracks *tracks = calloc(1, sizeof(*tracks));

	if (tracks == NULL)
		return NULL;
	tracks->store = store;
	map_init(&tracks->parts);
	return tracks;
}

void
tracks_free(struct tracks *tracks)
{
	if (tracks == NULL)
		return;
	tracks_forget(tracks);
	free(tracks);
}

void
tracks_forget(struct tracks *tracks)
{
	map_clear(&tracks->parts, free);
	tracks->dirty = NULL;
}

static int
part_write(struct tracks *tracks, struct part *part)
{
	return tracks->store->ops->chunk_put(
	    tracks->store, part->cart, part->hour, &part->id, &part->chunk);
}

static int
write_dirty(struct tracks *tracks)
{
	while (tracks->dirty != NULL) {
		struct part *part = tracks->dirty;

		if (part_write(tracks, part) == -1)
			return -1;
		part->dirty = false;
		tracks->dirty = part->next_dirty;
	}
	return 0;
}

int
tracks_flush(struct tracks *tracks)
{
	if (write_dirty(tracks) == -1)
		return -1;
	if (tracks->parts.count >= PARTS_MAX)
		tracks_forget(tracks);
	return 0;
}

static struct part *
part_read(struct tracks *tracks, const char *cart, int64_t hour)
{
	struct part *part = malloc(sizeof(*part));
	int rc;

	if (part == NULL)
		return NULL;
	memset(part, 0, offsetof(struct part, chunk));
	memcpy(part->cart, cart, strnlen(cart, CART_MAX));
	part->hour = hour;
	rc = tracks->store->ops->chunk_get(
	    tracks->store, cart, hour, &part->id, &part->chunk);
	if (rc == -1) {
		free(part);
		return NULL;
	}
	if (rc == 0)
		chunk_init(&part->chunk, hour * HOUR_MS);
	return part;
}

static struct part *
part_get(struct tracks *tracks, const char *cart, int64_t hour)
{
	uint64_t key = map_cart(cart);
	struct part *part = map_get(&tracks->parts, key, (uint64_t)hour);

	if (part != NULL)
		return part;
	if (tracks->parts.count >= PARTS_MAX && tracks_flush(tracks) == -1)
		return NULL;
	part = part_read(tracks, cart, hour);
	if (part == NULL)
		return NULL;
	if (map_put(&tracks->parts, key, (uint64_t)hour, part) == -1) {
		free(part);
		return NULL;
	}
	return part;
}

static void
mark_dirty(struct tracks *tracks, struct part *part)
{
	if (part->dirty)
		return;
	part->dirty = true;
	part->next_dirty = tracks->dirty;
	tracks->dirty = part;
}

/* A full part is written and the next begun in its place. */
static int
part_add(struct tracks *tracks, struct part *part, const struct fix *fix,
    bool provisional)
{
	if (chunk_append(&part->chunk, fix, provisional))
		return 0;
	if (part_write(tracks, part) == -1)
		return -1;
	part->id = 0;
	chunk_init(&part->chunk, part->hour * HOUR_MS);
	chunk_append(&part->chunk, fix, provisional);
	return 0;
}

int
tracks_add(struct tracks *tracks, const char *cart, const struct fix *fixes,
    size_t count, bool provisional)
{
	struct part *part = NULL;
	int64_t start_ms = 0;

	for (size_t i = 0; i < count; i++) {
		int64_t ms = fixes[i].at.ms;

		if (part == NULL || ms < start_ms || ms >= start_ms + HOUR_MS) {
			part = part_get(tracks, cart, ms / HOUR_MS);
			if (part == NULL)
				return -1;
			start_ms = part->hour * HOUR_MS;
			mark_dirty(tracks, part);
		}
		if (part_add(tracks, part, &fixes[i], provisional) == -1)
			return -1;
	}
	return 0;
}
