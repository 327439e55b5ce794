/*
 * pos_fields: reading a POS's JSON, field by field, with words that name the
 * field.  Texts point into the object.
 */
#ifndef PREGON_GATEWAY_POS_FIELDS_H
#define PREGON_GATEWAY_POS_FIELDS_H

#include <jansson.h>

#include "firmware-gateway/shop.h"

/* Missing, null or empty: s is NULL.  `max` bytes. */
int field_text(const json_t *, const char *field, size_t max, struct text *,
    struct shop_error *);
/* Missing or null: *given false. */
int field_int(const json_t *, const char *field, int64_t min, int64_t max,
    bool *given, int64_t *, struct shop_error *);
/* An RFC 3339 time; missing: INSTANT_MISSING. */
int field_time(
    const json_t *, const char *field, int64_t *unix_ms, struct shop_error *);
/* A product, by code or name, under "product". */
int field_product(
    const json_t *, const struct shop *, uint32_t *, struct shop_error *);

/* request_id, and the digest of all the rest. */
int field_request(const json_t *, struct shop_request *, struct shop_error *);

/* The lines of a sale: "lines", or product, units and amount alone.  `after`
 * as in shop_sale. */
int field_lines(const json_t *, const struct shop *, struct sale *,
    int32_t after[SALE_LINES_MAX], struct shop_error *);

#endif
