/*
 * commands: what the guild tells the cart, applied in order, once, durably.
 */
#ifndef PREGON_GATEWAY_COMMANDS_H
#define PREGON_GATEWAY_COMMANDS_H

#include "firmware-gateway/inbox.h"
#include "firmware-gateway/settings.h"
#include "firmware-gateway/shop.h"

struct commands {
	struct events *events;
	struct outbox *outbox;
	struct shop *shop;
	struct inbox *inbox;
	struct settings *settings;
	uint64_t ledger, id; /* the last applied, and of which ledger */
	uint64_t applied; /* since the start */
	uint64_t repeated; /* came again, or late, or of another ledger */
	uint64_t refused; /* could not be read or used */
	uint64_t refused_settings;
	/* Settings were changed. */
	void (*tuned)(void *ctx);
	void *ctx;
};

/* Also puts settings that came down earlier over those of the file. */
void commands_init(struct commands *, struct events *, struct shop *,
    struct inbox *, struct settings *);
/*
 * A command came.  1: applied (or found useless, and done with): tell the
 * guild; 0: nothing new; -1: errno, it will come again.
 */
int commands_take(struct commands *, const void *, size_t);
/* The id to report: of the present ledger; 0: none. */
uint64_t commands_applied(const struct commands *);

#endif
