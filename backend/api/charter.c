#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "backend/api/charter.h"
#include "lib/log.h"
#include "schemas/rules.h"

struct page {
	char *key;
	void *value;
	size_t len;
};
struct charter {
	pthread_mutex_t lock; /* of all below */
	bool known; /* the topic was read to its end */
	struct page *pages; /* by key */
	size_t count, cap;
	struct log_limit limit;
};

struct charter *
charter_new(void)
{
	struct charter *charter = calloc(1, sizeof(*charter));

	if (charter != NULL)
		pthread_mutex_init(&charter->lock, NULL);
	return charter;
}

static void
clear(struct charter *charter)
{
	size_t i;

	for (i = 0; i < charter->count; i++) {
		free(charter->pages[i].key);
		free(charter->pages[i].value);
	}
	charter->count = 0;
}

void
charter_free(struct charter *charter)
{
	if (charter == NULL)
		return;
	clear(charter);
	free(charter->pages);
	pthread_mutex_destroy(&charter->lock);
	free(charter);
}

/* The first page whose key is not below. */
static size_t
find(const struct charter *charter, const char *key)
{
	size_t low = 0, high = charter->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(charter->pages[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
is_at(const struct charter *charter, size_t i, const char *key)
{
	return i < charter->count && strcmp(charter->pages[i].key, key) == 0;
}

static void
take_out(struct charter *charter, size_t i)
{
	free(charter->pages[i].key);
	free(charter->pages[i].value);
	charter->count--;
	memmove(&charter->pages[i], &charter->pages[i + 1],
	    (charter->count - i) * sizeof(charter->pages[0]));
}

static int
make_room(struct charter *charter)
{
	size_t cap = charter->cap > 0 ? 2 * charter->cap : 64;
	struct page *pages;

	if (charter->count >= CHARTER_KEYS_MAX) {
		errno = ENOSPC;
		return -1;
	}
	if (charter->count < charter->cap)
		return 0;
	pages = realloc(charter->pages, cap * sizeof(*pages));
	if (pages == NULL)
		return -1;
	charter->pages = pages;
	charter->cap = cap;
	return 0;
}

/* `page` goes over, if it is taken. */
static int
put(struct charter *charter, const struct page *page)
{
	size_t i = find(charter, page->key);

	if (is_at(charter, i, page->key)) {
		take_out(charter, i);
	} else if (make_room(charter) == -1) {
		return -1;
	}
	memmove(&charter->pages[i + 1], &charter->pages[i],
	    (charter->count - i) * sizeof(charter->pages[0]));
	charter->pages[i] = *page;
	charter->count++;
	return 0;
}

static void
feed_begin(void *ctx)
{
	struct charter *charter = ctx;

	pthread_mutex_lock(&charter->lock);
	clear(charter);
	charter->known = false;
	pthread_mutex_unlock(&charter->lock);
}

static void
feed_record(
    void *ctx, const char *key, size_t key_len, const void *value, size_t len)
{
	const size_t token = strlen(TOKEN_KEY);
	struct charter *charter = ctx;
	struct page page = { .len = len };
	unsigned long held;
	size_t i;

	if (key_len >= token && memcmp(key, TOKEN_KEY, token) == 0)
		return;
	page.key = strndup(key, key_len);
	page.value = value != NULL ? malloc(len + 1) : NULL;
	pthread_mutex_lock(&charter->lock);
	if (page.key != NULL && value == NULL) {
		i = find(charter, page.key);
		if (is_at(charter, i, page.key))
			take_out(charter, i);
	} else if (page.key != NULL && page.value != NULL) {
		memcpy(page.value, value, len);
		if (put(charter, &page) == 0)
			page = (struct page){ .key = NULL };
		else if (log_limited(&charter->limit, 10000, &held))
			log_error("api.rule_untaken",
			    "key=\"%s\" held_back=%lu why=\"%m\"", page.key,
			    held);
	}
	pthread_mutex_unlock(&charter->lock);
	free(page.key);
	free(page.value);
}

static void
feed_caught_up(void *ctx)
{
	struct charter *charter = ctx;

	pthread_mutex_lock(&charter->lock);
	charter->known = true;
	pthread_mutex_unlock(&charter->lock);
}

const struct rules_log_handler charter_feed = { feed_begin, feed_record,
	feed_caught_up };

int
charter_get(struct charter *charter, const char *key,
    int (*each)(void *, const void *, size_t), void *ctx)
{
	int rc = -1;
	size_t i;

	pthread_mutex_lock(&charter->lock);
	i = find(charter, key);
	if (!charter->known)
		errno = EAGAIN;
	else if (!is_at(charter, i, key))
		errno = ENOENT;
	else
		rc = each(ctx, charter->pages[i].value, charter->pages[i].len);
	pthread_mutex_unlock(&charter->lock);
	return rc;
}

int
charter_walk(struct charter *charter, const char *prefix,
    int (*each)(void *, const void *, size_t), void *ctx)
{
	const size_t len = strlen(prefix);
	int rc = 0;
	size_t i;

	pthread_mutex_lock(&charter->lock);
	if (!charter->known) {
		errno = EAGAIN;
		rc = -1;
	}
	for (i = find(charter, prefix); rc == 0 && i < charter->count &&
	     strncmp(charter->pages[i].key, prefix, len) == 0;
	     i++)
		rc = each(ctx, charter->pages[i].value, charter->pages[i].len);
	pthread_mutex_unlock(&charter->lock);
	return rc;
}
