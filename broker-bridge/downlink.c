/*
 * downlink: librdkafka's simple consumer, which needs no group, on one queue
 * whose eventfd wakes the loop.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "broker-bridge/downlink.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "schemas/topics.h"

/* Records a turn of the loop; frames wait meanwhile. */
#define BATCH 500
#define CMD_TOPIC_MAX (sizeof("pregon//cmd") + CART_MAX)

struct downlink {
	struct ev_loop *loop;
	struct ev_io wake;
	int fd; /* eventfd */
	struct kafka_settings kafka;
	struct forward *forward;
	struct figures *figures;
	struct mqtt *mqtt;
	struct downlink_handler handler;
	void *ctx;
	struct postbox *postbox;
	rd_kafka_t *rk;
	rd_kafka_topic_t *topic;
	rd_kafka_queue_t *queue;
	int partitions;
	bool *ended; /* by partition: read to its end once */
	int ended_count;
	bool no_broker;
	struct log_limit errors, refusals, full;
	uint8_t out[COMMAND_BYTES_MAX];
};

static int64_t
now_ms(void)
{
	return clock_boottime_ms(&clock_system);
}

static void
on_send(void *ctx, plate_t plate, const struct cmd *cmd)
{
	struct downlink *dl = ctx;
	char topic[CMD_TOPIC_MAX] = "pregon/";
	char *at = topic + sizeof("pregon/") - 1;
	int len = cmd_encode(cmd, dl->out, sizeof(dl->out));

	at += plate_text(plate, at);
	memcpy(at, "/cmd", sizeof("/cmd"));
	if (len == -1 || dl->mqtt == NULL)
		return; /* it is due again before long */
	if (mqtt_publish(dl->mqtt, topic, dl->out, (size_t)len, 0, false) ==
	    0) {
		metric_add(dl->figures->commands_sent, 1);
		log_debug("bridge.command_sent", "topic=%s id=%llu kind=%s",
		    topic, (unsigned long long)cmd->id,
		    cmd_kind_name(cmd->kind));
	}
}

static void
on_erase(void *ctx, const char *key, size_t key_len)
{
	struct downlink *dl = ctx;
	const char *slash = memchr(key, '/', key_len);

	forward_erase_command(
	    dl->forward, plate_pack(key, (size_t)(slash - key)), key, key_len);
}

static void
refuse(struct downlink *dl, const rd_kafka_message_t *m, const char *why)
{
	unsigned long held;

	metric_add(dl->figures->commands_refused, 1);
	if (log_limited(&dl->refusals, 1000, &held))
		log_error("bridge.command_refused",
		    "key=\"%.*s\" partition=%d offset=%lld held_back=%lu "
		    "why=\"%s\"",
		    (int)m->key_len, (const char *)m->key, (int)m->partition,
		    (long long)m->offset, held, why);
}

static void
take_command(struct downlink *dl, const rd_kafka_message_t *m)
{
	struct decode_error error;
	char why[sizeof(error) + 32];

	if (m->payload == NULL) {
		postbox_remove(dl->postbox, m->key, m->key_len);
		return;
	}
	if (postbox_put(dl->postbox, m->key, m->key_len,
		(uint64_t)m->offset + 1, m->payload, m->len, now_ms(),
		&error) == 0)
		return;
	if (errno == EBADMSG || errno == ENOTSUP)
		snprintf(why, sizeof(why), "%s: expected %s", error.field,
		    error.expected);
	else if (errno == E2BIG)
		snprintf(
		    why, sizeof(why), "more than the MQTT broker lets through");
	else
		snprintf(why, sizeof(why),
		    "no room: raise commands.max_bytes and restart");
	refuse(dl, m, why);
}

static bool
is_ready(const struct downlink *dl)
{
	return dl->partitions > 0 && dl->ended_count == dl->partitions;
}

static void
take_guild(struct downlink *dl, const rd_kafka_message_t *m)
{
	struct decode_error error;
	struct guild guild;

	if (m->payload == NULL)
		return;
	if (guild_decode(m->payload, m->len, &guild, &error) == -1)
		refuse(dl, m, "not a guild's record");
	else
		dl->handler.guild(dl->ctx, &guild, is_ready(dl));
}

static void
partition_ended(struct downlink *dl, int32_t partition)
{
	if (partition < 0 || partition >= dl->partitions ||
	    dl->ended[partition])
		return;
	dl->ended[partition] = true;
	dl->ended_count++;
	if (!is_ready(dl))
		return;
	postbox_set_ready(dl->postbox, true);
	postbox_tick(dl->postbox, now_ms());
}

static void
take_error(struct downlink *dl, const rd_kafka_message_t *m)
{
	unsigned long held;

	if (m->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
	    m->err == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
	    m->err == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION ||
	    m->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET)
		dl->handler.log_doubt(dl->ctx);
	if (log_limited(&dl->errors, 10000, &held))
		log_warn("bridge.commands_unread", "held_back=%lu why=\"%s\"",
		    held, rd_kafka_message_errstr(m));
}

static void
take(struct downlink *dl, const rd_kafka_message_t *m)
{
	if (m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
		dl->no_broker = false;
		partition_ended(dl, m->partition);
	} else if (m->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
		take_error(dl, m);
	} else {
		dl->no_broker = false;
		if (m->key_len == strlen(COMMAND_KEY_GUILD) &&
		    memcmp(m->key, COMMAND_KEY_GUILD, m->key_len) == 0)
			take_guild(dl, m);
		else
			take_command(dl, m);
	}
}

/* What comes out of the queue while the log is doubted is let go: the handler
 * may begin to read anew in its own time. */
static void
on_wake(struct ev_loop *loop, struct ev_io *watcher, int events)
{
	struct downlink *dl = watcher->data;
	uint64_t wakeups;
	int taken;

	(void)loop;
	(void)events;
	for (taken = 0; taken < BATCH && dl->queue != NULL; taken++) {
		rd_kafka_message_t *m = rd_kafka_consume_queue(dl->queue, 0);

		if (m == NULL) {
			if (read(dl->fd, &wakeups, sizeof(wakeups)) == -1 &&
			    errno != EAGAIN)
				log_error("bridge.eventfd", "why=\"%m\"");
			/* One may have come between the two calls. */
			m = rd_kafka_consume_queue(dl->queue, 0);
			if (m == NULL)
				return;
		}
		take(dl, m);
		rd_kafka_message_destroy(m);
	}
}

static void
on_error(rd_kafka_t *rk, int err, const char *words, void *ctx)
{
	struct downlink *dl = ctx;
	unsigned long held;

	(void)rk;
	if (err == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
		dl->no_broker = true;
	if (log_limited(&dl->errors, 10000, &held))
		log_warn("bridge.commands_unread", "held_back=%lu why=\"%s\"",
		    held, words);
}

struct downlink *
downlink_new(struct ev_loop *loop, const struct downlink_settings *settings,
    struct forward *forward, struct figures *figures,
    const struct downlink_handler *handler, void *ctx, char *why,
    size_t why_cap)
{
	static const struct postbox_handler postbox_handler = {
		.send = on_send,
		.erase = on_erase,
	};
	struct downlink *dl = calloc(1, sizeof(*dl));

	if (dl == NULL)
		goto fail;
	dl->loop = loop;
	dl->kafka = settings->kafka;
	dl->forward = forward;
	dl->figures = figures;
	dl->handler = *handler;
	dl->ctx = ctx;
	dl->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	dl->postbox = postbox_new(&settings->postbox, &postbox_handler, dl);
	if (dl->fd == -1 || dl->postbox == NULL)
		goto fail;
	ev_io_init(&dl->wake, on_wake, dl->fd, EV_READ);
	dl->wake.data = dl;
	ev_io_start(loop, &dl->wake);
	return dl;
fail:
	snprintf(why, why_cap, "topic_comandos: %s", strerror(errno));
	downlink_free(dl);
	return NULL;
}

static void
stop_reading(struct downlink *dl)
{
	for (int32_t i = 0; dl->topic != NULL && i < dl->partitions; i++)
		rd_kafka_consume_stop(dl->topic, i);
	dl->partitions = 0;
	dl->ended_count = 0;
	free(dl->ended);
	dl->ended = NULL;
	if (dl->queue != NULL)
		rd_kafka_queue_destroy(dl->queue);
	dl->queue = NULL;
	if (dl->topic != NULL)
		rd_kafka_topic_destroy(dl->topic);
	dl->topic = NULL;
	if (dl->rk != NULL)
		rd_kafka_destroy(dl->rk);
	dl->rk = NULL;
}

void
downlink_free(struct downlink *dl)
{
	if (dl == NULL)
		return;
	stop_reading(dl);
	if (ev_is_active(&dl->wake))
		ev_io_stop(dl->loop, &dl->wake);
	if (dl->fd != -1)
		close(dl->fd);
	postbox_free(dl->postbox);
	free(dl);
}

void
downlink_set_mqtt(struct downlink *dl, struct mqtt *mqtt)
{
	dl->mqtt = mqtt;
}

void
downlink_set_ledger(struct downlink *dl, uint64_t ledger)
{
	postbox_set_ledger(dl->postbox, ledger);
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
make_reader(struct downlink *dl, char *why, size_t why_cap)
{
	rd_kafka_conf_t *conf = kafka_conf(&dl->kafka, why, why_cap);
	rd_kafka_topic_conf_t *topic_conf = rd_kafka_topic_conf_new();
	static const uint64_t one = 1;

	if (conf == NULL || conf_tune(conf, why, why_cap) == -1)
		goto no_reader;
	rd_kafka_conf_set_error_cb(conf, on_error);
	rd_kafka_conf_set_opaque(conf, dl);
	dl->rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, why_cap);
	if (dl->rk == NULL)
		goto no_reader;
	/* Beyond the end: another log, and its beginning is what we want. */
	if (rd_kafka_topic_conf_set(topic_conf, "auto.offset.reset", "smallest",
		why, why_cap) != RD_KAFKA_CONF_OK) {
		rd_kafka_topic_conf_destroy(topic_conf);
		return -1;
	}
	dl->topic = rd_kafka_topic_new(
	    dl->rk, topic_info(TOPIC_COMANDOS)->name, topic_conf);
	dl->queue = rd_kafka_queue_new(dl->rk);
	if (dl->topic == NULL || dl->queue == NULL)
		return -1;
	rd_kafka_queue_io_event_enable(dl->queue, dl->fd, &one, sizeof(one));
	return 0;
no_reader:
	if (conf != NULL)
		rd_kafka_conf_destroy(conf);
	rd_kafka_topic_conf_destroy(topic_conf);
	return -1;
}

int
downlink_read(struct downlink *dl, int partitions, char *why, size_t why_cap)
{
	stop_reading(dl);
	postbox_set_ready(dl->postbox, false);
	postbox_forget(dl->postbox);
	snprintf(why, why_cap, "topic_comandos: %s", strerror(ENOMEM));
	dl->ended = calloc((size_t)partitions, sizeof(*dl->ended));
	if (dl->ended == NULL || make_reader(dl, why, why_cap) == -1)
		return -1;
	for (int32_t i = 0; i < partitions; i++) {
		if (rd_kafka_consume_start_queue(dl->topic, i,
			RD_KAFKA_OFFSET_BEGINNING, dl->queue) == -1) {
			snprintf(why, why_cap, "topic_comandos: %s",
			    rd_kafka_err2str(rd_kafka_last_error()));
			return -1;
		}
		dl->partitions = i + 1;
	}
	return 0;
}

void
downlink_status(
    struct downlink *dl, const char *topic, const void *bytes, size_t len)
{
	struct decode_error error;
	struct address from;
	struct status status;
	unsigned long held;

	/* What is wrong is refused where it is forwarded, and counted there. */
	if (len == 0 || address_read(topic, &from) == -1 || !from.is_status ||
	    status_decode(bytes, len, &status, &error) == -1)
		return;
	if (postbox_hear(dl->postbox, from.plate, &status, now_ms()) == -1 &&
	    log_limited(&dl->full, 10000, &held))
		log_error("bridge.carts_full",
		    "cart=%.*s held_back=%lu why=\"commands.max_bytes is "
		    "used up: its commands wait\"",
		    (int)from.cart_len, from.cart, held);
}

void
downlink_tick(struct downlink *dl)
{
	struct postbox_figures now;

	if (dl->rk != NULL)
		rd_kafka_poll(dl->rk, 0); /* on_error */
	postbox_tick(dl->postbox, now_ms());
	postbox_figures(dl->postbox, &now);
	metric_set(dl->figures->commands_held, (int64_t)now.held);
	metric_set(dl->figures->commands_bytes, (int64_t)now.bytes);
	metric_set(dl->figures->commands_gave_way, (int64_t)now.gave_way);
	metric_set(dl->figures->carts, (int64_t)now.carts);
}

bool
downlink_sees_no_broker(const struct downlink *dl)
{
	return dl->no_broker;
}
