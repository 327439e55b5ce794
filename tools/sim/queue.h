/*
 * queue: a virtual cart's outbox, in memory.  The same rules as lib/outbox.h:
 * numbers for each stream and epoch, the oldest epoch first, acknowledged
 * fixes go and acknowledged sales and stock stay, a raised ledger sends whole
 * epochs again, and what is gone by then is a gap.  It has no bound: a
 * simulation ends.
 */
#ifndef PREGON_SIM_QUEUE_H
#define PREGON_SIM_QUEUE_H

#include "lib/outbox.h"

struct queue_event {
	int64_t at_ms;
	uint8_t *bytes; /* not for fixes */
	size_t len;
};

/* One stream of one epoch. */
struct lane {
	uint64_t epoch;
	uint64_t base; /* number of the first kept */
	uint64_t next;
	uint64_t acked;
	int64_t last_ms; /* of the newest event ever */
	struct fix *fixes; /* STREAM_POS: [base, next) */
	struct queue_event *events; /* others */
	size_t room;
};

struct queue_stream {
	struct lane *lanes; /* oldest epoch first */
	size_t count;
	size_t first; /* all before are acknowledged */
};

struct queue {
	struct queue_stream streams[STREAM_COUNT];
	uint64_t unacked; /* events */
};

void queue_init(struct queue *);
void queue_release(struct queue *);

/* 0 and the number, or -1: ENOMEM.  Epochs come in the order of their first
 * event. */
int queue_add_fix(
    struct queue *, uint64_t epoch, const struct fix *, uint64_t *seq);
int queue_add(struct queue *, enum stream, uint64_t epoch, int64_t at_ms,
    const void *item, size_t len, uint64_t *seq);

/* As outbox_next, outbox_range_of, outbox_cut. */
bool queue_next(struct queue *, enum stream, struct outbox_range *);
bool queue_range_of(
    struct queue *, enum stream, uint64_t epoch, struct outbox_range *);
int queue_cut(struct queue *, enum stream, const struct outbox_range *,
    uint64_t ledger, void *buf, size_t cap, size_t *len, uint64_t *next_seq);
void queue_acknowledge(
    struct queue *, enum stream, uint64_t epoch, uint64_t next_seq);
/* Every epoch with an event since then is unsent again. */
void queue_raise(struct queue *, int64_t since_ms);

#endif
