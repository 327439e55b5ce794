/*
 * sightings: reports of strange carts, and what they amount to: a cart of the
 * guild that is astray, or a fugitive.
 *
 * A report waits in the store until every record of that moment has been
 * read, then it is matched (backend/rules/reported.h).
 */
#ifndef PREGON_CONSUMER_SIGHTINGS_H
#define PREGON_CONSUMER_SIGHTINGS_H

#include "backend/consumer/alerts.h"
#include "backend/consumer/watchlist.h"
#include "backend/store/positions_store.h"

struct sightings;
struct sightings *sightings_new(struct role_context *,
    const struct role_settings *, struct judge_store *, struct alerts *,
    struct watchlist *, struct positions_store *tracks);
void sightings_free(struct sightings *);
void sightings_forget(struct sightings *);

/* A record of SCHEMA_REPORT. */
int sightings_apply(struct sightings *, const struct record *);
/* Matches what waits, if all is read; ends what is over. */
int sightings_tick(struct sightings *, int64_t now_ms, bool caught_up);

#endif
