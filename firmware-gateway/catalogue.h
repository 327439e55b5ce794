/*
 * catalogue: the products of the guild, as the last command gave them.
 */
#ifndef PREGON_GATEWAY_CATALOGUE_H
#define PREGON_GATEWAY_CATALOGUE_H

#include "schemas/down.h"

struct catalogue {
	uint8_t *bytes; /* as they came; names point into them */
	size_t len;
	struct product *products;
	size_t count;
};

/* Replaces the whole: 0; -1: EBADMSG (*error), ENOMEM; unchanged then. */
int catalogue_set(
    struct catalogue *, const void *, size_t, struct decode_error *);
void catalogue_release(struct catalogue *);

const struct product *catalogue_by_code(
    const struct catalogue *, uint32_t code);
/* By name: case (of A-Z) and outer blanks do not matter. */
const struct product *catalogue_by_name(
    const struct catalogue *, const char *name, size_t len);

#endif
