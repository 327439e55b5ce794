#include "tools/sim/network.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/log.h"
#include "tools/sim/network_parts.h"

#define HOUR_US (INT64_C(3600) * 1000000)

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
void
network_carry(
    struct network *net, struct delayed *head, const void *bytes, size_t len)
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
	network_carry(net, &head, bytes, len);
	if (net->bad && dice_permille(&net->dice, net->settings->net.duplicate))
		network_carry(net, &head, bytes, len);
}

static void
begin_some(struct network *net)
{
	while (net->begun < net->count &&
	    net->trying < (size_t)net->settings->mqtt.parallel) {
		if (connection_begin(net, &net->connections[net->begun]) ==
		    -1) {
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
