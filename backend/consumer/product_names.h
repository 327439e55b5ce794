/*
 * product_names: what products are called, as the role stock knows it: asked
 * read-only of its database, which may not be there, once a minute at most.
 */
#ifndef PREGON_CONSUMER_PRODUCT_NAMES_H
#define PREGON_CONSUMER_PRODUCT_NAMES_H

#include <stdint.h>

struct product_names;
/* Of the databases in this folder.  NULL: errno. */
struct product_names *product_names_new(const char *folder);
void product_names_free(struct product_names *);

/* NULL: not known.  Valid until the next call. */
const char *product_name(
    struct product_names *, uint32_t product, int64_t now_ms);

#endif
