/*
 * outbound: sends what transactions have put in the table `outgoing`.
 *
 * A row is sent after its transaction was committed, deleted in a later one
 * once Kafka has acknowledged it, and sent again after a failure or a
 * restart: its reader must bear repeats.  At most a bounded number is under
 * way; the table holds the rest.
 */
#ifndef PREGON_CONSUMER_OUTBOUND_H
#define PREGON_CONSUMER_OUTBOUND_H

#include "backend/store/runtime_store.h"
#include "lib/kafka.h"

struct outbound;
/* NULL: `why`. */
struct outbound *outbound_new(struct runtime_store *,
    const struct kafka_settings *, char *why, size_t why_cap);
/* Waits at most timeout_ms for what is under way. */
void outbound_free(struct outbound *, int timeout_ms);

/* A transaction that put rows was committed. */
void outbound_wake(struct outbound *);
/* Sends what waits and takes in reports; never blocks but to learn the
 * topics' partitions, once a minute at most. */
void outbound_run(struct outbound *, int64_t now_ms);

/* Is there anything to send now, under way, or to delete? */
bool outbound_is_busy(const struct outbound *);
/* Acknowledged rows wait to be deleted. */
bool outbound_has_delivered(const struct outbound *);
/* Within a transaction: deletes acknowledged rows. */
int outbound_delete(struct outbound *);
/* That transaction was committed: they are gone. */
void outbound_deleted(struct outbound *);

#endif
