/*
 * recut: one walk to see, and only for a bad frame a second one to cut.
 */
#include <stdio.h>
#include <string.h>

#include "broker-bridge/recut.h"

/* Walks to the end; false if the frame as a whole does not add up. */
static bool
examine(struct recut *recut, const struct frame *frame, enum stream stream)
{
	struct item item;
	uint32_t number = 0;
	size_t len;
	int rc;

	recut->refused = 0;
	frame_items_init(&recut->items, frame, stream);
	while ((rc = frame_items_next(&recut->items, &item)) != 0) {
		const struct decode_error *e = &recut->items.error;

		if (rc == -1 && item.bytes == NULL) {
			snprintf(recut->reason, sizeof(recut->reason),
			    "%s: expected %s", e->field, e->expected);
			return false;
		}
		number++;
		if (rc == -1 && recut->refused++ == 0)
			snprintf(recut->reason, sizeof(recut->reason),
			    "item %u: %s: expected %s", number, e->field,
			    e->expected);
	}
	if (recut->refused > 1) {
		len = strlen(recut->reason);
		snprintf(recut->reason + len, sizeof(recut->reason) - len,
		    " (and %u more)", recut->refused - 1);
	}
	return true;
}

static void
head_write(const struct frame *frame, uint32_t item_count, struct mp_writer *w)
{
	struct frame_head head = {
		.ledger = frame->ledger,
		.epoch = frame->epoch,
		.first_seq = frame->first_seq,
		.count = frame->count,
		.item_count = item_count,
	};

	frame_encode_head(&head, w);
}

static void
gap_write(uint64_t count, struct mp_writer *w)
{
	struct gap gap = {
		.count = count,
		.from = { .ms = INSTANT_MISSING },
		.to = { .ms = INSTANT_MISSING },
		.reason = GAP_REFUSED,
	};

	gap_encode(&gap, w);
}

/* Each bad item becomes a gap of its numbers, in its place. */
static bool
cut(struct recut *recut, const struct frame *frame, enum stream stream)
{
	struct mp_writer w;
	struct item item;
	int rc;

	mp_writer_init(&w, recut->bytes, sizeof(recut->bytes));
	head_write(frame, frame->item_count, &w);
	frame_items_init(&recut->items, frame, stream);
	while ((rc = frame_items_next(&recut->items, &item)) != 0) {
		if (rc == -1 &&
		    (item.bytes == NULL || item.count > GAP_COUNT_MAX))
			return false;
		if (rc == -1)
			gap_write(item.count, &w);
		else
			mp_write_raw(&w, item.bytes, item.len);
	}
	recut->len = w.len;
	return !w.full;
}

enum recut_verdict
recut_frame(struct recut *recut, const struct frame *frame, enum stream stream)
{
	struct mp_writer w;
	bool adds_up = examine(recut, frame, stream);

	if (adds_up && recut->refused == 0)
		return RECUT_GOOD;
	if (adds_up && recut->refused < frame->item_count &&
	    cut(recut, frame, stream))
		return RECUT_SOME;
	recut->refused = frame->item_count;
	if (frame->count > GAP_COUNT_MAX)
		return RECUT_HOPELESS;
	mp_writer_init(&w, recut->bytes, sizeof(recut->bytes));
	head_write(frame, 1, &w);
	gap_write(frame->count, &w);
	recut->len = w.len;
	return RECUT_NONE;
}
