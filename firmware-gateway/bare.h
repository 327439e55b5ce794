/*
 * bare: a gateway that does not know yet whose it is: no plate, so no folio
 * and no sale.  It serves the vendor's page, which can do one thing: enrol it.
 */
#ifndef PREGON_GATEWAY_BARE_H
#define PREGON_GATEWAY_BARE_H

#include <stddef.h>

#include "firmware-gateway/settings.h"

/*
 * 1: it was enrolled, and the settings have its plate; 0: a signal ended it;
 * -1: it could not start, and `why` says what to do.
 */
int bare_run(struct settings *, char *why, size_t why_cap);

#endif
