/*
 * tally: what happened, in numbers, and how long acks took.
 */
#ifndef PREGON_SIM_TALLY_H
#define PREGON_SIM_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "tools/sim/dice.h"

/* So many latencies are kept; beyond that, a fair choice of them. */
#define TALLY_SAMPLES (1 << 18)

struct tally {
	uint64_t folios, abandoned, voids, repeats, fixes;
	uint64_t acked; /* events */
	uint64_t frames, resent, acks, acks_ignored, unreadable;
	uint64_t connections, crashes;
	uint64_t latencies;
	struct dice dice;
	uint32_t samples_us[TALLY_SAMPLES];
};

struct tally *tally_new(void);
void tally_latency(struct tally *, int64_t us);
/* The p-th per cent of the latencies, ms; sorts.  0: there are none. */
double tally_percentile_ms(struct tally *, double p);

#endif
