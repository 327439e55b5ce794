#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backend/api/rules_log.h"
#include "lib/clock.h"
#include "lib/log.h"

#define POLL_MS 100
#define METADATA_TIMEOUT_MS 2000
#define RETRY_MS 500
/* New partitions are met within this time. */
#define LOOK_AGAIN_MS 30000

struct rules_log {
	struct rules_log_feed feeds[RULES_LOG_FEEDS_MAX];
	size_t feed_count;
	rd_kafka_t *rk;
	pthread_t thread;
	atomic_bool stop;
	int partitions; /* being read; 0: none */
	int ended_count;
	bool *ended; /* by partition: read to its end once */
	bool caught_up;
	int64_t look_ms; /* at the topic, next */
	struct log_limit limit;
};

static void
say(struct rules_log *log, const char *why)
{
	unsigned long held;

	if (log_limited(&log->limit, 10000, &held))
		log_warn(
		    "api.rules_unread", "held_back=%lu why=\"%s\"", held, why);
}

static void
forget(struct rules_log *log)
{
	rd_kafka_assign(log->rk, NULL);
	log->partitions = 0;
	log->ended_count = 0;
	log->caught_up = false;
	log->look_ms = 0;
	for (size_t i = 0; i < log->feed_count; i++)
		log->feeds[i].handler->begin(log->feeds[i].ctx);
}

/* Partitions that the topic has; -1: Kafka does not say. */
static int
count_partitions(struct rules_log *log)
{
	const char *name = topic_info(TOPIC_REGLAS)->name;
	const struct rd_kafka_metadata *md;
	rd_kafka_resp_err_t err;
	int count = 0;

	/* Of all topics: asking for one by name could create it. */
	err = rd_kafka_metadata(log->rk, 1, NULL, &md, METADATA_TIMEOUT_MS);
	if (err != RD_KAFKA_RESP_ERR_NO_ERROR) {
		say(log, rd_kafka_err2str(err));
		return -1;
	}
	for (int i = 0; i < md->topic_cnt; i++)
		if (strcmp(md->topics[i].topic, name) == 0)
			count = md->topics[i].partition_cnt;
	rd_kafka_metadata_destroy(md);
	if (count == 0)
		say(log, "topic_reglas is not there yet: the bridge makes it");
	return count;
}

/* Reads partitions `from` to `to` as well, from their beginning. */
static int
assign(struct rules_log *log, int from, int to)
{
	rd_kafka_topic_partition_list_t *list;
	bool *ended = realloc(log->ended, (size_t)to * sizeof(*ended));
	rd_kafka_error_t *error;

	if (ended == NULL)
		return -1;
	log->ended = ended;
	list = rd_kafka_topic_partition_list_new(to - from);
	for (int i = from; i < to; i++) {
		log->ended[i] = false;
		rd_kafka_topic_partition_list_add(
		    list, topic_info(TOPIC_REGLAS)->name, i)
		    ->offset = RD_KAFKA_OFFSET_BEGINNING;
	}
	error = rd_kafka_incremental_assign(log->rk, list);
	rd_kafka_topic_partition_list_destroy(list);
	if (error != NULL) {
		say(log, rd_kafka_error_string(error));
		rd_kafka_error_destroy(error);
		return -1;
	}
	log->partitions = to;
	return 0;
}

static void
look_at_topic(struct rules_log *log)
{
	int count = count_partitions(log);

	if (count >= 0 && count < log->partitions)
		forget(log); /* another topic of the same name */
	if (count > log->partitions)
		assign(log, log->partitions, count);
	log->look_ms = clock_boottime_ms(&clock_system) +
	    (log->partitions > 0 ? LOOK_AGAIN_MS : RETRY_MS);
}

static void
partition_ended(struct rules_log *log, int32_t partition)
{
	if (partition < 0 || partition >= log->partitions ||
	    log->ended[partition])
		return;
	log->ended[partition] = true;
	if (++log->ended_count < log->partitions || log->caught_up)
		return;
	log->caught_up = true;
	for (size_t i = 0; i < log->feed_count; i++)
		log->feeds[i].handler->caught_up(log->feeds[i].ctx);
}

static void
take(struct rules_log *log, const rd_kafka_message_t *m)
{
	switch (m->err) {
	case RD_KAFKA_RESP_ERR_NO_ERROR:
		for (size_t i = 0; i < log->feed_count; i++)
			log->feeds[i].handler->record(log->feeds[i].ctx, m->key,
			    m->key_len, m->payload, m->len);
		break;
	case RD_KAFKA_RESP_ERR__PARTITION_EOF:
		partition_ended(log, m->partition);
		break;
	case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
	case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
	case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
	case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
		/* The topic is gone, or another one. */
		say(log, rd_kafka_message_errstr(m));
		forget(log);
		log->look_ms = clock_boottime_ms(&clock_system) + RETRY_MS;
		break;
	default:
		say(log, rd_kafka_message_errstr(m));
	}
}

static void *
run(void *ctx)
{
	struct rules_log *log = ctx;
	rd_kafka_message_t *m;

	while (!atomic_load(&log->stop)) {
		if (clock_boottime_ms(&clock_system) >= log->look_ms)
			look_at_topic(log);
		m = rd_kafka_consumer_poll(log->rk, POLL_MS);
		if (m == NULL)
			continue;
		take(log, m);
		rd_kafka_message_destroy(m);
	}
	return NULL;
}

static int
conf_tune(rd_kafka_conf_t *conf, char *why, size_t why_cap)
{
	static const char *const properties[][2] = {
		/* Assigned by hand, never committed: a group in name only. */
		{ "group.id", "pregon-rules-reader" },
		{ "enable.auto.commit", "false" },
		{ "enable.partition.eof", "true" },
		{ "auto.offset.reset", "error" },
		/* A trickle after the first reading. */
		{ "queued.max.messages.kbytes", "4096" },
		{ "queued.min.messages", "1000" },
	};

	for (size_t i = 0; i < sizeof(properties) / sizeof(*properties); i++)
		if (rd_kafka_conf_set(conf, properties[i][0], properties[i][1],
			why, why_cap) != RD_KAFKA_CONF_OK)
			return -1;
	return 0;
}

static rd_kafka_t *
make_reader(const struct kafka_settings *kafka, char *why, size_t why_cap)
{
	rd_kafka_conf_t *conf = kafka_conf(kafka, why, why_cap);
	rd_kafka_t *rk;

	if (conf == NULL)
		return NULL;
	if (conf_tune(conf, why, why_cap) == -1 ||
	    (rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, why_cap)) ==
		NULL) {
		rd_kafka_conf_destroy(conf);
		return NULL;
	}
	rd_kafka_poll_set_consumer(rk);
	return rk;
}

struct rules_log *
rules_log_start(const struct kafka_settings *kafka,
    const struct rules_log_feed *feeds, size_t count, char *why, size_t why_cap)
{
	struct rules_log *log = calloc(1, sizeof(*log));

	snprintf(why, why_cap, "no memory");
	if (log == NULL)
		return NULL;
	for (; log->feed_count < count; log->feed_count++)
		log->feeds[log->feed_count] = feeds[log->feed_count];
	log->rk = make_reader(kafka, why, why_cap);
	if (log->rk == NULL) {
		free(log);
		return NULL;
	}
	if (pthread_create(&log->thread, NULL, run, log) == 0)
		return log;
	snprintf(why, why_cap, "no thread to read topic_reglas");
	kafka_destroy(log->rk);
	free(log);
	return NULL;
}

void
rules_log_stop(struct rules_log *log)
{
	if (log == NULL)
		return;
	atomic_store(&log->stop, true);
	pthread_join(log->thread, NULL);
	rd_kafka_consumer_close(log->rk);
	kafka_destroy(log->rk);
	free(log->ended);
	free(log);
}
