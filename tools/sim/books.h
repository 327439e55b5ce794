/*
 * books: what the simulated carts did, a JSON object a line, for tests to
 * compare with the guild's books.  Written before the event may be sent.
 *
 *     {"type":"sale","folio":...,"cart":...,"at":ms,"customer":...,
 *      "contact":...,"units":N,"amount":CLP,"open_ms":N,"request_id":...,
 *      "lines":[[product,units,amount],...]}
 *     {"type":"abandoned", the same with "folio":null}
 *     {"type":"void","folio":of the sale taken back,"cart":...,"at":ms}
 *     {"type":"repeat","folio":its own,"of":of the first,...}: the same
 *      request again under a second folio, which counts once, under `of`
 */
#ifndef PREGON_SIM_BOOKS_H
#define PREGON_SIM_BOOKS_H

#include "tools/sim/stall.h"

struct books;

/* NULL: errno.  path "" keeps none: then all calls do nothing. */
struct books *books_open(const char *path);
/* 0, or -1 if anything could not be written since the opening. */
int books_close(struct books *);
void books_write(struct books *, const char *cart, uint64_t epoch, uint64_t seq,
    const struct purchase *);
/* On to the file, so that another process reads it. */
void books_flush(struct books *);

#endif
