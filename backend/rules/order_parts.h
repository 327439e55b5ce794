/*
 * order_parts: what the order_*.c share; nobody else's.
 */
#ifndef PREGON_RULES_ORDER_PARTS_H
#define PREGON_RULES_ORDER_PARTS_H

#include "backend/rules/order_rules.h"

/* ORDER_REFUSED, with words. */
enum order_verdict order_refuse(struct order_why *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A request's line of a product, or NULL. */
const struct order_line *order_line_find(
    const struct order_request *, uint32_t product);

/* What holds for the lines of any request: ORDER_REFUSED, or not. */
enum order_verdict order_judge_lines(
    const struct order_request *, struct order_why *);

/* A change: revision, times, who. */
void order_touch(
    struct order *, enum order_state, int64_t at_ms, const char *by);

/* Fixes the units of each part; false: they are all 0. */
bool order_prepare(
    struct order *, const struct order_request *, const int64_t *needed);

/* What was delivered: the request's lines, or all that was prepared. */
void order_deliver(struct order *, const struct order_request *);

/* Does what the cart booked differ from what the depot says? */
bool order_is_disputed(const struct order *);

/* Appends "product 3: 180 delivered, 175 booked". */
void order_dispute_words(const struct order *, char reason[TEXT_NOTE_MAX + 1]);

#endif
