/*
 * topics_admin: makes the topics that are missing and checks those that are
 * there, through Kafka's admin API.  The only file of schemas/ with I/O.
 */
#ifndef PREGON_TOPICS_ADMIN_H
#define PREGON_TOPICS_ADMIN_H

#include <librdkafka/rdkafka.h>

#include "schemas/topics.h"

struct topics_settings {
	int partitions[TOPIC_COUNT]; /* wanted (without the reserved), 0:
					   PARTITIONS_DEFAULT */
	int replication; /* 1 on one broker */
	int min_insync; /* 1 on one broker */
	int positions_days; /* how long a new topic_coordenadas
					   keeps; 0: as topic_info says */
	bool check_exact; /* a higher count is refused too;
					   false: counts may have grown */
};

/*
 * Creates missing topics; then sees that each has at least the wanted count
 * and fills actual[] (all partitions, the reserved included).  `rk` is any
 * client instance.  0; or -1 with errno: ETIMEDOUT no broker answered within
 * timeout_ms, EINVAL a topic has other partitions than wanted, EIO anything
 * else; `why` then says it in words ("topic_ventas has 1 partition, 2 are
 * wanted: ...").
 * *created is how many were made.
 */
int topics_ensure(rd_kafka_t *rk, const struct topics_settings *,
    int timeout_ms, int actual[TOPIC_COUNT], int *created, char *why,
    size_t why_cap);

/* Its parts that need no broker: all partitions that a topic should have... */
int topics_wanted(const struct topics_settings *, enum topic);
/* ... and the verdict on what it has: 0, or -1 with EINVAL and `why`. */
int topics_check(const struct topics_settings *, const int actual[TOPIC_COUNT],
    char *why, size_t why_cap);

#endif
