/*
 * order_parts: what orders and requests share: their lines.  For the codecs
 * of schemas/ alone.
 */
#ifndef PREGON_ORDER_PARTS_H
#define PREGON_ORDER_PARTS_H

#include "schemas/order.h"

void order_lines_write(
    const struct order_line *, uint32_t count, struct mp_writer *);
/* `min` .. ORDER_LINES_MAX of them; the fields are order.lines. */
int order_lines_read(struct mp_reader *, uint32_t min,
    struct order_line[ORDER_LINES_MAX], uint32_t *count);

#endif
