/*
 * cluster: Kafka as the commands use it: how many partitions there are, and
 * records written with a word about each one's fate.
 *
 * One thread.  What goes wrong is said (ctl_say) where it happens; -1 then.
 */
#ifndef PREGON_CTL_CLUSTER_H
#define PREGON_CTL_CLUSTER_H

#include "lib/kafka.h"
#include "tools/ctl/ctl.h"

struct kafka_settings cluster_settings(const struct ctl *);

/* All partitions of each topic of ours, 0: not there. */
int cluster_partitions(
    rd_kafka_t *, const struct ctl *, int partitions[TOPIC_COUNT]);

struct cluster;
/* NULL: no broker answers, or the topics are not all there. */
struct cluster *cluster_open(const struct ctl *);
void cluster_close(struct cluster *);

/* The partition of a key's owner (for topic_comandos: the plate). */
int32_t cluster_partition(
    const struct cluster *, enum topic, const char *owner);
/* Copies; waits while too many are under way. */
int cluster_produce(struct cluster *, const struct kafka_record *);
/* Waits until Kafka has acknowledged every one. */
int cluster_flush(struct cluster *);

#endif
