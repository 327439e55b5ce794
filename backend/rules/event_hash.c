#include "backend/rules/event_hash.h"

#define FNV_PRIME UINT64_C(1099511628211)

uint64_t
event_hash_more(uint64_t hash, const void *bytes, size_t len)
{
	const unsigned char *p = bytes;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ p[i]) * FNV_PRIME;
	return hash;
}
