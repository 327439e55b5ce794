/*
 * tracks: the parts of tracks (chunk.h) that fixes are being added to.
 *
 * A part is read when its cart's hour is first met, grows in memory, and is
 * written once before the transaction is committed: a backlog of a million
 * fixes a second becomes some thousand rows.
 */
#ifndef PREGON_CONSUMER_TRACKS_H
#define PREGON_CONSUMER_TRACKS_H

#include "backend/store/positions_store.h"

struct tracks;
struct tracks *tracks_new(struct positions_store *);
void tracks_free(struct tracks *);

/*
 * Adds fixes whose `at` is Unix time, in any order of time; `provisional`:
 * it is the arrival's.  -1: the store failed.
 */
int tracks_add(struct tracks *, const char *cart, const struct fix *,
    size_t count, bool provisional);
int tracks_flush(struct tracks *);
void tracks_forget(struct tracks *);

#endif
