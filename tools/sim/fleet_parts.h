/*
 * fleet_parts: what fleet's own files share; nobody else's.
 */
#ifndef PREGON_SIM_FLEET_PARTS_H
#define PREGON_SIM_FLEET_PARTS_H

#include "tools/sim/cart.h"
#include "tools/sim/fleet.h"
#include "tools/sim/network.h"

enum phase { PHASE_CONNECTING, PHASE_RUNNING, PHASE_FINISHING, PHASE_OVER };

struct fleet {
	struct ev_loop *loop;
	const struct settings *settings;
	struct world world;
	struct network *net;
	struct cart *carts;
	size_t count;
	char (*plates)[9];
	int64_t *due_us; /* of each cart: to be gone through fast */
	ev_timer tick;
	struct dice dice;
	enum phase phase;
	int64_t start_ms, start_us; /* the carts' clock: at, since */
	int64_t ticked_us;
	int64_t phase_us; /* when it began */
	double sales_owed, fixes_owed, crashes_owed;
	size_t next_to_move;
	int64_t rounds_left; /* drain */
	bool draining;
	bool failed; /* not all carts could connect */
	int64_t drain_us;
};

/* fleet.c */
struct moment fleet_now(const struct fleet *);
/* After anything that happened to a cart. */
void fleet_look_later(struct fleet *, size_t cart);
bool fleet_all_done(struct fleet *);
void fleet_enter(struct fleet *, enum phase, const struct moment *);

/* fleet_work.c */
void fleet_make_events(struct fleet *, int64_t passed_us, struct moment *);
/* Begins a drain's next round when the last one is over. */
void fleet_drain(struct fleet *, struct moment *);

#endif
