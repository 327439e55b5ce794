/*
 * locator: from the receiver's reports to the fixes that are kept and the
 * one that the map shows: judged (quality.h), dated (timekeeper.h), thinned
 * and held (keeper.h).  Pure.
 */
#ifndef PREGON_GATEWAY_LOCATOR_H
#define PREGON_GATEWAY_LOCATOR_H

#include "firmware-gateway/keeper.h"
#include "firmware-gateway/quality.h"
#include "firmware-gateway/timekeeper.h"
#include "schemas/status.h"

/* A fix mode must last so long before it is told: receivers flicker. */
#define LOCATOR_SETTLE_MS 3000

struct locator {
	struct timekeeper *time;
	struct quality_gate gate;
	struct keeper keeper;
	bool has_latest;
	struct fix latest; /* as it came; see locator_latest */
	int64_t latest_gnss_ms;
	int64_t latest_read_ms;
	enum fix_mode mode; /* as told */
	enum fix_mode seen;
	int64_t seen_since_ms;
	uint64_t taken, kept;
};

void locator_init(struct locator *, struct timekeeper *,
    const struct quality_limits *, const struct keeper_settings *);
/* One report; writes what is to be kept and returns how many. */
size_t locator_report(
    struct locator *, const struct report *, struct fix out[KEEPER_OUT_MAX]);
/* The receiver's mode was seen: true if the one to tell has changed. */
bool locator_mode(struct locator *, enum fix_mode, int64_t now_ms);
/* The latest good fix as the map should show it; false: none yet. */
bool locator_latest(const struct locator *, struct fix *);
/* The same as an event carries it. */
void locator_place(const struct locator *, int64_t now_ms, struct place *);
bool locator_standing(const struct locator *);

#endif
