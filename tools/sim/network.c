#include "tools/sim/network.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/mqtt.h"
#include "tools/sim/delay.h"
#include "tools/sim/dice.h"
#include "tools/sim/passwords.h"

#define TOPIC_BYTES 40
#define GUILD_TOPIC "pregon/guild"
#define PATIENCE_MS 5000
#define KEEPALIVE_S 25
#define HOUR_US (INT64_C(3600) * 1000000)

struct connection {
	struct network *net;
	struct mqtt *mqtt;
	size_t number;
	bool tried; /* its first try has ended */
	bool up;
	char will_topic[TOPIC_BYTES];
};

struct network {
	struct ev_loop *loop;
	const struct settings *settings;
	const char (*plates)[9];
	struct network_handler handler;
	void *ctx;
	struct passwords passwords;
	struct connection *connections;
	size_t count;
	size_t begun, trying, up;
	struct delay delay;
	struct dice dice;
	int64_t ticked_us;
	double breaks; /* owed by reconnects_per_hour */
	bool bad;
};

/* Carts are dealt to connections like cards. */
static struct connection *
connection_of(struct network *net, size_t cart)
{
	return &net->connections[cart % net->count];
}

static int64_t
now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* ---- up ---- */

static void
publish(struct network *net, size_t cart, const char *what, const void *bytes,
    size_t len, bool retain)
{
	struct connection *c = connection_of(net, cart);
	char topic[TOPIC_BYTES];

	if (!c->up)
		return;
	snprintf(
	    topic, sizeof(topic), "pregon/%.8s/%s", net->plates[cart], what);
	/* What does not go is sent again when no ack comes. */
	(void)mqtt_publish(c->mqtt, topic, bytes, len, 0, retain);
}

static void
pass(struct network *net, const struct delayed *head, const void *bytes,
    size_t len)
{
	if (!head->down)
		publish(net, head->cart, head->what, bytes, len, head->retain);
	else if (connection_of(net, head->cart)->up)
		net->handler.message(
		    net->ctx, head->cart, head->what, bytes, len);
}

/* Loses, delays or passes it on. */
static void
carry(struct network *net, struct delayed *head, const void *bytes, size_t len)
{
	int64_t delay_ms = net->settings->net.delay_ms;

	if (net->bad && dice_permille(&net->dice, net->settings->net.drop))
		return;
	if (!net->bad || delay_ms == 0) {
		pass(net, head, bytes, len);
		return;
	}
	head->due_us = now_us() +
	    dice_below(&net->dice, (uint32_t)delay_ms * 1000 + 1);
	(void)delay_add(&net->delay, head, bytes, len);
}

void
network_send(struct network *net, size_t cart, const char *what,
    const void *bytes, size_t len, bool retain)
{
	struct delayed head = { .cart = cart, .what = what, .retain = retain };

	/* An order of statuses that the broker would keep is not the
	 * network's to change: a cart has one connection. */
	if (retain) {
		publish(net, cart, what, bytes, len, true);
		return;
	}
	carry(net, &head, bytes, len);
	if (net->bad && dice_permille(&net->dice, net->settings->net.duplicate))
		carry(net, &head, bytes, len);
}

/* ---- connections ---- */

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
		carry(net, &head, bytes, len);
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

static int
begin(struct network *net, struct connection *c)
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

static void
begin_some(struct network *net)
{
	while (net->begun < net->count &&
	    net->trying < (size_t)net->settings->mqtt.parallel) {
		if (begin(net, &net->connections[net->begun]) == -1) {
			log_warn("sim.connect", "why=\"%s\"", strerror(errno));
			return;
		}
		net->begun++;
	}
}

static void
break_some(struct network *net, int64_t us)
{
	net->breaks += (double)(us - net->ticked_us) / HOUR_US *
	    (double)net->settings->net.reconnects_per_hour * (double)net->count;
	for (; net->breaks >= 1; net->breaks--) {
		struct connection *c = &net->connections[dice_below(
		    &net->dice, (uint32_t)net->count)];

		if (c->up && net->bad)
			mqtt_reconnect(c->mqtt);
	}
}

void
network_tick(struct network *net, int64_t us)
{
	struct delayed *m;

	begin_some(net);
	break_some(net, us);
	net->ticked_us = us;
	while ((m = delay_take(&net->delay, us)) != NULL) {
		pass(net, m, m->bytes, m->len);
		free(m);
	}
}

size_t
network_up(const struct network *net)
{
	return net->up;
}

size_t
network_connections(const struct network *net)
{
	return net->count;
}

void
network_set_bad(struct network *net, bool bad)
{
	net->bad = bad;
}

struct network *
network_new(struct ev_loop *loop, const struct settings *settings,
    const char (*plates)[9], const struct network_handler *handler, void *ctx)
{
	struct network *net = calloc(1, sizeof(*net));
	int64_t count = settings->mqtt.connections;

	if (net == NULL)
		return NULL;
	net->loop = loop;
	net->settings = settings;
	net->plates = plates;
	net->handler = *handler;
	net->ctx = ctx;
	net->dice = dice_new((uint64_t)settings->seed, 0x6e6574);
	net->ticked_us = now_us();
	if (count == 0 || count > settings->carts)
		count = settings->carts;
	net->count = (size_t)count;
	net->connections = calloc(net->count, sizeof(*net->connections));
	if (net->connections == NULL ||
	    passwords_read(&net->passwords, settings->mqtt.password_file) ==
		-1) {
		network_free(net);
		return NULL;
	}
	for (size_t i = 0; i < net->count; i++)
		net->connections[i] = (struct connection){ .net = net,
			.number = i };
	return net;
}

void
network_free(struct network *net)
{
	if (net == NULL)
		return;
	for (size_t i = 0; net->connections != NULL && i < net->count; i++)
		mqtt_free(net->connections[i].mqtt);
	free(net->connections);
	delay_release(&net->delay);
	passwords_release(&net->passwords);
	free(net);
}
