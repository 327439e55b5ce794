#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "backend/api/rulebook.h"
#include "lib/log.h"
#include "schemas/rules.h"

struct page {
	char *key;
	void *value;
	size_t len;
};
struct rulebook {
	pthread_mutex_t lock; /* of all below */
	bool known; /* the topic was read to its end */
	struct page *pages; /* by key */
	size_t count, cap;
	struct log_limit limit;
};

struct rulebook *
rulebook_new(void)
{
	struct rulebook *book = calloc(1, sizeof(*book));

	if (book != NULL)
		pthread_mutex_init(&book->lock, NULL);
	return book;
}

static void
clear(struct rulebook *book)
{
	size_t i;

	for (i = 0; i < book->count; i++) {
		free(book->pages[i].key);
		free(book->pages[i].value);
	}
	book->count = 0;
}

void
rulebook_free(struct rulebook *book)
{
	if (book == NULL)
		return;
	clear(book);
	free(book->pages);
	pthread_mutex_destroy(&book->lock);
	free(book);
}

/* The first page whose key is not below. */
static size_t
find(const struct rulebook *book, const char *key)
{
	size_t low = 0, high = book->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(book->pages[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
is_at(const struct rulebook *book, size_t i, const char *key)
{
	return i < book->count && strcmp(book->pages[i].key, key) == 0;
}

static void
take_out(struct rulebook *book, size_t i)
{
	free(book->pages[i].key);
	free(book->pages[i].value);
	book->count--;
	memmove(&book->pages[i], &book->pages[i + 1],
	    (book->count - i) * sizeof(book->pages[0]));
}

static int
make_room(struct rulebook *book)
{
	size_t cap = book->cap > 0 ? 2 * book->cap : 64;
	struct page *pages;

	if (book->count < book->cap)
		return 0;
	if (book->count >= RULEBOOK_KEYS_MAX) {
		errno = ENOSPC;
		return -1;
	}
	pages = realloc(book->pages, cap * sizeof(*pages));
	if (pages == NULL)
		return -1;
	book->pages = pages;
	book->cap = cap;
	return 0;
}

/* `page` goes over, if it is taken. */
static int
put(struct rulebook *book, const struct page *page)
{
	size_t i = find(book, page->key);

	if (is_at(book, i, page->key)) {
		take_out(book, i);
	} else if (make_room(book) == -1) {
		return -1;
	}
	memmove(&book->pages[i + 1], &book->pages[i],
	    (book->count - i) * sizeof(book->pages[0]));
	book->pages[i] = *page;
	book->count++;
	return 0;
}

static void
feed_begin(void *ctx)
{
	struct rulebook *book = ctx;

	pthread_mutex_lock(&book->lock);
	clear(book);
	book->known = false;
	pthread_mutex_unlock(&book->lock);
}

static void
feed_record(
    void *ctx, const char *key, size_t key_len, const void *value, size_t len)
{
	const size_t token = strlen(TOKEN_KEY);
	struct rulebook *book = ctx;
	struct page page = { .len = len };
	unsigned long held;
	size_t i;

	if (key_len >= token && memcmp(key, TOKEN_KEY, token) == 0)
		return;
	page.key = strndup(key, key_len);
	page.value = value != NULL ? malloc(len + 1) : NULL;
	pthread_mutex_lock(&book->lock);
	if (page.key != NULL && value == NULL) {
		i = find(book, page.key);
		if (is_at(book, i, page.key))
			take_out(book, i);
	} else if (page.key != NULL && page.value != NULL) {
		memcpy(page.value, value, len);
		if (put(book, &page) == 0)
			page = (struct page){ .key = NULL };
		else if (log_limited(&book->limit, 10000, &held))
			log_error("api.rule_untaken",
			    "key=\"%s\" held_back=%lu why=\"%m\"", page.key,
			    held);
	}
	pthread_mutex_unlock(&book->lock);
	free(page.key);
	free(page.value);
}

static void
feed_caught_up(void *ctx)
{
	struct rulebook *book = ctx;

	pthread_mutex_lock(&book->lock);
	book->known = true;
	pthread_mutex_unlock(&book->lock);
}

const struct rules_log_handler rulebook_feed = { feed_begin, feed_record,
	feed_caught_up };

int
rulebook_get(struct rulebook *book, const char *key,
    int (*each)(void *, const void *, size_t), void *ctx)
{
	int rc = -1;
	size_t i;

	pthread_mutex_lock(&book->lock);
	i = find(book, key);
	if (!book->known)
		errno = EAGAIN;
	else if (!is_at(book, i, key))
		errno = ENOENT;
	else
		rc = each(ctx, book->pages[i].value, book->pages[i].len);
	pthread_mutex_unlock(&book->lock);
	return rc;
}

int
rulebook_walk(struct rulebook *book, const char *prefix,
    int (*each)(void *, const void *, size_t), void *ctx)
{
	const size_t len = strlen(prefix);
	int rc = 0;
	size_t i;

	pthread_mutex_lock(&book->lock);
	if (!book->known) {
		errno = EAGAIN;
		rc = -1;
	}
	for (i = find(book, prefix); rc == 0 && i < book->count &&
	     strncmp(book->pages[i].key, prefix, len) == 0;
	     i++)
		rc = each(ctx, book->pages[i].value, book->pages[i].len);
	pthread_mutex_unlock(&book->lock);
	return rc;
}
