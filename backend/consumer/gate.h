/*
 * gate: lets carts in and out of Mosquitto, by commands to its dynamic
 * security plugin: a cart that is in has an account of its own with its plate
 * as name, the password secret_cart_password(secret, plate, n), and its own
 * topics; of one that is out the account is disabled, which ends its open
 * connection too.
 *
 * What is wanted is told here again and again; the gate remembers the newest
 * wish of each plate, sees to it that Mosquitto has it, and after a connection
 * was lost (Mosquitto may have been put back to an older state) sees to all of
 * them again.  It knows nothing of members, nor of the store: who tells it
 * keeps what is wanted and what was done.
 *
 * Functions are called by the role's thread alone and never block; gate_new
 * may start a thread of its own.
 */
#ifndef PREGON_CONSUMER_GATE_H
#define PREGON_CONSUMER_GATE_H

#include "backend/consumer/role.h"
#include "lib/secret.h"

struct gate;
/*
 * settings->gate_host is not ""; both outlive it.  NULL: `why`.  That
 * Mosquitto does not answer is no failure: it is tried again for ever.
 */
struct gate *gate_new(const struct role_settings *, const struct secret *,
    char *why, size_t why_cap);
/* NULL: nothing.  Waits a second at most. */
void gate_free(struct gate *);

/*
 * The cart is to be in with the password of its n-th gateway, or out.  The
 * newest wish of a plate replaces the one before; one with another n gives
 * the account another password and ends the connection that the old one
 * opened.  A wish repeated is harmless, and is told again as done if it is.
 * -1: ENOMEM.
 */
int gate_want(struct gate *, const char *plate, bool in, uint32_t n);

/*
 * Hands over what was done since the last call, each wish once: Mosquitto has
 * confirmed it.  A wish replaced before it was done is not told.  Ends where
 * `each` returns -1 (what was not handed over comes again), and returns -1
 * then.
 */
int gate_done(struct gate *,
    int (*each)(void *ctx, const char *plate, bool in, uint32_t n), void *ctx);

/* For /metrics and /healthz: wishes not done yet; connected or not. */
size_t gate_pending(const struct gate *);
bool gate_is_connected(const struct gate *);

#endif
