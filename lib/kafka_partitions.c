/*
 * How many partitions the topics have.
 */
#include <errno.h>
#include <string.h>

#include "lib/kafka.h"

#define KEPT_MS 60000
/* Asking stops the caller: seldom, and briefly. */
#define RETRY_MS 2000
#define TIMEOUT_MS 500

static void
learn(struct kafka_partitions *p, rd_kafka_t *rk, int64_t now_ms)
{
	const struct rd_kafka_metadata *md;
	enum topic topic;

	if (now_ms < p->retry_ms)
		return;
	p->retry_ms = now_ms + RETRY_MS;
	if (rd_kafka_metadata(rk, 1, NULL, &md, TIMEOUT_MS) !=
	    RD_KAFKA_RESP_ERR_NO_ERROR)
		return;
	memset(p->count, 0, sizeof(p->count));
	for (int i = 0; i < md->topic_cnt; i++)
		if (topic_parse(md->topics[i].topic, &topic) == 0)
			p->count[topic] = md->topics[i].partition_cnt;
	rd_kafka_metadata_destroy(md);
	p->learnt_ms = now_ms;
}

int
kafka_partitions_count(struct kafka_partitions *p, rd_kafka_t *rk,
    enum topic topic, int64_t now_ms)
{
	int least = topic_info(topic)->min_partitions;

	if (p->learnt_ms == 0 || now_ms - p->learnt_ms > KEPT_MS ||
	    p->count[topic] < least)
		learn(p, rk, now_ms);
	if (p->learnt_ms == 0) {
		errno = EAGAIN;
		return -1;
	}
	if (p->count[topic] < least) {
		errno = ENOENT;
		return -1;
	}
	return p->count[topic];
}
