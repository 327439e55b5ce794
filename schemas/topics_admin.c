/*
 * topics_admin: creation in one request, then a look at what is there until
 * all of it is.
 *
 * Several bridges may start at once: a topic that another one has just made
 * is as good as one of our own.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "schemas/topics_admin.h"

/* How long between two looks while a new topic has no leader yet. */
#define LOOK_AGAIN_MS 100

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int __attribute__((format(printf, 4, 5)))
fail(int error, char *why, size_t cap, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, cap, fmt, ap);
	va_end(ap);
	errno = error;
	return -1;
}

static int
left_ms(int64_t deadline_ms)
{
	int64_t left = deadline_ms - now_ms();

	return left > 1 ? (int)left : 1;
}

int
topics_wanted(const struct topics_settings *settings, enum topic topic)
{
	return topic_partitions(topic, settings->partitions[topic]);
}

int
topics_check(const struct topics_settings *settings,
    const int actual[TOPIC_COUNT], char *why, size_t why_cap)
{
	for (int i = 0; i < TOPIC_COUNT; i++) {
		const char *name = topic_info((enum topic)i)->name;
		int wanted = topics_wanted(settings, (enum topic)i);

		if (actual[i] == wanted ||
		    (actual[i] > wanted && !settings->check_exact))
			continue;
		if (actual[i] < wanted)
			return fail(EINVAL, why, why_cap,
			    "%s has %d "
			    "partition%s, %d are wanted: add some (keys "
			    "then move) or lower the setting",
			    name, actual[i], actual[i] == 1 ? "" : "s", wanted);
		return fail(EINVAL, why, why_cap,
		    "%s has %d partitions, %d "
		    "are wanted: a topic cannot shrink; raise the setting",
		    name, actual[i], wanted);
	}
	return 0;
}

/*
 * What is there: actual[] is 0 for a topic that is not (or that has no
 * partition with a leader yet).
 */
static int
look(rd_kafka_t *rk, int timeout_ms, int actual[TOPIC_COUNT], char *why,
    size_t why_cap)
{
	const struct rd_kafka_metadata *md;
	rd_kafka_resp_err_t err;
	enum topic topic;

	/* Of all topics: asking for one by name could create it. */
	err = rd_kafka_metadata(rk, 1, NULL, &md, timeout_ms);
	if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
		return fail(err == RD_KAFKA_RESP_ERR__TIMED_OUT ||
			    err == RD_KAFKA_RESP_ERR__TRANSPORT
			? ETIMEDOUT
			: EIO,
		    why, why_cap, "no Kafka broker answered: %s",
		    rd_kafka_err2str(err));
	memset(actual, 0, TOPIC_COUNT * sizeof(*actual));
	for (int i = 0; i < md->topic_cnt; i++) {
		const struct rd_kafka_metadata_topic *t = &md->topics[i];

		if (t->err == RD_KAFKA_RESP_ERR_NO_ERROR &&
		    topic_parse(t->topic, &topic) == 0)
			actual[topic] = t->partition_cnt;
	}
	rd_kafka_metadata_destroy(md);
	return 0;
}

/* It only copies; the broker is who refuses a value. */
static void
set(rd_kafka_NewTopic_t *topic, const char *name, const char *value)
{
	rd_kafka_NewTopic_set_config(topic, name, value);
}

/* NULL: librdkafka refuses the values, `why` says what it says. */
static rd_kafka_NewTopic_t *
new_topic(const struct topics_settings *settings, enum topic topic, char *why,
    size_t why_cap)
{
	const struct topic_info *info = topic_info(topic);
	int replication = settings->replication < 1 ? 1 : settings->replication;
	rd_kafka_NewTopic_t *new;
	char min_insync[12], retention_ms[24];

	new = rd_kafka_NewTopic_new(info->name, topics_wanted(settings, topic),
	    replication, why, why_cap);
	if (new == NULL)
		return NULL;
	snprintf(min_insync, sizeof(min_insync), "%d",
	    settings->min_insync < 1 ? 1 : settings->min_insync);
	set(new, "min.insync.replicas", min_insync);
	snprintf(retention_ms, sizeof(retention_ms), "%s", info->retention_ms);
	if (topic == TOPIC_COORDENADAS && settings->positions_days > 0)
		snprintf(retention_ms, sizeof(retention_ms), "%lld",
		    settings->positions_days * 86400000LL);
	set(new, "retention.ms", retention_ms);
	if (info->retention_bytes != NULL)
		set(new, "retention.bytes", info->retention_bytes);
	set(new, "cleanup.policy", info->compacted ? "compact" : "delete");
	/* Personal data with a tombstone go from the disk within some days. */
	if (topic == TOPIC_NUEVOS_USUARIOS)
		set(new, "max.compaction.lag.ms", "86400000");
	/* A limit on what a producer sends at once, not on one record:
	 * librdkafka's batches are of up to 1,000,000 bytes. */
	set(new, "max.message.bytes", "1048588");
	/* On one broker acks=all promises its page cache only. */
	if (replication == 1 && info->flush_each)
		set(new, "flush.messages", "1");
	return new;
}

/* Reads the answer to CreateTopics. */
static int
created_read(rd_kafka_event_t *event, int *created, char *why, size_t why_cap)
{
	const rd_kafka_topic_result_t **results;
	size_t count;

	if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return fail(
		    rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__TIMED_OUT
			? ETIMEDOUT
			: EIO,
		    why, why_cap, "the topics could not be created: %s",
		    rd_kafka_event_error_string(event));
	results = rd_kafka_CreateTopics_result_topics(
	    rd_kafka_event_CreateTopics_result(event), &count);
	for (size_t i = 0; i < count; i++) {
		rd_kafka_resp_err_t err = rd_kafka_topic_result_error(
		    results[i]);
		const char *said = rd_kafka_topic_result_error_string(
		    results[i]);

		if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
			(*created)++;
		else if (err != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
			return fail(EIO, why, why_cap,
			    "%s could not be created: %s",
			    rd_kafka_topic_result_name(results[i]),
			    said != NULL ? said : rd_kafka_err2str(err));
	}
	return 0;
}

static int
create(rd_kafka_t *rk, rd_kafka_NewTopic_t **new, size_t count, int timeout_ms,
    int *created, char *why, size_t why_cap)
{
	rd_kafka_AdminOptions_t *options;
	rd_kafka_queue_t *queue;
	rd_kafka_event_t *event;
	int rc = -1;

	queue = rd_kafka_queue_new(rk);
	options = rd_kafka_AdminOptions_new(rk, RD_KAFKA_ADMIN_OP_CREATETOPICS);
	if (rd_kafka_AdminOptions_set_request_timeout(options, timeout_ms, why,
		why_cap) != RD_KAFKA_RESP_ERR_NO_ERROR ||
	    rd_kafka_AdminOptions_set_operation_timeout(options, timeout_ms,
		why, why_cap) != RD_KAFKA_RESP_ERR_NO_ERROR) {
		errno = EIO;
		goto out;
	}
	rd_kafka_CreateTopics(rk, new, count, options, queue);
	/* Its own timeout makes an event too; a second's grace for that. */
	event = rd_kafka_queue_poll(queue, timeout_ms + 1000);
	if (event == NULL) {
		fail(ETIMEDOUT, why, why_cap,
		    "no Kafka broker answered the request for topics");
		goto out;
	}
	rc = created_read(event, created, why, why_cap);
	rd_kafka_event_destroy(event);
out:
	rd_kafka_AdminOptions_destroy(options);
	rd_kafka_queue_destroy(queue);
	return rc;
}

static int
create_missing(rd_kafka_t *rk, const struct topics_settings *settings,
    int timeout_ms, const int actual[TOPIC_COUNT], int *created, char *why,
    size_t why_cap)
{
	rd_kafka_NewTopic_t *new[TOPIC_COUNT];
	size_t count = 0;
	int rc = 0;

	for (int i = 0; i < TOPIC_COUNT && rc == 0; i++) {
		if (actual[i] != 0)
			continue;
		new[count] = new_topic(settings, (enum topic)i, why, why_cap);
		if (new[count] == NULL) {
			errno = EIO;
			rc = -1;
		} else {
			count++;
		}
	}
	if (rc == 0 && count > 0)
		rc = create(rk, new, count, timeout_ms, created, why, why_cap);
	rd_kafka_NewTopic_destroy_array(new, count);
	return rc;
}

static enum topic
first_missing(const int actual[TOPIC_COUNT])
{
	int i = 0;

	while (i < TOPIC_COUNT && actual[i] != 0)
		i++;
	return (enum topic)i;
}

int
topics_ensure(rd_kafka_t *rk, const struct topics_settings *settings,
    int timeout_ms, int actual[TOPIC_COUNT], int *created, char *why,
    size_t why_cap)
{
	const struct timespec pause = { 0, LOOK_AGAIN_MS * 1000000L };
	int64_t deadline_ms = now_ms() + timeout_ms;

	*created = 0;
	if (look(rk, timeout_ms, actual, why, why_cap) == -1)
		return -1;
	if (first_missing(actual) != TOPIC_COUNT &&
	    create_missing(rk, settings, left_ms(deadline_ms), actual, created,
		why, why_cap) == -1)
		return -1;
	while (first_missing(actual) != TOPIC_COUNT) {
		if (now_ms() >= deadline_ms)
			return fail(ETIMEDOUT, why, why_cap,
			    "%s was created but is not ready yet",
			    topic_info(first_missing(actual))->name);
		if (look(rk, left_ms(deadline_ms), actual, why, why_cap) == -1)
			return -1;
		if (first_missing(actual) != TOPIC_COUNT)
			nanosleep(&pause, NULL);
	}
	return topics_check(settings, actual, why, why_cap);
}
