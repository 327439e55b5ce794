/*
 * A table of chains by the id's hash, under a lock that many may read.
 */
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "backend/api/tokens.h"
#include "schemas/topics.h"

#define CHAINS 8192 /* a power of two */

struct entry {
	struct entry *next;
	struct token token;
};

struct tokens {
	pthread_rwlock_t lock;
	bool known;
	size_t count;
	struct entry *chains[CHAINS];
};

struct tokens *
tokens_new(void)
{
	struct tokens *t = calloc(1, sizeof(*t));

	if (t == NULL || pthread_rwlock_init(&t->lock, NULL) != 0) {
		free(t);
		return NULL;
	}
	return t;
}

static void
forget_all(struct tokens *t)
{
	struct entry *next;

	for (size_t i = 0; i < CHAINS; i++) {
		for (; t->chains[i] != NULL; t->chains[i] = next) {
			next = t->chains[i]->next;
			free(t->chains[i]);
		}
	}
	t->count = 0;
	t->known = false;
}

void
tokens_free(struct tokens *t)
{
	if (t == NULL)
		return;
	forget_all(t);
	pthread_rwlock_destroy(&t->lock);
	free(t);
}

/* The link that points to the id's entry, or to the chain's end. */
static struct entry **
find_link(struct tokens *t, const char *id, size_t len)
{
	struct entry **link = &t->chains[murmur2(id, len) & (CHAINS - 1)];

	while (*link != NULL &&
	    (strlen((*link)->token.id) != len ||
		memcmp((*link)->token.id, id, len) != 0))
		link = &(*link)->next;
	return link;
}

static int
put(struct tokens *t, const struct token *token)
{
	struct entry **link = find_link(t, token->id, strlen(token->id));

	if (*link == NULL) {
		if (t->count == TOKENS_MAX) {
			errno = ENOSPC;
			return -1;
		}
		*link = calloc(1, sizeof(**link));
		if (*link == NULL)
			return -1;
		t->count++;
	}
	(*link)->token = *token;
	return 0;
}

int
tokens_put(struct tokens *t, const struct token *token)
{
	int rc;

	pthread_rwlock_wrlock(&t->lock);
	rc = put(t, token);
	pthread_rwlock_unlock(&t->lock);
	return rc;
}

void
tokens_remove(struct tokens *t, const char *id, size_t len)
{
	struct entry **link, *gone;

	pthread_rwlock_wrlock(&t->lock);
	link = find_link(t, id, len);
	gone = *link;
	if (gone != NULL) {
		*link = gone->next;
		t->count--;
		free(gone);
	}
	pthread_rwlock_unlock(&t->lock);
}

void
tokens_clear(struct tokens *t)
{
	pthread_rwlock_wrlock(&t->lock);
	forget_all(t);
	pthread_rwlock_unlock(&t->lock);
}

void
tokens_set_known(struct tokens *t)
{
	pthread_rwlock_wrlock(&t->lock);
	t->known = true;
	pthread_rwlock_unlock(&t->lock);
}

bool
tokens_known(struct tokens *t)
{
	bool known;

	pthread_rwlock_rdlock(&t->lock);
	known = t->known;
	pthread_rwlock_unlock(&t->lock);
	return known;
}

enum tokens_answer
tokens_find(
    struct tokens *t, const char *bearer, size_t len, struct token *token)
{
	const char *dot = memchr(bearer, '.', len);
	size_t id_len = dot != NULL ? (size_t)(dot - bearer) : 0;
	uint8_t hash[TOKEN_HASH_BYTES];
	const struct entry *entry;
	bool known, found;

	if (id_len == 0 || id_len > TOKEN_ID_MAX)
		return tokens_known(t) ? TOKENS_REFUSED : TOKENS_UNKNOWN;
	if (token_hash(bearer, len, hash) == -1)
		return TOKENS_UNKNOWN;
	pthread_rwlock_rdlock(&t->lock);
	known = t->known;
	entry = *find_link(t, bearer, id_len);
	/* In constant time: how much of a guess is right is not to be seen. */
	found = entry != NULL &&
	    CRYPTO_memcmp(entry->token.hash, hash, sizeof(hash)) == 0;
	if (found)
		*token = entry->token;
	pthread_rwlock_unlock(&t->lock);
	/* Not even one that is there counts before the topic was read to its
	 * end: it may be revoked further on. */
	if (!known)
		return TOKENS_UNKNOWN;
	return found ? TOKENS_FOUND : TOKENS_REFUSED;
}

enum tokens_answer
tokens_get(struct tokens *t, const char *id, struct token *token)
{
	const struct entry *entry;
	bool known;

	pthread_rwlock_rdlock(&t->lock);
	known = t->known;
	entry = *find_link(t, id, strlen(id));
	if (entry != NULL)
		*token = entry->token;
	pthread_rwlock_unlock(&t->lock);
	if (!known)
		return TOKENS_UNKNOWN;
	return entry != NULL ? TOKENS_FOUND : TOKENS_REFUSED;
}

int
token_hash(const char *bearer, size_t len, uint8_t hash[TOKEN_HASH_BYTES])
{
	unsigned size = 0;

	if (EVP_Digest(bearer, len, hash, &size, EVP_sha256(), NULL) == 1 &&
	    size == TOKEN_HASH_BYTES)
		return 0;
	errno = EIO;
	return -1;
}
