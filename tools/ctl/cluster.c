#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "tools/ctl/cluster.h"

struct cluster {
	struct kafka_producer *producer;
	const struct ctl *ctl;
	int partitions[TOPIC_COUNT];
	int64_t under_way;
	int64_t failed;
	rd_kafka_resp_err_t first_error;
};

struct kafka_settings
cluster_settings(const struct ctl *ctl)
{
	return (struct kafka_settings){ .bootstrap = ctl->set.brokers,
		.client_id = "pregonctl",
		.pass = &ctl->pass };
}

int
cluster_partitions(
    rd_kafka_t *rk, const struct ctl *ctl, int partitions[TOPIC_COUNT])
{
	const struct rd_kafka_metadata *md;
	rd_kafka_resp_err_t err;
	enum topic topic;
	int i;

	/* Of all topics: asking for one by name could create it. */
	err = rd_kafka_metadata(
	    rk, 1, NULL, &md, (int)ctl->set.timeout_s * 1000);
	if (err != RD_KAFKA_RESP_ERR_NO_ERROR) {
		ctl_say("no Kafka broker answers at %s: %s", ctl->set.brokers,
		    rd_kafka_err2str(err));
		return -1;
	}
	memset(partitions, 0, TOPIC_COUNT * sizeof(*partitions));
	for (i = 0; i < md->topic_cnt; i++)
		if (topic_parse(md->topics[i].topic, &topic) == 0)
			partitions[topic] = md->topics[i].partition_cnt;
	rd_kafka_metadata_destroy(md);
	return 0;
}

static void
delivered(void *ctx, const struct kafka_delivery *delivery)
{
	struct cluster *c = ctx;

	c->under_way--;
	if (delivery->err == RD_KAFKA_RESP_ERR_NO_ERROR)
		return;
	if (c->failed++ == 0)
		c->first_error = delivery->err;
}

struct cluster *
cluster_open(const struct ctl *ctl)
{
	const struct kafka_settings settings = cluster_settings(ctl);
	struct cluster *c = calloc(1, sizeof(*c));
	char why[300] = "no memory";
	int i;

	if (c == NULL)
		goto fail;
	c->ctl = ctl;
	c->producer = kafka_producer_new(
	    &settings, delivered, c, why, sizeof(why));
	if (c->producer == NULL)
		goto fail;
	if (cluster_partitions(
		kafka_producer_handle(c->producer), ctl, c->partitions) == -1)
		goto close;
	for (i = 0; i < TOPIC_COUNT; i++)
		if (c->partitions[i] == 0) {
			ctl_say("%s is not there: start the bridge once, or "
				"run pregonctl topics create",
			    topic_info((enum topic)i)->name);
			goto close;
		}
	return c;
fail:
	ctl_say("%s", why);
close:
	cluster_close(c);
	return NULL;
}

void
cluster_close(struct cluster *c)
{
	if (c == NULL)
		return;
	if (c->producer != NULL)
		kafka_producer_free(c->producer, 0);
	free(c);
}

int32_t
cluster_partition(const struct cluster *c, enum topic topic, const char *owner)
{
	return topic_partition(
	    topic, owner, strlen(owner), c->partitions[topic]);
}

/* Until there is news or the deadline; -1: the deadline. */
static int
wait_for_news(struct cluster *c, int64_t deadline_ms)
{
	struct pollfd wake = { .fd = kafka_producer_fd(c->producer),
		.events = POLLIN };
	int64_t left = deadline_ms - clock_boottime_ms(&clock_system);

	if (kafka_producer_poll(c->producer) > 0)
		return 0;
	if (left <= 0)
		return -1;
	poll(&wake, 1, (int)(left < 1000 ? left : 1000));
	return 0;
}

static int64_t
deadline_of(const struct cluster *c)
{
	return clock_boottime_ms(&clock_system) + c->ctl->set.timeout_s * 1000;
}

int
cluster_produce(struct cluster *c, const struct kafka_record *record)
{
	int64_t deadline_ms = deadline_of(c);

	while (kafka_produce(c->producer, record) == -1) {
		if (errno != ENOBUFS) {
			ctl_say("a record for %s was not taken: %s",
			    topic_info(record->topic)->name, strerror(errno));
			return -1;
		}
		if (wait_for_news(c, deadline_ms) == -1) {
			ctl_say("Kafka takes no more records");
			return -1;
		}
	}
	c->under_way++;
	kafka_producer_poll(c->producer);
	return 0;
}

int
cluster_flush(struct cluster *c)
{
	int64_t deadline_ms = deadline_of(c);

	while (c->under_way > 0)
		if (wait_for_news(c, deadline_ms) == -1)
			break;
	if (c->under_way == 0 && c->failed == 0)
		return 0;
	if (c->failed > 0)
		ctl_say("Kafka refused %lld records: %s", (long long)c->failed,
		    rd_kafka_err2str(c->first_error));
	else
		ctl_say("Kafka has not acknowledged %lld records in time",
		    (long long)c->under_way);
	return -1;
}
