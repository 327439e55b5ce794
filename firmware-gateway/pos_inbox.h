/*
 * pos_inbox: the inbox as a POS reads it.
 *
 *     {"type":"inbox","after":7}
 *     {"ok":true,"messages":[{"number":8,"kind":"message","at":"...",
 *      "text":"..."},{"number":9,"kind":"order","order":"...",...}]}
 */
#ifndef PREGON_GATEWAY_POS_INBOX_H
#define PREGON_GATEWAY_POS_INBOX_H

#include <jansson.h>

#include "firmware-gateway/inbox.h"
#include "firmware-gateway/shop.h"

/* Puts the messages later than "after" into the answer. */
int pos_inbox(
    struct inbox *, const json_t *request, json_t *answer, struct shop_error *);

#endif
