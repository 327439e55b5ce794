/*
 * bridge: the parts put together: the start, the two MQTT connections, the
 * guild's word, and what is done when Kafka's log is gone.
 *
 * Boots come in any order: a broker that is not there yet is waited for.
 */
#ifndef PREGON_BRIDGE_H
#define PREGON_BRIDGE_H

#include <ev.h>

#include "broker-bridge/figures.h"
#include "broker-bridge/settings.h"

struct bridge;

/* NULL: `why` in words (a setting that cannot be used). */
struct bridge *bridge_new(struct ev_loop *, const struct settings *,
    struct figures *, char *why, size_t why_cap);
/* Waits up to 2 s for Kafka's word on what is under way, and acks that. */
void bridge_free(struct bridge *);

/* 0: all goes well; -1 and why not.  Any thread. */
int bridge_health(void *bridge, char *why, size_t why_cap);
/* Why the loop was ended from within: 0, or an exit status. */
int bridge_status(const struct bridge *);

#endif
