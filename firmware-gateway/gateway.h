/*
 * gateway: the parts of a cart's gateway, put together on one loop.
 */
#ifndef PREGON_GATEWAY_GATEWAY_H
#define PREGON_GATEWAY_GATEWAY_H

#include <stddef.h>

#include "firmware-gateway/settings.h"

/*
 * Runs until a signal ends it: 0; -1: it could not start, and `why` says in
 * words what to do.
 */
int gateway_run(struct settings *, char *why, size_t why_cap);

#endif
