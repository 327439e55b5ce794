/*
 * charter: what the guild has laid down (zones, rules, catalogue), as
 * topic_reglas says: the newest record of each key, byte for byte.  A token's
 * is not kept (tokens.h).
 *
 * A change is made upon what it changes, and that is the topic's last word,
 * not a role's read model, which may be behind or away.  Filled by one thread
 * (rules_log.h), asked by any.
 */
#ifndef PREGON_API_CHARTER_H
#define PREGON_API_CHARTER_H

#include "backend/api/rules_log.h"

#define CHARTER_KEYS_MAX 50000 /* later ones are not taken, and logged */

struct charter;
struct charter *charter_new(void); /* NULL: ENOMEM */
void charter_free(struct charter *);

/* ctx: a struct charter. */
extern const struct rules_log_handler charter_feed;

/*
 * Hands a key's record to `each`, under the lock.  0; or -1: ENOENT, EAGAIN
 * (the topic was not read yet), and what `each` returned, if not 0.
 */
int charter_get(struct charter *, const char *key,
    int (*each)(void *ctx, const void *value, size_t len), void *ctx);
/* The records of all keys that begin so, by key, until `each` returns other
 * than 0. */
int charter_walk(struct charter *, const char *prefix,
    int (*each)(void *ctx, const void *value, size_t len), void *ctx);

#endif
