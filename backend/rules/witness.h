/*
 * witness: how much time the guild has truly listened, one clock a partition
 * of topic_coordenadas.
 *
 * The bridge's beats (schemas/report.h) drive it: it goes on by the record
 * time from one beat to the next, and stands still where beats are further
 * apart than WITNESS_GAP_MAX_MS, for then nobody listened.  Silence counts by
 * this clock alone, so that an outage of our own never looks like carts that
 * went missing.  It never goes back.
 *
 * To be kept, with the partition as key: both fields.
 */
#ifndef PREGON_RULES_WITNESS_H
#define PREGON_RULES_WITNESS_H

#include <stdint.h>

#define WITNESS_GAP_MAX_MS 5000

struct witness {
	int64_t beat_ms; /* record time of the newest beat; 0: none yet */
	int64_t witnessed_ms; /* the clock, at that beat */
};

/* A beat with this record time; an older one than the newest is passed. */
void witness_beat(struct witness *, int64_t record_ms);

/* The clock at a record that follows the newest beat in the partition. */
int64_t witness_at(const struct witness *, int64_t record_ms);

#endif
