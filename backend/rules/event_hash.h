/*
 * event_hash: tells an event from another under the same name, by its bytes.
 */
#ifndef PREGON_RULES_EVENT_HASH_H
#define PREGON_RULES_EVENT_HASH_H

#include <stddef.h>
#include <stdint.h>

#define EVENT_HASH_START UINT64_C(14695981039346656037)

/* FNV-1a: tells contents apart, guards against no one. */
uint64_t event_hash_more(uint64_t hash, const void *bytes, size_t len);

/* Of an item as it stands in its frame. */
static inline uint64_t
event_hash(const void *item, size_t len)
{
	return event_hash_more(EVENT_HASH_START, item, len);
}

#endif
