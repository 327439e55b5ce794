/*
 * outbound: see the header.
 */
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/outbound.h"
#include "lib/log.h"

/* Under way and waiting to be deleted; the table holds the rest.  What a
 * burst of some thousand orders makes, so that it is one walk of the table. */
#define WINDOW 16384
#define RETRY_AFTER_MS 1000
#define PARTITIONS_KEPT_MS 60000
#define METADATA_TIMEOUT_MS 2000

struct outbound {
	struct runtime_store *store;
	struct kafka_producer *producer;
	bool waiting; /* rows beyond the cursor may be there */
	int64_t cursor; /* the last row handed to the producer */
	size_t walked; /* rows of the walk under way */
	bool held; /* it ended at a row that must wait */
	size_t under_way;
	/* The row that goes to each partition: one at a time. */
	int64_t copied; /* 0: none */
	int copies; /* of it under way */
	bool copy_failed; /* then all of them go again */
	int64_t delivered[WINDOW];
	size_t delivered_count;
	size_t deleting; /* of those, in the transaction under way */
	bool failed; /* rows before the cursor must go again */
	int64_t retry_ms; /* not before */
	int partitions[TOPIC_COUNT];
	int64_t partitions_ms; /* when they were learnt; 0: never */
	int64_t now_ms;
	struct log_limit limit;
};

static void
on_failed(struct outbound *out, rd_kafka_resp_err_t err)
{
	unsigned long held;

	out->failed = true;
	out->retry_ms = out->now_ms + RETRY_AFTER_MS;
	if (log_limited(&out->limit, 5000, &held))
		log_warn("consumer.send_failed",
		    "held_back=%lu why=\"%s: will be sent again\"", held,
		    rd_kafka_err2str(err));
}

static void
on_delivered(void *ctx, const struct kafka_delivery *delivery)
{
	struct outbound *out = ctx;
	int64_t id = (int64_t)(intptr_t)delivery->opaque;
	bool whole = true; /* no copy is under way, and none failed */

	out->under_way--;
	if (delivery->err != RD_KAFKA_RESP_ERR_NO_ERROR)
		on_failed(out, delivery->err);
	if (id == out->copied) {
		if (delivery->err != RD_KAFKA_RESP_ERR_NO_ERROR)
			out->copy_failed = true;
		if (--out->copies == 0)
			out->copied = 0;
		whole = out->copied == 0 && !out->copy_failed;
	}
	if (delivery->err == RD_KAFKA_RESP_ERR_NO_ERROR && whole)
		out->delivered[out->delivered_count++] = id;
}

struct outbound *
outbound_new(struct runtime_store *store, const struct kafka_settings *kafka,
    char *why, size_t why_cap)
{
	struct outbound *out = calloc(1, sizeof(*out));

	if (out == NULL)
		return NULL;
	out->store = store;
	out->waiting = true; /* an earlier process may have left some */
	out->producer = kafka_producer_new(
	    kafka, on_delivered, out, why, why_cap);
	if (out->producer == NULL) {
		free(out);
		return NULL;
	}
	return out;
}

void
outbound_free(struct outbound *out, int timeout_ms)
{
	if (out == NULL)
		return;
	kafka_producer_free(out->producer, timeout_ms);
	free(out);
}

void
outbound_wake(struct outbound *out)
{
	out->waiting = true;
}

static void
partitions_fill(struct outbound *out, const struct rd_kafka_metadata *md)
{
	enum topic topic;

	memset(out->partitions, 0, sizeof(out->partitions));
	for (int i = 0; i < md->topic_cnt; i++) {
		if (topic_parse(md->topics[i].topic, &topic) == 0)
			out->partitions[topic] = md->topics[i].partition_cnt;
	}
}

/* How many partitions the topics have; -1: not now, it was said. */
static int
partitions_learn(struct outbound *out)
{
	const struct rd_kafka_metadata *md;
	rd_kafka_resp_err_t err;
	unsigned long held;

	if (out->partitions_ms != 0 &&
	    out->now_ms - out->partitions_ms < PARTITIONS_KEPT_MS)
		return 0;
	err = rd_kafka_metadata(kafka_producer_handle(out->producer), 1, NULL,
	    &md, METADATA_TIMEOUT_MS);
	if (err != RD_KAFKA_RESP_ERR_NO_ERROR) {
		if (log_limited(&out->limit, 5000, &held))
			log_warn("consumer.send_waits",
			    "held_back=%lu why=\"%s\"", held,
			    rd_kafka_err2str(err));
		return -1;
	}
	partitions_fill(out, md);
	rd_kafka_metadata_destroy(md);
	out->partitions_ms = out->now_ms;
	return 0;
}

static void
wait_before_retry(struct outbound *out)
{
	out->retry_ms = out->now_ms + RETRY_AFTER_MS;
	out->partitions_ms = 0;
}

/* 0, or -1: not now. */
static int
send_copies(struct outbound *out, struct kafka_record *record, int partitions)
{
	out->copied = (int64_t)(intptr_t)record->opaque;
	out->copies = 0;
	out->copy_failed = false;
	for (record->partition = topic_info(record->topic)->reserved ? 1 : 0;
	     record->partition < partitions; record->partition++) {
		if (kafka_produce(out->producer, record) == -1) {
			/* Those that went are for nothing. */
			out->copy_failed = true;
			out->failed = true;
			if (out->copies == 0)
				out->copied = 0;
			return -1;
		}
		out->copies++;
		out->under_way++;
	}
	return 0;
}

static int32_t
partition_of(const struct outgoing *row, int partitions)
{
	if (row->fixed_partition)
		return row->partition;
	return topic_partition(row->topic, row->key,
	    row->route_len > 0 && row->route_len < row->key_len ? row->route_len
								: row->key_len,
	    partitions);
}

static int
send_one(struct outbound *out, struct kafka_record *record,
    const struct outgoing *row, int partitions)
{
	record->partition = partition_of(row, partitions);
	if (kafka_produce(out->producer, record) == -1)
		return -1;
	out->under_way++;
	return 0;
}

static bool
topic_is_there(struct outbound *out, enum topic topic)
{
	unsigned long held;

	if (out->partitions[topic] >= topic_info(topic)->min_partitions)
		return true;
	if (log_limited(&out->limit, 5000, &held))
		log_warn("consumer.send_waits",
		    "topic=%s held_back=%lu why=\"the topic is not there yet: "
		    "the bridge makes it\"",
		    topic_info(topic)->name, held);
	return false;
}

/* The record that it is about was in a partition of an older log's. */
static bool
is_for_nothing(const struct outgoing *row, int partitions)
{
	return row->fixed_partition && partitions > 0 &&
	    row->partition >= partitions;
}

/* Of outgoing_list: 0 goes on, 1 ends the walk. */
static int
send_row(void *ctx, int64_t id, const struct outgoing *row)
{
	struct outbound *out = ctx;
	int partitions = out->partitions[row->topic];
	struct kafka_record record = {
		.topic = row->topic,
		.key = row->key,
		.key_len = row->key_len,
		.value = row->value,
		.value_len = row->value_len,
		.tombstone = row->value == NULL,
		.schema = row->schema,
		.reason = row->reason,
		.origin = row->origin,
		.opaque = (void *)(intptr_t)id,
	};

	/* It goes when the copies before it have arrived. */
	out->held = row->each_partition && out->copied != 0;
	if (out->held)
		return 1;
	if (is_for_nothing(row, partitions)) {
		out->delivered[out->delivered_count++] = id;
		goto next;
	}
	if (!topic_is_there(out, row->topic) ||
	    (row->each_partition
		    ? send_copies(out, &record, partitions)
		    : send_one(out, &record, row, partitions)) == -1) {
		wait_before_retry(out);
		return 1;
	}
next:
	out->cursor = id;
	out->walked++;
	return 0;
}

static void
send_waiting(struct outbound *out)
{
	size_t used = out->under_way + out->delivered_count;

	if (used >= WINDOW || out->now_ms < out->retry_ms)
		return;
	if (partitions_learn(out) == -1) {
		wait_before_retry(out);
		return;
	}
	out->walked = 0;
	out->held = false;
	if (out->store->ops->outgoing_list(out->store, out->cursor,
		(int)(WINDOW - used), send_row, out) == -1) {
		wait_before_retry(out);
		return;
	}
	/* Fewer than there was room for: that was the last. */
	if (out->now_ms >= out->retry_ms && !out->held &&
	    out->walked < WINDOW - used)
		out->waiting = false;
}

void
outbound_run(struct outbound *out, int64_t now_ms)
{
	out->now_ms = now_ms;
	kafka_producer_poll(out->producer);
	/* From the first again, once nothing is in doubt. */
	if (out->failed && out->under_way == 0 && out->delivered_count == 0) {
		out->failed = false;
		out->cursor = 0;
		out->waiting = true;
	}
	if (out->waiting && !out->failed)
		send_waiting(out);
}

bool
outbound_is_busy(const struct outbound *out)
{
	return out->under_way > 0 || out->delivered_count > 0 ||
	    (out->waiting && out->now_ms >= out->retry_ms);
}

bool
outbound_has_delivered(const struct outbound *out)
{
	return out->delivered_count > 0;
}

static int
by_id(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

int
outbound_delete(struct outbound *out)
{
	const int64_t *id = out->delivered;
	size_t first, next;

	out->deleting = out->delivered_count;
	/* Partitions acknowledge each in its own time; rows that stand side by
	 * side go with one statement. */
	qsort(out->delivered, out->deleting, sizeof(*id), by_id);
	for (first = 0; first < out->deleting; first = next) {
		for (next = first + 1;
		     next < out->deleting && id[next] == id[next - 1] + 1;
		     next++)
			;
		if (out->store->ops->outgoing_delete(
			out->store, id[first], id[next - 1]) == -1)
			return -1;
	}
	return 0;
}

void
outbound_deleted(struct outbound *out)
{
	out->delivered_count -= out->deleting;
	memmove(out->delivered, out->delivered + out->deleting,
	    out->delivered_count * sizeof(out->delivered[0]));
	out->deleting = 0;
}
