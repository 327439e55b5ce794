/*
 * runtime: see the header.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/membership.h"
#include "backend/consumer/outbound.h"
#include "backend/consumer/runtime.h"
#include "lib/daemon.h"
#include "lib/log.h"

#define TICK_MS 1000
#define RETRY_MS 1000
#define COMMIT_MS 5000
/* Nothing to do: how long a poll may wait, and while reports are awaited. */
#define POLL_IDLE_MS 100
#define POLL_BUSY_MS 5
/* A record so old was not waited for by anyone: then a batch may take as
 * long as it takes to be large. */
#define BACKLOG_AGE_MS 1000
#define BACKLOG_BATCH_MS 500
#define SEND_TIMEOUT_MS 3000
#define MINUTE_MS 60000
#define ACCOUNT_KEPT_MS (INT64_C(400) * 86400 * 1000)

struct runtime {
	const struct role *role;
	const struct runtime_settings *settings;
	struct membership_settings member_settings;
	char group[64];
	struct database *db;
	struct role_context ctx;
	void *self; /* the role's */
	struct membership member;
	struct outbound *outbound;
	struct meters *meters;
	struct health *health;
	const struct clock *clock;
	bool stopping;
	int64_t tick_ms; /* boottime: when next */
	int64_t commit_ms;
	int64_t retry_ms; /* not to try again before; 0: nothing */
	struct log_limit limit;
	char words[256]; /* why it waits */
};

static int64_t
now_ms(const struct runtime *rt)
{
	return clock_boottime_ms(rt->clock);
}

/* What waits for better times, said but not too often. */
static void
wait_with_words(struct runtime *rt, const char *event, const char *why)
{
	unsigned long held;

	if (now_ms(rt) >= rt->retry_ms)
		rt->retry_ms = now_ms(rt) + RETRY_MS;
	health_say(rt->health, false, "%s", why);
	if (log_limited(&rt->limit, 10000, &held))
		log_warn(event, "role=%s held_back=%lu why=\"%s\"",
		    rt->role->name, held, why);
}

/* The transaction is undone, and with it all that is in memory; what is
 * stored is read again. */
static void
undo(struct runtime *rt, int error)
{
	char why[300];

	if (error == ESTALE)
		snprintf(why, sizeof(why),
		    "another process has written this "
		    "role's database: reading it again");
	else
		snprintf(why, sizeof(why), "%s: %s; trying again",
		    strerror(error), rt->db->ops->error(rt->db));
	rt->db->ops->rollback(rt->db);
	rt->role->forget(rt->self);
	memset(rt->ctx.tally, 0, sizeof(rt->ctx.tally));
	memset(rt->ctx.late, 0, sizeof(rt->ctx.late));
	rt->ctx.sends = false;
	/* Else the next transaction would store what this one did not do. */
	for (size_t i = 0; i < rt->member.count; i++)
		rt->member.partitions[i].next = rt->member.partitions[i].stored;
	metric_add(rt->meters->rollbacks, 1);
	if (rt->member.state == MEMBER_READING)
		rt->member.state = MEMBER_DOUBTFUL;
	wait_with_words(rt, "consumer.rolled_back", why);
}

static int
put_offsets(struct runtime *rt)
{
	struct membership *m = &rt->member;
	struct runtime_store *store = rt->ctx.store;

	for (size_t i = 0; i < m->count; i++) {
		const struct partition *p = &m->partitions[i];

		if (p->next != p->stored &&
		    store->ops->offset_swap(store, topic_info(p->topic)->name,
			p->number, p->stored, p->next) == -1)
			return -1;
	}
	return 0;
}

static int
put_tallies(struct runtime *rt)
{
	struct runtime_store *store = rt->ctx.store;
	int64_t minute = clock_realtime_ms(rt->clock) / MINUTE_MS;

	for (int i = 0; i < TALLY_COUNT; i++) {
		if (rt->ctx.tally[i] != 0 &&
		    store->ops->counter_add(store, tally_name((enum tally)i),
			rt->ctx.tally[i]) == -1)
			return -1;
	}
	for (int i = 0; i < LATE_BUCKETS; i++) {
		if (rt->ctx.late[i] != 0 &&
		    store->ops->late_add(store, minute, i, rt->ctx.late[i]) ==
			-1)
			return -1;
	}
	return 0;
}

/* After the commit: memory follows. */
static void
committed(struct runtime *rt)
{
	for (size_t i = 0; i < rt->member.count; i++)
		rt->member.partitions[i].stored = rt->member.partitions[i].next;
	for (int i = 0; i < TALLY_COUNT; i++) {
		if (rt->ctx.tally[i] != 0)
			metric_add(rt->meters->tally[i], rt->ctx.tally[i]);
		rt->ctx.tally[i] = 0;
	}
	memset(rt->ctx.late, 0, sizeof(rt->ctx.late));
	outbound_deleted(rt->outbound);
	if (rt->ctx.sends)
		outbound_wake(rt->outbound);
	rt->ctx.sends = false;
}

/* What is in memory goes to the store, and all of it becomes true at once. */
static int
commit(struct runtime *rt)
{
	if (rt->role->flush(rt->self) == -1 || put_offsets(rt) == -1 ||
	    put_tallies(rt) == -1 || outbound_delete(rt->outbound) == -1 ||
	    rt->db->ops->commit(rt->db) == -1) {
		undo(rt, errno);
		return -1;
	}
	committed(rt);
	return 0;
}

static const char *
schema_of(const rd_kafka_message_t *message, char *text, size_t cap)
{
	rd_kafka_headers_t *headers;
	const void *value;
	size_t len;

	text[0] = '\0';
	if (rd_kafka_message_headers(message, &headers) ==
		RD_KAFKA_RESP_ERR_NO_ERROR &&
	    rd_kafka_header_get_last(headers, HEADER_SCHEMA, &value, &len) ==
		RD_KAFKA_RESP_ERR_NO_ERROR &&
	    value != NULL && len < cap) {
		memcpy(text, value, len);
		text[len] = '\0';
	}
	return text;
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
		.schema = schema_of(message, schema, sizeof(schema)),
		.value = message->payload != NULL ? message->payload
						  : (const void *)"",
		.len = message->len,
	};
	*old = clock_realtime_ms(rt->clock) - record.time_ms > BACKLOG_AGE_MS;
	rt->ctx.tally[TALLY_RECORDS]++;
	p->next = message->offset + 1;
	return rt->role->apply(rt->self, &record);
}

static void
on_message_error(struct runtime *rt, const rd_kafka_message_t *message)
{
	char why[300];

	snprintf(why, sizeof(why), "%s",
	    message->payload != NULL ? rd_kafka_message_errstr(message)
				     : rd_kafka_err2str(message->err));
	switch (message->err) {
	case RD_KAFKA_RESP_ERR__PARTITION_EOF:
		return;
	case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
	case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
	case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
		/* Cut off, or another log: judged before any more is read. */
		if (rt->member.state == MEMBER_READING)
			rt->member.state = MEMBER_DOUBTFUL;
		wait_with_words(rt, "consumer.log_doubtful", why);
		return;
	case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
	case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
		if (rt->member.state == MEMBER_READING)
			rt->member.state = MEMBER_DOUBTFUL;
		wait_with_words(rt, "consumer.no_topic",
		    "the role's topic is "
		    "not there yet: pregon-bridge makes it when it starts");
		return;
	default:
		wait_with_words(rt, "consumer.kafka", why);
	}
}

/* The next record; NULL: none waits, or it was an error, which was heeded. */
static rd_kafka_message_t *
next_message(struct runtime *rt, int wait_ms)
{
	rd_kafka_message_t *message = rd_kafka_consumer_poll(
	    rt->member.rk, wait_ms);

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
	    rt->member.state != MEMBER_READING ||
	    now_ms(rt) - started_ms >= limit_ms;
}

static void
run_batch(struct runtime *rt, rd_kafka_message_t *message)
{
	int64_t started_ms = now_ms(rt), records = 0;
	bool old = false;

	if (rt->db->ops->begin(rt->db) == -1) {
		undo(rt, errno);
		rd_kafka_message_destroy(message);
		return;
	}
	while (message != NULL) {
		int rc = apply(rt, message, &old);

		rd_kafka_message_destroy(message);
		if (rc == -1) {
			undo(rt, errno);
			return;
		}
		records++;
		if (batch_is_full(rt, records, started_ms, old))
			break;
		message = next_message(rt, 0);
	}
	if (commit(rt) == -1)
		return;
	metric_add(rt->meters->batches, 1);
	histogram_observe_ms(
	    rt->meters->batch_ms, (double)(now_ms(rt) - started_ms));
	histogram_observe_ms(rt->meters->batch_records, (double)records);
}

/* Acknowledged rows of `outgoing`, when no batch comes by to take them. */
static void
delete_sent(struct runtime *rt)
{
	if (!outbound_has_delivered(rt->outbound))
		return;
	if (rt->db->ops->begin(rt->db) == -1) {
		undo(rt, errno);
		return;
	}
	commit(rt);
}

static int
housekeep(struct runtime *rt, int64_t unix_ms)
{
	struct runtime_store *store = rt->ctx.store;
	int64_t gaps;
	int dropped;

	if (rt->role->tick(rt->self, unix_ms) == -1 ||
	    store->ops->accounts_expire(
		store, unix_ms - ACCOUNT_KEPT_MS, &dropped) == -1 ||
	    store->ops->late_expire(
		store, unix_ms / MINUTE_MS - 2 * LATE_RECENT_MINUTES) == -1 ||
	    store->ops->gaps_open(store, unix_ms - MINUTE_MS, &gaps) == -1)
		return -1;
	/* A row in memory may be gone from the store. */
	if (dropped > 0)
		rt->role->forget(rt->self);
	metric_set(rt->meters->gaps, gaps);
	return 0;
}

static void
tick(struct runtime *rt)
{
	struct membership *m = &rt->member;
	int64_t lag;

	if (now_ms(rt) < rt->tick_ms)
		return;
	rt->tick_ms = now_ms(rt) + TICK_MS;
	if (rt->db->ops->begin(rt->db) == -1 ||
	    housekeep(rt, clock_realtime_ms(rt->clock)) == -1) {
		undo(rt, errno);
		return;
	}
	if (commit(rt) == -1)
		return;
	metric_set(rt->meters->assigned,
	    m->state == MEMBER_READING ? (int64_t)m->count : 0);
	if (m->state != MEMBER_READING)
		return;
	lag = membership_lag(m);
	metric_set(rt->meters->lag, lag);
	health_say(rt->health, true, "%zu partitions, lag %lld records",
	    m->count, (long long)lag);
	if (now_ms(rt) >= rt->commit_ms) {
		rt->commit_ms = now_ms(rt) + COMMIT_MS;
		membership_commit(m);
	}
}

/* false: it ends, *end says how. */
static bool
begin(struct runtime *rt, enum runtime_end *end)
{
	rt->words[0] = '\0';
	rt->role->forget(rt->self);
	switch (membership_begin(&rt->member, rt->words, sizeof(rt->words))) {
	case MEMBERSHIP_BEGUN:
		rt->retry_ms = 0;
		health_say(
		    rt->health, true, "%zu partitions", rt->member.count);
		log_info("consumer.reading", "role=%s partitions=%zu",
		    rt->role->name, rt->member.count);
		daemon_notify("STATUS=reading");
		return true;
	case MEMBERSHIP_LATER:
		wait_with_words(rt, "consumer.waiting", rt->words);
		return true;
	case MEMBERSHIP_STOP:
		break;
	}
	log_error("consumer.other_log", "role=%s why=\"%s\"", rt->role->name,
	    rt->words);
	*end = RUNTIME_OTHER_LOG;
	return false;
}

/* Heeds what the group or a doubt asks for.  false: it ends. */
static bool
heed_membership(struct runtime *rt, enum runtime_end *end)
{
	switch (rt->member.state) {
	case MEMBER_FAILED:
		*end = RUNTIME_FAILED;
		return false;
	case MEMBER_REVOKED:
		rt->role->forget(rt->self);
		membership_give_back(&rt->member);
		health_say(rt->health, false, "waiting for partitions");
		return true;
	case MEMBER_ASSIGNED:
	case MEMBER_DOUBTFUL:
		if (now_ms(rt) < rt->retry_ms)
			return true;
		return begin(rt, end);
	case MEMBER_WAITING:
	case MEMBER_READING:
		break;
	}
	return true;
}

static void
step(struct runtime *rt)
{
	bool busy = outbound_is_busy(rt->outbound);
	rd_kafka_message_t *message;

	message = next_message(rt, busy ? POLL_BUSY_MS : POLL_IDLE_MS);
	if (message != NULL && rt->member.state == MEMBER_READING)
		run_batch(rt, message);
	else if (message != NULL)
		rd_kafka_message_destroy(message);
	else
		delete_sent(rt);
	outbound_run(rt->outbound, now_ms(rt));
	tick(rt);
}

enum runtime_end
runtime_run(struct runtime *rt, struct ev_loop *loop)
{
	enum runtime_end end = RUNTIME_STOPPED;

	/* Kafka may be away for long: that is no failed start. */
	daemon_notify("READY=1\nSTATUS=joining the group");
	while (!rt->stopping && heed_membership(rt, &end)) {
		step(rt);
		ev_run(loop, EVRUN_NOWAIT);
	}
	if (rt->member.state == MEMBER_READING)
		membership_commit(&rt->member);
	return end;
}

void
runtime_stop(struct runtime *rt)
{
	rt->stopping = true;
}

struct runtime *
runtime_new(const struct role *role, const struct runtime_settings *settings,
    struct database *db, const struct clock *clock, struct meters *meters,
    struct health *health, char *why, size_t why_cap)
{
	struct runtime *rt = calloc(1, sizeof(*rt));

	if (rt == NULL)
		goto say;
	rt->role = role;
	rt->settings = settings;
	rt->db = db;
	rt->clock = clock;
	rt->meters = meters;
	rt->health = health;
	rt->ctx.db = db;
	rt->ctx.clock = clock;
	rt->ctx.store = runtime_store_sqlite(db);
	if (rt->ctx.store == NULL)
		goto free_rt;
	snprintf(rt->group, sizeof(rt->group), "pregon-%s", role->name);
	rt->member_settings = (struct membership_settings){ settings->kafka,
		rt->group, settings->instance_id, role };
	rt->self = role->open(&rt->ctx, &settings->role, why, why_cap);
	if (rt->self == NULL)
		goto close;
	rt->outbound = outbound_new(
	    rt->ctx.store, &settings->kafka, why, why_cap);
	if (rt->outbound == NULL ||
	    membership_open(&rt->member, &rt->member_settings, db,
		rt->ctx.store, why, why_cap) == -1)
		goto close;
	return rt;
close:
	runtime_free(rt);
	return NULL;
free_rt:
	free(rt);
say:
	snprintf(why, why_cap, "%s", strerror(errno));
	return NULL;
}

void
runtime_free(struct runtime *rt)
{
	if (rt == NULL)
		return;
	membership_close(&rt->member);
	outbound_free(rt->outbound, SEND_TIMEOUT_MS);
	if (rt->self != NULL)
		rt->role->close(rt->self);
	rt->ctx.store->ops->close(rt->ctx.store);
	free(rt);
}
