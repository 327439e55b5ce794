/*
 * judge_parts: what the judge's own files share; nobody else's.
 */
#ifndef PREGON_CONSUMER_JUDGE_PARTS_H
#define PREGON_CONSUMER_JUDGE_PARTS_H

#include "backend/consumer/alerts.h"
#include "backend/consumer/judge.h"
#include "backend/consumer/rulebook.h"
#include "backend/consumer/sightings.h"
#include "backend/consumer/watchlist.h"

struct judge {
	struct role_context *ctx;
	const struct role_settings *settings;
	struct judge_store *store;
	struct alerts *alerts;
	struct rulebook *book;
	struct watchlist *list;
	struct sightings *sightings;
	/* The frame under way. */
	const struct record *record;
	struct watched *one;
	bool told; /* watch_frame was called */
};

/* One call of backend/rules/watch.h's functions. */
struct judge_call {
	struct judge *judge;
	struct watched *one;
	struct watch_now now;
	bool quiet;
	bool settled;
	struct alert_resolution word;
};

/* judge.c */

/* The cart, with its rules of now.  NULL: errno. */
struct watched *judge_watched(struct judge *, const char *cart);
int judge_call_begin(struct judge *, struct judge_call *, struct watched *,
    int32_t partition, int64_t record_ms);
/* After it: a word that is owed, and when to look again. */
int judge_call_end(struct judge_call *);

/* judge_way.c: where a cart goes. */

/* New fixes, in order of time; those of a backlog are looked at in part. */
int judge_way(
    struct judge_call *, const struct fix *, size_t count, int64_t record_ms);
/* Time has passed. */
int judge_way_tick(struct judge_call *);
/* When judge_way_tick may say otherwise; WATCH_NEVER. */
int64_t judge_way_due(const struct watched *);

#endif
