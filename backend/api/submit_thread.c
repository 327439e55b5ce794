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
#include <string.h>
#include <unistd.h>

#include "backend/api/submit_parts.h"
#include "lib/clock.h"

/* Whenever nothing else wakes the thread. */
#define TICK_MS 1000
/* What the producer did not take is offered again. */
#define RETRY_MS 50

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

void
submit_delivered(void *ctx, const struct kafka_delivery *delivery)
{
	struct submit *s = ctx;
	struct submission *sub = delivery->opaque;

	sub->waiting--;
	if (delivery->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
		sub->result = result_of(delivery->err);
		if (sub->result == SUBMIT_NO_TOPIC)
			s->partitions.learnt_ms = 0;
	}
	if (sub->waiting > 0)
		return;
	if (sub->answered)
		let_go(s, sub);
	else if (sub->sent == sub->count || sub->result != SUBMIT_ACKNOWLEDGED)
		answer(s, sub, sub->result);
}

/* 0: *partition; -1: EAGAIN, not known now, or ENOENT. */
static int
find_partition(
    struct submit *s, const struct submit_record *r, int32_t *partition)
{
	const char *owner = r->owner != NULL ? r->owner : r->key;
	int count = kafka_partitions_count(&s->partitions,
	    kafka_producer_handle(s->producer), r->topic, s->now_ms);

	if (count == -1)
		return -1;
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
	s->partitions.learnt_ms = 0;
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
void *
submit_run(void *ctx)
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
