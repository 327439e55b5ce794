/*
 * enrol_parts: what enrol's own files share; nobody else's.
 */
#ifndef PREGON_GATEWAY_ENROL_PARTS_H
#define PREGON_GATEWAY_ENROL_PARTS_H

#include "firmware-gateway/credentials.h"
#include "firmware-gateway/enrol.h"
#include "firmware-gateway/enrol_address.h"

struct taking {
	const struct enrol *enrol;
	struct enrol_address to;
	char path[CREDENTIALS_PATH_MAX];
	char word[CREDENTIALS_WORD + 1];
	int64_t begun_ms;
	int pause_ms;
	int lock; /* descriptor */
	bool answered; /* once, at least */
};

#define SAY(t, ...) enrol_say(&(t)->enrol->say, __VA_ARGS__)

/*
 * What the guild gave, into the credentials' file; each step is said.  -1: it
 * stopped.
 */
int enrol_keep(struct taking *, const char *body, uint32_t *enrolment);

#endif
