/*
 * idempotency: a write that is repeated with its Idempotency-Key is the same
 * write, and gets the same answer.
 *
 * Here is only the memory of a day, in a bounded table: it answers what was
 * answered, and tells a repeat from a key used twice.  What a lost answer and
 * a restart of this program cannot undo lies elsewhere: ids are made from
 * (token, key) by a hash (idempotency_id), so the records of a repeat name
 * the same thing, and the role that reads them does it once.  So a full table
 * or another pregon-api beside this one harm nobody.
 *
 * Any thread.
 */
#ifndef PREGON_API_IDEMPOTENCY_H
#define PREGON_API_IDEMPOTENCY_H

#include "backend/api/access.h"
#include "backend/api/answer.h"

#define IDEMPOTENCY_KEY_MAX 80 /* printable ASCII, no spaces */
#define IDEMPOTENCY_KEPT_MS (INT64_C(24) * 3600 * 1000)

bool idempotency_key_is_valid(const char *);

#define DIGEST_BYTES 32 /* SHA-256 */
struct digest {
	uint8_t byte[DIGEST_BYTES];
};
/* Of (token's id or the public's address, key). */
int idempotency_slot(const struct asker *, const char *key, struct digest *);
/* Of what is asked. */
int idempotency_fingerprint(const char *method, const char *path,
    const void *body, size_t len, struct digest *);
/*
 * `chars` characters of Crockford's base 32 and a NUL, the same for the same
 * slot and `of`, which tells ids of one request apart.  At most 51.
 */
int idempotency_id(
    const struct digest *slot, const char *of, char *text, size_t chars);
/*
 * The same for the same key, whoever asks: of what must have one name however
 * often a person comes with another token.  `what` tells uses of it apart.
 */
int idempotency_identity(
    const char *what, const char *whose, const char *key, struct digest *);

enum idempotency_verdict {
	IDEMPOTENCY_NEW, /* under way from here: finish it, or drop it */
	IDEMPOTENCY_REPEAT, /* the answer is filled in */
	IDEMPOTENCY_OTHER, /* the key was used for something else */
	IDEMPOTENCY_UNDER_WAY,
	IDEMPOTENCY_FULL /* all of the table is under way */
};

struct idempotency;
/* At most so many keys, and bytes of their answers.  NULL: ENOMEM. */
struct idempotency *idempotency_new(size_t keys_max, size_t bytes_max);
void idempotency_free(struct idempotency *);
enum idempotency_verdict idempotency_begin(struct idempotency *,
    const struct digest *slot, const struct digest *fingerprint, int64_t now_ms,
    struct answer *);
/* Keeps a copy of the answer. */
void idempotency_finish(struct idempotency *, const struct digest *slot,
    const struct answer *, int64_t now_ms);
/* It came to nothing: the key may be tried again. */
void idempotency_drop(struct idempotency *, const struct digest *slot);

#endif
