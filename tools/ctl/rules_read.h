/*
 * rules_read: topic_reglas, read whole.
 */
#ifndef PREGON_CTL_RULES_READ_H
#define PREGON_CTL_RULES_READ_H

#include "tools/ctl/cluster.h"

/*
 * Each record from the beginning to the end; value NULL: a tombstone.  Of one
 * key the newest comes last.  -1: said.
 */
int rules_read(struct ctl *,
    void (*record)(void *ctx, const char *key, size_t key_len,
	const void *value, size_t len),
    void *ctx);

#endif
