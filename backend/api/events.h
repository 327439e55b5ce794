/*
 * events: those who look on, and what each of them is still to be sent.
 *
 * One thread looks at the read models (live.h) for all of them, while there
 * are any, each EVENTS_LOOK_MS or as often as it takes up a quarter of its
 * time.  A viewer reads a snapshot first, or what came after the event that
 * they name, then events, among them a beat each EVENTS_BEAT_MS, so that a
 * connection that is gone is noticed at both its ends.  Who falls
 * behind the ring of events, or whose token or session is over, is sent away.
 */
#ifndef PREGON_API_EVENTS_H
#define PREGON_API_EVENTS_H

#include "backend/api/access.h"
#include "backend/store/read.h"
#include "lib/clock.h"
#include "lib/metrics.h"

#define EVENTS_LOOK_MS 250
#define EVENTS_BEAT_MS 15000

struct events_settings {
	const struct clock *clock;
	int64_t live_ms; /* a contact this old is still live */
	struct tokens *tokens;
	struct sessions *sessions;
	size_t viewers_max;
	/* For its thread. */
	struct reader *(*open_reader)(void *ctx);
	void *ctx;
	struct metrics *metrics;
};

struct events;
/* NULL: ENOMEM, EAGAIN. */
struct events *events_start(const struct events_settings *);
/* Everybody is sent away, and nobody comes any more. */
void events_close(struct events *);
/* Ends the thread; no viewer may be left. */
void events_free(struct events *);

struct viewer;
struct viewer_settings {
	const struct asker *asker; /* copied */
	const char *last_id; /* Last-Event-ID; NULL: not given */
	/* All are called with a lock held that viewer_read() needs: `sleep`
	 * from within viewer_read() when it has nothing, `wake` when there is
	 * something again, once for each sleep. */
	void (*sleep)(void *ctx);
	void (*wake)(void *ctx);
	/* Has the client hung up?  Asked now and then while it sleeps. */
	bool (*gone)(void *ctx);
	void *ctx;
};
/* NULL: ENOBUFS (too many, or it is closed), ENOMEM. */
struct viewer *viewer_join(struct events *, const struct viewer_settings *);
/* Bytes; 0: nothing, and it sleeps; -1: it is over. */
long viewer_read(struct viewer *, char *buf, size_t cap);
void viewer_leave(struct viewer *);

#endif
