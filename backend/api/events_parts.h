/*
 * events_parts: what events.c and viewer.c share; nobody else's.
 */
#ifndef PREGON_API_EVENTS_PARTS_H
#define PREGON_API_EVENTS_PARTS_H

#include "backend/api/events.h"
#include "backend/api/live.h"

struct viewer {
	struct events *events;
	struct viewer *next, **link; /* in events->viewers */
	struct asker asker;
	uint8_t hash[TOKEN_HASH_BYTES]; /* of the asker's token */
	struct viewer_settings settings;
	bool asleep, over;
	bool greeted;
	bool has_place; /* `at` is meant: no snapshot is needed */
	uint64_t at; /* the event that comes next */
	struct live_sight sight;
	uint64_t beat; /* the last that was sent */
	struct live_text *text; /* being sent; NULL: none */
	size_t sent; /* of it */
};

struct events {
	struct events_settings settings;
	pthread_t thread;
	pthread_mutex_t lock; /* of all that follows, and of `live` */
	pthread_cond_t change;
	bool closed;
	bool fresh; /* looked at since viewers are there */
	struct viewer *viewers;
	size_t count;
	uint64_t beat; /* how many there were */
	struct live_text *beat_text; /* the last; NULL: none */
	struct live *live;
	struct reader *reader; /* the thread's own */
	struct metric *viewer_count, *event_count, *behind_count;
	struct histogram *look_ms;
};

/* Is there something to send (a snapshot, or an event of theirs)?  With the
 * lock. */
bool viewer_has_event(struct viewer *);

#endif
