/*
 * products: the guild's catalogue, kept and handed to every cart.
 */
#ifndef PREGON_CONSUMER_PRODUCTS_H
#define PREGON_CONSUMER_PRODUCTS_H

#include "backend/consumer/role.h"
#include "backend/store/stock_store.h"

/*
 * Of role->apply, for SCHEMA_PRODUCTS.  One that differs from what stands goes
 * to all carts: a command in each partition of topic_comandos, which the
 * bridge hands on, also to a cart that comes back later.  The same again
 * changes nothing.  0, or -1 with errno when the store failed.
 */
int products_apply(
    struct role_context *, struct stock_store *, const struct record *);

#endif
