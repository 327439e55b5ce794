/*
 * pos_request: one line from a POS, and its answer.
 *
 *     {"type":"sale","customer":"Ana","units":3,"amount":4500}
 *     {"ok":true,"folio":"AB1234-0G3K9W2T-5"}
 *     {"ok":false,"error":"units: missing","fault":"invalid","field":"units"}
 *
 * Types: sale, abandoned, void, stock, open, close, help, inbox, state,
 * sales (what was sold of late, and where each sale is).
 */
#ifndef PREGON_GATEWAY_POS_REQUEST_H
#define PREGON_GATEWAY_POS_REQUEST_H

#include <jansson.h>

#include "firmware-gateway/inbox.h"
#include "firmware-gateway/shop.h"

/* Longest line, its end not counted. */
#define POS_LINE_MAX 16384

struct pos {
	struct shop *shop;
	struct inbox *inbox;
	/* What an operator wants to know: a new object, NULL: no memory. */
	json_t *(*state)(void *ctx);
	/* Is this sale or void on its way to the guild right now? */
	bool (*under_way)(void *ctx, uint64_t epoch, uint64_t seq);
	void *ctx;
	uint64_t requests, refused;
};

/* The answer with its line feed, *len bytes; the caller frees it.  NULL: no
 * memory. */
char *pos_answer(struct pos *, const char *line, size_t line_len, size_t *len);
/* The same for what is wrong before it can be read. */
char *pos_answer_refusal(const char *why, size_t *len);

#endif
