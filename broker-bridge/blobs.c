/*
 * blobs: a chained hash over the bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "broker-bridge/blobs.h"
#include "schemas/topics.h"

#define BUCKETS 1024

struct blobs {
	struct blob *buckets[BUCKETS];
	size_t bytes;
};

struct blobs *
blobs_new(void)
{
	return calloc(1, sizeof(struct blobs));
}

void
blobs_free(struct blobs *blobs)
{
	struct blob *blob, *next;

	if (blobs == NULL)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		for (blob = blobs->buckets[i]; blob != NULL; blob = next) {
			next = blob->next;
			free(blob);
		}
	}
	free(blobs);
}

static struct blob **
bucket_of(struct blobs *blobs, const void *bytes, size_t len)
{
	return &blobs->buckets[murmur2(bytes, len) % BUCKETS];
}

struct blob *
blob_hold(struct blobs *blobs, const void *bytes, size_t len)
{
	struct blob **bucket = bucket_of(blobs, bytes, len);
	struct blob *blob;

	for (blob = *bucket; blob != NULL; blob = blob->next) {
		if (blob->len == len && memcmp(blob->bytes, bytes, len) == 0) {
			blob->holders++;
			return blob;
		}
	}
	blob = malloc(sizeof(*blob) + len);
	if (blob == NULL)
		return NULL;
	blob->next = *bucket;
	blob->holders = 1;
	blob->len = len;
	memcpy(blob->bytes, bytes, len);
	*bucket = blob;
	blobs->bytes += sizeof(*blob) + len;
	return blob;
}

void
blob_drop(struct blobs *blobs, struct blob *blob)
{
	struct blob **at;

	if (blob == NULL || --blob->holders > 0)
		return;
	at = bucket_of(blobs, blob->bytes, blob->len);
	while (*at != blob)
		at = &(*at)->next;
	*at = blob->next;
	blobs->bytes -= sizeof(*blob) + blob->len;
	free(blob);
}

size_t
blobs_bytes(const struct blobs *blobs)
{
	return blobs->bytes;
}
