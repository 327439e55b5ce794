/*
 * meters: what /metrics shows of a consumer.
 */
#ifndef PREGON_CONSUMER_METERS_H
#define PREGON_CONSUMER_METERS_H

#include "backend/consumer/role.h"
#include "lib/metrics.h"

struct meters {
	struct metrics *registry;
	struct metric *tally[TALLY_COUNT];
	struct metric *batches;
	struct metric *rollbacks;
	struct metric *assigned; /* partitions */
	struct metric *lag; /* records */
	struct metric *gaps; /* ranges, over a minute old */
	struct histogram *batch_ms; /* from first record to commit */
	struct histogram *batch_records;
};
/* -1: ENOMEM. */
int meters_init(struct meters *);
void meters_release(struct meters *);

/* The name of a tally in the table `counter`. */
const char *tally_name(enum tally);

#endif
