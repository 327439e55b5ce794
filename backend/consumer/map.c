/*
 * map: linear probing, at most half full.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/map.h"

#define CAP_FIRST 64

void
map_init(struct map *map)
{
	*map = (struct map){ .entries = NULL };
}

void
map_clear(struct map *map, void (*drop)(void *))
{
	for (size_t i = 0; i < map->cap && drop != NULL; i++) {
		if (map->entries[i].value != NULL)
			drop(map->entries[i].value);
	}
	free(map->entries);
	map_init(map);
}

/* The finisher of splitmix64. */
static inline uint64_t
mix(uint64_t a, uint64_t b)
{
	uint64_t x = a ^ (b * UINT64_C(0x9e3779b97f4a7c15));

	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

static struct map_entry *
place(const struct map *map, uint64_t a, uint64_t b)
{
	size_t i = mix(a, b) & (map->cap - 1);

	while (map->entries[i].value != NULL &&
	    (map->entries[i].a != a || map->entries[i].b != b))
		i = (i + 1) & (map->cap - 1);
	return &map->entries[i];
}

static bool
grow(struct map *map)
{
	struct map old = *map;

	map->cap = old.cap == 0 ? CAP_FIRST : 2 * old.cap;
	map->entries = calloc(map->cap, sizeof(*map->entries));
	if (map->entries == NULL) {
		*map = old;
		return false;
	}
	for (size_t i = 0; i < old.cap; i++) {
		const struct map_entry *e = &old.entries[i];

		if (e->value != NULL)
			*place(map, e->a, e->b) = *e;
	}
	free(old.entries);
	return true;
}

void *
map_get(const struct map *map, uint64_t a, uint64_t b)
{
	return map->cap == 0 ? NULL : place(map, a, b)->value;
}

int
map_put(struct map *map, uint64_t a, uint64_t b, void *value)
{
	if (2 * (map->count + 1) > map->cap && !grow(map))
		return -1;
	*place(map, a, b) = (struct map_entry){ a, b, value };
	map->count++;
	return 0;
}

uint64_t
map_cart(const char *cart)
{
	uint64_t key = 0;

	memcpy(&key, cart, strnlen(cart, CART_MAX));
	return key;
}
