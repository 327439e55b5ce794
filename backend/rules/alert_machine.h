/*
 * alert_machine: one cause of alarm about one cart: whether it is told, when
 * it is over, and that it cannot flap.
 *
 *     CALM --raise--> RISING --lasted raise_ms, caught up--> ON
 *      ^                 |                                   ^ |
 *      |<-----cease------+                             raise | | cease
 *      |                                                     | v
 *      +<------------------lasted the clear time---------- CEASING
 *
 * Going ON says "opened", leaving CEASING says "resolved"; what is learnt in
 * between says "changed".  A person's word says "resolved" at once and *holds*
 * the case: while the cause goes on nothing is opened; when it ends, its end
 * is told as a change of the alert that the person resolved.
 *
 * Who judges calls alert_raise as long as the cause is there, and alert_cease
 * as long as it is not, at every look: both are about levels, so that repeated
 * calls are harmless.  `clock_ms` is any clock for durations (a witnessed one
 * for silence); record times go into the records.
 *
 * A case gives at most one event a call: it is case->event, to be published
 * and kept before the next call.
 *
 * To be kept: every field; `event` need not be where the phase is CALM.  A case
 * that is all zero is a new one.
 */
#ifndef PREGON_RULES_ALERT_MACHINE_H
#define PREGON_RULES_ALERT_MACHINE_H

#include "schemas/alert.h"

enum alert_phase {
	CASE_CALM, /* no cause */
	CASE_RISING, /* a cause, not for long enough, or not to be told yet */
	CASE_ON, /* the cause is there */
	CASE_CEASING, /* it is gone, not for long enough */
	CASE_PHASES
};

struct alert_case {
	enum alert_phase phase;
	bool held; /* by a person's word, until the cause has ceased */
	bool told; /* `event` has been published, as it is here */
	uint32_t strikes; /* openings shortly after a resolution, in a row */
	int64_t phase_ms; /* clock: the phase began, or ON told a change */
	int64_t closed_ms; /* clock: the last told ended; 0: none */
	/* CEASING: how it ended, as it seems. */
	int64_t until_ms;
	enum alert_why why;
	int64_t moved_m;
	struct alert_event event; /* the last one, or RISING: what it will be */
};

/* All in ms of the case's clock. */
struct alert_damping {
	int64_t raise_ms; /* a cause must last so long */
	int64_t clear_ms; /* its absence must last so long */
	int64_t again_ms; /* opened again within it is a strike */
	int64_t again_clear_ms; /* from the second strike, instead of clear */
	int64_t change_ms; /* numbers alone are told so often; 0: never */
};

struct alert_now {
	int64_t clock_ms;
	int64_t at_ms; /* record time */
	/* False while the reader is behind: nothing is opened or changed, for
	 * it may be over by now.  What is over is resolved all the same. */
	bool caught_up;
};

/*
 * The cause is there.  `facts`: cart, cause, since_ms, and what is known
 * (known, place, moved_m, count, subject, note); id where it is not made of
 * cart, cause and since (fugitives), else "".  since_ms counts at the first
 * call of a case alone.  The event to publish, or NULL; after an event, call
 * again (a case may end and the next one begin).
 */
const struct alert_event *alert_raise(struct alert_case *,
    const struct alert_event *facts, const struct alert_damping *,
    const struct alert_now *);

/*
 * The cause is not there.  `facts`: until_ms, why, and moved_m where it is
 * known (else -1); those of the first call after a raise count.
 */
const struct alert_event *alert_cease(struct alert_case *,
    const struct alert_event *facts, const struct alert_damping *,
    const struct alert_now *);

/* A person's word.  NULL: of another alert, settled already, or not told. */
const struct alert_event *alert_settle(struct alert_case *,
    const struct alert_resolution *, const struct alert_now *);

/*
 * Later knowledge about an alert: `event`, as it was last published, becomes
 * its next revision, "changed".  moved_m -1: not known.  false: nothing new.
 */
bool alert_mend(
    struct alert_event *, int64_t until_ms, int64_t moved_m, int64_t at_ms);

/* Published, and neither resolved nor settled. */
bool alert_is_open(const struct alert_case *);

/* The clock's time at which raise or cease must be called even if nothing
 * else happens; INT64_MAX: none. */
int64_t alert_next(const struct alert_case *, const struct alert_damping *);

#endif
