/*
 * tokens: who may ask, as topic_reglas says.
 *
 * The table is filled by one thread (rules_log.h) and asked by all others.
 * Only hashes are in it: who reads the topic cannot ask in anyone's name.
 */
#ifndef PREGON_API_TOKENS_H
#define PREGON_API_TOKENS_H

#include "schemas/rules.h"

#define TOKENS_MAX 100000

struct tokens;
/* NULL: ENOMEM. */
struct tokens *tokens_new(void);
void tokens_free(struct tokens *);

/* A record's word: `token` is copied.  -1: ENOMEM, ENOSPC. */
int tokens_put(struct tokens *, const struct token *);
void tokens_remove(struct tokens *, const char *id, size_t len);
/* Forgets all, and does not know again until tokens_set_known(). */
void tokens_clear(struct tokens *);
/* The topic was read to its end. */
void tokens_set_known(struct tokens *);
bool tokens_known(struct tokens *);

enum tokens_answer { TOKENS_FOUND, TOKENS_REFUSED, TOKENS_UNKNOWN };
/*
 * Whose is "<id>.<secret>"?  UNKNOWN: the topic was not read yet, so nobody
 * can say.
 */
enum tokens_answer tokens_find(
    struct tokens *, const char *bearer, size_t len, struct token *);

/* By its id alone: for sessions, which were begun with the whole. */
enum tokens_answer tokens_get(struct tokens *, const char *id, struct token *);

/* SHA-256 of the whole, as the record keeps it; -1: EIO. */
int token_hash(const char *bearer, size_t len, uint8_t hash[TOKEN_HASH_BYTES]);

#endif
