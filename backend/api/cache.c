/*
 * Few entries, looked through one by one: a cache of a quarter of a second
 * never holds many that are still good.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/api/cache.h"
#include "backend/api/request.h"

#define ENTRIES 64
#define KEPT_TIMES 10 /* as long as it took to make */

struct entry {
	char key[CACHE_KEY_MAX];
	int64_t made_us, until_us;
	int status;
	const char *type;
	bool cacheable;
	size_t len;
	char *body; /* NULL: the entry is free */
};

struct cache {
	pthread_mutex_t lock;
	int64_t kept_max_us;
	size_t bytes_max, bytes;
	struct entry entries[ENTRIES];
};

struct cache *
cache_new(int64_t kept_max_us, size_t bytes_max)
{
	struct cache *c = calloc(1, sizeof(*c));

	if (c == NULL || pthread_mutex_init(&c->lock, NULL) != 0) {
		free(c);
		return NULL;
	}
	c->kept_max_us = kept_max_us;
	c->bytes_max = bytes_max;
	return c;
}

static void
entry_empty(struct cache *c, struct entry *e)
{
	c->bytes -= e->len;
	free(e->body);
	e->body = NULL;
	e->len = 0;
}

void
cache_free(struct cache *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < ENTRIES; i++)
		entry_empty(c, &c->entries[i]);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

/* No path or plate has a line feed; values may, and so go with their length
 * before them. */
int
cache_key(
    const struct request *r, const char *own_cart, char key[CACHE_KEY_MAX])
{
	int len = snprintf(key, CACHE_KEY_MAX, "%s\n%s", own_cart, r->path);

	for (size_t i = 0; len < CACHE_KEY_MAX && i < r->param_count; i++)
		len += snprintf(key + len, CACHE_KEY_MAX - (size_t)len,
		    "\n%s=%zu:%s", r->params[i].name,
		    strlen(r->params[i].value), r->params[i].value);
	return len < CACHE_KEY_MAX ? 0 : -1;
}

static struct entry *
find(struct cache *c, const char *key)
{
	for (size_t i = 0; i < ENTRIES; i++)
		if (c->entries[i].body != NULL &&
		    strcmp(c->entries[i].key, key) == 0)
			return &c->entries[i];
	return NULL;
}

static bool
copy_out(const struct entry *e, struct answer *a)
{
	char *copy = malloc(e->len + 1);

	if (copy == NULL)
		return false;
	memcpy(copy, e->body, e->len);
	jsonw_release(&a->body);
	a->body.text = copy;
	a->body.len = e->len;
	a->body.cap = e->len + 1;
	a->status = e->status;
	a->type = e->type;
	a->cacheable = e->cacheable;
	return true;
}

bool
cache_get(struct cache *c, const char *key, int64_t now_us, struct answer *a)
{
	const struct entry *e;
	bool got;

	pthread_mutex_lock(&c->lock);
	e = find(c, key);
	got = e != NULL && now_us < e->until_us && copy_out(e, a);
	pthread_mutex_unlock(&c->lock);
	return got;
}

static struct entry *
oldest(struct cache *c)
{
	struct entry *found = NULL;

	for (size_t i = 0; i < ENTRIES; i++) {
		struct entry *e = &c->entries[i];

		if (e->body != NULL &&
		    (found == NULL || e->made_us < found->made_us))
			found = e;
	}
	return found;
}

static struct entry *
free_entry(struct cache *c)
{
	struct entry *e;

	for (size_t i = 0; i < ENTRIES; i++)
		if (c->entries[i].body == NULL)
			return &c->entries[i];
	e = oldest(c);
	entry_empty(c, e);
	return e;
}

static void
put(struct cache *c, const char *key, int64_t now_us, int64_t until_us,
    const struct answer *a)
{
	char *copy = malloc(a->body.len + 1);
	struct entry *e = find(c, key);

	if (copy == NULL)
		return;
	if (a->body.len > 0)
		memcpy(copy, a->body.text, a->body.len);
	if (e != NULL)
		entry_empty(c, e);
	while (c->bytes + a->body.len > c->bytes_max && oldest(c) != NULL)
		entry_empty(c, oldest(c));
	if (e == NULL)
		e = free_entry(c);
	*e = (struct entry){ .made_us = now_us,
		.until_us = until_us,
		.status = a->status,
		.type = a->type,
		.cacheable = a->cacheable,
		.len = a->body.len,
		.body = copy };
	snprintf(e->key, sizeof(e->key), "%s", key);
	c->bytes += e->len;
}

void
cache_put(struct cache *c, const char *key, int64_t now_us, int64_t took_us,
    const struct answer *a)
{
	int64_t kept_us = took_us * KEPT_TIMES;

	if (kept_us > c->kept_max_us)
		kept_us = c->kept_max_us;
	/* What would displace much of the rest is not worth it. */
	if (kept_us <= took_us || a->body.len > c->bytes_max / 4)
		return;
	pthread_mutex_lock(&c->lock);
	put(c, key, now_us, now_us + kept_us, a);
	pthread_mutex_unlock(&c->lock);
}
