/*
 * carts: what the bridge knows of each cart: what its status last said, and
 * the commands that wait for it.
 */
#ifndef PREGON_CARTS_H
#define PREGON_CARTS_H

#include "broker-bridge/address.h"
#include "broker-bridge/blobs.h"
#include "schemas/status.h"

/* A command that the log holds for a cart. */
struct pending {
	struct pending *next; /* rising ids */
	uint64_t id; /* the record's offset + 1 */
	int kind; /* enum cmd_kind */
	struct blob *payload;
	size_t key_len;
	char key[];
};

struct cart {
	plate_t plate;
	/* as the newest status has it */
	bool online;
	uint64_t epoch, count, connection;
	uint64_t ledger, applied;
	/* the commands, and the one that was sent last */
	struct pending *first;
	uint32_t pending;
	uint64_t sent_id; /* 0: nothing under way */
	int64_t resend_ms;
	int backoff_ms;
};

struct carts;

struct carts *carts_new(void); /* NULL: ENOMEM */
void carts_free(struct carts *); /* frees carts, not what waits */
struct cart *carts_find(const struct carts *, plate_t); /* NULL: none */
/* Found, or made: zeros but for the plate.  NULL: ENOMEM. */
struct cart *carts_get(struct carts *, plate_t);
size_t carts_count(const struct carts *);
/* One after the other: *at is 0 at first.  NULL: no more. */
struct cart *carts_next(const struct carts *, size_t *at);

/*
 * Takes in a status: false if it is older than what is known, or the will of
 * a connection that is gone.  A will is no news of what was applied.
 */
bool cart_hears(struct cart *, const struct status *);

#endif
