/*
 * keeper: which good fixes are worth keeping, and where a parked cart is.
 *
 * Moving: a fix is kept after a distance, after a turn, and at least once an
 * interval.  Parked: after standing for park_ms the cart's place is held at
 * one real fix, in the middle of where the receiver wandered meanwhile, and
 * repeated once an interval.  A cart leaves it by moving, not by drifting:
 * fixes beyond the distance wait until speed, progress, or their staying
 * there says that they are a way (then they are kept) or until the receiver
 * is back (then they were drift, and are counted).
 *
 * So no fix that was taken lies farther than distance_m, or longer ago than
 * interval_ms, from what was kept.  Pure.
 */
#ifndef PREGON_GATEWAY_KEEPER_H
#define PREGON_GATEWAY_KEEPER_H

#include "schemas/pos.h"

struct keeper_settings {
	double distance_m;
	double turn_deg;
	int64_t interval_ms;
	int64_t park_ms;
};

#define KEEPER_PENDING 16
/* Most fixes that one call can hand out. */
#define KEEPER_OUT_MAX (KEEPER_PENDING + 2)
#define KEEPER_TRAIL 8

struct keeper {
	struct keeper_settings settings;
	bool begun;
	bool parked;
	struct fix last; /* the last that was kept */
	int course; /* then; -1: not known yet */
	/* Standing: since `stand`, within distance_m of the mean of all. */
	struct fix stand;
	int strays; /* beyond it, in a row */
	double sum_lat, sum_lon; /* of differences to `stand`, 1e-6 deg */
	uint32_t sum_count;
	struct fix middle; /* the real fix nearest their mean */
	/* Parked. */
	struct fix anchor;
	struct fix inside; /* the last within distance_m of it */
	struct fix pending[KEEPER_PENDING]; /* a way out, or drift */
	int pending_count;
	int far_count, far_fast; /* beyond, in a row; with speed */
	struct instant far_since;
	/* Where it was in the last half minute, each 5 s. */
	struct fix trail[KEEPER_TRAIL];
	int trail_count;
	uint64_t drifted; /* fixes that were drift */
};

void keeper_init(struct keeper *, const struct keeper_settings *);
/* The settings changed. */
void keeper_tune(struct keeper *, const struct keeper_settings *);
/* The times that follow have nothing to do with those before. */
void keeper_forget(struct keeper *);
/*
 * A good fix, later than the one before.  Writes what is to be kept, in
 * order, and returns how many.
 */
size_t keeper_add(
    struct keeper *, const struct fix *, struct fix out[KEEPER_OUT_MAX]);
/* The fix as the map should show it: held in place while parked. */
void keeper_show(const struct keeper *, struct fix *);
/* Standing or parked (for a minute at least)? */
bool keeper_standing(const struct keeper *, const struct fix *latest);

#endif
