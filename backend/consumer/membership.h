/*
 * membership: which partitions are ours, and where to go on in each.
 *
 * The group's coordinator hands partitions out (range assignment, static
 * membership); the offsets are our own, from the role's database.  Kafka's
 * committed offsets only follow, for lag tools.
 */
#ifndef PREGON_CONSUMER_MEMBERSHIP_H
#define PREGON_CONSUMER_MEMBERSHIP_H

#include "backend/consumer/log_identity.h"
#include "backend/consumer/role.h"
#include "lib/kafka.h"

#define OFFSET_NONE (-1)

struct partition {
	enum topic topic;
	int32_t number;
	int64_t stored; /* next to apply, as stored; OFFSET_NONE */
	int64_t next; /* of the transaction under way */
	bool prior; /* read before those that are not */
	bool first; /* ... and before any record of another is taken */
	rd_kafka_queue_t *queue; /* of its own, if it is first and assigned */
	int64_t end; /* where its end was last seen; OFFSET_NONE */
	bool at_end; /* all of it was handed out, since it was begun */
	int64_t fresh_ms; /* boottime: all but the last second was */
	int behind; /* ticks in a row with records not applied */
};

struct membership_settings {
	struct kafka_settings kafka;
	const char *group;
	const char *instance_id;
	const struct role *role;
};

enum membership_state {
	GROUP_WAITING, /* for the coordinator */
	GROUP_ASSIGNED, /* partitions are ours, but not begun yet */
	GROUP_READING,
	GROUP_REVOKED, /* they must be given back now */
	GROUP_DOUBTFUL, /* begin again: is it still the same log? */
	GROUP_FAILED /* for good: said in the log */
};

/* One thread. */
struct membership {
	rd_kafka_t *rk;
	const struct membership_settings *settings;
	struct runtime_store *store;
	struct database *db;
	enum membership_state state;
	struct partition *partitions;
	size_t count;
	bool closing;
	/* Only prior partitions are read, until they have no backlog. */
	bool prior_only;
	int64_t trouble_ms; /* boottime: the last failure of a connection */
	uint64_t ledger; /* as kept beside the offsets */
};

/* Joins the group.  -1: `why`. */
int membership_open(struct membership *, const struct membership_settings *,
    struct database *, struct runtime_store *, char *why, size_t why_cap);
/* Leaves it. */
void membership_close(struct membership *);

/*
 * What comes next: a record, an error, or NULL within wait_ms.  Records of
 * first partitions before all others, which wait for as long as more of those
 * are in the log.
 */
rd_kafka_message_t *membership_poll(struct membership *, int wait_ms);

/* Of a record's partition; NULL: it is not ours any more. */
struct partition *membership_find(
    struct membership *, const char *topic, int32_t partition);

enum membership_verdict {
	MEMBERSHIP_BEGUN, /* state is GROUP_READING */
	MEMBERSHIP_LATER, /* Kafka or the store does not answer: `why` */
	MEMBERSHIP_STOP /* another log, or one cut off: `why` */
};
/*
 * GROUP_ASSIGNED or GROUP_DOUBTFUL: sees that it is the right log, and
 * begins where the stored offsets say.  Blocks for some seconds at most.
 */
enum membership_verdict membership_begin(
    struct membership *, char *why, size_t why_cap);
/* For membership's own files: hands the partitions to be read to librdkafka,
 * from the stored offsets on. */
int membership_assign(struct membership *, char *why, size_t why_cap);
/*
 * GROUP_READING, once a tick and whenever a partition came to its end: turns
 * to the prior partitions alone when they have a backlog, and to all when
 * they have none any more.  -1: `why`, errno.
 */
int membership_turn(struct membership *, char *why, size_t why_cap);
/* A record of this partition is handed out; `young`: it is not a second
 * old. */
void membership_took(struct partition *, bool young, int64_t now_ms);
/* It has come to its end, which is at this offset. */
void membership_at_end(struct partition *, int64_t offset);
/* Once a tick: counts which prior partitions lag. */
void membership_look(struct membership *);
/* Everything that was in the log a few seconds ago has been applied. */
bool membership_caught_up(struct membership *, int64_t now_ms);
/* GROUP_REVOKED: gives the partitions back. */
void membership_give_back(struct membership *);

/* Offsets for lag tools; does not wait. */
void membership_commit(struct membership *);
/* Records not applied yet, as far as is known without asking. */
int64_t membership_lag(struct membership *);

#endif
