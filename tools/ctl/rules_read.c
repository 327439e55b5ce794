#include <stdio.h>
#include <stdlib.h>

#include "lib/clock.h"
#include "tools/ctl/rules_read.h"

struct reading {
	struct ctl *ctl;
	rd_kafka_t *rk;
	int left; /* partitions not read to their end */
	void (*record)(void *ctx, const char *key, size_t key_len,
	    const void *value, size_t len);
	void *ctx;
};

static rd_kafka_t *
new_consumer(const struct ctl *ctl, char *why, size_t why_cap)
{
	static const char *const properties[][2] = {
		/* Assigned by hand, never committed: a group in name only. */
		{ "group.id", "pregonctl" },
		{ "enable.auto.commit", "false" },
		{ "enable.partition.eof", "true" },
		{ "auto.offset.reset", "error" },
	};
	const struct kafka_settings settings = cluster_settings(ctl);
	rd_kafka_conf_t *conf = kafka_conf(&settings, why, why_cap);
	rd_kafka_t *rk = NULL;
	size_t i;

	if (conf == NULL)
		return NULL;
	for (i = 0; i < sizeof(properties) / sizeof(properties[0]); i++)
		if (rd_kafka_conf_set(conf, properties[i][0], properties[i][1],
			why, why_cap) != RD_KAFKA_CONF_OK)
			break;
	if (i == sizeof(properties) / sizeof(properties[0]))
		rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, why_cap);
	if (rk == NULL)
		rd_kafka_conf_destroy(conf);
	else
		rd_kafka_poll_set_consumer(rk);
	return rk;
}

static int
assign(struct reading *r)
{
	const char *name = topic_info(TOPIC_REGLAS)->name;
	rd_kafka_topic_partition_list_t *list;
	int partitions[TOPIC_COUNT];
	rd_kafka_resp_err_t err;

	if (cluster_partitions(r->rk, r->ctl, partitions) == -1)
		return -1;
	r->left = partitions[TOPIC_REGLAS];
	if (r->left == 0) {
		ctl_say("%s is not there: start the bridge once, or run "
			"pregonctl topics create",
		    name);
		return -1;
	}
	list = rd_kafka_topic_partition_list_new(r->left);
	for (int i = 0; i < r->left; i++)
		rd_kafka_topic_partition_list_add(list, name, i)->offset =
		    RD_KAFKA_OFFSET_BEGINNING;
	err = rd_kafka_assign(r->rk, list);
	rd_kafka_topic_partition_list_destroy(list);
	if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
		return 0;
	ctl_say("%s: %s", name, rd_kafka_err2str(err));
	return -1;
}

/* 0: heard; -1: said. */
static int
take(struct reading *r, const rd_kafka_message_t *m)
{
	switch (m->err) {
	case RD_KAFKA_RESP_ERR_NO_ERROR:
		r->record(r->ctx, m->key, m->key_len, m->payload, m->len);
		return 0;
	case RD_KAFKA_RESP_ERR__PARTITION_EOF:
		r->left--;
		return 0;
	case RD_KAFKA_RESP_ERR__TRANSPORT:
	case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
		return 0; /* it tries again; a silence ends it */
	default:
		ctl_say("%s", rd_kafka_message_errstr(m));
		return -1;
	}
}

static int
read_to_end(struct reading *r)
{
	int64_t end_ms = clock_boottime_ms(&clock_system) +
	    r->ctl->set.timeout_s * 1000;
	rd_kafka_message_t *m;
	int rc = 0;

	while (rc == 0 && r->left > 0) {
		m = rd_kafka_consumer_poll(r->rk, 500);
		if (m != NULL) {
			rc = take(r, m);
			rd_kafka_message_destroy(m);
		} else if (clock_boottime_ms(&clock_system) > end_ms) {
			ctl_say("Kafka has been silent for %lld s",
			    (long long)r->ctl->set.timeout_s);
			rc = -1;
		}
	}
	return rc;
}

int
rules_read(struct ctl *ctl,
    void (*record)(void *ctx, const char *key, size_t key_len,
	const void *value, size_t len),
    void *ctx)
{
	struct reading r = { .ctl = ctl, .record = record, .ctx = ctx };
	char why[300] = "";
	int rc = -1;

	r.rk = new_consumer(ctl, why, sizeof(why));
	if (r.rk == NULL) {
		ctl_say("%s", why);
		return -1;
	}
	if (assign(&r) == 0)
		rc = read_to_end(&r);
	rd_kafka_consumer_close(r.rk);
	kafka_destroy(r.rk);
	return rc;
}
