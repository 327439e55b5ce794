/*
 * places: where a cart was last, as the role positions knows it: asked
 * read-only of its database, which may not be there.
 */
#ifndef PREGON_CONSUMER_PLACES_H
#define PREGON_CONSUMER_PLACES_H

#include "backend/store/database.h"
#include "schemas/order.h"

struct places;
/* Beside this database.  NULL: errno. */
struct places *places_new(struct database *);
void places_free(struct places *);

/* Fills in the place of stop->cart; without one where it is not known. */
void places_find(struct places *, struct delivery_stop *stop);

#endif
