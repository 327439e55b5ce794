/*
 * log_identity: is this the log that our offsets are about?
 *
 * LOGID of tests/model/link.pml: the log's identity is kept with the offsets.
 * A role that meets another log, or one that was cut off, stops with words;
 * it goes on, from the log's beginning and with all its state, when it was
 * told to (`pregonctl ledger raise --since`): what it had is then known by
 * its numbers.  Pure.
 */
#ifndef PREGON_CONSUMER_LOG_IDENTITY_H
#define PREGON_CONSUMER_LOG_IDENTITY_H

#include "backend/store/runtime_store.h"
#include "schemas/down.h"

struct log_part {
	const char *topic;
	int32_t partition;
	int64_t next; /* stored; -1: none */
	int64_t low, high; /* first offset of the log, and after its
				   last; -1: not known */
};

enum log_verdict {
	LOG_FIRST, /* nothing was kept yet: keep this log's */
	LOG_SAME,
	LOG_RAISED, /* the same log, a higher ledger: keep that */
	LOG_BEGIN, /* told to go on: from this log's beginning */
	LOG_OTHER, /* stop: another log */
	LOG_CUT /* stop: part *bad is outside of the log */
};

/* `kept` NULL: nothing is kept. */
enum log_verdict log_judge(const struct log_identity *kept,
    const struct guild *, const struct log_part *, size_t count, size_t *bad);

/* Why it stops and what to do, for LOG_OTHER and LOG_CUT. */
void log_words(enum log_verdict, const struct log_identity *kept,
    const struct guild *, const struct log_part *bad, char *why,
    size_t why_cap);

#endif
