/*
 * livetable: see the header.
 */
#include <stdlib.h>

#include "backend/consumer/livetable.h"
#include "backend/consumer/live_rules.h"
#include "backend/consumer/map.h"

/* Beyond it all are dropped after a flush: 300 bytes each. */
#define CARTS_MAX 50000

struct entry {
	struct cart_state state;
	bool dirty;
	struct entry *next_dirty;
};

struct livetable {
	struct positions_store *store;
	struct map map;
	struct entry *dirty;
};

struct livetable *
livetable_new(struct positions_store *store)
{
	struct livetable *carts = calloc(1, sizeof(*carts));

	if (carts == NULL)
		return NULL;
	carts->store = store;
	map_init(&carts->map);
	return carts;
}

void
livetable_free(struct livetable *carts)
{
	if (carts == NULL)
		return;
	livetable_forget(carts);
	free(carts);
}

void
livetable_forget(struct livetable *carts)
{
	map_clear(&carts->map, free);
	carts->dirty = NULL;
}

static struct entry *
entry_read(struct livetable *carts, const char *cart)
{
	struct entry *entry = calloc(1, sizeof(*entry));

	if (entry == NULL)
		return NULL;
	live_init(&entry->state, cart);
	if (carts->store->ops->cart_get(carts->store, &entry->state) == -1) {
		free(entry);
		return NULL;
	}
	return entry;
}

struct cart_state *
livetable_get(struct livetable *carts, const char *cart)
{
	uint64_t key = map_cart(cart);
	struct entry *entry = map_get(&carts->map, key, 0);

	if (entry == NULL) {
		entry = entry_read(carts, cart);
		if (entry == NULL)
			return NULL;
		if (map_put(&carts->map, key, 0, entry) == -1) {
			free(entry);
			return NULL;
		}
	}
	if (!entry->dirty) {
		entry->dirty = true;
		entry->next_dirty = carts->dirty;
		carts->dirty = entry;
	}
	return &entry->state;
}

int
livetable_flush(struct livetable *carts)
{
	while (carts->dirty != NULL) {
		struct entry *entry = carts->dirty;

		if (carts->store->ops->cart_put(carts->store, &entry->state) ==
		    -1)
			return -1;
		entry->dirty = false;
		carts->dirty = entry->next_dirty;
	}
	if (carts->map.count > CARTS_MAX)
		livetable_forget(carts);
	return 0;
}
