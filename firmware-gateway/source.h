/*
 * source: where fixes come from, as a struct of functions: the one there is
 * reads gpsd; a recorded track or another daemon would be another.
 *
 * A source owns one descriptor, never blocks, and knows nothing of the loop:
 * receiver.h waits for it, and opens it again when it is gone.
 */
#ifndef PREGON_GATEWAY_SOURCE_H
#define PREGON_GATEWAY_SOURCE_H

#include <stddef.h>

#include "firmware-gateway/report.h"

enum source_result {
	SOURCE_REPORT, /* *report is filled; ask again */
	SOURCE_LATER, /* nothing more now: wait for the descriptor */
	SOURCE_GONE /* closed by the other side, or failed: errno,
				   0 for a plain end */
};

struct source {
	const struct source_ops *ops;
};

struct source_ops {
	const char *name;
	/* Begins to connect.  The descriptor, non-blocking: it becomes
	 * writable once `greet` may be called; -1: errno. */
	int (*open)(struct source *);
	/* Connected, or not after all: 0, or -1 with errno. */
	int (*greet)(struct source *);
	/* read_ms is the caller's clock, for the report. */
	enum source_result (*read)(
	    struct source *, int64_t read_ms, struct report *);
	/* Only after an open that succeeded. */
	void (*close)(struct source *);
	void (*free)(struct source *);
	/* The receiver as it calls itself: "" until it is known. */
	const char *(*device)(const struct source *);
};

/*
 * `host` is an address or "localhost" (looking up a name could block), and
 * `device` one of gpsd's, or "" for all.  NULL: EINVAL (host), ENOMEM.
 */
struct source *source_gpsd_new(const char *host, int port, const char *device);

#endif
