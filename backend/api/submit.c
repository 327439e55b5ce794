/*
 * What stands round submit's thread: its start and end, and the hand-over.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "backend/api/submit_parts.h"
#include "lib/clock.h"

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
	    &s->set.kafka, submit_delivered, s, why, why_cap);
	if (s->producer == NULL)
		goto destroy_lock;
	if (pthread_create(&s->thread, NULL, submit_run, s) == 0)
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
	/* The last fates come to submit_delivered from here. */
	kafka_producer_free(s->producer, 0);
	close(s->wake_fd);
	pthread_mutex_destroy(&s->lock);
	free(s->pairs);
	free(s);
}
