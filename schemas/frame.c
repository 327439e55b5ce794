/*
 * frame: the envelope, and the walk over its items.
 */
#include <errno.h>

#include "schemas/envelope.h"
#include "schemas/frame.h"

#define FRAME_FIELDS 6

static int
payload_read(struct mp_reader *r, struct frame *frame)
{
	const uint8_t *start = r->at;

	frame->payload = start;
	if (mp_read_array(r, "frame.payload", 1, FRAME_ITEMS_MAX,
		&frame->item_count) == -1 ||
	    mp_skip(r, "frame.payload", frame->item_count) == -1)
		return -1;
	frame->payload_len = (size_t)(r->at - start);
	return 0;
}

int
frame_decode(const void *bytes, size_t len, struct frame *frame,
    struct decode_error *error)
{
	struct mp_reader r;
	uint32_t appended;
	int64_t count;

	mp_reader_init(&r, bytes, len, error);
	if (len > FRAME_BYTES_MAX)
		return mp_refuse(&r, "frame", "at most 65536 bytes");
	if (envelope_begin(&r, "frame", FRAME_VERSION, FRAME_FIELDS - 1,
		&appended) == -1 ||
	    mp_read_uint(&r, "frame.ledger", LEDGER_MAX, &frame->ledger) ==
		-1 ||
	    epoch_read(&r, "frame.epoch", &frame->epoch) == -1 ||
	    mp_read_uint(&r, "frame.first_seq", SEQ_MAX, &frame->first_seq) ==
		-1 ||
	    mp_read_int(&r, "frame.count", 1, SEQ_MAX, &count) == -1)
		return -1;
	frame->count = (uint64_t)count;
	if (frame->count > SEQ_MAX - frame->first_seq)
		return mp_refuse(&r, "frame.count", "numbers below 2^48");
	if (payload_read(&r, frame) == -1)
		return -1;
	return envelope_end(&r, "frame", appended);
}

void
frame_items_init(
    struct frame_items *items, const struct frame *frame, enum stream stream)
{
	uint32_t count;

	mp_reader_init(
	    &items->reader, frame->payload, frame->payload_len, &items->error);
	mp_read_array(
	    &items->reader, "frame.payload", 1, FRAME_ITEMS_MAX, &count);
	items->stream = stream;
	items->next_seq = frame->first_seq;
	items->end_seq = frame->first_seq + frame->count;
	items->items_left = frame->item_count;
}

/* Gaps and time markers go in any stream. */
static bool
kind_belongs(enum item_kind kind, enum stream stream)
{
	switch (kind) {
	case ITEM_FIXES:
		return stream == STREAM_POS;
	case ITEM_SALE:
	case ITEM_VOID:
		return stream == STREAM_SALE;
	case ITEM_STOCK:
		return stream == STREAM_STOCK;
	case ITEM_HELP:
		return stream == STREAM_HELP;
	case ITEM_GAP:
	case ITEM_TIME:
		return true;
	}
	return false;
}

/* The cursor stays. */
static int
kind_read(
    const struct mp_reader *reader, enum stream stream, enum item_kind *kind)
{
	struct mp_reader r = *reader;
	uint32_t count;
	int64_t is;

	if (mp_read_array(&r, "item", 1, UINT32_MAX, &count) == -1 ||
	    mp_read_int(&r, "item.kind", 1, UINT16_MAX, &is) == -1)
		return -1;
	*kind = (enum item_kind)is;
	if (!kind_belongs(*kind, stream))
		return mp_refuse(&r, "item.kind", "a kind of this stream");
	return 0;
}

/* How many numbers a bad item takes, as far as it says so. */
static uint64_t
count_of_bad(const struct mp_reader *reader, enum item_kind kind)
{
	struct decode_error ignored;
	struct mp_reader r = *reader;
	uint32_t values, fixes;
	int64_t count;

	r.error = &ignored;
	if (kind == ITEM_FIXES && run_count(&r, &fixes) == 0)
		return fixes;
	if (kind == ITEM_GAP &&
	    mp_read_array(&r, "", 2, UINT32_MAX, &values) == 0 &&
	    mp_skip(&r, "", 1) == 0 &&
	    mp_read_int(&r, "", 1, GAP_COUNT_MAX, &count) == 0)
		return (uint64_t)count;
	return 1;
}

static int
run_read(struct frame_items *items, struct item *item)
{
	size_t count;

	if (run_decode(&items->reader, items->fixes, RUN_FIXES_MAX, &count) ==
	    -1)
		return -1;
	item->fixes = items->fixes;
	item->count = count;
	return 0;
}

static int
item_read(struct frame_items *items, struct item *item)
{
	struct mp_reader *r = &items->reader;

	if (kind_read(r, items->stream, &item->kind) == -1)
		return -1;
	switch (item->kind) {
	case ITEM_FIXES:
		return run_read(items, item);
	case ITEM_GAP:
		if (gap_decode(r, &item->gap) == -1)
			return -1;
		item->count = item->gap.count;
		return 0;
	case ITEM_TIME:
		return time_marker_decode(r, &item->time);
	case ITEM_SALE:
		return sale_decode(r, &item->sale);
	case ITEM_VOID:
		return void_decode(r, &item->void_sale);
	case ITEM_STOCK:
		return stock_decode(r, &item->stock);
	case ITEM_HELP:
		return help_decode(r, &item->help);
	}
	return mp_refuse(r, "item.kind", "a kind of this stream");
}

static int
refuse_frame(struct frame_items *items, struct item *item, const char *field,
    const char *expected)
{
	item->bytes = NULL;
	item->len = 0;
	items->items_left = 0;
	items->next_seq = items->end_seq + 1; /* and so it stays */
	return mp_refuse(&items->reader, field, expected);
}

int
frame_items_next(struct frame_items *items, struct item *item)
{
	const uint8_t *start = items->reader.at;
	int rc;

	item->seq = items->next_seq;
	item->count = 1;
	item->kind = (enum item_kind)0;
	item->fixes = NULL;
	if (items->items_left == 0) {
		if (items->next_seq == items->end_seq)
			return 0;
		return refuse_frame(items, item, "frame.count",
		    "the sum of its items' numbers");
	}
	items->items_left--;
	rc = item_read(items, item);
	if (rc == -1) {
		struct decode_error why = items->error;

		items->reader.at = start;
		item->count = count_of_bad(&items->reader, item->kind);
		if (mp_skip(&items->reader, "frame.payload", 1) == -1)
			return refuse_frame(
			    items, item, "frame.payload", "whole values");
		items->error = why;
	}
	if (item->count > items->end_seq - items->next_seq)
		return refuse_frame(items, item, "frame.count",
		    "the sum of its items' numbers");
	items->next_seq += item->count;
	item->bytes = start;
	item->len = (size_t)(items->reader.at - start);
	errno = rc == -1 ? EBADMSG : errno;
	return rc == -1 ? -1 : 1;
}

void
frame_encode_head(const struct frame_head *head, struct mp_writer *w)
{
	mp_write_array(w, FRAME_FIELDS);
	mp_write_int(w, FRAME_VERSION);
	mp_write_uint(w, head->ledger);
	epoch_write(head->epoch, w);
	mp_write_uint(w, head->first_seq);
	mp_write_uint(w, head->count);
	mp_write_array(w, head->item_count);
}
