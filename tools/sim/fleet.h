/*
 * fleet: all carts on one loop, what happens to them, and when it is over.
 */
#ifndef PREGON_SIM_FLEET_H
#define PREGON_SIM_FLEET_H

#include <ev.h>

#include "tools/sim/settings.h"

struct fleet;

/* `start_ms` is the first event's time, Unix.  NULL: errno, said. */
struct fleet *fleet_new(
    struct ev_loop *, const struct settings *, int64_t start_ms);
/* Makes no more events, and ends when all is acknowledged or time is up. */
void fleet_finish(struct fleet *);
/* Prints the summary line; true if the guild has everything. */
bool fleet_report(struct fleet *);
/* 0, or -1: the books could not be written. */
int fleet_free(struct fleet *);

#endif
