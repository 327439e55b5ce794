/*
 * inflight: slots in an array, found by a chained hash; a list by age.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "broker-bridge/inflight.h"

#define NONE UINT32_MAX

struct inflight {
	struct inflight_slot *slots;
	uint32_t *buckets;
	uint32_t bucket_mask;
	uint32_t max_frames;
	int64_t max_bytes;
	uint32_t touched; /* slots used so far: pages come with need */
	uint32_t free; /* chain of those given back */
	uint32_t frames;
	int64_t bytes;
	uint32_t oldest, newest;
};

struct inflight *
inflight_new(uint32_t max_frames, int64_t max_bytes)
{
	struct inflight *in = calloc(1, sizeof(*in));
	uint32_t buckets = 64;

	if (in == NULL)
		return NULL;
	while (buckets < max_frames && buckets < UINT32_C(1) << 30)
		buckets *= 2;
	in->bucket_mask = buckets - 1;
	in->max_frames = max_frames;
	in->max_bytes = max_bytes;
	in->free = in->oldest = in->newest = NONE;
	in->slots = calloc(max_frames, sizeof(*in->slots));
	in->buckets = malloc(buckets * sizeof(*in->buckets));
	if (in->slots == NULL || in->buckets == NULL) {
		inflight_free(in);
		errno = ENOMEM;
		return NULL;
	}
	memset(in->buckets, 0xff, buckets * sizeof(*in->buckets));
	return in;
}

void
inflight_free(struct inflight *in)
{
	if (in == NULL)
		return;
	free(in->slots);
	free(in->buckets);
	free(in);
}

/* The end of splitmix64: every bit of the key moves the low ones. */
static uint32_t *
bucket_of(const struct inflight *in, const struct inflight_key *key)
{
	uint64_t h = key->plate ^ key->epoch * UINT64_C(0x9e3779b97f4a7c15) ^
	    key->first_seq * UINT64_C(0xc2b2ae3d27d4eb4f) ^
	    (uint64_t)key->stream << 56 ^ key->ledger;

	h = (h ^ (h >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	h = (h ^ (h >> 27)) * UINT64_C(0x94d049bb133111eb);
	return &in->buckets[(h ^ (h >> 31)) & in->bucket_mask];
}

static bool
is_same(const struct inflight_key *a, const struct inflight_key *b)
{
	return a->plate == b->plate && a->epoch == b->epoch &&
	    a->first_seq == b->first_seq && a->ledger == b->ledger &&
	    a->stream == b->stream;
}

static uint32_t
slot_unused(struct inflight *in)
{
	uint32_t i = in->free;

	if (i == NONE)
		return in->touched++;
	in->free = in->slots[i].chain;
	return i;
}

static void
link_newest(struct inflight *in, uint32_t i)
{
	struct inflight_slot *slot = &in->slots[i];

	slot->older = in->newest;
	slot->newer = NONE;
	if (in->newest == NONE)
		in->oldest = i;
	else
		in->slots[in->newest].newer = i;
	in->newest = i;
}

static void
unlink_aged(struct inflight *in, const struct inflight_slot *slot)
{
	if (slot->older == NONE)
		in->oldest = slot->newer;
	else
		in->slots[slot->older].newer = slot->newer;
	if (slot->newer == NONE)
		in->newest = slot->older;
	else
		in->slots[slot->newer].older = slot->older;
}

struct inflight_slot *
inflight_take(struct inflight *in, const struct inflight_key *key, size_t bytes,
    int64_t received_us)
{
	uint32_t *bucket = bucket_of(in, key);
	struct inflight_slot *slot;
	uint32_t i;

	for (i = *bucket; i != NONE; i = in->slots[i].chain) {
		if (is_same(&in->slots[i].key, key)) {
			errno = EEXIST;
			return NULL;
		}
	}
	if (in->frames == in->max_frames ||
	    in->bytes + (int64_t)bytes > in->max_bytes) {
		errno = ENOBUFS;
		return NULL;
	}
	i = slot_unused(in);
	slot = &in->slots[i];
	*slot = (struct inflight_slot){ .key = *key,
		.received_us = received_us,
		.bytes = (uint32_t)bytes,
		.chain = *bucket };
	*bucket = i;
	link_newest(in, i);
	in->frames++;
	in->bytes += (int64_t)bytes;
	return slot;
}

void
inflight_release(struct inflight *in, struct inflight_slot *slot)
{
	uint32_t *at = bucket_of(in, &slot->key);
	uint32_t i = (uint32_t)(slot - in->slots);

	while (*at != i)
		at = &in->slots[*at].chain;
	*at = slot->chain;
	unlink_aged(in, slot);
	in->frames--;
	in->bytes -= slot->bytes;
	slot->chain = in->free;
	in->free = i;
}

uint32_t
inflight_frames(const struct inflight *in)
{
	return in->frames;
}

int64_t
inflight_bytes(const struct inflight *in)
{
	return in->bytes;
}

bool
inflight_is_calm(const struct inflight *in)
{
	return in->frames < in->max_frames / 2 + 1 &&
	    in->bytes <= in->max_bytes / 2;
}

int64_t
inflight_oldest_us(const struct inflight *in)
{
	return in->oldest == NONE ? INT64_MAX
				  : in->slots[in->oldest].received_us;
}
