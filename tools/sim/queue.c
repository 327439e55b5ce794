#include "tools/sim/queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HEAD_MAX 64

void
queue_init(struct queue *q)
{
	memset(q, 0, sizeof(*q));
}

static void
lane_release(struct lane *lane)
{
	for (uint64_t i = 0; lane->events && i < lane->next - lane->base; i++)
		free(lane->events[i].bytes);
	free(lane->events);
	free(lane->fixes);
}

void
queue_release(struct queue *q)
{
	for (int s = 0; s < STREAM_COUNT; s++) {
		for (size_t i = 0; i < q->streams[s].count; i++)
			lane_release(&q->streams[s].lanes[i]);
		free(q->streams[s].lanes);
	}
	queue_init(q);
}

static struct lane *
lane_find(struct queue_stream *stream, uint64_t epoch)
{
	for (size_t i = stream->count; i-- > 0;) {
		if (stream->lanes[i].epoch == epoch)
			return &stream->lanes[i];
	}
	return NULL;
}

static struct lane *
lane_get(struct queue_stream *stream, uint64_t epoch)
{
	struct lane *lane = lane_find(stream, epoch), *lanes;

	if (lane != NULL)
		return lane;
	lanes = realloc(stream->lanes, (stream->count + 1) * sizeof(*lanes));
	if (lanes == NULL)
		return NULL;
	stream->lanes = lanes;
	lane = &lanes[stream->count++];
	*lane = (struct lane){ .epoch = epoch, .last_ms = INT64_MIN };
	return lane;
}

/* One more event's room; its size differs by stream. */
static int
lane_grow(struct lane *lane, void **array, size_t size)
{
	size_t room = lane->room == 0 ? 4 : lane->room * 2;
	void *bigger;

	if (lane->next - lane->base < lane->room)
		return 0;
	bigger = realloc(*array, room * size);
	if (bigger == NULL)
		return -1;
	*array = bigger;
	lane->room = room;
	return 0;
}

static void
lane_added(struct queue *q, struct lane *lane, int64_t at_ms, uint64_t *seq)
{
	*seq = lane->next++;
	if (at_ms > lane->last_ms)
		lane->last_ms = at_ms;
	q->unacked++;
}

int
queue_add_fix(
    struct queue *q, uint64_t epoch, const struct fix *fix, uint64_t *seq)
{
	struct lane *lane = lane_get(&q->streams[STREAM_POS], epoch);

	if (lane == NULL ||
	    lane_grow(lane, (void **)&lane->fixes, sizeof(*fix)) == -1)
		return -1;
	lane->fixes[lane->next - lane->base] = *fix;
	lane_added(q, lane, fix->at.ms, seq);
	return 0;
}

int
queue_add(struct queue *q, enum stream stream, uint64_t epoch, int64_t at_ms,
    const void *item, size_t len, uint64_t *seq)
{
	struct lane *lane = lane_get(&q->streams[stream], epoch);
	struct queue_event event = { .at_ms = at_ms, .len = len };

	if (lane == NULL ||
	    lane_grow(lane, (void **)&lane->events, sizeof(event)) == -1)
		return -1;
	event.bytes = malloc(len);
	if (event.bytes == NULL)
		return -1;
	memcpy(event.bytes, item, len);
	lane->events[lane->next - lane->base] = event;
	lane_added(q, lane, at_ms, seq);
	return 0;
}

static void
lane_range(const struct lane *lane, struct outbox_range *range)
{
	*range = (struct outbox_range){ lane->epoch, lane->acked, lane->next };
}

bool
queue_next(struct queue *q, enum stream s, struct outbox_range *range)
{
	struct queue_stream *stream = &q->streams[s];

	while (stream->first < stream->count) {
		struct lane *lane = &stream->lanes[stream->first];

		if (lane->acked < lane->next) {
			lane_range(lane, range);
			return true;
		}
		/* The newest one may get more. */
		if (stream->first + 1 == stream->count)
			return false;
		stream->first++;
	}
	return false;
}

bool
queue_range_of(
    struct queue *q, enum stream s, uint64_t epoch, struct outbox_range *range)
{
	const struct lane *lane = lane_find(&q->streams[s], epoch);

	if (lane == NULL || lane->acked >= lane->next)
		return false;
	lane_range(lane, range);
	return true;
}

/* ---- cutting ---- */

static uint64_t
cut_fixes(const struct lane *lane, uint64_t from, struct mp_writer *w)
{
	const struct fix *first = &lane->fixes[from - lane->base];
	uint64_t count = lane->next - from;
	struct mp_writer before = *w;

	if (count > RUN_FIXES_MAX)
		count = RUN_FIXES_MAX;
	while (count > 0) {
		if (run_encode(first, count, w) == 0 && !w->full)
			return count;
		*w = before;
		count /= 2;
	}
	return 0;
}

static uint64_t
cut_events(const struct lane *lane, uint64_t from, struct mp_writer *w)
{
	uint64_t count = 0;

	while (from + count < lane->next && count < FRAME_ITEMS_MAX - 1) {
		const struct queue_event *event =
		    &lane->events[from + count - lane->base];
		struct mp_writer before = *w;

		mp_write_raw(w, event->bytes, event->len);
		if (w->full) {
			*w = before;
			break;
		}
		count++;
	}
	return count;
}

int
queue_cut(struct queue *q, enum stream stream, const struct outbox_range *range,
    uint64_t ledger, void *buf, size_t cap, size_t *len, uint64_t *next_seq)
{
	const struct lane *lane = lane_find(&q->streams[stream], range->epoch);
	struct frame_head head = { .ledger = ledger, .epoch = range->epoch };
	struct gap gap = { .from.ms = INSTANT_MISSING,
		.to.ms = INSTANT_MISSING,
		.reason = GAP_FORGOTTEN };
	struct mp_writer items, w;
	uint64_t seq = range->first_seq, count;

	if (lane == NULL || seq < lane->acked || seq >= lane->next) {
		errno = EINVAL;
		return -1;
	}
	mp_writer_init(&items, (uint8_t *)buf + HEAD_MAX, cap - HEAD_MAX);
	if (seq < lane->base) {
		gap.count = lane->base - seq;
		gap_encode(&gap, &items);
		head.item_count++;
		seq = lane->base;
	}
	if (stream == STREAM_POS) {
		count = seq < lane->next ? cut_fixes(lane, seq, &items) : 0;
		head.item_count += count > 0;
	} else {
		count = cut_events(lane, seq, &items);
		head.item_count += (uint32_t)count;
	}
	*next_seq = seq + count;
	head.first_seq = range->first_seq;
	head.count = *next_seq - range->first_seq;
	mp_writer_init(&w, buf, HEAD_MAX);
	frame_encode_head(&head, &w);
	memmove((uint8_t *)buf + w.len, items.buf, items.len);
	*len = w.len + items.len;
	return 0;
}

/* ---- acknowledged ---- */

static void
drop_fixes(struct lane *lane, uint64_t next)
{
	uint64_t gone = next - lane->base, left = lane->next - next;

	memmove(lane->fixes, lane->fixes + gone, left * sizeof(*lane->fixes));
	lane->base = next;
	/* An old epoch's room is of no use any more. */
	if (left == 0) {
		free(lane->fixes);
		lane->fixes = NULL;
		lane->room = 0;
	}
}

void
queue_acknowledge(
    struct queue *q, enum stream stream, uint64_t epoch, uint64_t next)
{
	struct lane *lane = lane_find(&q->streams[stream], epoch);

	if (lane == NULL || next <= lane->acked)
		return;
	if (next > lane->next)
		next = lane->next;
	if (next > lane->base)
		q->unacked -= next -
		    (lane->acked > lane->base ? lane->acked : lane->base);
	lane->acked = next;
	if (stream == STREAM_POS && next > lane->base)
		drop_fixes(lane, next);
}

void
queue_raise(struct queue *q, int64_t since_ms)
{
	for (int s = 0; s < STREAM_COUNT; s++) {
		struct queue_stream *stream = &q->streams[s];

		for (size_t i = 0; i < stream->count; i++) {
			struct lane *lane = &stream->lanes[i];
			uint64_t acked = lane->acked;

			if (lane->last_ms < since_ms)
				continue;
			if (acked > lane->base)
				q->unacked += acked - lane->base;
			lane->acked = 0;
		}
		stream->first = 0;
	}
}
