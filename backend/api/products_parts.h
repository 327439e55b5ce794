/*
 * products_parts: the guild's catalogue, as topic_reglas has it.
 */
#ifndef PREGON_API_PRODUCTS_PARTS_H
#define PREGON_API_PRODUCTS_PARTS_H

#include "backend/api/jsonw.h"
#include "backend/api/charter.h"
#include "schemas/rules.h"

struct price_list {
	struct products products; /* ->products: the list below */
	struct product list[CATALOGUE_MAX]; /* names within `bytes` */
	uint8_t *bytes;
};

/* NULL: ENOENT (none was laid down), EAGAIN (not read yet), ENOMEM. */
struct price_list *price_list_read(struct charter *);
void price_list_free(struct price_list *);
/* The name of a product; null if it has none, or there is no list. */
void price_list_write_name(
    const struct price_list *, uint32_t code, struct jsonw *);

#endif
