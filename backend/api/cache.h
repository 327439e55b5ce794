/*
 * cache: answers of a moment ago, for those who ask the same.
 *
 * An answer that took t to make is kept for 10 t, at most the setting
 * (250 ms): so one question, however often it is asked, takes a tenth of a
 * thread, and an answer that is cheap stays fresh.  Bounded in bytes; the
 * oldest goes first.  Any thread.
 */
#ifndef PREGON_API_CACHE_H
#define PREGON_API_CACHE_H

#include "backend/api/answer.h"

struct request;

struct cache;
/* NULL: ENOMEM. */
struct cache *cache_new(int64_t kept_max_us, size_t bytes_max);
void cache_free(struct cache *);
/* Path, parameters, and whose sight of it: a vendor's plate or "". */
#define CACHE_KEY_MAX 300
/* -1: too long to be kept. */
int cache_key(
    const struct request *, const char *own_cart, char key[CACHE_KEY_MAX]);
/* Fills the answer with a copy; false: it must be made. */
bool cache_get(
    struct cache *, const char *key, int64_t now_us, struct answer *);
/* now_us: when it was made (before it was read: it is as old as that). */
void cache_put(struct cache *, const char *key, int64_t now_us, int64_t took_us,
    const struct answer *);

#endif
