#include "firmware-gateway/uplink.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "firmware-gateway/uplink_parts.h"
#include "lib/log.h"

#define GUILD_TOPIC "pregon/guild"
/* Longer than the time between two statuses of a parked cart: no pings. */
#define KEEPALIVE_S 30
/* A cart without a network says so now and then, not each 5 s. */
#define REFUSED_EVERY_MS 300000
#define PATIENCE_MS 5000 /* connecting, backoff */
/* How libmosquitto's words of a CONNACK begin. */
#define REFUSED "Connection Refused"

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
	beacon_shown(&u->beacon, uplink_now_ms(u));
}

static size_t
on_will(void *ctx, const char **topic, void *buf, size_t cap, bool *retain)
{
	struct uplink *u = ctx;

	*topic = u->status_topic;
	*retain = true;
	return beacon_will(&u->beacon, buf, cap);
}

/* ---- from above ---- */

static void
take_ack(struct uplink *u, const void *bytes, size_t len)
{
	struct outbox *ob = u->needs.outbox;
	struct decode_error error;
	struct outbox_range range = { 0, 0, 0 };
	struct ack ack;
	uint64_t let_go;

	if (ack_decode(bytes, len, &ack, &error) == -1) {
		u->counts.unreadable++;
		return;
	}
	if (ack.ledger == u->link.ledger) {
		timekeeper_server(u->needs.time, ack.server_time_ms);
		u->needs.time_came(u->needs.ctx);
	}
	if (outbox_range_of(ob, ack.stream, ack.epoch, &range) == -1)
		uplink_storage_failed(u, "ack");
	if (link_ack(&u->link, &ack, range.first_seq, range.end_seq, &let_go) ==
	    LINK_IGNORED) {
		u->counts.acks_ignored++;
		return;
	}
	u->counts.acks++;
	if (ack.stream == STREAM_POS)
		u->counts.fix_acks++;
	if (outbox_acknowledge(ob, ack.stream, ack.epoch, let_go) == -1)
		uplink_storage_failed(u, "acknowledge");
	u->look[ack.stream] = true;
	uplink_pump(u);
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
	if (guild.ledger <= outbox_ledger(u->needs.outbox))
		return;
	if (outbox_raise(u->needs.outbox, guild.ledger, guild.since_ms) == -1) {
		uplink_storage_failed(u, "raise");
		return;
	}
	log_info("guild.ledger", "ledger=%llu since=%lld",
	    (unsigned long long)guild.ledger, (long long)guild.since_ms);
	link_raise(&u->link, guild.ledger);
	uplink_look_again(u);
	send_status(u, STATUS_ONLINE);
	uplink_pump(u);
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
		int rc = commands_take(u->needs.commands, payload, len);

		if (rc == -1)
			uplink_storage_failed(u, "command");
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
	u->counts.refused = false;
	u->counts.why[0] = '\0';
	u->connected_ms = uplink_now_ms(u);
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
	uplink_look_again(u);
	send_status(u, STATUS_ONLINE);
	uplink_pump(u);
}

static void
on_disconnected(void *ctx, const char *why)
{
	struct uplink *u = ctx;
	unsigned long held;

	if (u->counts.connected)
		log_warn("link.lost", "why=\"%s\"", why);
	else if (log_limited(&u->said_refused, REFUSED_EVERY_MS, &held))
		log_warn("link.refused", "host=%s why=\"%s\" held=%lu",
		    u->needs.settings->mqtt.host, why, held);
	u->counts.connected = false;
	u->counts.refused = strncmp(why, REFUSED, strlen(REFUSED)) == 0;
	snprintf(u->counts.why, sizeof(u->counts.why), "%s", why);
	ev_timer_stop(u->loop, &u->wake);
}

static void
on_wake(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	uplink_pump(timer->data);
}

/* ---- from the gateway ---- */

void
uplink_appended(struct uplink *u, enum stream stream)
{
	if (stream == STREAM_POS && u->pos_since_ms == UPLINK_NEVER)
		u->pos_since_ms = uplink_now_ms(u);
	uplink_pump(u);
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
	if (beacon_due(&u->beacon, uplink_now_ms(u)) ||
	    beacon_outdated(&u->beacon))
		send_status(u, STATUS_ONLINE);
	uplink_pump(u);
}

bool
uplink_under_way(
    const struct uplink *u, enum stream stream, uint64_t epoch, uint64_t seq)
{
	const struct link_stream *s = &u->link.streams[stream];

	return u->counts.connected && s->under_way && s->epoch == epoch &&
	    s->first_seq <= seq && seq < s->next_seq;
}

void
uplink_counts(const struct uplink *u, struct uplink_counts *counts)
{
	*counts = u->counts;
}

static void
name_topics(struct uplink *u)
{
	const char *cart = u->needs.settings->cart;

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
	const struct settings *s = u->needs.settings;
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
uplink_new(struct ev_loop *loop, const struct uplink_needs *needs)
{
	struct uplink *u = calloc(1, sizeof(*u));
	struct link_timing timing = {
		.ack_timeout_ms = (int)needs->settings->link.ack_timeout_ms,
		.backoff_max_ms = PATIENCE_MS,
	};
	uint64_t seed;

	if (u == NULL)
		return NULL;
	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		seed = outbox_epoch(needs->outbox);
	u->loop = loop;
	u->needs = *needs;
	u->pos_since_ms = UPLINK_NEVER;
	u->beacon = (struct beacon){ .settings = needs->settings,
		.outbox = needs->outbox,
		.time = needs->time,
		.locator = needs->locator,
		.shop = needs->shop,
		.commands = needs->commands };
	link_init(&u->link, &timing, outbox_ledger(needs->outbox), seed);
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

/* Where the TLS files are wrong, the connection stays as it was. */
void
uplink_enrolled(struct uplink *u)
{
	struct mqtt *fresh = connect_mqtt(u);

	if (fresh == NULL) {
		snprintf(u->counts.why, sizeof(u->counts.why),
		    "cannot prepare it: %s", strerror(errno));
		log_error("link.enrolled", "why=\"%s\"", u->counts.why);
		return;
	}
	mqtt_free(u->mqtt);
	u->mqtt = fresh;
	u->counts.connected = false;
	u->counts.refused = false;
	u->counts.fix_acks = 0;
	u->counts.why[0] = '\0';
	ev_timer_stop(u->loop, &u->wake);
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
