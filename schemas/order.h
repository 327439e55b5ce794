/*
 * order: one event of a restock order, a record of topic_reposiciones.
 *
 *     [version, order, cart, state, at_ms, by, [[product, units], ...]]
 *
 * Key: the order's id.  The id is deterministic: the same cause gives the
 * same order.
 */
#ifndef PREGON_ORDER_H
#define PREGON_ORDER_H

#include "schemas/event.h"
#include "schemas/identity.h"

#define ORDER_VERSION 1
#define ORDER_ID_MAX 48
#define ORDER_LINES_MAX 64
#define ORDER_BYTES_MAX 2048

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

struct order_event {
	char order[ORDER_ID_MAX + 1];
	char cart[CART_MAX + 1];
	enum order_state state;
	int64_t at_ms;
	char by[TEXT_NAME_MAX + 1]; /* who or what moved it */
	uint32_t line_count;
	struct order_line lines[ORDER_LINES_MAX];
};

/* Bytes written, or -1: ENOBUFS. */
int order_encode(const struct order_event *, void *buf, size_t cap);
int order_decode(
    const void *, size_t, struct order_event *, struct decode_error *);

/*
 * What a cart is told of its own order, the payload of CMD_ORDER:
 * [order, state, at_ms, [[product, units], ...]].  `cart` and `by` are not
 * in it: not written, and empty when read.
 */
void order_news_encode(const struct order_event *, struct mp_writer *);
int order_news_decode(
    const void *, size_t, struct order_event *, struct decode_error *);

#endif
