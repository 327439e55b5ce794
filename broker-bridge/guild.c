/*
 * guild: see the header.
 */
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "broker-bridge/guild.h"
#include "lib/kafka.h"

int
guild_begin(struct guild_word *word, int64_t now_ms)
{
	uint64_t over = 0;

	if (word->heard_known)
		over = word->heard.ledger;
	if (word->known && word->now.ledger > over)
		over = word->now.ledger;
	word->now = (struct guild){ .ledger = guild_next_ledger(now_ms, over),
		.since_ms = -1,
		.has_log_id = true };
	word->known = true;
	if (getrandom(word->now.log_id, sizeof(word->now.log_id), 0) !=
	    (ssize_t)sizeof(word->now.log_id)) {
		errno = EIO;
		return -1;
	}
	return 0;
}

static bool
is_same_log(const struct guild *a, const struct guild *b)
{
	return a->has_log_id == b->has_log_id &&
	    (!a->has_log_id ||
		memcmp(a->log_id, b->log_id, sizeof(a->log_id)) == 0);
}

enum guild_change
guild_take(struct guild_word *word, const struct guild *record)
{
	struct guild before = word->now;

	if (!word->known) {
		word->now = *record;
		word->known = true;
		return GUILD_NEW_LOG;
	}
	if (record->ledger < before.ledger)
		return GUILD_OLD;
	word->now = *record;
	if (!is_same_log(&before, record))
		return GUILD_NEW_LOG;
	return before.ledger == record->ledger &&
		before.since_ms == record->since_ms
	    ? GUILD_SAME
	    : GUILD_NEW_WORD;
}

bool
guild_must_say(const struct guild_word *word)
{
	if (!word->known)
		return false;
	return !word->heard_known || word->heard.ledger < word->now.ledger ||
	    (word->heard.ledger == word->now.ledger &&
		word->heard.since_ms != word->now.since_ms);
}

bool
guild_catch_up(struct guild_word *word)
{
	if (!word->known || !word->heard_known ||
	    word->heard.ledger <= word->now.ledger)
		return false;
	word->now.ledger = word->heard.ledger;
	word->now.since_ms = word->heard.since_ms;
	return true;
}
