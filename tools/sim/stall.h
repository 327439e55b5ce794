/*
 * stall: what a virtual cart sells, to whom, and what is left.  Pure.
 */
#ifndef PREGON_SIM_STALL_H
#define PREGON_SIM_STALL_H

#include "schemas/event.h"
#include "schemas/identity.h"
#include "tools/sim/dice.h"

#define STALL_PRODUCTS 2
#define STALL_LINES_MAX STALL_PRODUCTS
/* Sales that may yet be taken back or repeated. */
#define STALL_MEMORY 8

/* Of 1000 purchases, how many: */
struct stall_habits {
	int64_t abandoned;
	int64_t voided;
	int64_t repeated; /* the POS asks again, after a power cut */
};

enum purchase_kind {
	PURCHASE_SALE,
	PURCHASE_ABANDONED,
	PURCHASE_REPEAT, /* of the sale `of`, with its request_id */
	PURCHASE_VOID /* of the sale `of` */
};

struct purchase {
	enum purchase_kind kind;
	int64_t at_ms;
	int64_t open_ms;
	char customer[32];
	char contact[48]; /* "": none */
	char request_id[32];
	uint32_t line_count;
	struct sale_line lines[STALL_LINES_MAX];
	uint64_t of_epoch, of_seq;
};

struct level_change {
	uint32_t product;
	int32_t delta, level;
	enum stock_reason reason;
};
#define STALL_CHANGES_MAX (2 * STALL_PRODUCTS)

struct stall {
	struct dice dice;
	struct stall_habits habits;
	int32_t levels[STALL_PRODUCTS];
	uint64_t requests; /* made so far */
	uint64_t run; /* makes request ids of one run its own */
	struct sold {
		struct purchase purchase;
		uint64_t epoch, seq;
	} sold[STALL_MEMORY];
	size_t sold_count;
};

void stall_init(struct stall *, uint64_t seed, uint64_t number, uint64_t run,
    const struct stall_habits *);
/* What the next one at the counter wants. */
void stall_serve(struct stall *, int64_t at_ms, struct purchase *);
/* What that does to the levels: how many changes.  A product that would run
 * out is restocked first. */
size_t stall_stock(struct stall *, const struct purchase *,
    struct level_change[STALL_CHANGES_MAX]);
/* A sale got its number: it may be repeated or taken back later. */
void stall_sold(
    struct stall *, const struct purchase *, uint64_t epoch, uint64_t seq);

uint32_t purchase_units(const struct purchase *);
int64_t purchase_amount(const struct purchase *);

#endif
