/*
 * frame: what travels up: events of one stream and one epoch.
 *
 *     [version, ledger, epoch, first_seq, count, payload]
 *
 * The payload is an array of items; each takes one number, but a run of n
 * fixes takes n and a gap marker as many as it says; together `count`.
 * Published to pregon/<cart>/<stream>, and the value of a Kafka record as it
 * came.
 */
#ifndef PREGON_FRAME_H
#define PREGON_FRAME_H

#include "schemas/event.h"
#include "schemas/identity.h"
#include "schemas/pos.h"

#define FRAME_VERSION 1
#define FRAME_BYTES_MAX 65536
#define FRAME_ITEMS_MAX 4096
#define LEDGER_MAX UINT32_MAX
#define SEQ_MAX ((UINT64_C(1) << 48) - 1)

struct frame {
	uint64_t ledger; /* the guild's memory that the cart sends to */
	uint64_t epoch;
	uint64_t first_seq;
	uint64_t count; /* numbers, 1.. */
	const uint8_t *payload; /* within the input */
	size_t payload_len;
	uint32_t item_count;
};

/*
 * Reads the envelope and sees that the payload is an array of whole values
 * and nothing follows.  0, or -1: EBADMSG (*error says where), ENOTSUP: a
 * version that we do not know, *frame is then not filled.
 */
int frame_decode(const void *, size_t, struct frame *, struct decode_error *);

/* One item of a frame, decoded. */
struct item {
	enum item_kind kind;
	uint64_t seq; /* its first number */
	uint64_t count; /* how many it takes */
	const uint8_t *bytes; /* the item whole, within the input */
	size_t len;
	union {
		struct sale sale;
		struct void_sale void_sale;
		struct stock stock;
		struct help help;
		struct gap gap;
		struct time_marker time;
	};
	/* ITEM_FIXES: as many as `count`, in the iterator's own room */
	const struct fix *fixes;
};

/*
 * Walks a frame's items.  About 130 kB: keep one, do not put it on a small
 * stack.
 */
struct frame_items {
	struct mp_reader reader;
	struct decode_error error;
	enum stream stream;
	uint64_t next_seq;
	uint64_t end_seq;
	uint32_t items_left;
	struct fix fixes[RUN_FIXES_MAX];
};
void frame_items_init(struct frame_items *, const struct frame *, enum stream);
/*
 * 1: *item is the next; 0: the end, and the numbers came out as the envelope
 * says; -1: EBADMSG.  After -1 for an item whose array is whole (item->bytes
 * and len are set, item->count is how many numbers it takes: 1 unless it says
 * otherwise) the walk may go on: the bad item has been passed.  item->bytes
 * NULL: the walk is over, the frame as a whole is wrong.
 * An item kind that does not belong to the stream is a bad item.
 */
int frame_items_next(struct frame_items *, struct item *);

/* Writes envelope and array header; the caller then writes the items. */
struct frame_head {
	uint64_t ledger;
	uint64_t epoch;
	uint64_t first_seq;
	uint64_t count;
	uint32_t item_count;
};
void frame_encode_head(const struct frame_head *, struct mp_writer *);

#endif
