/*
 * accounts: see the header.
 */
#include <stdio.h>
#include <stdlib.h>

#include "backend/consumer/accounts.h"
#include "backend/consumer/map.h"

/* Beyond it all are dropped after a flush, and read again as needed: about
 * 150 bytes each. */
#define ACCOUNTS_MAX 100000

struct entry {
	struct account account;
	bool dirty;
};

struct accounts {
	struct runtime_store *store;
	struct map map;
	struct entry **dirty;
	size_t dirty_count, dirty_cap;
};

static void
entry_free(void *value)
{
	struct entry *entry = value;

	account_release(&entry->account);
	free(entry);
}

struct accounts *
accounts_new(struct runtime_store *store)
{
	struct accounts *accounts = calloc(1, sizeof(*accounts));

	if (accounts == NULL)
		return NULL;
	accounts->store = store;
	map_init(&accounts->map);
	return accounts;
}

void
accounts_free(struct accounts *accounts)
{
	if (accounts == NULL)
		return;
	accounts_forget(accounts);
	free(accounts->dirty);
	free(accounts);
}

void
accounts_forget(struct accounts *accounts)
{
	map_clear(&accounts->map, entry_free);
	accounts->dirty_count = 0;
}

static struct entry *
entry_read(struct accounts *accounts, const char *cart, enum stream stream,
    uint64_t epoch)
{
	struct entry *entry = calloc(1, sizeof(*entry));

	if (entry == NULL)
		return NULL;
	snprintf(entry->account.cart, sizeof(entry->account.cart), "%s", cart);
	entry->account.stream = stream;
	entry->account.epoch = epoch;
	if (accounts->store->ops->account_get(
		accounts->store, &entry->account) == -1) {
		entry_free(entry);
		return NULL;
	}
	return entry;
}

static int
mark_dirty(struct accounts *accounts, struct entry *entry)
{
	if (entry->dirty)
		return 0;
	if (accounts->dirty_count == accounts->dirty_cap) {
		size_t cap = accounts->dirty_cap == 0 ? 256
						      : 2 * accounts->dirty_cap;
		struct entry **dirty = realloc(
		    accounts->dirty, cap * sizeof(*dirty));

		if (dirty == NULL)
			return -1;
		accounts->dirty = dirty;
		accounts->dirty_cap = cap;
	}
	accounts->dirty[accounts->dirty_count++] = entry;
	entry->dirty = true;
	return 0;
}

struct account *
accounts_get(struct accounts *accounts, const char *cart, enum stream stream,
    uint64_t epoch)
{
	uint64_t a = map_cart(cart);
	uint64_t b = (uint64_t)stream << EPOCH_BITS | epoch;
	struct entry *entry = map_get(&accounts->map, a, b);

	if (entry == NULL) {
		entry = entry_read(accounts, cart, stream, epoch);
		if (entry == NULL)
			return NULL;
		if (map_put(&accounts->map, a, b, entry) == -1) {
			entry_free(entry);
			return NULL;
		}
	}
	return mark_dirty(accounts, entry) == -1 ? NULL : &entry->account;
}

int
accounts_flush(struct accounts *accounts)
{
	struct runtime_store *store = accounts->store;

	for (size_t i = 0; i < accounts->dirty_count; i++) {
		struct entry *entry = accounts->dirty[i];

		if (store->ops->account_swap(store, &entry->account) == -1)
			return -1;
		entry->dirty = false;
	}
	accounts->dirty_count = 0;
	if (accounts->map.count > ACCOUNTS_MAX)
		accounts_forget(accounts);
	return 0;
}
