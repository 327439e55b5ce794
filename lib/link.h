/*
 * link: the sending half of the link, as rules alone: one frame under way a
 * stream, the oldest epoch first, resend with backoff and jitter, and which
 * acks are heeded.  No I/O, no clock: the caller says what time it is.
 * The gateway runs it over its outbox, the simulator over memory.
 * The rules carry the names of tests/model/link.pml: RANGE (an ack names what
 * it lets go), LEDGER (of its own ledger only).
 */
#ifndef PREGON_LINK_H
#define PREGON_LINK_H

#include "schemas/down.h"

struct link_timing {
	int ack_timeout_ms; /* first wait; at most 5000 */
	int backoff_max_ms; /* 5000 */
};

struct link_stream {
	bool under_way;
	uint64_t epoch, first_seq, next_seq; /* of the frame under way */
	int64_t sent_ms; /* boottime */
	int64_t resend_ms; /* boottime: when to send it again */
	int tries;
};

struct link {
	struct link_timing timing;
	uint64_t ledger;
	uint64_t random; /* xorshift state for jitter, not 0 */
	struct link_stream streams[STREAM_COUNT];
};

void link_init(
    struct link *, const struct link_timing *, uint64_t ledger, uint64_t seed);
/* The connection is new: what was under way is sent again at once. */
void link_connected(struct link *, int64_t now_ms);
/* May a new frame be sent on this stream? */
bool link_may_send(const struct link *, enum stream);
/* A frame of these numbers was handed to the connection. */
void link_sent(struct link *, enum stream, uint64_t epoch, uint64_t first_seq,
    uint64_t next_seq, int64_t now_ms);
/* Must the frame under way be cut and sent again now?  (It may be cut
 * larger: what counts is that it starts at the first unacknowledged.) */
bool link_must_resend(const struct link *, enum stream, int64_t now_ms);
/* When to look again, boottime ms; INT64_MAX: never. */
int64_t link_next_ms(const struct link *);

enum link_verdict {
	LINK_IGNORED, /* another ledger, or beyond what is held */
	LINK_HEEDED /* let go of [from, next_seq) of that epoch */
};
/*
 * An ack came.  `unacked` is the first unacknowledged number of the ack's
 * epoch in the outbox, `end` the number after its last.  LINK_HEEDED: the
 * caller lets go of [unacked, *let_go) and may send the next frame.
 */
enum link_verdict link_ack(struct link *, const struct ack *, uint64_t unacked,
    uint64_t end, uint64_t *let_go);
/* A higher ledger was heard: nothing is under way any more. */
void link_raise(struct link *, uint64_t ledger);

#endif
