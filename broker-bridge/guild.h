/*
 * guild: the rules of the guild's word: which ledger holds, and when
 * pregon/guild has to be said again.
 *
 * The word is a record in the log and, for the carts, a retained message at
 * the MQTT broker.  A ledger is never lowered, whichever of the two was lost
 * or restored from an older copy.
 */
#ifndef PREGON_GUILD_H
#define PREGON_GUILD_H

#include "schemas/down.h"

struct guild_word {
	bool known; /* `now` holds */
	struct guild now; /* the newest record */
	bool heard_known;
	struct guild heard; /* what the MQTT broker has */
};

/*
 * The log has no record: makes one.  Its ledger is above whatever carts may
 * have heard, so that ids of commands in the lost log mean nothing any more;
 * it asks for nothing to be sent again: that is for an operator to say, when
 * the new log stands (pregonctl ledger raise).  -1: errno, no randomness.
 */
int guild_begin(struct guild_word *, int64_t now_ms);

enum guild_change {
	GUILD_OLD, /* of a lower ledger: not taken */
	GUILD_SAME,
	GUILD_NEW_WORD, /* of the same log: tell the carts */
	GUILD_NEW_LOG /* another log: and read it anew */
};
/* A record of the log. */
enum guild_change guild_take(struct guild_word *, const struct guild *);

/* Must the word be published, given what the broker has? */
bool guild_must_say(const struct guild_word *);
/* The carts follow a ledger that the log does not know (it was restored from
 * an older copy): true, and `now` has that ledger, to be written. */
bool guild_catch_up(struct guild_word *);

#endif
