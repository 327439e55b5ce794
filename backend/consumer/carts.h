/*
 * carts: the rows of the live table that are in memory.
 *
 * As accounts.h: read when first needed, written before the commit.
 */
#ifndef PREGON_CONSUMER_CARTS_H
#define PREGON_CONSUMER_CARTS_H

#include "backend/store/positions_store.h"

struct carts;
struct carts *carts_new(struct positions_store *);
void carts_free(struct carts *);

/* The row, made by live_init if there is none; the caller may change it
 * until the next flush.  NULL: errno. */
struct cart_state *carts_get(struct carts *, const char *cart);
int carts_flush(struct carts *);
void carts_forget(struct carts *);

#endif
