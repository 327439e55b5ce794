/*
 * walk: where a virtual cart is: it is pushed through the streets around its
 * home at 1.3 m/s, turns at corners, and stands where it sells.  Pure.
 */
#ifndef PREGON_SIM_WALK_H
#define PREGON_SIM_WALK_H

#include "schemas/pos.h"
#include "tools/sim/dice.h"

struct walk {
	struct dice dice;
	double home_lat, home_lon; /* degrees */
	double north_m, east_m; /* from home */
	int course_deg;
	double block_left_m; /* to the next corner */
	double stop_left_s; /* it stands so long yet */
	bool started;
	int64_t last_ms;
};

void walk_init(struct walk *, uint64_t seed, uint64_t number);
/* Moves on to `ms` (Unix; not before the last call's) and says where. */
void walk_to(struct walk *, int64_t ms, struct fix *);

#endif
