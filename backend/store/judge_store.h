/*
 * judge_store: what the role positions judges carts by and remembers of it:
 * zones, rules, each partition's witnessed clock, the watch on each cart,
 * reports of strange carts.
 *
 * Each function returns 0, or -1 with errno.  A walk goes on while `each`
 * returns 0; -1 from it is the walk's too.  All are called within the
 * runtime's transaction.
 */
#ifndef PREGON_BACKEND_JUDGE_STORE_H
#define PREGON_BACKEND_JUDGE_STORE_H

#include "backend/store/database.h"
#include "schemas/report.h"
#include "schemas/rules.h"
#include "schemas/zone.h"

/* Of one partition of topic_coordenadas. */
struct witness_row {
	int32_t part;
	int64_t beat_ms; /* record time of the last beat */
	int64_t clock_ms; /* witnessed so far */
};

/* Reports that are about one cart, or one fugitive (""). */
struct sighting_row {
	char id[REPORT_ID_MAX + 1]; /* the first report's */
	char cart[CART_MAX + 1];
	int64_t first_ms, last_ms; /* the reports' times */
	int32_t lat_e6, lon_e6; /* of the last of them */
	uint32_t count;
	char note[TEXT_NOTE_MAX + 1]; /* of the last of them */
};

struct judge_store;
struct judge_store_ops {
	int (*zone_put)(
	    struct judge_store *, const char *id, const void *, size_t);
	int (*zone_delete)(struct judge_store *, const char *id);
	int (*zones_each)(struct judge_store *,
	    int (*each)(void *, const void *, size_t), void *ctx);

	int (*rules_delete)(struct judge_store *, const char *scope);
	int (*rule_put)(struct judge_store *, const char *scope,
	    const char *name, const char *value);
	int (*rules_each)(struct judge_store *,
	    int (*each)(
		void *, const char *scope, const char *name, const char *value),
	    void *ctx);

	int (*witness_put)(struct judge_store *, const struct witness_row *);
	int (*witness_each)(struct judge_store *,
	    int (*each)(void *, const struct witness_row *), void *ctx);

	/* A cart's watch, as bytes that are the caller's to read. */
	int (*watch_put)(
	    struct judge_store *, const char *cart, const void *, size_t);
	int (*watch_each)(struct judge_store *,
	    int (*each)(void *, const char *cart, const void *, size_t),
	    void *ctx);

	/* EEXIST: this report is known. */
	int (*report_put)(struct judge_store *, const struct strange_report *);
	/* Which sighting it belongs to; until then it waits. */
	int (*report_judged)(
	    struct judge_store *, const char *id, const char *sighting);
	int (*reports_waiting)(struct judge_store *,
	    int (*each)(void *, const struct strange_report *), void *ctx);
	/* By the sighting's id. */
	int (*sighting_put)(struct judge_store *, const struct sighting_row *);
	int (*sighting_delete)(struct judge_store *, const char *id);
	int (*sightings_each)(struct judge_store *,
	    int (*each)(void *, const struct sighting_row *), void *ctx);
	/* Drops some reports made before then. */
	int (*reports_expire)(struct judge_store *, int64_t before_ms);

	void (*close)(struct judge_store *);
};
struct judge_store {
	const struct judge_store_ops *ops;
};

/* NULL: errno.  It uses the database and does not own it. */
struct judge_store *judge_store_sqlite(struct database *);

#endif
