/*
 * One list of submissions that wait for their answer, in the order in which
 * they came, which is that of their deadlines; `unsent` is the first that the
 * producer has not got whole.  Only submit's thread touches the list; what
 * others hand over waits in `arrived` until it takes it.
 *
 * A submission that was told to be late stays until the producer has given
 * each of its records' fate.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "backend/api/submission.h"
#include "backend/api/submit.h"
#include "lib/clock.h"
#include "lib/log.h"

/* Whenever nothing else wakes the thread. */
#define TICK_MS 1000
/* What the producer did not take is offered again. */
#define RETRY_MS 50
#define PARTITIONS_KEPT_MS 60000
/* Asking stops everything else: seldom, and briefly. */
#define PARTITIONS_RETRY_MS 2000
#define METADATA_TIMEOUT_MS 500

struct submit {
	struct submit_settings set;
	struct config_pair *pairs; /* set.kafka.pass: ours, then theirs */
	struct config_pass pass;
	char timeout_text[24];
	struct kafka_producer *producer;
	pthread_t thread;
	int wake_fd;

	pthread_mutex_t lock; /* over what follows */
	struct submission *arrived, **arrived_end;
	size_t under_way, bytes;
	bool closing;
	int64_t close_ms; /* not later */

	/* The thread's own. */
	struct submission *first, *last, *unsent;
	int partitions[TOPIC_COUNT];
	int64_t learnt_ms; /* 0: never */
	int64_t learn_ms; /* not before */
	int64_t now_ms;
	struct log_limit limit;
};

static void
let_go(struct submit *s, struct submission *sub)
{
	pthread_mutex_lock(&s->lock);
	s->under_way--;
	s->bytes -= sub->bytes;
	metric_set(s->set.metrics.under_way, (int64_t)s->under_way);
	pthread_mutex_unlock(&s->lock);
	submission_free(sub);
}

static void
list_append(struct submit *s, struct submission *sub)
{
	sub->prev = s->last;
	sub->next = NULL;
	*(s->last != NULL ? &s->last->next : &s->first) = sub;
	s->last = sub;
	if (s->unsent == NULL)
		s->unsent = sub;
}

static void
list_remove(struct submit *s, struct submission *sub)
{
	if (s->unsent == sub)
		s->unsent = sub->next;
	*(sub->prev != NULL ? &sub->prev->next : &s->first) = sub->next;
	*(sub->next != NULL ? &sub->next->prev : &s->last) = sub->prev;
}

/* Tells the request; what is still to come of it concerns nobody. */
static void
answer(struct submit *s, struct submission *sub, enum submit_result result)
{
	unsigned long held;

	list_remove(s, sub);
	sub->answered = true;
	if (result == SUBMIT_ACKNOWLEDGED) {
		metric_add(s->set.metrics.acknowledged, 1);
		histogram_observe_ms(
		    s->set.metrics.latency, (double)(s->now_ms - sub->came_ms));
	} else {
		metric_add(s->set.metrics.failed, 1);
		if (log_limited(&s->limit, 5000, &held))
			log_warn("api.not_acknowledged",
			    "topic=%s held_back=%lu why=\"%s\"",
			    topic_info(sub->records[0].topic)->name, held,
			    result == SUBMIT_LATE ? "no word from Kafka in time"
				: result == SUBMIT_NO_TOPIC
				? "the topic is not there"
				: "Kafka refused it");
	}
	sub->done(sub->ctx, result);
	if (sub->waiting == 0)
		let_go(s, sub);
}

static enum submit_result
result_of(rd_kafka_resp_err_t err)
{
	switch (err) {
	case RD_KAFKA_RESP_ERR_NO_ERROR:
		return SUBMIT_ACKNOWLEDGED;
	case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
		return SUBMIT_LATE;
	case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
	case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
	case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
		return SUBMIT_NO_TOPIC;
	default:
		return SUBMIT_FAILED;
	}
}

static void
on_delivered(void *ctx, const struct kafka_delivery *delivery)
{
	struct submit *s = ctx;
	struct submission *sub = delivery->opaque;

	sub->waiting--;
	if (delivery->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
		sub->result = result_of(delivery->err);
		if (sub->result == SUBMIT_NO_TOPIC)
			s->learnt_ms = 0;
	}
	if (sub->waiting > 0)
		return;
	if (sub->answered)
		let_go(s, sub);
	else if (sub->sent == sub->count || sub->result != SUBMIT_ACKNOWLEDGED)
		answer(s, sub, sub->result);
}

/* How many partitions there are; -1: not known now. */
static int
learn_partitions(struct submit *s)
{
	const struct rd_kafka_metadata *md;
	rd_kafka_resp_err_t err;
	enum topic topic;
	int i;

	if (s->now_ms < s->learn_ms)
		return -1;
	/* Of all topics: asking for one by name could create it. */
	err = rd_kafka_metadata(kafka_producer_handle(s->producer), 1, NULL,
	    &md, METADATA_TIMEOUT_MS);
	s->now_ms = clock_boottime_ms(&clock_system);
	s->learn_ms = s->now_ms + PARTITIONS_RETRY_MS;
	if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
		return -1;
	memset(s->partitions, 0, sizeof(s->partitions));
	for (i = 0; i < md->topic_cnt; i++)
		if (topic_parse(md->topics[i].topic, &topic) == 0)
			s->partitions[topic] = md->topics[i].partition_cnt;
	rd_kafka_metadata_destroy(md);
	s->learnt_ms = s->now_ms;
	return 0;
}

/* 0: *partition; -1: EAGAIN, not known now, or ENOENT. */
static int
find_partition(
    struct submit *s, const struct submit_record *r, int32_t *partition)
{
	const char *owner = r->owner != NULL ? r->owner : r->key;
	bool stale = s->learnt_ms == 0 ||
	    s->now_ms - s->learnt_ms > PARTITIONS_KEPT_MS;
	int count;

	if ((stale || s->partitions[r->topic] == 0) &&
	    learn_partitions(s) == -1 && s->learnt_ms == 0) {
		errno = EAGAIN;
		return -1;
	}
	count = s->partitions[r->topic];
	if (count < topic_info(r->topic)->min_partitions) {
		errno = ENOENT;
		return -1;
	}
	*partition = r->reserved
	    ? 0
	    : topic_partition(r->topic, owner, strlen(owner), count);
	return 0;
}

/* 0, or -1: EAGAIN, or never (the submission was answered). */
static int
send_record(struct submit *s, struct submission *sub)
{
	const struct submit_record *r = &sub->records[sub->sent];
	struct kafka_record record = {
		.topic = r->topic,
		.key = r->key,
		.key_len = strlen(r->key),
		.value = r->value,
		.value_len = r->len,
		.tombstone = r->tombstone,
		.schema = r->schema,
		.opaque = sub,
	};
	int rc = find_partition(s, r, &record.partition);

	if (rc == 0)
		rc = kafka_produce(s->producer, &record);
	if (rc == 0) {
		sub->sent++;
		sub->waiting++;
		return 0;
	}
	if (errno == EAGAIN || errno == ENOBUFS) {
		errno = EAGAIN;
		return -1;
	}
	s->learnt_ms = 0;
	answer(s, sub, errno == ENOENT ? SUBMIT_NO_TOPIC : SUBMIT_FAILED);
	errno = ECANCELED;
	return -1;
}

static void
send_waiting(struct submit *s)
{
	struct submission *sub;

	while ((sub = s->unsent) != NULL) {
		int rc = 0;

		while (rc == 0 && sub->sent < sub->count)
			rc = send_record(s, sub);
		if (rc == -1 && errno == EAGAIN)
			return;
		if (rc == 0)
			s->unsent = sub->next;
	}
}

static void
take_arrived(struct submit *s)
{
	struct submission *sub, *next;

	pthread_mutex_lock(&s->lock);
	sub = s->arrived;
	s->arrived = NULL;
	s->arrived_end = &s->arrived;
	pthread_mutex_unlock(&s->lock);
	for (; sub != NULL; sub = next) {
		next = sub->next;
		list_append(s, sub);
	}
}

static void
expire(struct submit *s, int64_t deadline_ms)
{
	while (s->first != NULL && s->first->came_ms <= deadline_ms)
		answer(s, s->first, SUBMIT_LATE);
}

static int
wait_ms(const struct submit *s)
{
	int64_t left = TICK_MS, until;

	if (s->unsent != NULL)
		return RETRY_MS;
	if (s->first != NULL) {
		until = s->first->came_ms + s->set.timeout_ms - s->now_ms;
		if (until < left)
			left = until > 0 ? until : 0;
	}
	return (int)left;
}

/* Asked to end, and nothing is left or it has taken too long? */
static bool
is_over(struct submit *s)
{
	bool over;

	pthread_mutex_lock(&s->lock);
	over = s->closing && s->arrived == NULL &&
	    (s->first == NULL || s->now_ms >= s->close_ms);
	pthread_mutex_unlock(&s->lock);
	return over;
}

/*
 * The thread that owns the producer, because lib/kafka.h wants one owner and
 * none of libmicrohttpd's threads can wait for reports.
 */
static void *
run(void *ctx)
{
	struct submit *s = ctx;
	struct pollfd fds[] = { { .fd = kafka_producer_fd(s->producer),
				    .events = POLLIN },
		{ .fd = s->wake_fd, .events = POLLIN } };
	uint64_t wakeups;

	for (;;) {
		poll(fds, 2, wait_ms(s));
		s->now_ms = clock_boottime_ms(&clock_system);
		if ((fds[1].revents & POLLIN) != 0 &&
		    read(s->wake_fd, &wakeups, sizeof(wakeups)) == -1)
			log_error("api.eventfd", "why=\"%m\"");
		take_arrived(s);
		send_waiting(s);
		kafka_producer_poll(s->producer);
		expire(s, s->now_ms - s->set.timeout_ms);
		if (is_over(s))
			break;
	}
	expire(s, INT64_MAX);
	return NULL;
}

/* Ours before the operator's, so that theirs hold. */
static int
make_pass(struct submit *s, const struct config_pass *theirs)
{
	const struct config_pair ours[] = {
		/* What is told to be late shall not come hours later. */
		{ "message.timeout.ms", s->timeout_text },
		/*
		 * One request at a time, with all that came while the one
		 * before it was under way: nobody waits for company, and a
		 * broker that syncs each append syncs once for many.  (With
		 * the 5 that librdkafka would have under way, 16 clients got
		 * a quarter of the writes through, and its thread span.)
		 */
		{ "linger.ms", "0" },
		{ "max.in.flight.requests.per.connection", "1" },
	};
	const size_t count = sizeof(ours) / sizeof(ours[0]);
	size_t more = theirs != NULL ? theirs->count : 0;

	snprintf(s->timeout_text, sizeof(s->timeout_text), "%lld",
	    (long long)s->set.timeout_ms);
	s->pairs = calloc(count + more, sizeof(*s->pairs));
	if (s->pairs == NULL)
		return -1;
	memcpy(s->pairs, ours, sizeof(ours));
	if (more > 0)
		memcpy(
		    s->pairs + count, theirs->pairs, more * sizeof(*s->pairs));
	s->pass = (struct config_pass){
		.prefix = "kafka", .pairs = s->pairs, .count = count + more
	};
	s->set.kafka.pass = &s->pass;
	return 0;
}

int
submit_metrics_make(struct submit_metrics *sm, struct metrics *m)
{
	sm->acknowledged = metrics_counter(m, "pregon_api_submitted_total",
	    "result=\"acknowledged\"", "Writes handed to Kafka, by result.");
	sm->failed = metrics_counter(m, "pregon_api_submitted_total",
	    "result=\"failed\"", "Writes handed to Kafka, by result.");
	sm->under_way = metrics_gauge(m, "pregon_api_submits_under_way", NULL,
	    "Writes that wait for Kafka.");
	sm->latency = metrics_histogram(m, "pregon_api_submit_ms", NULL,
	    "Milliseconds until Kafka had acknowledged a write.");
	return sm->acknowledged != NULL && sm->failed != NULL &&
		sm->under_way != NULL && sm->latency != NULL
	    ? 0
	    : -1;
}

struct submit *
submit_start(const struct submit_settings *settings, char *why, size_t why_cap)
{
	struct submit *s = calloc(1, sizeof(*s));

	snprintf(why, why_cap, "no memory");
	if (s == NULL)
		return NULL;
	s->set = *settings;
	s->arrived_end = &s->arrived;
	s->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (s->wake_fd == -1 || pthread_mutex_init(&s->lock, NULL) != 0)
		goto free_it;
	if (make_pass(s, settings->kafka.pass) == -1)
		goto destroy_lock;
	s->producer = kafka_producer_new(
	    &s->set.kafka, on_delivered, s, why, why_cap);
	if (s->producer == NULL)
		goto destroy_lock;
	if (pthread_create(&s->thread, NULL, run, s) == 0)
		return s;
	snprintf(why, why_cap, "no thread for Kafka's producer");
	kafka_producer_free(s->producer, 0);
destroy_lock:
	pthread_mutex_destroy(&s->lock);
	free(s->pairs);
free_it:
	if (s->wake_fd != -1)
		close(s->wake_fd);
	free(s);
	return NULL;
}

static void
wake(struct submit *s)
{
	static const uint64_t one = 1;

	if (write(s->wake_fd, &one, sizeof(one)) == -1 && errno != EAGAIN)
		log_error("api.eventfd", "why=\"%m\"");
}

int
submit_hand_over(struct submit *s, struct submission *sub,
    void (*done)(void *ctx, enum submit_result), void *ctx)
{
	int error = 0;
	bool first;

	sub->done = done;
	sub->ctx = ctx;
	sub->next = NULL;
	sub->came_ms = clock_boottime_ms(&clock_system);
	pthread_mutex_lock(&s->lock);
	first = s->arrived == NULL;
	if (s->closing)
		error = ESHUTDOWN;
	else if (s->under_way >= s->set.requests_max ||
	    s->bytes + sub->bytes > s->set.bytes_max)
		error = ENOBUFS;
	if (error == 0) {
		*s->arrived_end = sub;
		s->arrived_end = &sub->next;
		s->under_way++;
		s->bytes += sub->bytes;
		metric_set(s->set.metrics.under_way, (int64_t)s->under_way);
	}
	pthread_mutex_unlock(&s->lock);
	if (error != 0) {
		errno = error;
		return -1;
	}
	if (first)
		wake(s);
	return 0;
}

void
submit_close(struct submit *s, int timeout_ms)
{
	pthread_mutex_lock(&s->lock);
	s->closing = true;
	s->close_ms = clock_boottime_ms(&clock_system) + timeout_ms;
	pthread_mutex_unlock(&s->lock);
	wake(s);
	pthread_join(s->thread, NULL);
}

void
submit_free(struct submit *s)
{
	if (s == NULL)
		return;
	/* The last fates come to on_delivered from here. */
	kafka_producer_free(s->producer, 0);
	close(s->wake_fd);
	pthread_mutex_destroy(&s->lock);
	free(s->pairs);
	free(s);
}
