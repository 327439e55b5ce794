/*
 * One connection to the broker: its carts' topics, its will.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/log.h"
#include "tools/sim/network_parts.h"

#define GUILD_TOPIC "pregon/guild"
#define PATIENCE_MS 5000
#define KEEPALIVE_S 25

static void
each_cart(struct connection *c, void (*call)(void *, size_t))
{
	for (size_t i = c->number; i < (size_t)c->net->settings->carts;
	     i += c->net->count)
		call(c->net->ctx, i);
}

static int
subscribe(struct connection *c)
{
	struct network *net = c->net;
	char topic[TOPIC_BYTES];

	for (size_t i = c->number; i < (size_t)net->settings->carts;
	     i += net->count) {
		snprintf(
		    topic, sizeof(topic), "pregon/%.8s/ack", net->plates[i]);
		if (mqtt_subscribe(c->mqtt, topic, 0) == -1)
			return -1;
		if (net->settings->heartbeat_s == 0)
			continue;
		snprintf(
		    topic, sizeof(topic), "pregon/%.8s/cmd", net->plates[i]);
		if (mqtt_subscribe(c->mqtt, topic, 1) == -1)
			return -1;
	}
	return mqtt_subscribe(c->mqtt, GUILD_TOPIC, 1);
}

static void
tried(struct connection *c)
{
	if (c->tried)
		return;
	c->tried = true;
	c->net->trying--;
}

static void
on_connected(void *ctx)
{
	struct connection *c = ctx;

	tried(c);
	c->up = true;
	c->net->up++;
	if (subscribe(c) == -1) {
		log_warn("sim.subscribe", "why=\"%s\"", strerror(errno));
		mqtt_reconnect(c->mqtt);
		return;
	}
	each_cart(c, c->net->handler.connected);
}

static void
on_disconnected(void *ctx, const char *why)
{
	struct connection *c = ctx;

	log_debug(
	    "sim.disconnected", "connection=%zu why=\"%s\"", c->number, why);
	if (!c->up && !c->tried && c->number == 0)
		log_warn("sim.connect", "why=\"%s\"", why);
	tried(c);
	if (!c->up)
		return;
	c->up = false;
	c->net->up--;
	each_cart(c, c->net->handler.disconnected);
}

/* Which cart's topic is it?  Plates are a prefix and a number. */
static bool
cart_of_topic(const struct network *net, const char *topic, size_t *cart,
    const char **what)
{
	const char *plate = topic + sizeof("pregon/") - 1;
	unsigned long long number;

	if (strncmp(topic, "pregon/", sizeof("pregon/") - 1) != 0 ||
	    strlen(plate) < 10 || plate[8] != '/')
		return false;
	number = strtoull(plate + 1, NULL, 10);
	if (number < (unsigned long long)net->settings->first)
		return false;
	*cart = (size_t)(number - (unsigned long long)net->settings->first);
	if (strcmp(plate + 9, "ack") == 0)
		*what = "ack";
	else if (strcmp(plate + 9, "cmd") == 0)
		*what = "cmd";
	else
		return false;
	return *cart < (size_t)net->settings->carts;
}

static void
on_message(
    void *ctx, const char *topic, const void *bytes, size_t len, bool retained)
{
	struct connection *c = ctx;
	struct network *net = c->net;
	struct delayed head = { .down = true };

	(void)retained;
	if (strcmp(topic, GUILD_TOPIC) == 0) {
		for (size_t i = c->number; i < (size_t)net->settings->carts;
		     i += net->count)
			net->handler.guild(net->ctx, i, bytes, len);
		return;
	}
	if (cart_of_topic(net, topic, &head.cart, &head.what))
		network_carry(net, &head, bytes, len);
}

static size_t
on_will(void *ctx, const char **topic, void *buf, size_t cap, bool *retain)
{
	struct connection *c = ctx;

	if (c->net->count < (size_t)c->net->settings->carts)
		return 0;
	snprintf(c->will_topic, sizeof(c->will_topic), "pregon/%.8s/status",
	    c->net->plates[c->number]);
	*topic = c->will_topic;
	*retain = true;
	return c->net->handler.will(c->net->ctx, c->number, buf, cap);
}

int
connection_begin(struct network *net, struct connection *c)
{
	static const struct mqtt_handler handler = { .connected = on_connected,
		.disconnected = on_disconnected,
		.message = on_message,
		.will = on_will };
	const struct settings *s = net->settings;
	bool own = net->count == (size_t)s->carts;
	const char *plate = net->plates[c->number];
	const char *user = s->mqtt.user[0] != '\0' ? s->mqtt.user : plate;
	const char *password = s->mqtt.password;
	char id[64];
	struct mqtt_settings settings = {
		.host = s->mqtt.host,
		.port = (int)s->mqtt.port,
		.client_id = id,
		.user = user,
		.clean_session = true,
		.keepalive_s = KEEPALIVE_S,
		.connect_timeout_ms = PATIENCE_MS,
		.backoff_max_ms = PATIENCE_MS,
		.cafile = s->mqtt.cafile[0] != '\0' ? s->mqtt.cafile : NULL,
	};

	if (own)
		snprintf(id, sizeof(id), "%s", plate);
	else
		snprintf(
		    id, sizeof(id), "sim-%ld-%zu", (long)getpid(), c->number);
	if (password[0] == '\0')
		password = passwords_find(&net->passwords, user);
	settings.password = password;
	c->mqtt = mqtt_new(net->loop, &settings, &handler, c);
	if (c->mqtt == NULL)
		return -1;
	net->trying++;
	return 0;
}
