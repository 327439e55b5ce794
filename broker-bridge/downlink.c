/*
 * downlink: see the header.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker-bridge/command_log.h"
#include "broker-bridge/downlink.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "schemas/topics.h"

#define CMD_TOPIC_MAX (sizeof("pregon//cmd") + CART_MAX)

struct downlink {
	struct forward *forward;
	struct figures *figures;
	struct mqtt *mqtt;
	struct downlink_handler handler;
	void *ctx;
	struct postbox *postbox;
	struct command_log *log;
	bool has_guild; /* the log that is read now */
	struct log_limit refusals, full;
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

static bool
key_is(const rd_kafka_message_t *m, const char *key)
{
	return m->key_len == strlen(key) &&
	    memcmp(m->key, key, m->key_len) == 0;
}

static int
put_command(struct downlink *dl, const rd_kafka_message_t *m,
    struct decode_error *error)
{
	uint64_t id = (uint64_t)m->offset + 1;

	if (key_is(m, COMMAND_KEY_ALL))
		return postbox_put_all(dl->postbox, m->partition, id,
		    m->payload, m->len, now_ms(), error);
	if (m->payload != NULL)
		return postbox_put(dl->postbox, m->key, m->key_len, id,
		    m->payload, m->len, now_ms(), error);
	postbox_remove(dl->postbox, m->key, m->key_len);
	return 0;
}

static void
take_command(struct downlink *dl, const rd_kafka_message_t *m)
{
	struct decode_error error;
	char why[sizeof(error) + 32];

	if (put_command(dl, m, &error) == 0)
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

static void
take_guild(struct downlink *dl, const rd_kafka_message_t *m)
{
	struct decode_error error;
	struct guild guild;

	if (m->payload == NULL)
		return;
	if (guild_decode(m->payload, m->len, &guild, &error) == -1) {
		refuse(dl, m, "not a guild's record");
		return;
	}
	dl->has_guild = true;
	dl->handler.guild(dl->ctx, &guild, command_log_is_caught_up(dl->log));
}

static void
on_record(void *ctx, const rd_kafka_message_t *m)
{
	struct downlink *dl = ctx;

	if (key_is(m, COMMAND_KEY_GUILD))
		take_guild(dl, m);
	else
		take_command(dl, m);
}

static void
on_caught_up(void *ctx)
{
	struct downlink *dl = ctx;

	/* It had one when its reading began: this is another log. */
	if (!dl->has_guild) {
		dl->handler.log_doubt(dl->ctx);
		return;
	}
	postbox_set_ready(dl->postbox, true);
	postbox_tick(dl->postbox, now_ms());
}

static void
on_doubt(void *ctx)
{
	struct downlink *dl = ctx;

	dl->handler.log_doubt(dl->ctx);
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
	static const struct command_log_handler log_handler = {
		.record = on_record,
		.caught_up = on_caught_up,
		.doubt = on_doubt,
	};
	struct downlink *dl = calloc(1, sizeof(*dl));

	if (dl == NULL)
		goto fail;
	dl->forward = forward;
	dl->figures = figures;
	dl->handler = *handler;
	dl->ctx = ctx;
	dl->postbox = postbox_new(&settings->postbox, &postbox_handler, dl);
	dl->log = command_log_new(loop, &settings->kafka, &log_handler, dl);
	if (dl->postbox == NULL || dl->log == NULL)
		goto fail;
	return dl;
fail:
	snprintf(why, why_cap, "topic_comandos: %s", strerror(errno));
	downlink_free(dl);
	return NULL;
}

void
downlink_free(struct downlink *dl)
{
	if (dl == NULL)
		return;
	command_log_free(dl->log);
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

int
downlink_read(struct downlink *dl, int partitions, char *why, size_t why_cap)
{
	postbox_set_ready(dl->postbox, false);
	postbox_forget(dl->postbox);
	postbox_set_partitions(dl->postbox, partitions);
	dl->has_guild = false;
	return command_log_read(dl->log, partitions, why, why_cap);
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

	command_log_tick(dl->log);
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
	return command_log_sees_no_broker(dl->log);
}
