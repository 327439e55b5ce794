/*
 * watchlist: what is watched of every cart, all of it in memory, and the
 * witnessed clocks of the partitions.
 *
 * Unlike livetable.h it is read whole when first needed: at each beat every
 * cart of a partition may have to be looked at.  Written before the commit,
 * what has changed alone.
 */
#ifndef PREGON_CONSUMER_WATCHLIST_H
#define PREGON_CONSUMER_WATCHLIST_H

#include "backend/consumer/alerts.h"
#include "backend/rules/astray.h"
#include "backend/rules/watch.h"
#include "backend/rules/witness.h"
#include "backend/store/judge_store.h"

#define WATCH_NEVER INT64_MAX

struct cart_rules; /* rulebook.h */

struct watched {
	/* Looked at for each cart at a beat, so first. */
	int64_t next_w; /* watch_next */
	int64_t due_ms; /* record time: when astray_tick may say otherwise */
	bool dirty;
	/* Of the last look at the zones: no zone binds it. */
	bool is_free;
	uint32_t zones_seen; /* rulebook's; 0: never */
	/* Its alert is open, or was refused: a person had settled it. */
	bool zone_told, hours_told;
	int64_t zone_refused_ms, hours_refused_ms; /* since_ms; or 0 */
	struct cart_rules *rules; /* of rules_seen */
	uint32_t rules_seen;
	struct watched *next_dirty;
	/* A place that was found to be inside, of zones_seen. */
	struct area_verdict anchor; /* depth_m 0: none */
	int32_t anchor_lat_e6, anchor_lon_e6;

	struct watch_kept {
		struct watch watch;
		struct astray astray;
		struct motion motion; /* only while hours limit it */
		bool has_last;
		struct fix last; /* the latest that astray was given; Unix */
		int64_t last_record_ms;
		bool estimated; /* its depth in its zone was (judge_way.c) */
	} kept;
};

/* A partition of topic_coordenadas. */
struct beat_part {
	int32_t number;
	struct witness witness;
	int64_t minute; /* of the last look at every cart */
	uint32_t rules_seen, zones_seen; /* rulebook's, then */
	bool was_caught_up;
	/* No cart of it needs to be looked at before: lower bounds. */
	int64_t bound_w, bound_ms;
	bool dirty;
};

struct watchlist;
struct watchlist *watchlist_new(struct judge_store *, struct alerts *);
void watchlist_free(struct watchlist *);
void watchlist_forget(struct watchlist *);

/* Made if it is new; the caller may change it after watchlist_touch.  NULL:
 * errno. */
struct watched *watchlist_get(struct watchlist *, const char *cart);
void watchlist_touch(struct watchlist *, struct watched *);
/* NULL: errno. */
struct beat_part *watchlist_part(struct watchlist *, int32_t number);
/* All of them; *all is the list's.  -1: errno. */
int watchlist_all(struct watchlist *, struct watched *const **all, size_t *);
int watchlist_parts(struct watchlist *, struct beat_part **all, size_t *);

int watchlist_flush(struct watchlist *);

/*
 * watch_bytes.c: what is kept, as bytes for the same build alone: its words,
 * without the zeros that it mostly is.
 */
#define WATCH_BYTES_MAX (2 * sizeof(struct watch_kept) + 16)
size_t watch_write(const struct watch_kept *, uint8_t buf[WATCH_BYTES_MAX]);
/* -1: EBADMSG, another build's. */
int watch_read(struct watch_kept *, const void *, size_t);

#endif
