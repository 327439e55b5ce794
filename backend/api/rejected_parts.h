/*
 * rejected_parts: what rejected.c reads and rejected_write.c shows; nobody
 * else's.
 */
#ifndef PREGON_API_REJECTED_PARTS_H
#define PREGON_API_REJECTED_PARTS_H

#include "backend/api/api.h"

#define REASON_BYTES 500
#define ORIGIN_BYTES 250

struct bytes {
	size_t len;
	unsigned char at[REASON_BYTES];
};

struct reject {
	int64_t at_ms;
	int32_t partition;
	int64_t offset;
	size_t size;
	struct bytes reason, origin, key, preview;
};

/* An object. */
void rejected_write(struct jsonw *, const struct reject *);

#endif
