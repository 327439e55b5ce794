/*
 * outbox: the cart's memory of what the guild has not yet confirmed.
 *
 * One SQLite file holds every event of every stream until the bridge
 * acknowledges it, and acknowledged sales and stock for 30 days more.  Only
 * the loop's thread may call these.  Functions that can fail return 0, or -1
 * with errno set (ENOSPC, EROFS, EIO, EBADMSG damaged; EINVAL outside of
 * begin..commit, EBUSY inside of it, where that is a mistake); nothing here
 * logs.
 * pregonctl reads the file of a dead cart through the same functions.
 */
#ifndef PREGON_OUTBOX_H
#define PREGON_OUTBOX_H

#include "schemas/frame.h"

struct outbox;

enum outbox_durability {
	OUTBOX_SYNC, /* on the flash before the call returns */
	OUTBOX_GROUP /* on the flash at the next outbox_flush */
};

struct outbox_settings {
	const char *path;
	int64_t max_bytes; /* of the file; 256 kB at least */
	int64_t keep_days; /* acknowledged sales and stock: 30 */
};

/*
 * Opens or creates the file and begins a new epoch (getrandom; again if the
 * file knows it).  A damaged file is set aside as <path>.damaged-<time>, a
 * new one begun, and *damaged set, for the caller to say so.  NULL: EACCES,
 * ENOSPC, EROFS, ENOMEM, ENOTSUP (a newer version's), EWOULDBLOCK (another
 * gateway has it), with `why` in words.
 */
struct outbox *outbox_open(
    const struct outbox_settings *, bool *damaged, char *why, size_t why_cap);
/*
 * For reading a dead cart's file (or a running one's): no epoch is begun, and
 * nothing is written to it.  It is a copy in a folder of its own (TMPDIR),
 * so outbox_acknowledge and outbox_raise work, and are forgotten at close:
 * that is how one walks through all of it.  Of a damaged file it gives the
 * streams that can be read (the depth of others is 0).  begin: EROFS.
 */
struct outbox *outbox_open_reader(const char *path, char *why, size_t why_cap);
void outbox_close(struct outbox *);

uint64_t outbox_epoch(const struct outbox *);
/* A new epoch from here on (the clock was set back). */
int outbox_begin_epoch(struct outbox *);

/*
 * Several appends that stand or fall together (a sale and its stock): begin,
 * append..., commit with the durability of the strongest.  A commit that
 * fails may have undone what was grouped before, too: the outbox then has
 * begun a new epoch, for those numbers may have been sent.
 */
int outbox_begin(struct outbox *);
int outbox_commit(struct outbox *, enum outbox_durability);
void outbox_rollback(struct outbox *);

/*
 * Appends one encoded item of one number to the current epoch; its number in
 * *seq.  `at` is its time.  Within begin..commit.  ENOSPC: full, and nothing
 * may be given up for it.  When the file is full, fixes give way: thinned
 * first (every second of the oldest half), then the oldest dropped; what
 * goes is explained by a gap item in its place.  A fix that finds only sales
 * and stock takes its number and is given up itself.  EMSGSIZE: more than
 * ITEM_BYTES_MAX, or on STREAM_POS than a fix or a time marker needs.
 */
int outbox_append(struct outbox *, enum stream, struct instant at,
    const void *item, size_t len, uint64_t *seq);
/* Makes group-committed events durable. */
int outbox_flush(struct outbox *);

/* The first epoch (oldest first) of a stream with something to send.
 * 1 found, 0 nothing, -1 errno. */
struct outbox_range {
	uint64_t epoch;
	uint64_t first_seq; /* first unacknowledged */
	uint64_t end_seq; /* after the last */
};
int outbox_next(struct outbox *, enum stream, struct outbox_range *);
/* The same for a given epoch (acks). */
int outbox_range_of(
    struct outbox *, enum stream, uint64_t epoch, struct outbox_range *);
/*
 * Cuts a frame from the range's start into buf (at most cap bytes, at most
 * max_count numbers; 0: as large as fits): fixes joined into runs, gap items
 * where events gave way, items as they were appended.  *len bytes, *next_seq
 * after its last number.  The `ledger` goes into the envelope.
 */
int outbox_cut(struct outbox *, enum stream, const struct outbox_range *,
    uint64_t ledger, uint64_t max_count, void *buf, size_t cap, size_t *len,
    uint64_t *next_seq);

/* Lets go of [first, next) of one epoch: fixes and help go, sales and stock
 * are kept as acknowledged while there is room. */
int outbox_acknowledge(
    struct outbox *, enum stream, uint64_t epoch, uint64_t next_seq);

/* Events not acknowledged, of one stream; all: STREAM_COUNT. */
uint64_t outbox_depth(const struct outbox *, enum stream);
/* When the oldest unacknowledged event was made; INSTANT_MISSING: none. */
int64_t outbox_oldest_ms(struct outbox *);

/*
 * A higher ledger was heard: stores it and marks as unsent, in one
 * transaction, every epoch with an event since `since_ms`, whole (numbers no
 * longer kept become a gap item, GAP_FORGOTTEN).
 */
int outbox_raise(struct outbox *, uint64_t ledger, int64_t since_ms);
uint64_t outbox_ledger(const struct outbox *);
/* The first ledger ever heard is only stored. 0: none heard yet. */

/* A sale's request: 1 found and *digest and *folio filled (but for its cart,
 * which the outbox does not know), 0 not, -1. */
int outbox_request_find(struct outbox *, const char *id, size_t len,
    struct folio *folio, uint64_t *digest);
/* Within begin..commit, after the append. */
int outbox_request_store(struct outbox *, const char *id, size_t len,
    uint64_t epoch, uint64_t seq, uint64_t digest);
/* The item bytes of one kept event: 1 found, 0 not. *buf is the caller's. */
int outbox_event(struct outbox *, enum stream, uint64_t epoch, uint64_t seq,
    void *buf, size_t cap, size_t *len);

/*
 * The newest kept events of a stream, the newest first: at most `limit`, or
 * until `each` answers false.  How many it was shown; -1.  `each` must not
 * call the outbox; the item is its own for as long as the call.
 */
struct outbox_kept {
	uint64_t epoch, seq;
	struct instant at;
	const void *item;
	size_t len;
	bool acknowledged; /* the guild has it */
};
int outbox_newest(struct outbox *, enum stream, int limit,
    bool (*each)(void *ctx, const struct outbox_kept *), void *ctx);

/* Small durable values of the gateway (last command applied, catalogue,
 * settings, day open, levels): key to bytes.  put is within begin..commit. */
int outbox_put(struct outbox *, const char *key, const void *, size_t);
/* Length, or -1: ENOENT, ERANGE (cap too small). */
long outbox_get(struct outbox *, const char *key, void *buf, size_t cap);

/*
 * The file is this cart's from now on.  EPERM: it is another's, whose plate
 * *owner then holds.  Not within begin..commit.
 */
int outbox_claim(struct outbox *, const char *cart, char owner[CART_MAX + 1]);

#endif
