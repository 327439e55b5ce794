/*
 * livetable: the rows of the live table that are in memory.
 *
 * As accounts.h: read when first needed, written before the commit.
 */
#ifndef PREGON_CONSUMER_LIVETABLE_H
#define PREGON_CONSUMER_LIVETABLE_H

#include "backend/store/positions_store.h"

struct livetable;
struct livetable *livetable_new(struct positions_store *);
void livetable_free(struct livetable *);

/* The row, made by live_init if there is none; the caller may change it
 * until the next flush.  NULL: errno. */
struct cart_state *livetable_get(struct livetable *, const char *cart);
int livetable_flush(struct livetable *);
void livetable_forget(struct livetable *);

#endif
