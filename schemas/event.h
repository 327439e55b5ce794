/*
 * event: what a cart says, one struct an event, and its bytes.
 *
 * An event's bytes are one MessagePack array, [kind, ...]: an *item*.  A
 * frame's payload is an array of items (frame.h).  Items are given numbers
 * by their place in the frame; they do not hold them.  schemas/frames.md is
 * the text of each layout.
 *
 * Decoders point into the input for text (not NUL-terminated): the input must
 * outlive the struct.
 */
#ifndef PREGON_EVENT_H
#define PREGON_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/mp.h"

enum item_kind {
	ITEM_FIXES = 1, /* a run of fixes (pos), see pos.h */
	ITEM_GAP = 2, /* any stream: takes the numbers it explains */
	ITEM_TIME = 3, /* any stream: mends times of one boot */
	ITEM_SALE = 4,
	ITEM_VOID = 5,
	ITEM_STOCK = 6,
	ITEM_HELP = 7
};

/*
 * A moment.  boot == 0: ms is Unix time.  Else no trusted clock was there
 * yet: ms counts from the start of the kernel whose id is `boot`, until a
 * time marker of that boot mends it.
 */
struct instant {
	int64_t ms; /* INSTANT_MISSING: not given */
	uint64_t boot;
};
#define INSTANT_MISSING INT64_MIN
/* Unix times outside 2020-01-01 .. 2100-01-01 are refused as nonsense. */
#define TIME_MIN_MS INT64_C(1577836800000)
#define TIME_MAX_MS INT64_C(4102444800000)
/* Times since a boot: no kernel runs for longer than ten years. */
#define BOOT_MS_MAX (INT64_C(10) * 366 * 86400 * 1000)

struct text {
	const char *s; /* NULL: not given; not NUL-terminated */
	size_t len;
};
#define TEXT_NAME_MAX 80 /* customer, contact, request id: bytes */
#define TEXT_NOTE_MAX 500 /* help text, void reason: bytes */

#define LAT_E6_MAX 90000000
#define LON_E6_MAX 180000000

/* A place as an event carries it. */
struct place {
	bool given;
	int32_t lat_e6; /* 1e-6 degrees, to LAT_E6_MAX each way */
	int32_t lon_e6; /* 1e-6 degrees, to LON_E6_MAX each way */
	uint32_t age_s; /* of the fix, when the event was made */
};

#define SALE_LINES_MAX 64
#define PRODUCT_MAX 65535 /* products are small integers */
#define UNITS_MAX 1000000
#define AMOUNT_MAX INT64_C(1000000000000) /* CLP */
struct sale_line {
	uint32_t product;
	uint32_t units; /* at least 1 */
	int64_t amount; /* CLP, of the whole line, not negative */
};

struct sale {
	struct instant at; /* confirmed then; abandoned then */
	bool confirmed; /* false: abandoned, has no folio */
	int64_t open_ms; /* how long the purchase took; -1: not known */
	struct text customer;
	struct text contact;
	struct text request_id;
	struct place place;
	uint32_t line_count;
	struct sale_line lines[SALE_LINES_MAX];
};

struct void_sale {
	struct instant at;
	struct text folio;
	struct text reason;
};

enum stock_reason {
	STOCK_SALE,
	STOCK_RESTOCK,
	STOCK_COUNT,
	STOCK_WASTE,
	STOCK_VOID,
	STOCK_REASONS
};
const char *stock_reason_name(enum stock_reason);
int stock_reason_parse(const char *, size_t len, enum stock_reason *);

struct stock {
	struct instant at;
	uint32_t product;
	int32_t delta; /* units, against the level before */
	int32_t level; /* units after it, -UNITS_MAX..UNITS_MAX */
	enum stock_reason reason;
	struct text order; /* the restock order's id, or not given */
};

struct help {
	struct instant at;
	struct text note;
	struct place place;
};

enum gap_reason {
	GAP_FULL, /* the outbox was full */
	GAP_FORGOTTEN, /* acknowledged once, no longer kept */
	GAP_REFUSED, /* put by the bridge: kept in topic_rechazados */
	GAP_REASONS
};
const char *gap_reason_name(enum gap_reason);

#define GAP_COUNT_MAX (INT64_C(1) << 40)
/* The numbers are those of its place; its times may be INSTANT_MISSING. */
struct gap {
	uint64_t count; /* numbers it takes, 1..GAP_COUNT_MAX */
	struct instant from;
	struct instant to;
	enum gap_reason reason;
};

struct time_marker {
	uint64_t boot; /* not 0 */
	int64_t offset_ms; /* Unix ms = ms since that boot + this */
};

/* How many bytes any encoded item but a run of fixes can need. */
#define ITEM_BYTES_MAX 4096

void sale_encode(const struct sale *, struct mp_writer *);
void void_encode(const struct void_sale *, struct mp_writer *);
void stock_encode(const struct stock *, struct mp_writer *);
void help_encode(const struct help *, struct mp_writer *);
void gap_encode(const struct gap *, struct mp_writer *);
void time_marker_encode(const struct time_marker *, struct mp_writer *);

/*
 * Each reads one whole item, its kind included: 0, or -1 with errno EBADMSG
 * and reader->error filled.  Fields appended by a later version are skipped.
 */
int sale_decode(struct mp_reader *, struct sale *);
int void_decode(struct mp_reader *, struct void_sale *);
int stock_decode(struct mp_reader *, struct stock *);
int help_decode(struct mp_reader *, struct help *);
int gap_decode(struct mp_reader *, struct gap *);
int time_marker_decode(struct mp_reader *, struct time_marker *);

/* Shared with the other codecs. */
void instant_encode(struct instant, struct mp_writer *); /* 2 values */
int instant_decode(struct mp_reader *, const char *field, struct instant *);

#endif
