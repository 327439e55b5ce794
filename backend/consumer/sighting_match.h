/*
 * sighting_match: which cart of the guild a passer-by saw.
 *
 * Of a report just made, carts are where they were last; of an older one (the
 * role was away) they are where their tracks say that they were then.
 */
#ifndef PREGON_CONSUMER_SIGHTING_MATCH_H
#define PREGON_CONSUMER_SIGHTING_MATCH_H

#include "backend/consumer/watchlist.h"
#include "backend/rules/reported.h"
#include "backend/store/positions_store.h"

struct sighting_places {
	const struct reported_rules *rules;
	struct watchlist *list;
	struct positions_store *tracks;
};

/* -1: the store failed. */
int sighting_match(const struct sighting_places *,
    const struct strange_report *, int64_t now_ms, struct reported_match *);

#endif
