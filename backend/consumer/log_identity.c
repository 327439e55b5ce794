/*
 * log_identity: see the header.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "backend/consumer/log_identity.h"

static bool
is_outside(const struct log_part *part)
{
	if (part->next == -1)
		return false;
	return (part->high != -1 && part->next > part->high) ||
	    (part->low != -1 && part->next < part->low);
}

/* A ledger that rose by itself, as the bridge's first on a new log does,
 * wants nothing back and is no word of the operator's. */
static bool
is_told(const struct log_identity *kept, const struct guild *guild)
{
	return guild->ledger > kept->ledger && guild->since_ms >= 0;
}

enum log_verdict
log_judge(const struct log_identity *kept, const struct guild *guild,
    const struct log_part *parts, size_t count, size_t *bad)
{
	*bad = 0;
	if (kept == NULL)
		return LOG_FIRST;
	if (memcmp(kept->log_id, guild->log_id, LOG_ID_BYTES) != 0)
		return is_told(kept, guild) ? LOG_BEGIN : LOG_OTHER;
	for (size_t i = 0; i < count; i++) {
		if (!is_outside(&parts[i]))
			continue;
		*bad = i;
		return is_told(kept, guild) ? LOG_BEGIN : LOG_CUT;
	}
	return guild->ledger > kept->ledger ? LOG_RAISED : LOG_SAME;
}

void
log_words(enum log_verdict verdict, const struct log_identity *kept,
    const struct guild *guild, const struct log_part *bad, char *why,
    size_t why_cap)
{
	static const char advice[] =
	    "if the old log is gone for good, `pregonctl ledger raise "
	    "--since T` asks the carts for what is missing and lets this "
	    "role go on";

	if (verdict == LOG_OTHER)
		snprintf(why, why_cap,
		    "this is another log than the one the offsets are about "
		    "(ledger %llu here, %llu kept): %s",
		    (unsigned long long)guild->ledger,
		    (unsigned long long)kept->ledger, advice);
	else
		snprintf(why, why_cap,
		    "%s partition %d holds offsets %lld to %lld, the next to "
		    "read is %lld: the log was cut off; %s",
		    bad->topic, (int)bad->partition, (long long)bad->low,
		    (long long)bad->high, (long long)bad->next, advice);
}
