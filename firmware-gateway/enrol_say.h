/*
 * enrol_say: how far an enrolment has come, a line a step, for a person or
 * (as JSON) for the gateway that shows it on its page.
 *
 *	  ok  code      taken: this is the gateway of the cart AB1234
 *	STOP  code      another gateway took it before: ...
 *
 *	{"step":"code","mark":"stop","fault":"taken","words":"another ..."}
 */
#ifndef PREGON_GATEWAY_ENROL_SAY_H
#define PREGON_GATEWAY_ENROL_SAY_H

#include <stdbool.h>

enum enrol_step {
	ENROL_REACH, /* the guild answers */
	ENROL_CODE, /* it gave this gateway the cart's place */
	ENROL_KEEP, /* that is on the flash */
	/* and with --wait */
	ENROL_GATEWAY, /* the running gateway has it */
	ENROL_BROKER, /* the broker lets it in */
	ENROL_RECEIVER, /* gpsd answers */
	ENROL_FIX, /* it sees satellites */
	ENROL_MAP, /* the guild has a fix */
	ENROL_STEPS
};

enum enrol_mark { ENROL_DOING, ENROL_OK, ENROL_STOP };

struct enrol_say {
	bool json;
};

const char *enrol_step_name(enum enrol_step); /* "reach" */
const char *enrol_mark_name(enum enrol_mark); /* "doing" */

/* `fault`: a word that the page knows; "" where nothing is wrong. */
void enrol_say(const struct enrol_say *, enum enrol_step, enum enrol_mark,
    const char *fault, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

#endif
