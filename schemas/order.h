/*
 * order: one event of a restock order, a record of topic_reposiciones.
 *
 *     [version, order, cart, state, at_ms, by, [[product, units], ...],
 *      revision, reason, delivery, origin, disputed]
 *
 * Key: the order's id.  The id is deterministic: the same cause gives the
 * same order.  It begins with the cart's plate and a '-'.
 *
 * What follows the lines was appended: it is left out where all of it is 0
 * or empty, and read so where it is left out.
 */
#ifndef PREGON_ORDER_H
#define PREGON_ORDER_H

#include "schemas/event.h"
#include "schemas/identity.h"

#define ORDER_VERSION 1
#define ORDER_ID_MAX 48
#define ORDER_LINES_MAX 64
#define ORDER_BYTES_MAX 4096
#define DELIVERY_ID_MAX 32

enum order_state {
	ORDER_RECIBIDO,
	ORDER_PREPARANDO,
	ORDER_ENTREGANDO,
	ORDER_FINALIZADO,
	ORDER_CANCELADO,
	ORDER_STATES
};
const char *order_state_name(enum order_state);

struct order_line {
	uint32_t product;
	uint32_t units; /* 0: not fixed yet */
};

enum order_origin {
	ORIGIN_LEVEL, /* a level fell below its threshold */
	ORIGIN_MANUAL, /* somebody asked for it */
	ORIGINS
};
const char *order_origin_name(enum order_origin);

/*
 * Units of a line: recibido what was asked for (0: up to the target, fixed
 * when it is prepared), then what was prepared, then what was delivered.
 */
struct order_event {
	char order[ORDER_ID_MAX + 1];
	char cart[CART_MAX + 1];
	enum order_state state;
	int64_t at_ms;
	char by[TEXT_NAME_MAX + 1]; /* who or what moved it */
	uint32_t line_count;
	struct order_line lines[ORDER_LINES_MAX];
	uint32_t revision; /* 0, 1, 2, ...: each change of this order */
	char reason[TEXT_NOTE_MAX + 1]; /* of a cancel; of a dispute; "" */
	char delivery[DELIVERY_ID_MAX + 1]; /* "": in none yet */
	enum order_origin origin;
	/* The cart's own word of what came, when it differs. */
	bool disputed;
};

/* Bytes written, or -1: ENOBUFS. */
int order_encode(const struct order_event *, void *buf, size_t cap);
int order_decode(
    const void *, size_t, struct order_event *, struct decode_error *);

/*
 * What a cart is told of its own order, the payload of CMD_ORDER:
 * [order, state, at_ms, [[product, units], ...]].  `cart`, `by` and what
 * was appended are not in it: not written, and empty when read.
 */
void order_news_encode(const struct order_event *, struct mp_writer *);
int order_news_decode(
    const void *, size_t, struct order_event *, struct decode_error *);

/*
 * What people ask of the stock role, a record of topic_stock, key: the cart.
 *
 *     [version, kind, order, cart, at, by, to, lines, reason, mail]
 *
 * A request is of an explicit state `to`, so that a repeat is harmless.
 */
#define REQUEST_VERSION 1
#define REQUEST_BYTES_MAX 4096
enum request_kind {
	REQUEST_CREATE, /* a manual order; `order` is its id */
	REQUEST_MOVE, /* advance or cancel `order` */
	REQUEST_KINDS
};
struct order_request {
	enum request_kind kind;
	char order[ORDER_ID_MAX + 1];
	char cart[CART_MAX + 1];
	int64_t at_ms;
	char by[TEXT_NAME_MAX + 1];
	enum order_state to;
	/* CREATE: what is wanted.  MOVE to preparando: what was prepared, to
	 * finalizado: what was delivered; none: as it stands. */
	uint32_t line_count;
	struct order_line lines[ORDER_LINES_MAX];
	char reason[TEXT_NOTE_MAX + 1]; /* of a cancel */
	char mail[TEXT_NAME_MAX + 1]; /* told of each change; "" */
};
int order_request_encode(const struct order_request *, void *buf, size_t cap);
int order_request_decode(
    const void *, size_t, struct order_request *, struct decode_error *);

/*
 * A delivery: orders that travel together, a record of topic_reposiciones for
 * each change, key: the delivery's id.
 *
 *     [version, id, state, revision, at, [[order, cart, lat, lon], ...]]
 *
 * Stops are in the order of the drive.  What each gets is in its order.
 */
#define DELIVERY_VERSION 1
#define DELIVERY_STOPS_MAX 64
#define DELIVERY_BYTES_MAX 8192
enum delivery_state {
	DELIVERY_PREPARANDO, /* its orders are being prepared */
	DELIVERY_ENTREGANDO, /* the first of them is on its way */
	DELIVERY_FINALIZADA, /* each is done or cancelled */
	DELIVERY_CANCELADA, /* all were cancelled */
	DELIVERY_STATES
};
const char *delivery_state_name(enum delivery_state);
struct delivery_stop {
	char order[ORDER_ID_MAX + 1];
	char cart[CART_MAX + 1];
	bool has_place;
	int32_t lat_e6, lon_e6;
};
struct delivery_event {
	char id[DELIVERY_ID_MAX + 1];
	enum delivery_state state;
	uint32_t revision;
	int64_t at_ms;
	uint32_t stop_count;
	struct delivery_stop stops[DELIVERY_STOPS_MAX];
};
int delivery_encode(const struct delivery_event *, void *buf, size_t cap);
int delivery_decode(
    const void *, size_t, struct delivery_event *, struct decode_error *);

#endif
