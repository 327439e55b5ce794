/*
 * intake: from a record that holds a frame to the events in it that are new.
 *
 * What every role of a cart's stream does alike: the frame is read, each of
 * its numbers accounted for (account.h), gap markers explain, time markers
 * are kept, what cannot be read goes to topic_rechazados.  The role's
 * handler gets what is left.
 */
#ifndef PREGON_CONSUMER_INTAKE_H
#define PREGON_CONSUMER_INTAKE_H

#include "backend/consumer/event_time.h"
#include "backend/consumer/role.h"

/* One event, or a run of fixes. */
struct intake_event {
	const struct record *record;
	const char *cart;
	uint64_t epoch;
	uint64_t seq; /* of the event, or of the first fix */
	const struct item *item;
	const struct fix *fixes; /* of a run: the new ones */
	size_t fix_count;
	struct instant at; /* as given; of a run: its last fix's */
	struct event_time time; /* the same, judged */
	const int64_t *offset_ms; /* of its boot; NULL: not needed, or
					   no marker has come */
};

/* Each 0, or -1 with errno when the store failed. */
struct intake_handler {
	/* It is new. */
	int (*event)(void *, const struct intake_event *);
	/* It was seen before (not called for fixes); may be NULL. */
	int (*repeat)(void *, const struct intake_event *);
	/* A time marker came: what waited for it has its time now. */
	int (*mend)(void *, const char *cart, uint64_t boot, int64_t offset_ms);
};

struct intake;
struct intake *intake_new(struct role_context *, enum stream,
    const struct intake_handler *, void *handler_ctx);
void intake_free(struct intake *);

/* Of role->apply, for records whose schema is the stream's. */
int intake_frame(struct intake *, const struct record *);
/* The record's key as a plate: -1 when it is none, and was rejected or the
 * store failed (*rc says which: 0 or -1). */
int intake_cart(struct role_context *, const struct record *,
    char cart[CART_MAX + 1], int *rc);

int intake_flush(struct intake *);
void intake_forget(struct intake *);

#endif
