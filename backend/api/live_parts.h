/*
 * live_parts: what live.c and live_look.c share; nobody else's.
 */
#ifndef PREGON_API_LIVE_PARTS_H
#define PREGON_API_LIVE_PARTS_H

#include "backend/api/jsonw.h"
#include "backend/api/live.h"

enum kind { KIND_CART, KIND_ALERT, KIND_ORDER, KINDS };

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
	/* The ring. */
	struct live_event *events;
	size_t events_max, bytes_max, bytes;
	uint64_t first, next;
	struct live_text *snapshot; /* of all; NULL: not made yet */
	uint64_t snapshot_next; /* the event after it */
};

/* An event with the JSON of its data.  NULL: ENOMEM. */
struct live_text *live_text_make(const struct live *, const char *kind,
    uint64_t number, const char *data, size_t len);
/* The ring's next event is this.  With the lock. */
void live_push(struct live *, const char *cart, struct live_text *);
void live_thing_free(void *); /* as tdestroy() calls it */

#endif
