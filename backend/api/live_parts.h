/*
 * live_parts: what live.c, live_look.c and live_rows.c share; nobody else's.
 */
#ifndef PREGON_API_LIVE_PARTS_H
#define PREGON_API_LIVE_PARTS_H

#include "backend/api/jsonw.h"
#include "backend/api/live.h"

enum kind {
	KIND_CART,
	KIND_ALERT,
	KIND_ORDER,
	KIND_TICKET,
	KIND_MEMBER,
	KINDS
};

struct thing {
	enum kind kind;
	char id[ALERT_ID_MAX + ORDER_ID_MAX];
	char cart[CART_MAX + 1];
	struct live_text *text; /* its last event */
	uint64_t seen; /* in which look */
};

struct live {
	pthread_mutex_t *lock;
	uint32_t run; /* tells this program's events from those before it */
	void *things; /* of tsearch() */
	uint64_t look;
	struct jsonw json; /* of the thing at hand */
	bool failed; /* no memory */
	/* Of the database that a kind was last read from. */
	int64_t versions[KINDS];
	/* The ring. */
	struct live_event *events;
	size_t events_max, bytes_max, bytes;
	uint64_t first, next;
	/* Of all carts, without and with members. */
	struct live_whole {
		struct live_text *text; /* NULL: not made yet */
		uint64_t next; /* the event after it */
	} wholes[2];
};

/* No database has it. */
#define VERSION_UNKNOWN INT64_C(-1)

/* An event with the JSON of its data.  NULL: ENOMEM. */
struct live_text *live_text_make(const struct live *, const char *kind,
    uint64_t number, const char *data, size_t len);
/* The ring's next event is this, about that thing.  With the lock. */
void live_push(struct live *, const struct thing *, struct live_text *);
void live_thing_free(void *); /* as tdestroy() calls it */

/* What l->json says is how the thing is now. */
void live_take(struct live *, enum kind, const char *id, const char *cart);
/* live_take() for each of the kind that is live, or for the one of this id as
 * it is now.  -1: errno of the reader. */
int live_read(struct live *, struct reader *, enum kind, const char *id,
    int64_t now_ms, int64_t live_ms);

#endif
