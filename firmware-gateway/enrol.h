/*
 * enrol: pregon-gateway --enrol: takes the guild's code and keeps what it is
 * given, saying each step, and what to do where it stops.  With `wait` goes on
 * until the running gateway's first fix was acknowledged.
 *
 * It may be run again at any time: the same gateway is given the same.
 */
#ifndef PREGON_GATEWAY_ENROL_H
#define PREGON_GATEWAY_ENROL_H

#include "firmware-gateway/enrol_say.h"
#include "firmware-gateway/settings.h"

struct enrol {
	const struct settings *settings;
	const char *address; /* as it was pasted or typed */
	struct enrol_say say;
	int wait_s; /* for the first fix, at most; 0: not at all */
};

/* 0, or -1: where it stopped was said. */
int enrol_run(const struct enrol *);

/* The second half, by asking the running gateway (pos.socket) for its state
 * until it has this number's first fix acknowledged. */
int enrol_wait(const struct enrol *, uint32_t enrolment);

#endif
