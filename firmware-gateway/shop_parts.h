/*
 * shop_parts: what shop's own files share; nobody else's.
 */
#ifndef PREGON_GATEWAY_SHOP_PARTS_H
#define PREGON_GATEWAY_SHOP_PARTS_H

#include "firmware-gateway/shop.h"

/* errno of a failed composition, in words; always -1. */
int shop_failed(struct shop_error *);
/* 1: the request was done before, *answer is filled; 0: it is new; -1. */
int shop_repeated(struct shop *, const struct shop_request *,
    struct shop_answer *, struct shop_error *);
/* Within a composition: notes the request under its first event. */
int shop_note_request(struct shop *, const struct shop_request *, uint64_t seq);
/* Within a composition: a stock event, and the product's new level. */
int shop_put_stock(struct shop *, const struct stock *);
/* Ends a composition: commits (or rolls back, if rc is -1). */
int shop_finish(struct shop *, int rc, struct shop_error *);

#endif
