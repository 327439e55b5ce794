#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/api/log_view.h"
#include "lib/clock.h"

#define POLL_MS 10
/* Of a question that is answered at once. */
#define ASK_MS 500

struct log_view {
	const struct kafka_settings *kafka;
	const atomic_bool *stop;
	rd_kafka_t *rk; /* NULL: not made yet */
	int64_t away_ms; /* it was not there then; 0: it was */
	struct log_end *ends;
	size_t end_count, end_cap;
	char why[300];
};

static int64_t
now_ms(void)
{
	return clock_boottime_ms(&clock_system);
}

struct log_view *
log_view_new(const struct kafka_settings *kafka, const atomic_bool *stop)
{
	struct log_view *v = calloc(1, sizeof(*v));

	if (v == NULL)
		return NULL;
	v->kafka = kafka;
	v->stop = stop;
	return v;
}

void
log_view_free(struct log_view *v)
{
	if (v == NULL)
		return;
	if (v->rk != NULL) {
		rd_kafka_consumer_close(v->rk);
		kafka_destroy(v->rk);
	}
	free(v->ends);
	free(v);
}

const char *
log_view_why(const struct log_view *v)
{
	return v->why;
}

static int
conf_tune(rd_kafka_conf_t *conf, char *why, size_t why_cap)
{
	static const char *const properties[][2] = {
		/* Assigned by hand, never committed: a group in name only. */
		{ "group.id", "pregon-log-view" },
		{ "enable.auto.commit", "false" },
		{ "enable.partition.eof", "true" },
		{ "auto.offset.reset", "error" },
		{ "fetch.wait.max.ms", "50" },
		/* A few records of each partition are wanted, no more. */
		{ "queued.min.messages", "1" },
		{ "queued.max.messages.kbytes", "1024" },
		{ "fetch.message.max.bytes", "262144" },
		{ "fetch.max.bytes", "4194304" },
	};

	for (size_t i = 0; i < sizeof(properties) / sizeof(*properties); i++)
		if (rd_kafka_conf_set(conf, properties[i][0], properties[i][1],
			why, why_cap) != RD_KAFKA_CONF_OK)
			return -1;
	return 0;
}

static int
make_consumer(struct log_view *v)
{
	rd_kafka_conf_t *conf = kafka_conf(v->kafka, v->why, sizeof(v->why));

	if (conf == NULL)
		return -1;
	if (conf_tune(conf, v->why, sizeof(v->why)) == 0)
		v->rk = rd_kafka_new(
		    RD_KAFKA_CONSUMER, conf, v->why, sizeof(v->why));
	if (v->rk == NULL) {
		rd_kafka_conf_destroy(conf);
		return -1;
	}
	rd_kafka_poll_set_consumer(v->rk);
	return 0;
}

/* Kafka's own word is for those who know it. */
static int
away(struct log_view *v, rd_kafka_resp_err_t err)
{
	snprintf(v->why, sizeof(v->why), "Kafka does not answer: %s",
	    rd_kafka_err2str(err));
	v->away_ms = now_ms();
	return -1;
}

static int
begin(struct log_view *v)
{
	if (v->away_ms != 0 && now_ms() - v->away_ms < LOG_VIEW_AWAY_MS)
		return -1;
	v->away_ms = 0;
	return v->rk != NULL ? 0 : make_consumer(v);
}

/* For one blocking call. */
static int
left_ms(int64_t deadline_ms)
{
	int64_t left = deadline_ms - now_ms();

	if (left > ASK_MS)
		return ASK_MS;
	return left > 0 ? (int)left : 0;
}

static int
add_end(struct log_view *v, enum topic topic, int32_t partition)
{
	size_t cap = v->end_cap == 0 ? 64 : 2 * v->end_cap;
	struct log_end *ends;

	if (v->end_count == v->end_cap) {
		ends = realloc(v->ends, cap * sizeof(*ends));
		if (ends == NULL) {
			snprintf(v->why, sizeof(v->why), "no memory");
			return -1;
		}
		v->ends = ends;
		v->end_cap = cap;
	}
	v->ends[v->end_count++] = (struct log_end){ topic, partition, -1, -1 };
	return 0;
}

/* Of all topics: asking for one by name could create it. */
static int
list_partitions(struct log_view *v, int64_t deadline_ms)
{
	const struct rd_kafka_metadata *md;
	rd_kafka_resp_err_t err = rd_kafka_metadata(
	    v->rk, 1, NULL, &md, left_ms(deadline_ms));
	int counts[TOPIC_COUNT] = { 0 }, rc = 0;
	enum topic topic;

	if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
		return away(v, err);
	for (int i = 0; i < md->topic_cnt; i++)
		if (topic_parse(md->topics[i].topic, &topic) == 0)
			counts[topic] = md->topics[i].partition_cnt;
	rd_kafka_metadata_destroy(md);
	v->end_count = 0;
	for (int t = 0; t < TOPIC_COUNT; t++)
		for (int p = 0; rc == 0 && p < counts[t]; p++)
			rc = add_end(v, (enum topic)t, p);
	return rc;
}

/* `where`: RD_KAFKA_OFFSET_BEGINNING or _END.  One request to each broker. */
static int
ask_offsets(struct log_view *v, int64_t deadline_ms, int64_t where)
{
	rd_kafka_topic_partition_list_t *list =
	    rd_kafka_topic_partition_list_new((int)v->end_count);
	rd_kafka_resp_err_t err;

	for (size_t i = 0; i < v->end_count; i++)
		rd_kafka_topic_partition_list_add(list,
		    topic_info(v->ends[i].topic)->name, v->ends[i].partition)
		    ->offset = where;
	err = rd_kafka_offsets_for_times(v->rk, list, left_ms(deadline_ms));
	for (int i = 0; err == RD_KAFKA_RESP_ERR_NO_ERROR && i < list->cnt;
	     i++) {
		int64_t offset = list->elems[i].err == 0 ? list->elems[i].offset
							 : -1;

		if (where == RD_KAFKA_OFFSET_END)
			v->ends[i].end = offset;
		else
			v->ends[i].low = offset;
	}
	rd_kafka_topic_partition_list_destroy(list);
	return err == RD_KAFKA_RESP_ERR_NO_ERROR ? 0 : away(v, err);
}

int
log_view_ends(struct log_view *v, int64_t deadline_ms,
    const struct log_end **ends, size_t *count)
{
	if (begin(v) == -1)
		return -1;
	if (list_partitions(v, deadline_ms) == -1 ||
	    (v->end_count > 0 &&
		(ask_offsets(v, deadline_ms, RD_KAFKA_OFFSET_BEGINNING) == -1 ||
		    ask_offsets(v, deadline_ms, RD_KAFKA_OFFSET_END) == -1)))
		return -1;
	*ends = v->ends;
	*count = v->end_count;
	return 0;
}

static int
assign(struct log_view *v, struct log_start *starts, size_t count)
{
	rd_kafka_topic_partition_list_t *list =
	    rd_kafka_topic_partition_list_new((int)count);
	rd_kafka_resp_err_t err;

	for (size_t i = 0; i < count; i++) {
		starts[i].open = true;
		rd_kafka_topic_partition_list_add(list,
		    topic_info(starts[i].topic)->name, starts[i].partition)
		    ->offset = starts[i].offset;
	}
	err = rd_kafka_assign(v->rk, list);
	rd_kafka_topic_partition_list_destroy(list);
	return err == RD_KAFKA_RESP_ERR_NO_ERROR ? 0 : away(v, err);
}

/* NULL: of none that is still open. */
static struct log_start *
start_of(struct log_start *starts, size_t count, const rd_kafka_message_t *m)
{
	enum topic topic;

	if (m->rkt == NULL ||
	    topic_parse(rd_kafka_topic_name(m->rkt), &topic) == -1)
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (starts[i].open && starts[i].topic == topic &&
		    starts[i].partition == m->partition)
			return &starts[i];
	return NULL;
}

/*
 * librdkafka's threads for brokers may sleep for a second before they see
 * that there is something to fetch, but an answer that comes in wakes them:
 * so each broker is asked for something, whatever it is.
 */
static void
nudge(struct log_view *v, const struct log_start *starts, size_t count,
    int64_t deadline_ms)
{
	rd_kafka_topic_partition_list_t *list =
	    rd_kafka_topic_partition_list_new((int)count);

	for (size_t i = 0; i < count; i++)
		if (starts[i].open)
			rd_kafka_topic_partition_list_add(list,
			    topic_info(starts[i].topic)->name,
			    starts[i].partition)
			    ->offset = RD_KAFKA_OFFSET_END;
	rd_kafka_offsets_for_times(v->rk, list, left_ms(deadline_ms));
	rd_kafka_topic_partition_list_destroy(list);
}

int
log_view_read(struct log_view *v, struct log_start *starts, size_t count,
    int64_t deadline_ms, bool (*each)(void *, const rd_kafka_message_t *),
    void *ctx)
{
	rd_kafka_message_t *m;
	struct log_start *start;
	size_t open = count;

	if (begin(v) == -1 || (count > 0 && assign(v, starts, count) == -1))
		return -1;
	while (open > 0 && now_ms() < deadline_ms && !atomic_load(v->stop)) {
		m = rd_kafka_consumer_poll(v->rk, POLL_MS);
		if (m == NULL) {
			nudge(v, starts, count, deadline_ms);
			continue;
		}
		start = start_of(starts, count, m);
		/* At its end, or it is not to be read at all. */
		if (start != NULL &&
		    (m->err != RD_KAFKA_RESP_ERR_NO_ERROR || !each(ctx, m))) {
			start->open = false;
			open--;
		}
		rd_kafka_message_destroy(m);
	}
	rd_kafka_assign(v->rk, NULL);
	return open == 0 ? 0 : 1;
}
