/*
 * Buckets in a table of chains, and in a list by when they were last used.
 * A bucket holds when it will be full again (the "theoretical arrival time"
 * of ATM's GCRA): one number says all, and needs no refilling.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "backend/api/limits.h"
#include "schemas/topics.h"

struct bucket {
	struct bucket *chain; /* the next of the same hash */
	struct bucket *older, *newer; /* by use */
	struct in6_addr prefix;
	int64_t full_ms;
};

struct limits {
	pthread_mutex_t lock;
	struct limits_settings set;
	size_t count;
	size_t mask; /* chains - 1 */
	struct bucket *oldest, *newest;
	struct bucket *buckets; /* set.addresses of them */
	struct bucket **chains;
};

struct limits *
limits_new(const struct limits_settings *settings)
{
	struct limits *l = calloc(1, sizeof(*l));
	size_t chains = 1;

	if (l == NULL)
		return NULL;
	while (chains < settings->addresses)
		chains *= 2;
	l->set = *settings;
	l->mask = chains - 1;
	l->buckets = calloc(settings->addresses, sizeof(*l->buckets));
	l->chains = calloc(chains, sizeof(*l->chains));
	if (l->buckets == NULL || l->chains == NULL ||
	    pthread_mutex_init(&l->lock, NULL) != 0) {
		free(l->buckets);
		free(l->chains);
		free(l);
		return NULL;
	}
	return l;
}

void
limits_free(struct limits *l)
{
	if (l == NULL)
		return;
	pthread_mutex_destroy(&l->lock);
	free(l->buckets);
	free(l->chains);
	free(l);
}

static struct in6_addr
prefix_of(const struct address *address)
{
	struct in6_addr prefix = address->in6;

	if (!IN6_IS_ADDR_V4MAPPED(&prefix))
		memset(prefix.s6_addr + 8, 0, 8);
	return prefix;
}

static struct bucket **
chain_of(struct limits *l, const struct in6_addr *prefix)
{
	return &l->chains[murmur2(prefix, sizeof(*prefix)) & l->mask];
}

static void
list_remove(struct limits *l, struct bucket *b)
{
	*(b->older != NULL ? &b->older->newer : &l->oldest) = b->newer;
	*(b->newer != NULL ? &b->newer->older : &l->newest) = b->older;
}

static void
list_append(struct limits *l, struct bucket *b)
{
	b->older = l->newest;
	b->newer = NULL;
	*(l->newest != NULL ? &l->newest->newer : &l->oldest) = b;
	l->newest = b;
}

static void
chain_remove(struct limits *l, struct bucket *b)
{
	struct bucket **link = chain_of(l, &b->prefix);

	while (*link != b)
		link = &(*link)->chain;
	*link = b->chain;
}

/* One to be used for another address; it is in no chain and no list. */
static struct bucket *
fresh_bucket(struct limits *l)
{
	struct bucket *b;

	if (l->count < l->set.addresses)
		return &l->buckets[l->count++];
	/* All take equally long to fill: what was not used for the longest
	 * time is full, if any is. */
	b = l->oldest;
	list_remove(l, b);
	chain_remove(l, b);
	return b;
}

static struct bucket *
bucket_of(struct limits *l, const struct in6_addr *prefix, int64_t now_ms)
{
	struct bucket **chain = chain_of(l, prefix), *b;

	for (b = *chain; b != NULL; b = b->chain) {
		if (memcmp(&b->prefix, prefix, sizeof(*prefix)) == 0) {
			list_remove(l, b);
			list_append(l, b);
			return b;
		}
	}
	b = fresh_bucket(l);
	b->prefix = *prefix;
	b->full_ms = now_ms;
	b->chain = *chain;
	*chain = b;
	list_append(l, b);
	return b;
}

int64_t
limits_take(struct limits *l, const struct address *address, int64_t now_ms)
{
	struct in6_addr prefix = prefix_of(address);
	int64_t window_ms = l->set.burst * l->set.every_ms;
	int64_t full_ms, wait_ms;
	struct bucket *b;

	pthread_mutex_lock(&l->lock);
	b = bucket_of(l, &prefix, now_ms);
	full_ms = (b->full_ms > now_ms ? b->full_ms : now_ms) + l->set.every_ms;
	wait_ms = full_ms - window_ms - now_ms;
	if (wait_ms <= 0) {
		b->full_ms = full_ms;
		wait_ms = 0;
	}
	pthread_mutex_unlock(&l->lock);
	return wait_ms;
}
