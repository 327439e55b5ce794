/*
 * The rules of link.h.  Jitter: a wait is spread by a fifth to both sides, so
 * that a fleet cut off together does not come back in step; but never beyond
 * backoff_max_ms, which bounds how long a good network lies unused.
 */
#include "lib/link.h"

#include <string.h>

static uint64_t
next_random(uint64_t *state)
{
	uint64_t x = *state;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	*state = x;
	return x;
}

/* How long to wait for the ack of a frame sent `tries` times before. */
static int64_t
wait_ms(struct link *link, int tries)
{
	int64_t max = link->timing.backoff_max_ms;
	int64_t wait = link->timing.ack_timeout_ms;
	int64_t low, high;

	for (int i = 0; i < tries && wait < max; i++)
		wait *= 2;
	if (wait > max)
		wait = max;
	low = wait - wait / 5;
	high = wait + wait / 5;
	if (high > max)
		high = max;
	return low +
	    (int64_t)(next_random(&link->random) % (uint64_t)(high - low + 1));
}

void
link_init(struct link *link, const struct link_timing *timing, uint64_t ledger,
    uint64_t seed)
{
	memset(link, 0, sizeof(*link));
	link->timing = *timing;
	if (link->timing.ack_timeout_ms < 1)
		link->timing.ack_timeout_ms = 1;
	if (link->timing.backoff_max_ms < link->timing.ack_timeout_ms)
		link->timing.backoff_max_ms = link->timing.ack_timeout_ms;
	link->ledger = ledger;
	link->random = seed != 0 ? seed : 1;
}

void
link_connected(struct link *link, int64_t now_ms)
{
	for (int i = 0; i < STREAM_COUNT; i++) {
		link->streams[i].resend_ms = now_ms;
		link->streams[i].tries = 0;
	}
}

bool
link_may_send(const struct link *link, enum stream stream)
{
	return !link->streams[stream].under_way;
}

void
link_sent(struct link *link, enum stream stream, uint64_t epoch,
    uint64_t first_seq, uint64_t next_seq, int64_t now_ms)
{
	struct link_stream *s = &link->streams[stream];
	bool again = s->under_way && s->epoch == epoch &&
	    s->first_seq == first_seq;

	if (!again)
		s->tries = 0;
	s->under_way = true;
	s->epoch = epoch;
	s->first_seq = first_seq;
	s->next_seq = next_seq;
	s->sent_ms = now_ms;
	s->resend_ms = now_ms + wait_ms(link, s->tries);
	s->tries++;
}

bool
link_must_resend(const struct link *link, enum stream stream, int64_t now_ms)
{
	const struct link_stream *s = &link->streams[stream];

	return s->under_way && now_ms >= s->resend_ms;
}

int64_t
link_next_ms(const struct link *link)
{
	int64_t next = INT64_MAX;

	for (int i = 0; i < STREAM_COUNT; i++) {
		const struct link_stream *s = &link->streams[i];

		if (s->under_way && s->resend_ms < next)
			next = s->resend_ms;
	}
	return next;
}

enum link_verdict
link_ack(struct link *link, const struct ack *ack, uint64_t unacked,
    uint64_t end, uint64_t *let_go)
{
	struct link_stream *s = &link->streams[ack->stream];

	/* LEDGER: an ack of another ledger is about a memory that is gone,
	 * or one that we have not heard of: it may let go of nothing. */
	if (ack->ledger != link->ledger)
		return LINK_IGNORED;
	/* RANGE: what lies between our first unacknowledged number and the
	 * ack's first is not in it. */
	if (ack->first_seq > unacked)
		return LINK_IGNORED;
	/* Stop-and-wait: an ack that lets go of nothing sends nothing. */
	if (ack->next_seq <= unacked || end <= unacked)
		return LINK_IGNORED;

	*let_go = ack->next_seq < end ? ack->next_seq : end;
	if (s->under_way && s->epoch == ack->epoch) {
		s->under_way = false;
		s->tries = 0;
	}
	return LINK_HEEDED;
}

void
link_raise(struct link *link, uint64_t ledger)
{
	link->ledger = ledger;
	for (int i = 0; i < STREAM_COUNT; i++) {
		link->streams[i].under_way = false;
		link->streams[i].tries = 0;
	}
}
