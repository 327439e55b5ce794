#include "firmware-gateway/events.h"

#include <errno.h>
#include <string.h>

#define KEY_UNMENDED "time.unmended"
#define UNMENDED_BYTES 16

static const struct events_order unordered = {
	.fix_ms = INSTANT_MISSING,
	.now_ms = INSTANT_MISSING,
};

/* What an earlier start of this boot left without a marker. */
static unsigned
load_unmended(struct events *e)
{
	uint8_t bytes[UNMENDED_BYTES];
	struct decode_error error;
	struct mp_reader r;
	uint64_t boot, streams;
	long len = outbox_get(e->outbox, KEY_UNMENDED, bytes, sizeof(bytes));

	if (len < 0)
		return 0;
	mp_reader_init(&r, bytes, (size_t)len, &error);
	if (mp_read_uint(&r, "boot", UINT64_MAX, &boot) == -1 ||
	    mp_read_uint(&r, "streams", UINT8_MAX, &streams) == -1)
		return 0;
	/* Another boot's can never be mended any more. */
	return boot == e->time->boot ? (unsigned)streams : 0;
}

static int
store_unmended(struct events *e)
{
	uint8_t bytes[UNMENDED_BYTES];
	struct mp_writer w;

	mp_writer_init(&w, bytes, sizeof(bytes));
	mp_write_uint(&w, e->time->boot);
	mp_write_uint(&w, e->next.unmended);
	return outbox_put(e->outbox, KEY_UNMENDED, bytes, w.len);
}

void
events_init(struct events *e, struct outbox *outbox, struct timekeeper *time)
{
	memset(e, 0, sizeof(*e));
	e->outbox = outbox;
	e->time = time;
	e->epoch = outbox_epoch(outbox);
	e->order = unordered;
	e->order.unmended = load_unmended(e);
}

static void
forget_order(struct events *e)
{
	unsigned unmended = e->order.unmended;

	e->epoch = outbox_epoch(e->outbox);
	e->order = unordered;
	e->order.unmended = unmended;
}

/*
 * Sees that `at` does not go back against `last`: waits for it, or begins a
 * new epoch.
 */
static int
put_in_order(struct events *e, int64_t last, struct instant *at)
{
	/* The outbox begins one by itself when the disk undid a commit. */
	if (e->epoch != outbox_epoch(e->outbox)) {
		forget_order(e);
		return 0;
	}
	if (at->boot != 0 || last == INSTANT_MISSING || at->ms >= last)
		return 0;
	if (last - at->ms <= TIMEKEEPER_BACK_MS) {
		at->ms = last;
		return 0;
	}
	if (outbox_begin_epoch(e->outbox) == -1)
		return -1;
	forget_order(e);
	return 0;
}

static int
begin(struct events *e)
{
	if (outbox_begin(e->outbox) == -1)
		return -1;
	e->next = e->order;
	e->touched = 0;
	return 0;
}

int
events_begin(struct events *e, struct instant *at)
{
	*at = timekeeper_now(e->time);
	if (put_in_order(e, e->order.now_ms, at) == -1 || begin(e) == -1)
		return -1;
	if (at->boot == 0)
		e->next.now_ms = at->ms;
	return 0;
}

int
events_append(struct events *e, enum stream stream, struct instant at,
    const struct mp_writer *item, uint64_t *seq)
{
	unsigned bit = 1u << stream;

	if (item->full) {
		errno = EMSGSIZE;
		return -1;
	}
	if (outbox_append(e->outbox, stream, at, item->buf, item->len, seq) ==
	    -1)
		return -1;
	e->touched |= bit;
	if (at.boot != 0 && !(e->next.unmended & bit)) {
		e->next.unmended |= bit;
		return store_unmended(e);
	}
	return 0;
}

int
events_commit(struct events *e, enum outbox_durability durability)
{
	if (outbox_commit(e->outbox, durability) == -1)
		return -1;
	e->order = e->next;
	e->dirty = durability != OUTBOX_SYNC;
	for (int s = 0; s < STREAM_COUNT; s++)
		if ((e->touched & 1u << s) && e->appended != NULL)
			e->appended(e->ctx, (enum stream)s);
	return 0;
}

void
events_rollback(struct events *e)
{
	int saved = errno;

	outbox_rollback(e->outbox);
	errno = saved;
}

static int
append_fix(struct events *e, const struct fix *fix)
{
	uint8_t bytes[64];
	struct mp_writer w;
	uint64_t seq;

	mp_writer_init(&w, bytes, sizeof(bytes));
	if (run_encode(fix, 1, &w) == -1)
		return -1;
	return events_append(e, STREAM_POS, fix->at, &w, &seq);
}

/* One fix, in a composition of its own. */
static int
keep_fix(struct events *e, const struct fix *given)
{
	struct fix fix = *given;

	if (put_in_order(e, e->order.fix_ms, &fix.at) == -1 || begin(e) == -1)
		return -1;
	if (fix.at.boot == 0)
		e->next.fix_ms = fix.at.ms;
	if (append_fix(e, &fix) == -1) {
		events_rollback(e);
		return -1;
	}
	return events_commit(e, OUTBOX_GROUP);
}

int
events_fixes(struct events *e, const struct fix *fixes, size_t count)
{
	int rc = 0;

	for (size_t i = 0; i < count; i++) {
		if (keep_fix(e, &fixes[i]) == -1) {
			e->lost_fixes++;
			rc = -1;
		}
	}
	return rc;
}

static int
append_marker(
    struct events *e, enum stream stream, struct instant at, int64_t offset_ms)
{
	struct time_marker marker = { e->time->boot, offset_ms };
	uint8_t bytes[64];
	struct mp_writer w;
	uint64_t seq;

	mp_writer_init(&w, bytes, sizeof(bytes));
	time_marker_encode(&marker, &w);
	return events_append(e, stream, at, &w, &seq);
}

static int
append_markers(struct events *e, struct instant at, int64_t offset_ms)
{
	for (int s = 0; s < STREAM_COUNT; s++) {
		if ((e->order.unmended & 1u << s) &&
		    append_marker(e, (enum stream)s, at, offset_ms) == -1)
			return -1;
	}
	e->next.unmended = 0;
	return store_unmended(e);
}

int
events_mend(struct events *e)
{
	int64_t now = clock_boottime_ms(e->time->clock);
	int64_t unix_ms;
	struct instant at;

	if (e->order.unmended == 0 || !timekeeper_unix(e->time, now, &unix_ms))
		return 0;
	if (events_begin(e, &at) == -1)
		return -1;
	if (append_markers(e, at, unix_ms - now) == -1) {
		events_rollback(e);
		return -1;
	}
	return events_commit(e, OUTBOX_SYNC);
}

int
events_flush(struct events *e)
{
	if (outbox_flush(e->outbox) == -1)
		return -1;
	e->dirty = false;
	return 0;
}
