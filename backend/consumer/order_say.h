/*
 * order_say: what goes out when a restock order or a delivery has changed.
 *
 * Each change of an order is a record of topic_reposiciones, kept as its
 * history too, and a notice if the order has a mail.  The cart is told once a
 * transaction, what came of it in the end.  Cart and people hear nothing of
 * what is a day old: then the log is being read again.  Functions return 0, or -1 with
 * errno when the store failed.
 */
#ifndef PREGON_CONSUMER_ORDER_SAY_H
#define PREGON_CONSUMER_ORDER_SAY_H

#include "backend/consumer/role.h"
#include "backend/store/orders_store.h"

/* "3 x 20, 7 x 5", units of products, as notices have them: as many whole
 * lines as fit. */
void order_lines_text(const struct order_event *, char *text, size_t cap);

int order_say(
    struct role_context *, struct orders_store *, const struct order *);
/* Cart and depot say different numbers: to the depot. */
int order_say_dispute(struct role_context *, const struct order *);
/* CMD_ORDER, in the partition of the cart. */
int order_say_cart(struct role_context *, const struct order *);

/* Keeps the delivery and sends its record. */
int delivery_say(struct role_context *, struct orders_store *,
    const struct delivery_event *);

#endif
