/*
 * recut: a frame's items examined one by one, and the frame cut anew
 * without those that cannot be read.
 *
 * A bad item must not hold up a cart for ever: its numbers are taken by a
 * gap item (GAP_REFUSED) and the good ones around it keep their bytes and
 * numbers.  What was refused is kept by the caller.  Pure: no I/O.
 */
#ifndef PREGON_RECUT_H
#define PREGON_RECUT_H

#include "schemas/frame.h"

enum recut_verdict {
	RECUT_GOOD, /* goes on as it came */
	RECUT_SOME, /* some items refused: bytes[0..len-1] goes on */
	RECUT_NONE, /* nothing could be kept: bytes is one gap */
	RECUT_HOPELESS /* not even that: the numbers are too many */
};

#define RECUT_REASON_MAX 192

/* Some 200 kB: keep one. */
struct recut {
	uint8_t bytes[FRAME_BYTES_MAX];
	size_t len;
	uint32_t refused; /* items */
	/* "item 3: sale.lines: expected ... (and 2 more)"; not RECUT_GOOD */
	char reason[RECUT_REASON_MAX];
	struct frame_items items;
};

enum recut_verdict recut_frame(
    struct recut *, const struct frame *, enum stream);

#endif
