/*
 * blobs: bytes kept once, however many hold them.
 *
 * The guild gives the same catalogue to each of its thousands of carts, as
 * a record each; the bridge holds its bytes once.
 */
#ifndef PREGON_BLOBS_H
#define PREGON_BLOBS_H

#include <stddef.h>
#include <stdint.h>

struct blobs;
struct blob {
	struct blob *next; /* blobs' own, as are the holders */
	uint32_t holders;
	size_t len;
	uint8_t bytes[];
};

struct blobs *blobs_new(void); /* NULL: ENOMEM */
void blobs_free(struct blobs *); /* and all in it */

/* A holder more of these bytes.  NULL: ENOMEM. */
struct blob *blob_hold(struct blobs *, const void *, size_t len);
/* A holder less; without any it is freed.  NULL: nothing. */
void blob_drop(struct blobs *, struct blob *);
/* Of all, with their heads. */
size_t blobs_bytes(const struct blobs *);

#endif
