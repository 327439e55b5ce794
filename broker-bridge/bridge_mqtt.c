/*
 * bridge_mqtt: two connections.
 *
 * `up` shares the carts' frames with other bridges and answers them; `down`
 * hears every status (which tells what was applied) and the guild's word,
 * and carries commands.  One connection would not do: Mosquitto 2.0.11
 * delivers once to a client that has a topic through a shared and a plain
 * subscription, with nothing in the message to tell through which.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "broker-bridge/bridge_parts.h"

#define GUILD_TOPIC "pregon/guild"
#define STATUS_FILTER "pregon/+/status"
/* Said by `down` each second and heard by `up`: then both stand, the broker
 * works, and what it had for us before has come.  Deaf: for so long. */
#define BEAT_FILTER "pregon/beat/"
#define DEAF_MS 10000
/* Group of the shared subscription; one filter a stream keeps ACLs plain. */
#define SHARE "$share/pregon/"

void
bridge_say_guild(struct bridge *b)
{
	uint8_t bytes[GUILD_BYTES_MAX];
	struct guild word = b->word.now;
	int len;

	word.has_log_id = false; /* of no use to carts */
	len = guild_encode(&word, bytes, sizeof(bytes));
	if (len != -1 && b->down != NULL &&
	    mqtt_publish(b->down, GUILD_TOPIC, bytes, (size_t)len, 0, true) ==
		0)
		log_info("bridge.guild_said", "ledger=%llu since_ms=%lld",
		    (unsigned long long)word.ledger, (long long)word.since_ms);
}

static void
subscribe_up(struct bridge *b)
{
	static const char *const filters[] = { SHARE "pregon/+/pos",
		SHARE "pregon/+/sale", SHARE "pregon/+/stock",
		SHARE "pregon/+/help", SHARE STATUS_FILTER };

	for (size_t i = 0; i < sizeof(filters) / sizeof(*filters); i++)
		mqtt_subscribe(b->up, filters[i], 0);
	mqtt_subscribe(b->up, b->beat_topic, 0);
	b->heard_ms = bridge_now_ms();
}

void
bridge_beat(struct bridge *b, int64_t now)
{
	unsigned long held;

	if (!b->subscribed || !mqtt_is_connected(b->up) ||
	    !mqtt_is_connected(b->down))
		return;
	mqtt_publish(b->down, b->beat_topic, "", 0, 0, false);
	if (now - b->heard_ms > DEAF_MS && log_limited(&b->deaf, 60000, &held))
		log_warn("bridge.deaf",
		    "topic=%s held_back=%lu why=\"the MQTT broker does not "
		    "bring back what the bridge says there: no cart can be "
		    "judged missing; may the bridge write and read it?\"",
		    b->beat_topic, held);
}

void
bridge_subscribe_statuses(struct bridge *b)
{
	mqtt_subscribe(b->down, STATUS_FILTER, 0);
}

void
bridge_subscribe(struct bridge *b)
{
	if (mqtt_is_connected(b->up))
		subscribe_up(b);
	if (mqtt_is_connected(b->down))
		bridge_subscribe_statuses(b);
}

static void
on_up_connected(void *ctx)
{
	struct bridge *b = ctx;

	log_info(
	    "bridge.mqtt_connected", "connection=up client_id=%s", b->up_id);
	if (b->subscribed)
		subscribe_up(b);
}

static void
on_down_connected(void *ctx)
{
	struct bridge *b = ctx;

	log_info("bridge.mqtt_connected", "connection=down client_id=%s",
	    b->down_id);
	b->word.heard_known = false;
	b->hear_until_ms = bridge_now_ms() + HEAR_MS;
	mqtt_subscribe(b->down, GUILD_TOPIC, 0);
	if (b->subscribed)
		bridge_subscribe_statuses(b);
}

static void
on_disconnected(void *ctx, const char *why)
{
	struct bridge *b = ctx;
	unsigned long held;

	if (log_limited(&b->mqtt_limit, 5000, &held))
		log_warn("bridge.mqtt_disconnected",
		    "broker=%s:%d held_back=%lu why=\"%s\"",
		    b->settings->mqtt.host, (int)b->settings->mqtt.port, held,
		    why);
}

static void
on_up_message(
    void *ctx, const char *topic, const void *bytes, size_t len, bool retained)
{
	struct bridge *b = ctx;

	if (strcmp(topic, b->beat_topic) == 0) {
		b->heard_ms = bridge_now_ms();
		forward_beat(b->forward, b->up_id);
		return;
	}
	/* Mosquitto gives them to new shared subscriptions too; `down` has
	 * them. */
	if (!retained)
		forward_message(b->forward, topic, bytes, len, false);
}

static void
hear_guild(struct bridge *b, const void *bytes, size_t len)
{
	struct decode_error error;
	struct guild heard;

	if (guild_decode(bytes, len, &heard, &error) == -1)
		return;
	b->word.heard = heard;
	b->word.heard_known = true;
}

static void
on_down_message(
    void *ctx, const char *topic, const void *bytes, size_t len, bool retained)
{
	struct bridge *b = ctx;

	if (strcmp(topic, GUILD_TOPIC) == 0) {
		hear_guild(b, bytes, len);
		return;
	}
	/* A live one comes to one of the bridges through `up`. */
	if (retained)
		forward_message(b->forward, topic, bytes, len, true);
	downlink_status(b->downlink, topic, bytes, len);
}

int
bridge_choose_ids(struct bridge *b)
{
	const char *given = b->settings->mqtt.client_id;
	char drawn[32];
	uint32_t random;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return -1;
	snprintf(drawn, sizeof(drawn), "pregon-bridge-%08x", random);
	if (given[0] == '\0')
		given = drawn;
	snprintf(b->up_id, sizeof(b->up_id), "%.48s-up", given);
	snprintf(b->down_id, sizeof(b->down_id), "%.48s-down", given);
	snprintf(
	    b->beat_topic, sizeof(b->beat_topic), BEAT_FILTER "%s", b->up_id);
	return 0;
}

int
bridge_connect(struct bridge *b, char *why, size_t why_cap)
{
	static const struct mqtt_handler up_handler = {
		.connected = on_up_connected,
		.disconnected = on_disconnected,
		.message = on_up_message,
	};
	static const struct mqtt_handler down_handler = {
		.connected = on_down_connected,
		.disconnected = on_disconnected,
		.message = on_down_message,
	};
	struct mqtt_settings up = settings_mqtt(b->settings, b->up_id);
	struct mqtt_settings down = settings_mqtt(b->settings, b->down_id);

	b->up = mqtt_new(b->loop, &up, &up_handler, b);
	b->down = mqtt_new(b->loop, &down, &down_handler, b);
	if (b->up != NULL && b->down != NULL)
		return 0;
	snprintf(why, why_cap, "mqtt: %s%s%s", strerror(errno),
	    up.cafile != NULL ? ": " : "", up.cafile != NULL ? up.cafile : "");
	return -1;
}
