/*
 * Entries in a table of chains by the slot (a digest already), and in a list
 * by when they began, whose head is what expires or gives way.
 */
#include <errno.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "backend/api/idempotency.h"
#include "schemas/identity.h"

struct entry {
	struct entry *chain;
	struct entry *older, *newer;
	struct digest slot, fingerprint;
	int64_t began_ms;
	bool under_way;
	/* The answer, once it is there. */
	int status;
	const char *type;
	char location[sizeof(((struct answer *)NULL)->location)];
	size_t len;
	char *body;
};

struct idempotency {
	pthread_mutex_t lock;
	size_t keys_max, bytes_max;
	size_t count, bytes;
	size_t mask; /* chains - 1 */
	struct entry *oldest, *newest;
	struct entry **chains;
};

bool
idempotency_key_is_valid(const char *key)
{
	size_t len = 0;

	for (; key[len] != '\0'; len++)
		if (len == IDEMPOTENCY_KEY_MAX || key[len] <= ' ' ||
		    key[len] > '~')
			return false;
	return len > 0;
}

/* Parts with their lengths, so that none can pass for another's. */
struct part {
	const void *p;
	size_t len;
};

static int
digest_parts(const struct part *parts, size_t count, struct digest *out)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	int ok = md != NULL && EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1;

	for (size_t i = 0; ok && i < count; i++) {
		uint64_t len = parts[i].len;

		ok = EVP_DigestUpdate(md, &len, sizeof(len)) == 1 &&
		    EVP_DigestUpdate(md, parts[i].p, parts[i].len) == 1;
	}
	ok = ok && EVP_DigestFinal_ex(md, out->byte, NULL) == 1;
	EVP_MD_CTX_free(md);
	if (ok)
		return 0;
	errno = EIO;
	return -1;
}

int
idempotency_slot(
    const struct asker *asker, const char *key, struct digest *slot)
{
	const struct part parts[] = {
		{ asker->id, strlen(asker->id) },
		{ &asker->address, asker->known ? 0 : sizeof(asker->address) },
		{ key, strlen(key) },
	};

	return digest_parts(parts, 3, slot);
}

int
idempotency_fingerprint(const char *method, const char *path, const void *body,
    size_t len, struct digest *fingerprint)
{
	const struct part parts[] = { { method, strlen(method) },
		{ path, strlen(path) }, { len > 0 ? body : "", len } };

	return digest_parts(parts, 3, fingerprint);
}

int
idempotency_id(
    const struct digest *slot, const char *of, char *text, size_t chars)
{
	const struct part parts[] = { { slot->byte, DIGEST_BYTES },
		{ of, strlen(of) } };
	struct digest d;

	if (digest_parts(parts, 2, &d) == -1)
		return -1;
	base32_format(d.byte, text, chars);
	return 0;
}

int
idempotency_identity(const char *what, const char *whose, const char *key,
    struct digest *identity)
{
	const struct part parts[] = { { what, strlen(what) },
		{ whose, strlen(whose) }, { key, strlen(key) } };

	return digest_parts(parts, 3, identity);
}

struct idempotency *
idempotency_new(size_t keys_max, size_t bytes_max)
{
	struct idempotency *t = calloc(1, sizeof(*t));
	size_t chains = 1;

	if (t == NULL)
		return NULL;
	while (chains < keys_max)
		chains *= 2;
	t->keys_max = keys_max;
	t->bytes_max = bytes_max;
	t->mask = chains - 1;
	t->chains = calloc(chains, sizeof(struct entry *));
	if (t->chains == NULL || pthread_mutex_init(&t->lock, NULL) != 0) {
		free(t->chains);
		free(t);
		return NULL;
	}
	return t;
}

static struct entry **
find_link(struct idempotency *t, const struct digest *slot)
{
	struct entry **link;
	size_t hash;

	memcpy(&hash, slot->byte, sizeof(hash));
	link = &t->chains[hash & t->mask];
	while (
	    *link != NULL && memcmp(&(*link)->slot, slot, sizeof(*slot)) != 0)
		link = &(*link)->chain;
	return link;
}

static void
list_remove(struct idempotency *t, struct entry *e)
{
	*(e->older != NULL ? &e->older->newer : &t->oldest) = e->newer;
	*(e->newer != NULL ? &e->newer->older : &t->newest) = e->older;
}

static void
list_append(struct idempotency *t, struct entry *e)
{
	e->older = t->newest;
	e->newer = NULL;
	*(t->newest != NULL ? &t->newest->newer : &t->oldest) = e;
	t->newest = e;
}

static void
entry_remove(struct idempotency *t, struct entry *e)
{
	*find_link(t, &e->slot) = e->chain;
	list_remove(t, e);
	t->count--;
	t->bytes -= e->len;
	free(e->body);
	free(e);
}

void
idempotency_free(struct idempotency *t)
{
	if (t == NULL)
		return;
	while (t->oldest != NULL)
		entry_remove(t, t->oldest);
	pthread_mutex_destroy(&t->lock);
	free(t->chains);
	free(t);
}

/*
 * Room for one more entry, or for `bytes` of an answer: what has expired
 * goes, then what is oldest.  What is under way stays.
 */
static bool
make_room(struct idempotency *t, size_t entries, size_t bytes, int64_t now_ms)
{
	struct entry *e = t->oldest, *next;

	for (; e != NULL; e = next) {
		next = e->newer;
		if (now_ms - e->began_ms < IDEMPOTENCY_KEPT_MS &&
		    t->count + entries <= t->keys_max &&
		    t->bytes + bytes <= t->bytes_max)
			break;
		if (!e->under_way)
			entry_remove(t, e);
	}
	return t->count + entries <= t->keys_max &&
	    t->bytes + bytes <= t->bytes_max;
}

static enum idempotency_verdict
repeat_answer(const struct entry *e, struct answer *a)
{
	char *copy = malloc(e->len + 1);

	if (copy == NULL)
		return IDEMPOTENCY_FULL;
	memcpy(copy, e->body, e->len);
	jsonw_release(&a->body);
	a->body.text = copy;
	a->body.len = e->len;
	a->body.cap = e->len + 1;
	a->status = e->status;
	a->type = e->type;
	memcpy(a->location, e->location, sizeof(a->location));
	a->replayed = true;
	return IDEMPOTENCY_REPEAT;
}

static enum idempotency_verdict
begin(struct idempotency *t, const struct digest *slot,
    const struct digest *fingerprint, int64_t now_ms, struct answer *a)
{
	struct entry **link, *e;

	if (!make_room(t, 0, 0, now_ms))
		return IDEMPOTENCY_FULL;
	e = *find_link(t, slot);
	if (e != NULL) {
		if (memcmp(&e->fingerprint, fingerprint,
			sizeof(*fingerprint)) != 0)
			return IDEMPOTENCY_OTHER;
		return e->under_way ? IDEMPOTENCY_UNDER_WAY
				    : repeat_answer(e, a);
	}
	if (!make_room(t, 1, 0, now_ms))
		return IDEMPOTENCY_FULL;
	e = calloc(1, sizeof(*e));
	if (e == NULL)
		return IDEMPOTENCY_FULL;
	e->slot = *slot;
	e->fingerprint = *fingerprint;
	e->began_ms = now_ms;
	e->under_way = true;
	link = find_link(t, slot);
	*link = e;
	list_append(t, e);
	t->count++;
	return IDEMPOTENCY_NEW;
}

enum idempotency_verdict
idempotency_begin(struct idempotency *t, const struct digest *slot,
    const struct digest *fingerprint, int64_t now_ms, struct answer *a)
{
	enum idempotency_verdict verdict;

	pthread_mutex_lock(&t->lock);
	verdict = begin(t, slot, fingerprint, now_ms, a);
	pthread_mutex_unlock(&t->lock);
	return verdict;
}

void
idempotency_finish(struct idempotency *t, const struct digest *slot,
    const struct answer *a, int64_t now_ms)
{
	char *copy = malloc(a->body.len + 1);
	struct entry *e;

	pthread_mutex_lock(&t->lock);
	e = *find_link(t, slot);
	if (e == NULL) {
		free(copy);
	} else if (copy == NULL || !make_room(t, 0, a->body.len, now_ms)) {
		/* A repeat is done once more, to the same ids. */
		free(copy);
		entry_remove(t, e);
	} else {
		if (a->body.len > 0)
			memcpy(copy, a->body.text, a->body.len);
		e->body = copy;
		e->len = a->body.len;
		t->bytes += e->len;
		e->status = a->status;
		e->type = a->type;
		memcpy(e->location, a->location, sizeof(e->location));
		e->under_way = false;
	}
	pthread_mutex_unlock(&t->lock);
}

void
idempotency_drop(struct idempotency *t, const struct digest *slot)
{
	struct entry *e;

	pthread_mutex_lock(&t->lock);
	e = *find_link(t, slot);
	if (e != NULL)
		entry_remove(t, e);
	pthread_mutex_unlock(&t->lock);
}
