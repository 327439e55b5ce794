/*
 * outbox_walk: the frames that a cart would still send, from a copy of its
 * file (lib/outbox.h's reader).
 */
#ifndef PREGON_CTL_OUTBOX_WALK_H
#define PREGON_CTL_OUTBOX_WALK_H

#include "lib/outbox.h"

struct walk_frame {
	enum stream stream;
	struct outbox_range range;
	uint64_t next_seq;
	const uint8_t *bytes; /* of this frame, during the call */
	size_t len;
};

/*
 * Calls `each` for every frame that is not acknowledged, oldest epoch first,
 * and acknowledges it in the copy.  `each` returns 0 to go on.  0 at the end;
 * what `each` returned; -1 the file cannot be read, errno.
 */
int outbox_walk(struct outbox *, enum stream, uint64_t ledger,
    int (*each)(void *ctx, const struct walk_frame *), void *ctx);

/* As if the guild wanted everything again: what is kept becomes unsent. */
int outbox_walk_all(struct outbox *);

#endif
