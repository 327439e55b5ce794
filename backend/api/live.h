/*
 * live: what is happening, as text for everybody who looks on.
 *
 * Each cart, open alert, open order, unresolved ticket and member is kept as
 * it was last shown.  A look at the read models (live_look) turns what has
 * changed into events, encoded once for all, which wait in a ring of bounded
 * size: who falls behind it begins anew, with a snapshot of all there is.
 * Members are for admins alone.
 *
 * One thread looks, any number read.  The lock is the caller's: live_look()
 * takes it for each change it finds, all others are called with it held.
 */
#ifndef PREGON_API_LIVE_H
#define PREGON_API_LIVE_H

#include <pthread.h>
#include <stdatomic.h>

#include "backend/store/read.h"

/* What goes to a client, shared by all that have yet to send it. */
struct live_text {
	_Atomic unsigned holders;
	size_t len;
	size_t data_at, data_len; /* the JSON within an event */
	char bytes[];
};
struct live_text *live_text_hold(struct live_text *);
void live_text_drop(struct live_text *); /* NULL is nothing */

/* Of tickets the newest so many: a flood of them is not live. */
#define LIVE_TICKETS_MAX 1000

/* What somebody may see. */
struct live_sight {
	char cart[CART_MAX + 1]; /* what is this one's; "": all carts' */
	bool members;
};

struct live_event {
	char cart[CART_MAX + 1]; /* whose; "": of no cart of ours */
	bool of_member;
	struct live_text *text;
};

struct live;
/* NULL: ENOMEM, EIO (no randomness).  The ring keeps at most so many bytes
 * and events. */
struct live *live_new(pthread_mutex_t *, size_t bytes_max, size_t events_max);
void live_free(struct live *);

/*
 * A cart that was never shown or looks different makes an event `cart`, and
 * so with `alert`, `order`, `ticket` and `member`; the last of these says that
 * it is closed (of a member: rejected, or has left).  A role that has no
 * database yet, or keeps it locked, has nothing new.  -1: a database cannot
 * be read (errno), or ENOMEM.
 */
int live_look(struct live *, struct reader *, int64_t now_ms, int64_t live_ms);

/* Events are numbered; those from first to before next are there. */
uint64_t live_first(const struct live *);
uint64_t live_next(const struct live *);
const struct live_event *live_at(const struct live *, uint64_t number);
/* The event after the one that this Last-Event-ID names; false: it is not
 * there (any more). */
bool live_after(const struct live *, const char *last_id, uint64_t *number);
bool live_shows(const struct live_sight *, const struct live_event *);
/* An event `snapshot`: all there is to be seen, as before event *next; held
 * for the caller.  NULL: ENOMEM. */
struct live_text *live_snapshot(
    struct live *, const struct live_sight *, uint64_t *next);
/* An event `beat`, which has no number; held for the caller.  NULL: ENOMEM. */
struct live_text *live_beat(int64_t now_ms);

#endif
