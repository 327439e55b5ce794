/*
 * What the guild has acknowledged and the file still keeps goes with age, or
 * when room is needed.
 */
#include "lib/outbox_parts.h"

/* At a time: bounds what one ack, or one sale, waits for. */
#define FORGET_COUNT 64

/* [from, to) of an epoch went; the times from..last. */
static int
forget_range(struct outbox *ob, enum stream stream, int64_t epoch_id,
    uint64_t from, uint64_t to, const struct span *times)
{
	struct statement *st = ob->rows[stream][ROW_DELETE_BETWEEN];
	struct counter c;
	int64_t epoch;

	if (statement_bind(st, "III", epoch_id, (int64_t)from, (int64_t)to) ==
		-1 ||
	    statement_run(st) == -1 ||
	    counter_load(ob, stream, epoch_id, &c) == -1)
		return -1;
	span_extend(&c.forgot, times);
	if (counter_save(ob, &c) == -1)
		return -1;
	if (stream != STREAM_SALE)
		return 0;
	st = ob->statements[ST_EPOCH_NUMBER];
	if (statement_bind(st, "I", epoch_id) == -1 || statement_step(st) != 1)
		return -1;
	epoch = statement_int(st, 0);
	statement_reset(st);
	/* A request is known as long as its sale is. */
	st = ob->statements[ST_REQUEST_FORGET];
	if (statement_bind(st, "III", epoch, (int64_t)from, (int64_t)to) == -1)
		return -1;
	return statement_run(st);
}

struct kept {
	int64_t epoch_id;
	uint64_t seq;
	struct instant at;
};

/* The oldest that are acknowledged and kept: how many, or -1. */
static int
list_acknowledged(
    struct outbox *ob, enum stream stream, struct kept kept[FORGET_COUNT])
{
	struct statement *st = ob->rows[stream][ROW_ACKNOWLEDGED];
	int n = 0, rc;

	if (statement_bind(st, "ii", (int)stream, FORGET_COUNT) == -1)
		return -1;
	while ((rc = statement_step(st)) == 1 && n < FORGET_COUNT)
		kept[n++] = (struct kept){ statement_int(st, 0),
			(uint64_t)statement_int(st, 1), row_instant(st, 2) };
	statement_reset(st);
	return rc == -1 ? -1 : n;
}

int
outbox_forget(struct outbox *ob, enum stream stream, int64_t before_ms)
{
	struct kept kept[FORGET_COUNT];
	int n = list_acknowledged(ob, stream, kept);
	int i = 0, gone = 0;

	while (i < n) {
		const struct kept *first = &kept[i];
		struct span times = span_of(first->at);

		/* What has no trusted time has no age: it stays until room
		 * is needed. */
		while (i < n && kept[i].epoch_id == first->epoch_id &&
		    (before_ms == INT64_MAX ||
			(instant_trusted(kept[i].at) &&
			    kept[i].at.ms < before_ms))) {
			times.to = kept[i].at;
			i++;
		}
		if (&kept[i] == first)
			break;
		if (forget_range(ob, stream, first->epoch_id, first->seq,
			kept[i - 1].seq + 1, &times) == -1)
			return -1;
		gone = i;
	}
	return n == -1 ? -1 : gone;
}

int
outbox_forget_old(struct outbox *ob, enum stream stream)
{
	if (ob->now.newest_ms == INSTANT_MISSING)
		return 0;
	return outbox_forget(ob, stream, ob->now.newest_ms - ob->keep_ms) == -1
	    ? -1
	    : 0;
}
