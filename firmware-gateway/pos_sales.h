/*
 * pos_sales: what the cart sold of late, and where each sale is:
 *
 *     {"ok":true,"waiting":1,"sales":[{"folio":"AB1234-0G3K9W2T-5",
 *       "at":"2026-11-20T16:05:00.000Z","units":3,"amount":4500,
 *       "lines":[{"product":0,"units":3,"amount":4500}],"customer":"Ana",
 *       "where":"kept","void":{"reason":"...","where":"kept"}}]}
 *
 * `where` is "kept" (on the cart alone), "sent" (under way, not answered) or
 * "counted" (the guild has it).  The newest come first; `at` is null while
 * the cart had no date.  `waiting`: sales that the guild does not have yet.
 */
#ifndef PREGON_GATEWAY_POS_SALES_H
#define PREGON_GATEWAY_POS_SALES_H

#include <jansson.h>

#include "firmware-gateway/pos_request.h"

/* The newest so many, of the last so many hours. */
#define POS_SALES_MAX 300
#define POS_SALES_HOURS 36

int pos_sales(struct pos *, json_t *answer, struct shop_error *);

#endif
