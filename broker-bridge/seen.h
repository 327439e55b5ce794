/*
 * seen: which refused bytes are kept already.
 *
 * A cart that gets no ack sends the same bytes every few seconds, for ever;
 * topic_rechazados needs them once.  A bounded memory of hashes: when a set
 * is full the one not met for longest goes, and its bytes may be kept a
 * second time.  No allocation after the start.
 */
#ifndef PREGON_SEEN_H
#define PREGON_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct seen;

struct seen *seen_new(void); /* NULL: ENOMEM; 256 kB */
void seen_free(struct seen *);

/* Of topic and bytes; never 0. */
uint64_t seen_hash(const char *topic, const void *bytes, size_t len);
/* Was it added and is remembered?  Then it counts as met just now. */
bool seen_has(struct seen *, uint64_t hash);
void seen_add(struct seen *, uint64_t hash);

#endif
