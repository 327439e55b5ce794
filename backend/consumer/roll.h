/*
 * roll: the guild's roll of members: what registrations and decisions do to
 * it.  What may be is in backend/rules/admission.h; here it is kept and told.
 *
 * Personal data stand in topic_nuevos-usuarios and in the store's table of
 * registrations, and go from both together: the row is erased, and the log
 * gets a tombstone in the partition where the record is, for compaction.  A
 * registration that is refused goes from the log at once, so that who reads
 * it again is not given what the guild did not take; its row is shown for some
 * days.  What cannot be read is named in topic_rechazados, not copied there.
 *
 * Functions return 0, or -1 with errno when the store failed.
 */
#ifndef PREGON_CONSUMER_ROLL_H
#define PREGON_CONSUMER_ROLL_H

#include "backend/consumer/role.h"
#include "backend/store/members_store.h"
#include "lib/log.h"
#include "lib/secret.h"

struct roll {
	struct role_context *ctx;
	struct members_store *store;
	struct secret secret;
	int64_t refused_keep_ms;
	struct log_limit limit;
};

/* Of role->apply, any record of topic_nuevos-usuarios. */
int roll_apply(struct roll *, const struct record *);
/* Of role->tick: registrations that came to nothing are erased in time. */
int roll_expire(struct roll *, int64_t now_ms);

#endif
