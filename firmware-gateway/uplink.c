#include "firmware-gateway/uplink.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "lib/link.h"
#include "lib/log.h"
#include "lib/mqtt.h"

#define TOPIC_BYTES 40
#define GUILD_TOPIC "pregon/guild"
#define KEEPALIVE_S 25
#define PATIENCE_MS 5000 /* connecting, backoff */
/* A cart that never heard the guild's ledger waits for it before its first
 * frame: an ack for ledger 0 would let go of nothing. */
#define LEDGER_WAIT_MS 3000
#define NEVER INT64_MAX

struct uplink {
	struct ev_loop *loop;
	struct uplink_parts parts;
	struct mqtt *mqtt;
	struct link link;
	struct beacon beacon;
	struct uplink_counts counts;
	struct log_limit said_storage;
	int64_t connected_ms; /* boottime */
	/* Streams that may have something to send though nothing was
	 * appended since: after a connect, an ack, a raised ledger. */
	bool look[STREAM_COUNT];
	bool pos_at_once; /* no lingering for the next pos frame */
	int64_t pos_since_ms; /* the oldest fix not sent yet; NEVER */
	ev_timer wake;
	char topics[STREAM_COUNT][TOPIC_BYTES];
	char status_topic[TOPIC_BYTES];
	char ack_topic[TOPIC_BYTES];
	char cmd_topic[TOPIC_BYTES];
	uint8_t frame[FRAME_BYTES_MAX];
};

static int64_t
now_ms(const struct uplink *u)
{
	return clock_boottime_ms(u->parts.clock);
}

static void
say_storage(struct uplink *u, const char *what)
{
	unsigned long held;

	u->counts.storage_errors++;
	if (log_limited(&u->said_storage, 10000, &held))
		log_error("outbox.failed", "doing=%s why=\"%s\" held=%lu", what,
		    strerror(errno), held);
}

/* ---- status ---- */

static void
send_status(struct uplink *u, enum status_state state)
{
	uint8_t buf[STATUS_BYTES_MAX];
	size_t len;

	if (!u->counts.connected)
		return;
	/* The will would speak of an epoch that is over. */
	if (beacon_outdated(&u->beacon) && state == STATUS_ONLINE) {
		mqtt_reconnect(u->mqtt);
		return;
	}
	len = beacon_status(&u->beacon, state, buf, sizeof(buf));
	if (len == 0 ||
	    mqtt_publish(u->mqtt, u->status_topic, buf, len, 0, true) == -1)
		return;
	u->counts.statuses++;
	beacon_shown(&u->beacon, now_ms(u));
}

static size_t
on_will(void *ctx, const char **topic, void *buf, size_t cap, bool *retain)
{
	struct uplink *u = ctx;

	*topic = u->status_topic;
	*retain = true;
	return beacon_will(&u->beacon, buf, cap);
}

/* ---- frames ---- */

static bool
ledger_known(const struct uplink *u)
{
	return outbox_ledger(u->parts.outbox) != 0 ||
	    now_ms(u) - u->connected_ms >= LEDGER_WAIT_MS;
}

/* 1: cut and handed to the connection; 0: there is nothing; -1. */
static int
send_frame(struct uplink *u, enum stream stream, bool again)
{
	struct outbox *ob = u->parts.outbox;
	struct outbox_range range;
	uint64_t next;
	size_t len;
	int rc = outbox_next(ob, stream, &range);

	if (rc == 1)
		rc = outbox_cut(ob, stream, &range, u->link.ledger, 0, u->frame,
			 sizeof(u->frame), &len, &next) == -1
		    ? -1
		    : 1;
	if (rc == -1)
		say_storage(u, "cut");
	if (rc != 1)
		return rc;
	/* Too much waits to be written: the timers try again. */
	if (mqtt_publish(u->mqtt, u->topics[stream], u->frame, len, 0, false) ==
	    -1)
		return -1;
	link_sent(
	    &u->link, stream, range.epoch, range.first_seq, next, now_ms(u));
	u->counts.frames++;
	u->counts.resent += again;
	u->counts.bytes += len;
	if (stream == STREAM_POS) {
		/* What did not fit goes on with the ack. */
		u->pos_at_once = next < range.end_seq ||
		    range.epoch != outbox_epoch(ob);
		u->pos_since_ms = NEVER;
		if (!u->pos_at_once && !again)
			beacon_shown(&u->beacon, now_ms(u));
	}
	return 1;
}

static int64_t
pos_due_ms(const struct uplink *u)
{
	int64_t linger = u->parts.settings->link.linger_s * 1000;

	if (u->pos_at_once)
		return 0;
	return u->pos_since_ms == NEVER ? NEVER : u->pos_since_ms + linger;
}

static void
pump_stream(struct uplink *u, enum stream stream)
{
	int64_t now = now_ms(u);
	int rc;

	if (link_must_resend(&u->link, stream, now)) {
		(void)send_frame(u, stream, true);
		return;
	}
	if (!link_may_send(&u->link, stream))
		return;
	if (!u->look[stream] && outbox_depth(u->parts.outbox, stream) == 0)
		return;
	if (stream == STREAM_POS && now < pos_due_ms(u))
		return;
	rc = send_frame(u, stream, false);
	if (rc == 0)
		u->look[stream] = false;
}

/* The timer for the next resend and the end of lingering. */
static void
set_wake(struct uplink *u)
{
	int64_t now = now_ms(u), due = pos_due_ms(u);
	int64_t at = link_next_ms(&u->link);

	ev_timer_stop(u->loop, &u->wake);
	/* Ticks see to what is overdue (the connection takes nothing). */
	if (link_may_send(&u->link, STREAM_POS) && due > now &&
	    (due < at || at <= now))
		at = due;
	if (!u->counts.connected || at == NEVER || at <= now)
		return;
	ev_timer_set(&u->wake, (double)(at - now) / 1000 + 0.001, 0);
	ev_timer_start(u->loop, &u->wake);
}

static void
pump(struct uplink *u)
{
	/* What people wait for goes first. */
	static const enum stream order[] = { STREAM_SALE, STREAM_STOCK,
		STREAM_HELP, STREAM_POS };

	if (!u->counts.connected || !ledger_known(u))
		return;
	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
		pump_stream(u, order[i]);
	set_wake(u);
}

static void
look_again(struct uplink *u)
{
	for (int s = 0; s < STREAM_COUNT; s++)
		u->look[s] = true;
	u->pos_at_once = true;
}

/* ---- from above ---- */

static void
take_ack(struct uplink *u, const void *bytes, size_t len)
{
	struct outbox *ob = u->parts.outbox;
	struct decode_error error;
	struct outbox_range range = { 0, 0, 0 };
	struct ack ack;
	uint64_t let_go;

	if (ack_decode(bytes, len, &ack, &error) == -1) {
		u->counts.unreadable++;
		return;
	}
	if (ack.ledger == u->link.ledger) {
		timekeeper_server(u->parts.time, ack.server_time_ms);
		u->parts.time_came(u->parts.ctx);
	}
	if (outbox_range_of(ob, ack.stream, ack.epoch, &range) == -1)
		say_storage(u, "ack");
	if (link_ack(&u->link, &ack, range.first_seq, range.end_seq, &let_go) ==
	    LINK_IGNORED) {
		u->counts.acks_ignored++;
		return;
	}
	u->counts.acks++;
	if (outbox_acknowledge(ob, ack.stream, ack.epoch, let_go) == -1)
		say_storage(u, "acknowledge");
	u->look[ack.stream] = true;
	pump(u);
}

static void
take_guild(struct uplink *u, const void *bytes, size_t len)
{
	struct decode_error error;
	struct guild guild;

	if (guild_decode(bytes, len, &guild, &error) == -1) {
		u->counts.unreadable++;
		log_warn("guild.unreadable", "why=\"%s: expected %s\"",
		    error.field, error.expected);
		return;
	}
	if (guild.ledger <= outbox_ledger(u->parts.outbox))
		return;
	if (outbox_raise(u->parts.outbox, guild.ledger, guild.since_ms) == -1) {
		say_storage(u, "raise");
		return;
	}
	log_info("guild.ledger", "ledger=%llu since=%lld",
	    (unsigned long long)guild.ledger, (long long)guild.since_ms);
	link_raise(&u->link, guild.ledger);
	look_again(u);
	send_status(u, STATUS_ONLINE);
	pump(u);
}

static void
on_message(void *ctx, const char *topic, const void *payload, size_t len,
    bool retained)
{
	struct uplink *u = ctx;

	(void)retained;
	if (strcmp(topic, u->ack_topic) == 0) {
		take_ack(u, payload, len);
	} else if (strcmp(topic, GUILD_TOPIC) == 0) {
		take_guild(u, payload, len);
	} else if (strcmp(topic, u->cmd_topic) == 0) {
		int rc = commands_take(u->parts.commands, payload, len);

		if (rc == -1)
			say_storage(u, "command");
		else if (rc == 1)
			send_status(u, STATUS_ONLINE);
	}
}

static void
on_connected(void *ctx)
{
	struct uplink *u = ctx;

	u->counts.connected = true;
	u->counts.connections++;
	u->connected_ms = now_ms(u);
	log_info("link.connected", "connection=%llu",
	    (unsigned long long)u->counts.connections);
	if (mqtt_subscribe(u->mqtt, GUILD_TOPIC, 1) == -1 ||
	    mqtt_subscribe(u->mqtt, u->ack_topic, 0) == -1 ||
	    mqtt_subscribe(u->mqtt, u->cmd_topic, 1) == -1) {
		log_warn("link.subscribe", "why=\"%s\"", strerror(errno));
		mqtt_reconnect(u->mqtt);
		return;
	}
	link_connected(&u->link, u->connected_ms);
	look_again(u);
	send_status(u, STATUS_ONLINE);
	pump(u);
}

static void
on_disconnected(void *ctx, const char *why)
{
	struct uplink *u = ctx;

	if (u->counts.connected)
		log_warn("link.lost", "why=\"%s\"", why);
	else
		log_debug("link.refused", "why=\"%s\"", why);
	u->counts.connected = false;
	ev_timer_stop(u->loop, &u->wake);
}

static void
on_wake(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	pump(timer->data);
}

/* ---- from the gateway ---- */

void
uplink_appended(struct uplink *u, enum stream stream)
{
	if (stream == STREAM_POS && u->pos_since_ms == NEVER)
		u->pos_since_ms = now_ms(u);
	pump(u);
}

void
uplink_changed(struct uplink *u)
{
	send_status(u, STATUS_ONLINE);
}

void
uplink_tick(struct uplink *u)
{
	if (!u->counts.connected)
		return;
	if (beacon_due(&u->beacon, now_ms(u)) || beacon_outdated(&u->beacon))
		send_status(u, STATUS_ONLINE);
	pump(u);
}

void
uplink_counts(const struct uplink *u, struct uplink_counts *counts)
{
	*counts = u->counts;
}

static void
name_topics(struct uplink *u)
{
	const char *cart = u->parts.settings->cart;

	for (int s = 0; s < STREAM_COUNT; s++)
		snprintf(u->topics[s], TOPIC_BYTES, "pregon/%.8s/%s", cart,
		    stream_name((enum stream)s));
	snprintf(u->status_topic, TOPIC_BYTES, "pregon/%.8s/status", cart);
	snprintf(u->ack_topic, TOPIC_BYTES, "pregon/%.8s/ack", cart);
	snprintf(u->cmd_topic, TOPIC_BYTES, "pregon/%.8s/cmd", cart);
}

static struct mqtt *
connect_mqtt(struct uplink *u)
{
	static const struct mqtt_handler handler = {
		.connected = on_connected,
		.disconnected = on_disconnected,
		.message = on_message,
		.will = on_will,
	};
	const struct settings *s = u->parts.settings;
	bool secret = *s->mqtt.password != '\0';
	struct mqtt_settings settings = {
		.host = s->mqtt.host,
		.port = (int)s->mqtt.port,
		.client_id = s->cart,
		.user = *s->mqtt.user != '\0' ? s->mqtt.user
		    : secret		      ? s->cart
					      : NULL,
		.password = secret ? s->mqtt.password : NULL,
		.clean_session = true,
		.keepalive_s = KEEPALIVE_S,
		.connect_timeout_ms = PATIENCE_MS,
		.backoff_max_ms = PATIENCE_MS,
		.cafile = *s->mqtt.cafile != '\0' ? s->mqtt.cafile : NULL,
		.certfile = *s->mqtt.certfile != '\0' ? s->mqtt.certfile : NULL,
		.keyfile = *s->mqtt.keyfile != '\0' ? s->mqtt.keyfile : NULL,
		.tls_version = *s->mqtt.tls_version != '\0'
		    ? s->mqtt.tls_version
		    : NULL,
	};

	return mqtt_new(u->loop, &settings, &handler, u);
}

struct uplink *
uplink_new(struct ev_loop *loop, const struct uplink_parts *parts)
{
	struct uplink *u = calloc(1, sizeof(*u));
	struct link_timing timing = {
		.ack_timeout_ms = (int)parts->settings->link.ack_timeout_ms,
		.backoff_max_ms = PATIENCE_MS,
	};
	uint64_t seed;

	if (u == NULL)
		return NULL;
	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		seed = outbox_epoch(parts->outbox);
	u->loop = loop;
	u->parts = *parts;
	u->pos_since_ms = NEVER;
	u->beacon = (struct beacon){ .settings = parts->settings,
		.outbox = parts->outbox,
		.time = parts->time,
		.locator = parts->locator,
		.shop = parts->shop,
		.commands = parts->commands };
	link_init(&u->link, &timing, outbox_ledger(parts->outbox), seed);
	name_topics(u);
	ev_init(&u->wake, on_wake);
	u->wake.data = u;
	u->mqtt = connect_mqtt(u);
	if (u->mqtt == NULL) {
		free(u);
		return NULL;
	}
	return u;
}

void
uplink_free(struct uplink *u)
{
	if (u == NULL)
		return;
	send_status(u, STATUS_STOPPED);
	u->counts.connected = false;
	ev_timer_stop(u->loop, &u->wake);
	mqtt_free(u->mqtt);
	free(u);
}
