/*
 * shop: the rules of the point of sale, over events and the outbox.
 *
 * Everything is on the flash when a function returns 0; nothing of it is when
 * it returns -1, and *error says why, with the field that is at fault.
 * Levels count down by themselves once a product has one.
 */
#ifndef PREGON_GATEWAY_SHOP_H
#define PREGON_GATEWAY_SHOP_H

#include "firmware-gateway/catalogue.h"
#include "firmware-gateway/events.h"
#include "firmware-gateway/locator.h"

struct shop {
	const char *cart;
	struct events *events;
	struct outbox *outbox;
	const struct locator *locator;
	struct catalogue catalogue;
	bool day_open;
	uint64_t sales; /* folios given since the start */
	void (*day_changed)(void *ctx);
	void *ctx;
};

/* What a request calls itself, so that a retry is harmless. */
struct shop_request {
	struct text id; /* s NULL: none */
	uint64_t digest; /* of its content */
};

enum shop_fault {
	SHOP_INVALID, /* the request is wrong: `field` */
	SHOP_CONFLICT, /* request_id was used with other content */
	SHOP_FULL, /* only sales are left in the outbox */
	SHOP_STORAGE /* the disk failed */
};
const char *shop_fault_name(enum shop_fault);

struct shop_error {
	enum shop_fault fault;
	char field[64];
	char why[200];
};
/* Fills it in; always -1. */
int shop_refuse(struct shop_error *, const char *field, const char *why, ...)
    __attribute__((format(printf, 3, 4)));

struct shop_answer {
	bool repeated; /* done before: this was a retry */
	char folio[FOLIO_MAX + 1]; /* "": none */
	bool has_level;
	int32_t level;
	char note[80]; /* "": nothing to add */
};

void shop_init(
    struct shop *, const char *cart, struct events *, const struct locator *);
void shop_release(struct shop *);

/* The product meant: by code, by name, or (both NULL) the only one. */
int shop_product(const struct shop *, const int64_t *code,
    const struct text *name, const char *field, uint32_t *product,
    struct shop_error *);

#define SHOP_COUNT_DOWN INT32_MIN
/*
 * A sale, confirmed or abandoned; at and place are filled in here.  `after`:
 * for each line the level after it, or SHOP_COUNT_DOWN.
 */
int shop_sale(struct shop *, struct sale *, const int32_t *after,
    const struct shop_request *, struct shop_answer *, struct shop_error *);
/* Takes a sale back, and its stock with it where the sale is still known. */
int shop_void(struct shop *, const struct text *folio,
    const struct text *reason, const struct shop_request *,
    struct shop_answer *, struct shop_error *);

struct shop_stock {
	uint32_t product;
	bool has_level, has_delta;
	int64_t level, delta;
	bool has_reason;
	enum stock_reason reason;
	struct text order;
};
int shop_stock(struct shop *, const struct shop_stock *,
    const struct shop_request *, struct shop_answer *, struct shop_error *);
int shop_help(struct shop *, const struct text *note,
    const struct shop_request *, struct shop_answer *, struct shop_error *);
int shop_day(struct shop *, bool open, struct shop_error *);

/* The level of a product: 1 known, 0 not. */
int shop_level(const struct shop *, uint32_t product, int32_t *level);
/* How long ago, ms, a purchase was opened; -1: outside 0..24 h, or no
 * trusted time. */
int64_t shop_open_ms(const struct shop *, int64_t opened_unix_ms);

/* A catalogue came down: within begin..commit (the caller's); 0 or -1 with
 * errno EBADMSG (*error) or the outbox's.  The catalogue is used at once. */
int shop_catalogue(struct shop *, const void *, size_t, struct decode_error *);

#endif
