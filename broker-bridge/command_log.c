/*
 * command_log: see the header.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "broker-bridge/command_log.h"
#include "lib/log.h"

/* Records a turn of the loop; frames wait meanwhile. */
#define BATCH 500

struct command_log {
	struct ev_loop *loop;
	struct ev_io wake;
	int fd; /* eventfd */
	struct kafka_settings kafka;
	struct command_log_handler handler;
	void *ctx;
	rd_kafka_t *rk;
	rd_kafka_topic_t *topic;
	rd_kafka_queue_t *queue;
	int partitions;
	bool *ended; /* by partition: read to its end once */
	int ended_count;
	bool no_broker;
	struct log_limit errors;
};

bool
command_log_is_caught_up(const struct command_log *log)
{
	return log->partitions > 0 && log->ended_count == log->partitions;
}

static void
partition_ended(struct command_log *log, int32_t partition)
{
	if (partition < 0 || partition >= log->partitions ||
	    log->ended[partition])
		return;
	log->ended[partition] = true;
	log->ended_count++;
	if (command_log_is_caught_up(log))
		log->handler.caught_up(log->ctx);
}

static void
take_error(struct command_log *log, const rd_kafka_message_t *m)
{
	unsigned long held;

	if (m->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
	    m->err == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
	    m->err == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION ||
	    m->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET)
		log->handler.doubt(log->ctx);
	if (log_limited(&log->errors, 10000, &held))
		log_warn("bridge.commands_unread", "held_back=%lu why=\"%s\"",
		    held, rd_kafka_message_errstr(m));
}

static void
take(struct command_log *log, const rd_kafka_message_t *m)
{
	if (m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
		log->no_broker = false;
		partition_ended(log, m->partition);
	} else if (m->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
		take_error(log, m);
	} else {
		log->no_broker = false;
		log->handler.record(log->ctx, m);
	}
}

static void
on_wake(struct ev_loop *loop, struct ev_io *watcher, int events)
{
	struct command_log *log = watcher->data;
	uint64_t wakeups;
	int taken;

	(void)loop;
	(void)events;
	for (taken = 0; taken < BATCH && log->queue != NULL; taken++) {
		rd_kafka_message_t *m = rd_kafka_consume_queue(log->queue, 0);

		if (m == NULL) {
			if (read(log->fd, &wakeups, sizeof(wakeups)) == -1 &&
			    errno != EAGAIN)
				log_error("bridge.eventfd", "why=\"%m\"");
			/* One may have come between the two calls. */
			m = rd_kafka_consume_queue(log->queue, 0);
			if (m == NULL)
				return;
		}
		take(log, m);
		rd_kafka_message_destroy(m);
	}
}

static void
on_error(rd_kafka_t *rk, int err, const char *words, void *ctx)
{
	struct command_log *log = ctx;
	unsigned long held;

	(void)rk;
	if (err == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
		log->no_broker = true;
	if (log_limited(&log->errors, 10000, &held))
		log_warn("bridge.commands_unread", "held_back=%lu why=\"%s\"",
		    held, words);
}

static void
stop_reading(struct command_log *log)
{
	for (int32_t i = 0; log->topic != NULL && i < log->partitions; i++)
		rd_kafka_consume_stop(log->topic, i);
	log->partitions = 0;
	log->ended_count = 0;
	free(log->ended);
	log->ended = NULL;
	if (log->queue != NULL)
		rd_kafka_queue_destroy(log->queue);
	log->queue = NULL;
	if (log->topic != NULL)
		rd_kafka_topic_destroy(log->topic);
	log->topic = NULL;
	if (log->rk != NULL)
		rd_kafka_destroy(log->rk);
	log->rk = NULL;
}

struct command_log *
command_log_new(struct ev_loop *loop, const struct kafka_settings *kafka,
    const struct command_log_handler *handler, void *ctx)
{
	struct command_log *log = calloc(1, sizeof(*log));
	int saved;

	if (log == NULL)
		return NULL;
	log->loop = loop;
	log->kafka = *kafka;
	log->handler = *handler;
	log->ctx = ctx;
	log->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (log->fd == -1) {
		saved = errno;
		free(log);
		errno = saved;
		return NULL;
	}
	ev_io_init(&log->wake, on_wake, log->fd, EV_READ);
	log->wake.data = log;
	ev_io_start(loop, &log->wake);
	return log;
}

void
command_log_free(struct command_log *log)
{
	if (log == NULL)
		return;
	stop_reading(log);
	ev_io_stop(log->loop, &log->wake);
	close(log->fd);
	free(log);
}

/* Small fetches: it is a trickle after the first reading. */
static int
conf_tune(rd_kafka_conf_t *conf, char *why, size_t why_cap)
{
	static const char *const properties[][2] = {
		{ "enable.partition.eof", "true" },
		{ "queued.max.messages.kbytes", "4096" },
		{ "queued.min.messages", "1000" },
		{ "enable.auto.commit", "false" },
	};

	for (size_t i = 0; i < sizeof(properties) / sizeof(*properties); i++)
		if (rd_kafka_conf_set(conf, properties[i][0], properties[i][1],
			why, why_cap) != RD_KAFKA_CONF_OK)
			return -1;
	return 0;
}

static int
make_reader(struct command_log *log, char *why, size_t why_cap)
{
	rd_kafka_conf_t *conf = kafka_conf(&log->kafka, why, why_cap);
	rd_kafka_topic_conf_t *topic_conf = rd_kafka_topic_conf_new();
	static const uint64_t one = 1;

	if (conf == NULL || conf_tune(conf, why, why_cap) == -1)
		goto no_reader;
	rd_kafka_conf_set_error_cb(conf, on_error);
	rd_kafka_conf_set_opaque(conf, log);
	log->rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, why_cap);
	if (log->rk == NULL)
		goto no_reader;
	/* Our offset is beyond the end: another log.  To begin it in silence,
	 * as librdkafka would, is not enough: the bridge has more to do. */
	if (rd_kafka_topic_conf_set(topic_conf, "auto.offset.reset", "error",
		why, why_cap) != RD_KAFKA_CONF_OK) {
		rd_kafka_topic_conf_destroy(topic_conf);
		return -1;
	}
	log->topic = rd_kafka_topic_new(
	    log->rk, topic_info(TOPIC_COMANDOS)->name, topic_conf);
	log->queue = rd_kafka_queue_new(log->rk);
	if (log->topic == NULL || log->queue == NULL)
		return -1;
	rd_kafka_queue_io_event_enable(log->queue, log->fd, &one, sizeof(one));
	return 0;
no_reader:
	if (conf != NULL)
		rd_kafka_conf_destroy(conf);
	rd_kafka_topic_conf_destroy(topic_conf);
	return -1;
}

int
command_log_read(
    struct command_log *log, int partitions, char *why, size_t why_cap)
{
	stop_reading(log);
	snprintf(why, why_cap, "topic_comandos: %s", strerror(ENOMEM));
	log->ended = calloc((size_t)partitions, sizeof(*log->ended));
	if (log->ended == NULL || make_reader(log, why, why_cap) == -1)
		return -1;
	for (int32_t i = 0; i < partitions; i++) {
		if (rd_kafka_consume_start_queue(log->topic, i,
			RD_KAFKA_OFFSET_BEGINNING, log->queue) == -1) {
			snprintf(why, why_cap, "topic_comandos: %s",
			    rd_kafka_err2str(rd_kafka_last_error()));
			return -1;
		}
		log->partitions = i + 1;
	}
	return 0;
}

void
command_log_tick(struct command_log *log)
{
	if (log->rk != NULL)
		rd_kafka_poll(log->rk, 0); /* on_error */
}

bool
command_log_sees_no_broker(const struct command_log *log)
{
	return log->no_broker;
}
