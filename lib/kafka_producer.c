/*
 * The producer, over one librdkafka instance at a time.
 *
 * librdkafka wakes us by writing to an eventfd when its empty queue gets a
 * report.  After a fatal error the instance takes no more records: what it
 * holds is purged, so that each record has its report, and when the last one
 * was given on, a new instance takes its place on the same eventfd.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/kafka_parts.h"
#include "lib/log.h"

/* Between two tries to make a new instance. */
#define RENEW_EVERY_MS 1000
/* For purged records to come back when the producer is freed. */
#define PURGE_WAIT_MS 1000

static const struct kafka_property producer_properties[] = {
	{ "enable.idempotence", "true" },
	{ "acks", "all" },
	{ "compression.codec", "lz4" },
	{ "linger.ms", "5" },
	{ "message.timeout.ms", "300000" },
	/* Ours are small; the caller has a bound of its own below these. */
	{ "queue.buffering.max.messages", "100000" },
	{ "queue.buffering.max.kbytes", "131072" },
	/* A topic that is not there is an answer after this long. */
	{ "topic.metadata.propagation.max.ms", "5000" },
	{ "retry.backoff.ms", "100" },
};

struct kafka_producer {
	rd_kafka_t *rk;
	rd_kafka_topic_t *topics[TOPIC_COUNT]; /* made when first used */
	rd_kafka_conf_t *conf; /* what each instance is a copy of */
	int fd; /* eventfd */
	void (*delivered)(void *ctx, const struct kafka_delivery *);
	void *ctx;
	int reports; /* since the poll began */
	bool polling; /* within rd_kafka_poll: rk must stay */
	bool fatal; /* rk takes no more; being emptied */
	int64_t renew_ms; /* boottime: not before */
	struct log_limit errors;
};

static void
on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *message, void *ctx)
{
	struct kafka_producer *p = ctx;
	const struct kafka_delivery delivery = {
		.opaque = message->_private,
		.err = message->err,
		.partition = message->partition,
		.offset = message->offset,
	};

	(void)rk;
	p->reports++;
	p->delivered(p->ctx, &delivery);
}

static void
on_error(rd_kafka_t *rk, int err, const char *words, void *ctx)
{
	struct kafka_producer *p = ctx;
	unsigned long held;

	(void)rk;
	if (err == RD_KAFKA_RESP_ERR__FATAL)
		return; /* said when the instance is given up */
	if (log_limited(&p->errors, 5000, &held))
		log_warn("kafka.error", "what=%s held_back=%lu why=\"%s\"",
		    rd_kafka_err2name((rd_kafka_resp_err_t)err), held, words);
}

/* A new instance on the same eventfd; NULL: why. */
static rd_kafka_t *
make_instance(struct kafka_producer *p, char *why, size_t why_cap)
{
	static const uint64_t one = 1;
	rd_kafka_conf_t *conf = rd_kafka_conf_dup(p->conf);
	rd_kafka_queue_t *queue;
	rd_kafka_t *rk;
	char words[256];

	rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, words, sizeof(words));
	if (rk == NULL) {
		snprintf(why, why_cap, "kafka: %s", words);
		rd_kafka_conf_destroy(conf);
		errno = EINVAL;
		return NULL;
	}
	queue = rd_kafka_queue_get_main(rk);
	rd_kafka_queue_io_event_enable(queue, p->fd, &one, sizeof(one));
	rd_kafka_queue_destroy(queue);
	return rk;
}

static void
destroy_instance(struct kafka_producer *p)
{
	for (int i = 0; i < TOPIC_COUNT; i++) {
		if (p->topics[i] != NULL)
			rd_kafka_topic_destroy(p->topics[i]);
		p->topics[i] = NULL;
	}
	kafka_destroy(p->rk);
	p->rk = NULL;
}

/* Passed-through properties may tune, but not give up the promise. */
static int
check_promise(const rd_kafka_conf_t *conf, char *why, size_t why_cap)
{
	static const struct kafka_property kept[] = {
		{ "enable.idempotence", "true" },
		{ "acks", "-1" },
	};

	for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++) {
		char value[64];
		size_t len = sizeof(value);

		if (rd_kafka_conf_get(conf, kept[i].key, value, &len) !=
			RD_KAFKA_CONF_OK ||
		    strcmp(value, kept[i].value) != 0) {
			snprintf(why, why_cap,
			    "kafka.%s: sales would be lost or doubled with "
			    "another value than Pregón's own: leave it out",
			    kept[i].key);
			errno = EINVAL;
			return -1;
		}
	}
	return 0;
}

struct kafka_producer *
kafka_producer_new(const struct kafka_settings *settings,
    void (*delivered)(void *ctx, const struct kafka_delivery *), void *ctx,
    char *why, size_t why_cap)
{
	struct kafka_producer *p = calloc(1, sizeof(*p));
	int saved;

	if (p == NULL)
		goto no_memory;
	p->delivered = delivered;
	p->ctx = ctx;
	p->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (p->fd == -1)
		goto no_memory;
	p->conf = kafka_conf_with(settings, producer_properties,
	    sizeof(producer_properties) / sizeof(*producer_properties), why,
	    why_cap);
	if (p->conf == NULL || check_promise(p->conf, why, why_cap) == -1)
		goto bad;
	rd_kafka_conf_set_dr_msg_cb(p->conf, on_delivery);
	rd_kafka_conf_set_error_cb(p->conf, on_error);
	rd_kafka_conf_set_opaque(p->conf, p);
	p->rk = make_instance(p, why, why_cap);
	if (p->rk == NULL)
		goto bad;
	return p;
no_memory:
	snprintf(why, why_cap, "kafka: %s", strerror(errno));
bad:
	saved = errno;
	if (p != NULL) {
		if (p->conf != NULL)
			rd_kafka_conf_destroy(p->conf);
		if (p->fd != -1)
			close(p->fd);
		free(p);
	}
	errno = saved;
	return NULL;
}

void
kafka_producer_free(struct kafka_producer *p, int timeout_ms)
{
	if (p == NULL)
		return;
	if (!p->fatal)
		rd_kafka_flush(p->rk, timeout_ms);
	if (rd_kafka_outq_len(p->rk) > 0) {
		rd_kafka_purge(
		    p->rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
		rd_kafka_flush(p->rk, PURGE_WAIT_MS);
	}
	destroy_instance(p);
	rd_kafka_conf_destroy(p->conf);
	close(p->fd);
	free(p);
}

/* Begins to empty an instance that had a fatal error. */
static void
give_up(struct kafka_producer *p)
{
	char words[256] = "";
	rd_kafka_resp_err_t err;

	err = rd_kafka_fatal_error(p->rk, words, sizeof(words));
	log_error("kafka.fatal", "what=%s queued=%d why=\"%s\"",
	    rd_kafka_err2name(err), rd_kafka_outq_len(p->rk), words);
	p->fatal = true;
	rd_kafka_purge(p->rk,
	    RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT |
		RD_KAFKA_PURGE_F_NON_BLOCKING);
}

/* Once every record of the old instance has had its report. */
static void
renew(struct kafka_producer *p)
{
	int64_t now = clock_boottime_ms(&clock_system);
	rd_kafka_t *rk;
	char why[256];

	if (p->polling || rd_kafka_outq_len(p->rk) > 0 || now < p->renew_ms)
		return;
	p->renew_ms = now + RENEW_EVERY_MS;
	rk = make_instance(p, why, sizeof(why));
	if (rk == NULL) {
		log_error("kafka.renew_failed", "why=\"%s\"", why);
		return;
	}
	/* Waits for its threads: milliseconds, and once an accident. */
	destroy_instance(p);
	p->rk = rk;
	p->fatal = false;
	log_info("kafka.renewed", "client=%s", rd_kafka_name(rk));
}

static rd_kafka_topic_t *
topic_handle(struct kafka_producer *p, enum topic topic)
{
	if (p->topics[topic] == NULL)
		p->topics[topic] = rd_kafka_topic_new(
		    p->rk, topic_info(topic)->name, NULL);
	return p->topics[topic];
}

static void
put_header(rd_kafka_headers_t *headers, const char *name, const char *value)
{
	if (value != NULL)
		rd_kafka_header_add(headers, name, -1, value, -1);
}

/*
 * A list of ours, which stays ours when the record is not taken: headers that
 * rd_kafka_produceva() makes itself are freed twice by librdkafka 2.0.2 when
 * the topic or partition is known not to be there.
 */
static rd_kafka_headers_t *
make_headers(const struct kafka_record *r)
{
	rd_kafka_headers_t *headers;

	if (r->schema == NULL && r->reason == NULL && r->origin == NULL)
		return NULL;
	headers = rd_kafka_headers_new(3);
	put_header(headers, HEADER_SCHEMA, r->schema);
	put_header(headers, HEADER_REASON, r->reason);
	put_header(headers, HEADER_ORIGIN, r->origin);
	return headers;
}

/* The record in librdkafka's form; returns how many parts. */
#define PARTS_MAX 8
static size_t
put_record(rd_kafka_vu_t *vu, rd_kafka_topic_t *rkt,
    rd_kafka_headers_t *headers, const struct kafka_record *r)
{
	const void *value = r->value_len > 0 ? r->value : "";
	size_t n = 0;

	vu[n].vtype = RD_KAFKA_VTYPE_RKT;
	vu[n++].u.rkt = rkt;
	vu[n].vtype = RD_KAFKA_VTYPE_PARTITION;
	vu[n++].u.i32 = r->partition;
	vu[n].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
	vu[n++].u.i = RD_KAFKA_MSG_F_COPY;
	vu[n].vtype = RD_KAFKA_VTYPE_KEY;
	vu[n].u.mem.ptr = (void *)(uintptr_t)r->key;
	vu[n++].u.mem.size = r->key_len;
	/* To librdkafka a NULL pointer is the tombstone, not a length of 0. */
	vu[n].vtype = RD_KAFKA_VTYPE_VALUE;
	vu[n].u.mem.ptr = r->tombstone ? NULL : (void *)(uintptr_t)value;
	vu[n++].u.mem.size = r->tombstone ? 0 : r->value_len;
	vu[n].vtype = RD_KAFKA_VTYPE_OPAQUE;
	vu[n++].u.ptr = r->opaque;
	if (r->timestamp_ms != 0) {
		vu[n].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
		vu[n++].u.i64 = r->timestamp_ms;
	}
	if (headers != NULL) {
		vu[n].vtype = RD_KAFKA_VTYPE_HEADERS;
		vu[n++].u.headers = headers;
	}
	return n;
}

int
kafka_produce(struct kafka_producer *p, const struct kafka_record *record)
{
	rd_kafka_vu_t parts[PARTS_MAX];
	rd_kafka_headers_t *headers;
	rd_kafka_topic_t *rkt;
	rd_kafka_error_t *error;
	rd_kafka_resp_err_t err;
	unsigned long held;

	/* An emptied instance wakes nobody: who has a record, renews it. */
	if (p->fatal)
		renew(p);
	if (p->fatal) {
		errno = ENOBUFS;
		return -1;
	}
	rkt = topic_handle(p, record->topic);
	if (rkt == NULL) {
		errno = EIO;
		return -1;
	}
	headers = make_headers(record);
	error = rd_kafka_produceva(
	    p->rk, parts, put_record(parts, rkt, headers, record));
	if (error == NULL)
		return 0;
	if (headers != NULL)
		rd_kafka_headers_destroy(headers);
	err = rd_kafka_error_code(error);
	if (err == RD_KAFKA_RESP_ERR__QUEUE_FULL ||
	    rd_kafka_fatal_error(p->rk, NULL, 0) !=
		RD_KAFKA_RESP_ERR_NO_ERROR) {
		/* A fatal error is dealt with at the next poll, which its own
		 * event calls for. */
		errno = ENOBUFS;
	} else {
		if (log_limited(&p->errors, 5000, &held))
			log_error("kafka.produce_failed",
			    "topic=%s partition=%d held_back=%lu why=\"%s\"",
			    topic_info(record->topic)->name,
			    (int)record->partition, held,
			    rd_kafka_error_string(error));
		errno = EIO;
	}
	rd_kafka_error_destroy(error);
	return -1;
}

int
kafka_producer_poll(struct kafka_producer *p)
{
	uint64_t wakeups;

	/* Before the poll: what comes after it writes anew. */
	if (read(p->fd, &wakeups, sizeof(wakeups)) == -1 && errno != EAGAIN)
		log_error("kafka.eventfd", "why=\"%m\"");
	p->reports = 0;
	p->polling = true;
	rd_kafka_poll(p->rk, 0);
	p->polling = false;
	if (!p->fatal &&
	    rd_kafka_fatal_error(p->rk, NULL, 0) != RD_KAFKA_RESP_ERR_NO_ERROR)
		give_up(p);
	if (p->fatal)
		renew(p);
	return p->reports;
}

int
kafka_producer_fd(const struct kafka_producer *p)
{
	return p->fd;
}

int
kafka_producer_queued(const struct kafka_producer *p)
{
	return rd_kafka_outq_len(p->rk);
}

rd_kafka_t *
kafka_producer_handle(const struct kafka_producer *p)
{
	return p->rk;
}
