#include "backend/consumer/gate.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "backend/consumer/gate_parts.h"

#define KEEPALIVE_S 25

/* Loop and connection; the thread is not there yet. */
static int
open_connection(
    struct gate *g, const struct role_settings *s, char *why, size_t why_cap)
{
	char client_id[32];
	const struct mqtt_settings settings = {
		.host = s->gate_host,
		.port = (int)s->gate_port,
		.client_id = client_id,
		.user = s->gate_user[0] != '\0' ? s->gate_user : NULL,
		.password = s->gate_user[0] != '\0' ? s->gate_password : NULL,
		.clean_session = true,
		.keepalive_s = KEEPALIVE_S,
		.cafile = s->gate_cafile[0] != '\0' ? s->gate_cafile : NULL,
	};

	/* One of its own: a process that is to end must not take the
	 * connection of the one that follows it. */
	snprintf(client_id, sizeof(client_id), "pregon-gate-%.10s", g->id);
	g->loop = ev_loop_new(EVFLAG_AUTO);
	if (g->loop == NULL) {
		snprintf(why, why_cap, "gate: no event loop");
		return -1;
	}
	gate_turn_init(g);
	g->mqtt = mqtt_new(g->loop, &settings, &gate_handler, g);
	if (g->mqtt != NULL)
		return 0;
	snprintf(
	    why, why_cap, "gate.host %s: %s", s->gate_host, strerror(errno));
	ev_loop_destroy(g->loop);
	return -1;
}

/*
 * A thread, because libmosquitto's connection must not wait for the role's
 * transactions, nor the role's thread for the broker.  It owns the connection
 * and its loop.  Signals are for the main thread.
 */
static int
start_thread(struct gate *g)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&g->thread, NULL, gate_run, g);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

struct gate *
gate_new(const struct role_settings *settings, const struct secret *secret,
    char *why, size_t why_cap)
{
	struct gate *g = calloc(1, sizeof(*g));
	uint64_t id = 0;

	snprintf(why, why_cap, "gate: no memory");
	if (g == NULL)
		return NULL;
	g->secret = *secret;
	g->port = (int)settings->gate_port;
	map_init(&g->carts);
	for (int i = 0; i < GATE_PLACES; i++)
		TAILQ_INIT(&g->places[i]);
	TAILQ_INIT(&g->done);
	if (getrandom(&id, sizeof(id), 0) != sizeof(id))
		goto free_it;
	snprintf(g->id, sizeof(g->id), "%016llx", (unsigned long long)id);
	g->host = strdup(settings->gate_host);
	if (g->host == NULL || pthread_mutex_init(&g->lock, NULL) != 0)
		goto free_it;
	if (open_connection(g, settings, why, why_cap) == -1)
		goto destroy_lock;
	if (start_thread(g) == 0)
		return g;
	snprintf(why, why_cap, "gate: no thread");
	mqtt_free(g->mqtt);
	ev_loop_destroy(g->loop);
destroy_lock:
	pthread_mutex_destroy(&g->lock);
free_it:
	free(g->host);
	free(g);
	return NULL;
}

void
gate_free(struct gate *g)
{
	if (g == NULL)
		return;
	pthread_mutex_lock(&g->lock);
	g->closing = true;
	pthread_mutex_unlock(&g->lock);
	ev_async_send(g->loop, &g->wake);
	pthread_join(g->thread, NULL);
	mqtt_free(g->mqtt);
	ev_loop_destroy(g->loop);
	pthread_mutex_destroy(&g->lock);
	map_clear(&g->carts, free);
	explicit_bzero(&g->secret, sizeof(g->secret));
	free(g->host);
	free(g);
}

/* Other clients' names are of any length. */
struct gate_cart *
gate_find(struct gate *g, const char *plate)
{
	if (strlen(plate) > CART_MAX)
		return NULL;
	return map_get(&g->carts, map_cart(plate), 0);
}

void
gate_move(struct gate *g, struct gate_cart *cart, enum gate_place place)
{
	if (cart->place == place)
		return;
	if (cart->place == GATE_IDLE)
		atomic_fetch_add(&g->pending, 1);
	if (place == GATE_IDLE)
		atomic_fetch_sub(&g->pending, 1);
	TAILQ_REMOVE(&g->places[cart->place], cart, in_place);
	TAILQ_INSERT_TAIL(&g->places[place], cart, in_place);
	cart->place = place;
}

void
gate_report(struct gate *g, struct gate_cart *cart)
{
	if (cart->done || !cart->tell)
		return;
	cart->done = true;
	TAILQ_INSERT_TAIL(&g->done, cart, in_done);
}

static void
take_back(struct gate *g, struct gate_cart *cart)
{
	if (!cart->done)
		return;
	cart->done = false;
	TAILQ_REMOVE(&g->done, cart, in_done);
}

/* The one with that plate, made if need be; NULL: ENOMEM. */
static struct gate_cart *
cart_of(struct gate *g, const char *plate)
{
	uint64_t key = map_cart(plate);
	struct gate_cart *cart = map_get(&g->carts, key, 0);

	if (cart != NULL)
		return cart;
	cart = calloc(1, sizeof(*cart));
	if (cart == NULL)
		return NULL;
	if (map_put(&g->carts, key, 0, cart) == -1) {
		free(cart);
		errno = ENOMEM;
		return NULL;
	}
	snprintf(cart->plate, sizeof(cart->plate), "%s", plate);
	TAILQ_INSERT_TAIL(&g->places[GATE_IDLE], cart, in_place);
	return cart;
}

/*
 * Who is shut out goes before those who are let in, and who is approved
 * today before the thousands that a broker has forgotten.
 */
int
gate_want(struct gate *g, const char *plate, bool in, uint32_t n)
{
	struct gate_cart *cart;
	bool changed;

	pthread_mutex_lock(&g->lock);
	cart = cart_of(g, plate);
	if (cart == NULL) {
		pthread_mutex_unlock(&g->lock);
		return -1;
	}
	changed = cart->version == 0 || cart->in != in || cart->n != n;
	if (changed) {
		take_back(g, cart);
		cart->in = in;
		cart->n = n;
		cart->version++;
	}
	cart->tell = true;
	/* One that waits already keeps its place. */
	if (cart->place == GATE_IDLE ||
	    (changed && cart->place != GATE_UNDER_WAY))
		gate_move(g, cart, g->open || !in ? GATE_FRESH : GATE_BACKLOG);
	pthread_mutex_unlock(&g->lock);
	ev_async_send(g->loop, &g->wake);
	return 0;
}

int
gate_done(struct gate *g,
    int (*each)(void *ctx, const char *plate, bool in, uint32_t n), void *ctx)
{
	struct gate_cart *cart;
	int rc = 0;

	pthread_mutex_lock(&g->lock);
	while (rc == 0 && (cart = TAILQ_FIRST(&g->done)) != NULL) {
		/* Not replaced meanwhile: who replaces is our caller. */
		pthread_mutex_unlock(&g->lock);
		rc = each(ctx, cart->plate, cart->in, cart->n);
		pthread_mutex_lock(&g->lock);
		if (rc == 0) {
			take_back(g, cart);
			cart->tell = false;
		}
	}
	pthread_mutex_unlock(&g->lock);
	return rc;
}

size_t
gate_pending(const struct gate *g)
{
	return atomic_load(&g->pending);
}

bool
gate_is_connected(const struct gate *g)
{
	return atomic_load(&g->connected);
}
