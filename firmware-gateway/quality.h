/*
 * quality: which of the receiver's fixes are fit to be told to anyone.
 *
 * Pure: reports in, verdicts out, one struct a receiver.  The time that is
 * compared is the receiver's own, for what jumps is the receiver.
 */
#ifndef PREGON_GATEWAY_QUALITY_H
#define PREGON_GATEWAY_QUALITY_H

#include <stdint.h>

#include "firmware-gateway/report.h"

enum quality {
	QUALITY_GOOD,
	QUALITY_NO_FIX, /* the receiver says that it has none */
	QUALITY_NO_TIME, /* a place without a moment */
	QUALITY_NOT_FINITE, /* a place that is not a number */
	QUALITY_OUT_OF_RANGE, /* no place on Earth, or 0, 0 exactly */
	QUALITY_INACCURATE, /* said to be worse than the limit */
	QUALITY_REPEATED, /* its time does not go on */
	QUALITY_WARMING_UP, /* too few good ones in a row yet */
	QUALITY_JUMP, /* would need an impossible speed */
	QUALITY_DRIFT, /* a parked cart's stray fix (the keeper's) */
	QUALITIES
};
/* "good", "no_fix", ... */
const char *quality_name(enum quality);

/* Good 3D fixes in a row before the first counts: its DOP is a stale one. */
#define QUALITY_WARM_UP_3D 2
/* For a receiver that never gives 3D. */
#define QUALITY_WARM_UP_2D 10
/* As many jumpers that agree with one another are believed. */
#define QUALITY_ELSEWHERE 5
/* After so long without a good fix the receiver warms up again. */
#define QUALITY_LOST_MS 10000

struct quality_limits {
	double max_error_m;
	double max_speed_m_s;
};

struct quality_place {
	int64_t time_ms;
	double lat, lon;
};

struct quality_gate {
	struct quality_limits limits;
	int streak_3d, streak_any; /* in a row, while warming up */
	int warm; /* warm-up done */
	int has_last;
	struct quality_place last; /* the last that was consistent */
	int64_t last_read_ms;
	int elsewhere; /* jumpers that agree */
	struct quality_place jumper;
	uint64_t counts[QUALITIES]; /* verdicts given */
};

void quality_init(struct quality_gate *, const struct quality_limits *);
enum quality quality_judge(struct quality_gate *, const struct report *);

#endif
