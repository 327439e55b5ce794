/*
 * motion: how far a cart has gone, and its trips and stops, honest about
 * drift.
 *
 * A standing receiver wanders; who adds up its steps walks 17 km in eight
 * parked hours.  So a cart *stands* at the mean of where it was seen for
 * MOTION_STOP_MS within the radius, and while it stands nothing counts.  It
 * has left once two fixes in a row are three radii away, or it stayed beyond
 * the radius for MOTION_STOP_MS; what it went meanwhile then counts from where
 * it stood.  Away and back before either is true is drift, and counts as
 * nothing.
 *
 * On its way it is measured over the corners of its track, not over all of
 * its fixes: a fix is a corner when it lies more than MOTION_CORNER_M beside
 * the straight line between its neighbours.  So noise across the way does not
 * make the way longer, and street corners are not cut.
 *
 * It takes dense fixes (1 Hz) as well as those that a gateway keeps (20 m, 30
 * degrees, 60 s); what the gateway flags as parked stands at once.
 *
 * The state is flat, without pointers, some 500 bytes; who keeps it in a
 * store keeps sizeof(struct motion) and MOTION_VERSION beside it, and begins
 * anew where they differ.
 */
#ifndef PREGON_RULES_MOTION_H
#define PREGON_RULES_MOTION_H

#include <stdbool.h>
#include <stddef.h>

#include "backend/rules/plane.h"
#include "schemas/pos.h"

#define MOTION_VERSION 1
#define MOTION_RADIUS_M 25.0 /* or a fix's accuracy, if that is poorer ... */
#define MOTION_RADIUS_MAX_M 60.0 /* ... up to this */
#define MOTION_STOP_MS 180000 /* standing so long is a stop */
#define MOTION_ACCURACY_MAX_M 150 /* a poorer fix is not looked at */
#define MOTION_GAP_MS 900000 /* a hole in the track: nobody saw it move */
#define MOTION_CORNER_M 10.0
#define MOTION_SPEED_MAX 60 /* m/s: who is faster than this jumped */
#define MOTION_POINTS 32

enum motion_kind { MOTION_STOP, MOTION_TRIP };
/* A stretch of a cart's day, over. */
struct motion_leg {
	enum motion_kind kind;
	int64_t from_ms, to_ms; /* times of fixes */
	int32_t from_lat_e6, from_lon_e6; /* a stop's place; a trip's start */
	int32_t to_lat_e6, to_lon_e6;
	double distance_m; /* of a trip; 0 */
};

struct motion_place {
	int64_t ms;
	int32_t lat_e6, lon_e6;
	double distance_m; /* gone until there */
};
struct motion {
	bool begun;
	bool moving; /* on its way: left, and not stopped since */
	struct motion_place last; /* the latest fix */
	/* Where it stands, or, moving, may be about to. */
	struct motion_place stand; /* the first fix there */
	double sum_lat, sum_lon; /* of differences to it, 1e-6 deg */
	double sum_count;
	int64_t inside_ms; /* the latest fix near enough */
	/* Beyond the radius, in a row. */
	struct motion_place away; /* the first of them */
	double away_lat, away_lon; /* sum of differences to it, 1e-6 deg */
	uint32_t away_count, far_count;
	uint32_t jumps; /* too fast to be true, in a row */
	struct motion_place trip; /* where the trip under way began */
	/* The track since its last corner, points[0]. */
	uint32_t point_count;
	int32_t points[MOTION_POINTS][2]; /* lat_e6, lon_e6 */
	double corners_m; /* gone until points[0] */
	double distance_m;
	double unseen_m; /* of it, over holes: as the crow flies */
	int64_t moving_ms; /* of trips that are over */
	uint32_t stop_count, trip_count; /* over */
};

void motion_init(struct motion *);

/*
 * The next fix, its time Unix.  One that is not later than the latest is
 * ignored (a track that is read again goes through a motion of its own, in
 * order of time).  true: it ended a leg, which *leg is; NULL: not wanted.
 */
bool motion_add(struct motion *, const struct fix *, struct motion_leg *leg);

/* What is still under way, as if it ended with the latest fix; the state
 * stays.  false: nothing (it stands for less than MOTION_STOP_MS). */
bool motion_open_leg(const struct motion *, struct motion_leg *);

/* Metres gone since motion_init: to say "moved 350 m" take the difference.
 * It may go back by some metres when what seemed a way turns out to be a
 * stop. */
double motion_distance_m(const struct motion *);

/* ms on the way, the open trip included. */
int64_t motion_moving_ms(const struct motion *);

/* Since when it stands where it is now; INSTANT_MISSING: it is moving, or
 * was never seen. */
int64_t motion_standing_since(const struct motion *);

/* Metres between two fixes. */
double motion_between(const struct fix *, const struct fix *);

#endif
