/*
 * runtime: from records to a batch.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "backend/consumer/runtime_parts.h"

/* A record so old was not waited for by anyone: then a batch may take as
 * long as it takes to be large. */
#define BACKLOG_AGE_MS 1000
#define BACKLOG_BATCH_MS 500

#define HEADER_MAX 512

/* Cut off where it is longer than cap - 1; "" where there is none. */
static const char *
header_of(
    const rd_kafka_message_t *message, const char *name, char *text, size_t cap)
{
	rd_kafka_headers_t *headers;
	const void *value;
	size_t len;

	text[0] = '\0';
	if (rd_kafka_message_headers(message, &headers) ==
		RD_KAFKA_RESP_ERR_NO_ERROR &&
	    rd_kafka_header_get_last(headers, name, &value, &len) ==
		RD_KAFKA_RESP_ERR_NO_ERROR &&
	    value != NULL) {
		if (len >= cap)
			len = cap - 1;
		memcpy(text, value, len);
		text[len] = '\0';
	}
	return text;
}

struct reject_words {
	char origin[HEADER_MAX], reason[HEADER_MAX];
};

static void
read_words(const rd_kafka_message_t *message, struct record *record,
    struct reject_words *words)
{
	record->origin = record->reason = "";
	if (strcmp(record->schema, SCHEMA_REJECT) != 0)
		return;
	record->origin = header_of(
	    message, HEADER_ORIGIN, words->origin, HEADER_MAX);
	record->reason = header_of(
	    message, HEADER_REASON, words->reason, HEADER_MAX);
}

/* Times of records are the bridge's; one that has none is of now. */
static int64_t
record_time(const struct runtime *rt, const rd_kafka_message_t *message)
{
	rd_kafka_timestamp_type_t type;
	int64_t ms = rd_kafka_message_timestamp(message, &type);

	if (type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE || ms < TIME_MIN_MS ||
	    ms > TIME_MAX_MS)
		return clock_realtime_ms(rt->clock);
	return ms;
}

/* 0: applied, or not ours; -1: the store failed.  *old: it is of a backlog. */
static int
apply(struct runtime *rt, const rd_kafka_message_t *message, bool *old)
{
	struct partition *p = membership_find(
	    &rt->member, rd_kafka_topic_name(message->rkt), message->partition);
	char schema[32];
	struct reject_words words;
	struct record record;

	/* Fetched before an assignment, or before a batch was undone. */
	if (p == NULL || (p->next != OFFSET_NONE && message->offset < p->next))
		return 0;
	record = (struct record){
		.topic = p->topic,
		.partition = message->partition,
		.offset = message->offset,
		.time_ms = record_time(rt, message),
		.key = message->key != NULL ? message->key : "",
		.key_len = message->key_len,
		.schema = header_of(
		    message, HEADER_SCHEMA, schema, sizeof(schema)),
		.value = message->payload != NULL ? message->payload
						  : (const void *)"",
		.len = message->len,
	};
	read_words(message, &record, &words);
	*old = clock_realtime_ms(rt->clock) - record.time_ms > BACKLOG_AGE_MS;
	membership_took(p, !*old, runtime_now_ms(rt));
	rt->ctx.tally[TALLY_RECORDS]++;
	p->next = message->offset + 1;
	return rt->role->apply(rt->self, &record);
}

/* All of a partition was handed out. */
static void
on_end(struct runtime *rt, const rd_kafka_message_t *message)
{
	struct partition *p = membership_find(
	    &rt->member, rd_kafka_topic_name(message->rkt), message->partition);

	if (p != NULL)
		membership_at_end(p, message->offset);
}

static void
on_message_error(struct runtime *rt, const rd_kafka_message_t *message)
{
	char why[300];

	if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
		on_end(rt, message);
		return;
	}

	snprintf(why, sizeof(why), "%s",
	    message->payload != NULL ? rd_kafka_message_errstr(message)
				     : rd_kafka_err2str(message->err));
	switch (message->err) {
	case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
	case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
	case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
		/* Cut off, or another log: judged before any more is read. */
		if (rt->member.state == GROUP_READING)
			rt->member.state = GROUP_DOUBTFUL;
		runtime_wait(rt, "consumer.log_doubtful", why);
		return;
	case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
	case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
		if (rt->member.state == GROUP_READING)
			rt->member.state = GROUP_DOUBTFUL;
		runtime_wait(rt, "consumer.no_topic",
		    "the role's topic is "
		    "not there yet: pregon-bridge makes it when it starts");
		return;
	default:
		runtime_wait(rt, "consumer.kafka", why);
	}
}

rd_kafka_message_t *
runtime_next(struct runtime *rt, int wait_ms)
{
	rd_kafka_message_t *message = membership_poll(&rt->member, wait_ms);

	if (message != NULL && message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
		on_message_error(rt, message);
		rd_kafka_message_destroy(message);
		return NULL;
	}
	return message;
}

/*
 * A batch ends when no record waits, so that a live one is seen at once; and
 * when it is large, or long: in a backlog longer, since fewer and larger
 * transactions are what makes it fast.
 */
static bool
batch_is_full(struct runtime *rt, int64_t records, int64_t started_ms, bool old)
{
	int64_t limit_ms = old ? BACKLOG_BATCH_MS : rt->settings->batch_wait_ms;

	return records >= rt->settings->batch_max ||
	    rt->member.state != GROUP_READING ||
	    runtime_now_ms(rt) - started_ms >= limit_ms;
}

void
runtime_batch(struct runtime *rt, rd_kafka_message_t *message)
{
	int64_t started_ms = runtime_now_ms(rt), records = 0;
	bool old = false;

	if (rt->db->ops->begin(rt->db) == -1) {
		runtime_undo(rt, errno);
		rd_kafka_message_destroy(message);
		return;
	}
	while (message != NULL) {
		int rc = apply(rt, message, &old);

		rd_kafka_message_destroy(message);
		if (rc == -1) {
			runtime_undo(rt, errno);
			return;
		}
		records++;
		if (batch_is_full(rt, records, started_ms, old))
			break;
		message = runtime_next(rt, 0);
	}
	if (runtime_commit(rt) == -1)
		return;
	metric_add(rt->meters->batches, 1);
	histogram_observe_ms(
	    rt->meters->batch_ms, (double)(runtime_now_ms(rt) - started_ms));
	histogram_observe_ms(rt->meters->batch_records, (double)records);
}
