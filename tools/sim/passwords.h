/*
 * passwords: a file of NAME:PASSWORD lines.
 */
#ifndef PREGON_SIM_PASSWORDS_H
#define PREGON_SIM_PASSWORDS_H

#include <stddef.h>

struct passwords {
	struct password {
		char *name;
		const char *password; /* within name's allocation */
	} * all; /* by name */
	size_t count;
};

/* "": no file, none.  -1: errno, said; EINVAL: a line without a colon. */
int passwords_read(struct passwords *, const char *path);
/* NULL: not there. */
const char *passwords_find(const struct passwords *, const char *name);
void passwords_release(struct passwords *);

#endif
