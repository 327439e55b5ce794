/*
 * seen: sets of eight, the newest in front.
 */
#include <stdlib.h>
#include <string.h>

#include "broker-bridge/seen.h"

#define WAYS 8
#define SETS 4096

struct seen {
	uint64_t sets[SETS][WAYS];
};

struct seen *
seen_new(void)
{
	return calloc(1, sizeof(struct seen));
}

void
seen_free(struct seen *seen)
{
	free(seen);
}

/* FNV-1a: who finds two frames of one hash hides a bad one of their own. */
static uint64_t
fnv(uint64_t h, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;

	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * UINT64_C(0x100000001b3);
	return h;
}

uint64_t
seen_hash(const char *topic, const void *bytes, size_t len)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	/* Its NUL too: "ab" + "c" is not "a" + "bc". */
	h = fnv(h, topic, strlen(topic) + 1);
	h = fnv(h, bytes, len);
	return h == 0 ? 1 : h;
}

static uint64_t *
set_of(struct seen *seen, uint64_t hash)
{
	return seen->sets[(hash ^ hash >> 32) % SETS];
}

static void
put_first(uint64_t *set, size_t at, uint64_t hash)
{
	memmove(set + 1, set, at * sizeof(*set));
	set[0] = hash;
}

bool
seen_has(struct seen *seen, uint64_t hash)
{
	uint64_t *set = set_of(seen, hash);

	for (size_t i = 0; i < WAYS; i++) {
		if (set[i] == hash) {
			put_first(set, i, hash);
			return true;
		}
	}
	return false;
}

void
seen_add(struct seen *seen, uint64_t hash)
{
	if (!seen_has(seen, hash))
		put_first(set_of(seen, hash), WAYS - 1, hash);
}
