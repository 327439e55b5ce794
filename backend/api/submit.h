/*
 * submit: records of a request go to Kafka, and the request hears when it has
 * acknowledged them.
 *
 * lib/kafka.h's producer belongs to one thread, and its delivery reports come
 * when they come, while libmicrohttpd's threads each own some connections:
 * so the producer has a thread of its own.  Others hand over to it through a
 * bounded queue; who finds it full is told so at once (503 to the client,
 * which tries again with its Idempotency-Key).
 */
#ifndef PREGON_API_SUBMIT_H
#define PREGON_API_SUBMIT_H

#include "lib/kafka.h"
#include "lib/metrics.h"

struct submit_record {
	enum topic topic;
	bool reserved; /* to partition 0, which no key leads to */
	const char *key;
	const char *owner; /* whose partition, if not the key's: a plate */
	const void *value;
	size_t len;
	bool tombstone;
	const char *schema; /* literal */
};

/* The records of one request, all or (as far as the client hears) none. */
#define SUBMISSION_RECORDS_MAX 64
struct submission;
struct submission *submission_new(void); /* NULL: ENOMEM */
void submission_free(struct submission *); /* NULL is nothing */
/* Copies all but the schema.  -1: ENOMEM, E2BIG. */
int submission_add(struct submission *, const struct submit_record *);
size_t submission_count(const struct submission *);
/* For those who look into it (tests). */
const struct submit_record *submission_at(const struct submission *, size_t);

enum submit_result {
	SUBMIT_ACKNOWLEDGED, /* each record, by all replicas in sync */
	SUBMIT_LATE, /* no word within timeout_ms; it may still come */
	SUBMIT_NO_TOPIC, /* one of the topics is not there */
	SUBMIT_FAILED
};

struct submit_metrics {
	struct metric *acknowledged, *failed, *under_way;
	struct histogram *latency;
};
/* Before anyone reads the registry.  -1: ENOMEM. */
int submit_metrics_make(struct submit_metrics *, struct metrics *);

struct submit_settings {
	struct kafka_settings kafka;
	int64_t timeout_ms; /* from hand-over to the result */
	size_t requests_max; /* under way */
	size_t bytes_max; /* of their records */
	struct submit_metrics metrics;
};

struct submit;
/* NULL: `why` in words. */
struct submit *submit_start(
    const struct submit_settings *, char *why, size_t why_cap);
/*
 * The submission goes over, and `done` is called once, from submit's thread
 * and perhaps before this returns.  -1: ENOBUFS (too many under way),
 * ESHUTDOWN; the submission is still the caller's then.
 */
int submit_hand_over(struct submit *, struct submission *,
    void (*done)(void *ctx, enum submit_result), void *ctx);
/* Takes no more, and ends (SUBMIT_LATE) what is under way after at most
 * timeout_ms. */
void submit_close(struct submit *, int timeout_ms);
void submit_free(struct submit *);

#endif
