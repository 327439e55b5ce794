/*
 * carts: an open hash of plates.
 */
#include <stdlib.h>

#include "broker-bridge/carts.h"

struct carts {
	struct cart **slots;
	size_t mask;
	size_t count;
};

#define FIRST_SLOTS 256

struct carts *
carts_new(void)
{
	struct carts *carts = calloc(1, sizeof(*carts));

	if (carts == NULL)
		return NULL;
	carts->slots = calloc(FIRST_SLOTS, sizeof(struct cart *));
	carts->mask = FIRST_SLOTS - 1;
	if (carts->slots == NULL) {
		free(carts);
		return NULL;
	}
	return carts;
}

void
carts_free(struct carts *carts)
{
	if (carts == NULL)
		return;
	for (size_t i = 0; i <= carts->mask; i++)
		free(carts->slots[i]);
	free(carts->slots);
	free(carts);
}

/* Where the plate is, or the empty slot where it belongs. */
static struct cart **
slot_of(struct cart **slots, size_t mask, plate_t plate)
{
	uint64_t h = plate * UINT64_C(0x9e3779b97f4a7c15);
	size_t i = (size_t)(h ^ h >> 32) & mask;

	while (slots[i] != NULL && slots[i]->plate != plate)
		i = (i + 1) & mask;
	return &slots[i];
}

struct cart *
carts_find(const struct carts *carts, plate_t plate)
{
	return *slot_of(carts->slots, carts->mask, plate);
}

static int
grow(struct carts *carts)
{
	size_t mask = carts->mask * 2 + 1;
	struct cart **slots = calloc(mask + 1, sizeof(struct cart *));

	if (slots == NULL)
		return -1;
	for (size_t i = 0; i <= carts->mask; i++) {
		struct cart *cart = carts->slots[i];

		if (cart != NULL)
			*slot_of(slots, mask, cart->plate) = cart;
	}
	free(carts->slots);
	carts->slots = slots;
	carts->mask = mask;
	return 0;
}

struct cart *
carts_get(struct carts *carts, plate_t plate)
{
	struct cart **slot = slot_of(carts->slots, carts->mask, plate);

	if (*slot != NULL)
		return *slot;
	/* At most half full. */
	if (carts->count * 2 > carts->mask) {
		if (grow(carts) == -1)
			return NULL;
		slot = slot_of(carts->slots, carts->mask, plate);
	}
	*slot = calloc(1, sizeof(struct cart));
	if (*slot != NULL) {
		(*slot)->plate = plate;
		carts->count++;
	}
	return *slot;
}

size_t
carts_count(const struct carts *carts)
{
	return carts->count;
}

struct cart *
carts_next(const struct carts *carts, size_t *at)
{
	while (*at <= carts->mask) {
		struct cart *cart = carts->slots[(*at)++];

		if (cart != NULL)
			return cart;
	}
	return NULL;
}

bool
cart_hears(struct cart *cart, const struct status *status)
{
	bool same = status->epoch == cart->epoch;

	if (status->state == STATUS_LOST) {
		if (same && status->connection < cart->connection)
			return false;
		cart->online = false;
		return true;
	}
	if (same && status->count < cart->count)
		return false;
	/* Another connection may have lost what was sent to the last one. */
	if (!same || status->connection != cart->connection)
		cart->sent_id = 0;
	cart->online = status->state == STATUS_ONLINE;
	cart->epoch = status->epoch;
	cart->count = status->count;
	cart->connection = status->connection;
	cart->ledger = status->ledger;
	cart->applied = status->applied;
	return true;
}
