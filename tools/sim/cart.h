/*
 * cart: one virtual cart: it walks, sells, and talks over the real link
 * (lib/link.h) from an outbox in memory.  No I/O: it sends through the
 * world, and is told the time.
 */
#ifndef PREGON_SIM_CART_H
#define PREGON_SIM_CART_H

#include "lib/link.h"
#include "schemas/status.h"
#include "tools/sim/books.h"
#include "tools/sim/queue.h"
#include "tools/sim/settings.h"
#include "tools/sim/tally.h"
#include "tools/sim/walk.h"

/* Of times to come: not at all. */
#define CART_NEVER INT64_MAX

struct moment {
	int64_t us; /* monotonic */
	int64_t at_ms; /* Unix, as the carts have it */
};

/* What all carts share. */
struct world {
	const struct settings *settings;
	struct books *books;
	struct tally *tally;
	uint64_t boot;
	/* `what` is the topic's last word: a stream's name, or "status". */
	void (*send)(void *ctx, size_t cart, const char *what,
	    const void *bytes, size_t len, bool retain);
	void *ctx;
	uint8_t frame[FRAME_BYTES_MAX];
};

struct cart {
	size_t index;
	char plate[CART_MAX + 1];
	uint64_t epoch;
	struct queue queue;
	struct link link;
	struct walk walk;
	struct stall stall;
	struct dice dice;
	struct fix fix; /* the latest */
	bool has_fix;
	bool up;
	bool heard_guild;
	int64_t up_us;
	int64_t first_sent_us[STREAM_COUNT];
	int64_t pos_since_us; /* the oldest fix not sent; INT64_MAX: none */
	int64_t beat_us; /* of the next status */
	uint64_t statuses, connections, applied;
	/* an earlier frame, for the network to bring once more */
	uint8_t *old;
	size_t old_len;
	enum stream old_stream;
};

int cart_init(struct cart *, struct world *, size_t index);
void cart_release(struct cart *);

void cart_move(struct cart *, struct world *, const struct moment *);
void cart_sell(struct cart *, struct world *, const struct moment *);
/* Power lost and back: what the outbox has it keeps, and a new epoch
 * begins. */
void cart_crash(struct cart *, struct world *, const struct moment *);

void cart_connected(struct cart *, struct world *, const struct moment *);
void cart_disconnected(struct cart *);
void cart_take_ack(
    struct cart *, struct world *, const struct moment *, const void *, size_t);
void cart_take_cmd(
    struct cart *, struct world *, const struct moment *, const void *, size_t);
void cart_take_guild(
    struct cart *, struct world *, const struct moment *, const struct guild *);
/* Sends what is due. */
void cart_pump(struct cart *, struct world *, const struct moment *);
/* When to pump again, monotonic; INT64_MAX: never. */
int64_t cart_due_us(const struct cart *, const struct world *);

/* May it send already (it knows the guild's ledger, or has waited)? */
bool cart_ready(const struct cart *, const struct moment *);
/* Has the guild all that it has? */
bool cart_done(struct cart *);
/* Status bytes; 0: none.  A will has no fix. */
size_t cart_status(struct cart *, struct world *, const struct moment *,
    enum status_state, void *buf, size_t cap);

#endif
