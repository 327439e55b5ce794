/*
 * pregonctl tail: the records of a topic as JSON lines.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "tools/ctl/cluster.h"
#include "tools/ctl/show.h"

enum from { FROM_BEGINNING, FROM_END };
static const char *const froms[] = { "beginning", "end", NULL };

static const struct config_key keys[] = {
	CTL_KAFKA_KEYS,
	{ .name = "from",
	    .type = CONFIG_CHOICE,
	    .offset = offsetof(struct ctl_settings, from),
	    .initial = "end",
	    .unit = "",
	    .text = "the beginning: all that is there, then it ends; the end: "
		    "what comes from now on, until it is stopped",
	    .choices = froms },
	CTL_INT("count", count, "0", "",
	    "end after so many records; 0: as `from` says", 0, INT64_MAX),
};

struct tail {
	struct ctl *ctl;
	rd_kafka_t *rk;
	struct show *show;
	int64_t printed;
	bool *ended; /* by partition: read to its end once */
	int partitions_left; /* not ended yet */
};

/* Assigned by hand and never committed: the group exists in name only. */
static rd_kafka_t *
new_consumer(const struct ctl *ctl, char *why, size_t why_cap)
{
	static const char *const properties[][2] = {
		{ "group.id", "pregonctl" },
		{ "enable.auto.commit", "false" },
		{ "enable.partition.eof", "true" },
		{ "auto.offset.reset", "earliest" },
		{ "allow.auto.create.topics", "false" },
	};
	const struct kafka_settings settings = cluster_settings(ctl);
	rd_kafka_conf_t *conf = kafka_conf(&settings, why, why_cap);
	rd_kafka_t *rk;
	size_t i;

	for (i = 0;
	     conf != NULL && i < sizeof(properties) / sizeof(properties[0]);
	     i++)
		rd_kafka_conf_set(
		    conf, properties[i][0], properties[i][1], NULL, 0);
	if (conf == NULL)
		return NULL;
	rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, why_cap);
	if (rk == NULL)
		rd_kafka_conf_destroy(conf);
	else
		rd_kafka_poll_set_consumer(rk);
	return rk;
}

static int
assign(struct tail *t, enum topic topic)
{
	rd_kafka_topic_partition_list_t *list;
	int partitions[TOPIC_COUNT], i;
	rd_kafka_resp_err_t err;

	if (cluster_partitions(t->rk, t->ctl, partitions) == -1)
		return -1;
	if (partitions[topic] == 0) {
		ctl_say("%s is not there: start the bridge once, or run "
			"pregonctl topics create",
		    topic_info(topic)->name);
		return -1;
	}
	t->partitions_left = partitions[topic];
	t->ended = calloc((size_t)partitions[topic], sizeof(*t->ended));
	if (t->ended == NULL) {
		ctl_say("no memory");
		return -1;
	}
	list = rd_kafka_topic_partition_list_new(partitions[topic]);
	for (i = 0; i < partitions[topic]; i++)
		rd_kafka_topic_partition_list_add(
		    list, topic_info(topic)->name, i)
		    ->offset = t->ctl->set.from == FROM_BEGINNING
		    ? RD_KAFKA_OFFSET_BEGINNING
		    : RD_KAFKA_OFFSET_END;
	err = rd_kafka_assign(t->rk, list);
	rd_kafka_topic_partition_list_destroy(list);
	if (err != RD_KAFKA_RESP_ERR_NO_ERROR) {
		ctl_say(
		    "%s: %s", topic_info(topic)->name, rd_kafka_err2str(err));
		return -1;
	}
	return 0;
}

static void
take_headers(const rd_kafka_message_t *message, struct show_record *r)
{
	rd_kafka_headers_t *headers;

	if (rd_kafka_message_headers(message, &headers) !=
	    RD_KAFKA_RESP_ERR_NO_ERROR)
		return;
	while (r->header_count < SHOW_HEADERS_MAX) {
		struct show_header *h = &r->headers[r->header_count];

		if (rd_kafka_header_get_all(headers, r->header_count, &h->name,
			&h->value, &h->len) != RD_KAFKA_RESP_ERR_NO_ERROR)
			break;
		r->header_count++;
	}
}

static int
print_record(struct tail *t, const rd_kafka_message_t *message)
{
	struct show_record r = {
		.topic = rd_kafka_topic_name(message->rkt),
		.partition = message->partition,
		.offset = message->offset,
		.timestamp_ms = rd_kafka_message_timestamp(message, NULL),
		.key = message->key,
		.key_len = message->key_len,
		.value = message->payload,
		.value_len = message->len,
	};
	json_t *json;
	int rc;

	take_headers(message, &r);
	json = show_record(t->show, &r);
	if (json == NULL) {
		ctl_say("no memory for a record");
		return -1;
	}
	rc = json_dumpf(json, stdout, JSON_COMPACT | JSON_REAL_PRECISION(12));
	json_decref(json);
	if (rc == -1 || putchar('\n') == EOF || fflush(stdout) == EOF)
		return -1;
	t->printed++;
	return 0;
}

static bool
is_over(const struct tail *t)
{
	if (t->ctl->set.count > 0 && t->printed >= t->ctl->set.count)
		return true;
	return t->ctl->set.from == FROM_BEGINNING && t->partitions_left == 0;
}

/* 0 go on, -1 said. */
static int
take(struct tail *t, const rd_kafka_message_t *message)
{
	switch (message->err) {
	case RD_KAFKA_RESP_ERR_NO_ERROR:
		return print_record(t, message);
	case RD_KAFKA_RESP_ERR__PARTITION_EOF:
		if (!t->ended[message->partition])
			t->partitions_left--;
		t->ended[message->partition] = true;
		return 0;
	case RD_KAFKA_RESP_ERR__TRANSPORT:
	case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
		return 0; /* it tries again; a silence ends it */
	default:
		ctl_say("%s", rd_kafka_message_errstr(message));
		return -1;
	}
}

static enum ctl_status
follow(struct tail *t)
{
	int64_t heard_ms = clock_boottime_ms(&clock_system);
	rd_kafka_message_t *message;
	int rc = 0;

	while (rc == 0 && !is_over(t)) {
		int64_t now = clock_boottime_ms(&clock_system);

		message = rd_kafka_consumer_poll(t->rk, 500);
		if (message != NULL) {
			heard_ms = now;
			rc = take(t, message);
			rd_kafka_message_destroy(message);
		} else if (t->ctl->set.from == FROM_BEGINNING &&
		    now - heard_ms > t->ctl->set.timeout_s * 1000) {
			ctl_say("Kafka has been silent for %lld s",
			    (long long)t->ctl->set.timeout_s);
			rc = -1;
		}
	}
	return rc == 0 ? CTL_DONE : CTL_FAILED;
}

static enum ctl_status
run(struct ctl *ctl)
{
	struct tail t = { .ctl = ctl };
	enum ctl_status status = CTL_FAILED;
	enum topic topic;
	char why[300] = "no memory";

	if (ctl->word_count != 1)
		return ctl_misused(&ctl_tail);
	if (topic_parse(ctl->words[0], &topic) == -1) {
		ctl_say("there is no topic \"%s\" (topic_ventas, ...)",
		    ctl->words[0]);
		return CTL_USAGE;
	}
	t.show = show_new();
	t.rk = t.show != NULL ? new_consumer(ctl, why, sizeof(why)) : NULL;
	if (t.rk == NULL)
		ctl_say("%s", why);
	else if (assign(&t, topic) == 0)
		status = follow(&t);
	if (t.rk != NULL) {
		rd_kafka_consumer_close(t.rk);
		kafka_destroy(t.rk);
	}
	free(t.ended);
	show_free(t.show);
	return status;
}

const struct ctl_command ctl_tail = {
	.name = "tail",
	.usage = "TOPIC",
	.summary = "records as JSON lines, their values decoded",
	.keys = keys,
	.key_count = sizeof(keys) / sizeof(keys[0]),
	.kafka = true,
	.run = run,
};
