/*
 * writes: what handlers of writes do alike.
 */
#ifndef PREGON_API_WRITES_H
#define PREGON_API_WRITES_H

#include "backend/api/api.h"
#include "backend/api/body.h"
#include "backend/api/charter.h"

/* Who writes, for a record's `by`; TEXT_NAME_MAX + 1 bytes. */
void write_by(const struct call *, char *by);

/* The body as JSON; none at all is {} where `may_be_empty`.  0, or -1 and it
 * is answered (400). */
int write_body(struct call *, struct body *, bool may_be_empty);

/* Adds the record whose value has `len` bytes, as its encoder said; -1: it
 * did not fit (500).  0, or -1 and it is answered. */
int write_record(struct call *, struct submit_record *, int len);

/*
 * Adds a record of topic_reglas (value NULL: a tombstone).  0, or -1 and it is
 * answered.
 */
int write_rule(struct call *, const char *key, const char *schema,
    const void *value, size_t len);

/* A charter's look-up failed with errno: 503, or 404 with `what`. */
void write_no_rule(struct call *, const char *field, const char *what);

/*
 * 202, or 200 where nothing was left to do: {"id": ..., "changed": ...}.
 * `path` and the id are where it can be asked for; NULL: nowhere.
 */
void write_done(struct call *, const char *path, const char *id, bool changed);

#endif
