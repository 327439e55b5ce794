/*
 * map: from two integers to a pointer, for what a role keeps in memory.
 *
 * Open addressing; grows by itself.  The values are the caller's.
 */
#ifndef PREGON_CONSUMER_MAP_H
#define PREGON_CONSUMER_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "schemas/identity.h"

struct map_entry {
	uint64_t a, b;
	void *value; /* NULL: a free place */
};
struct map {
	struct map_entry *entries;
	size_t cap; /* a power of two, or 0 */
	size_t count;
};

void map_init(struct map *);
/* Calls `drop` (may be NULL) for each value; empty after it, and usable. */
void map_clear(struct map *, void (*drop)(void *));

/* NULL: not there. */
void *map_get(const struct map *, uint64_t a, uint64_t b);
/* The key must not be there yet.  -1: ENOMEM. */
int map_put(struct map *, uint64_t a, uint64_t b, void *value);

/* A plate as an integer. */
uint64_t map_cart(const char *cart);

#endif
