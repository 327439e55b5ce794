/*
 * show_guild: the guild's own records as JSON: alerts, notices, reports,
 * zones, rules, requests, deliveries; members and tickets.  Part of show.h.
 */
#ifndef PREGON_CTL_SHOW_GUILD_H
#define PREGON_CTL_SHOW_GUILD_H

#include "schemas/order.h"
#include "tools/ctl/show.h"

/* NULL: it is of none of these schemas; `schema` needs no NUL. */
json_t *show_guild(const void *schema, size_t schema_len, const void *, size_t);
json_t *show_people(
    const void *schema, size_t schema_len, const void *, size_t);
/* [[product, units], ...] as objects. */
json_t *show_order_lines(const struct order_line *, uint32_t count);

#endif
