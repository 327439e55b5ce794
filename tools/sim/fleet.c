#include "tools/sim/fleet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "tools/sim/fleet_parts.h"

#define TICK_S 0.005
/* A tick that came late does not bring a flood. */
#define CATCH_UP_US 1000000

struct moment
fleet_now(const struct fleet *f)
{
	struct timespec ts;
	struct moment m;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	m.us = (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
	m.at_ms = f->start_ms +
	    (m.us - f->start_us) * f->settings->speed / 1000;
	return m;
}

void
fleet_look_later(struct fleet *f, size_t cart)
{
	f->due_us[cart] = cart_due_us(&f->carts[cart], &f->world);
}

/* ---- from the network ---- */

static void
on_connected(void *ctx, size_t cart)
{
	struct fleet *f = ctx;
	struct moment m = fleet_now(f);

	f->world.tally->connections++;
	cart_connected(&f->carts[cart], &f->world, &m);
	fleet_look_later(f, cart);
}

static void
on_disconnected(void *ctx, size_t cart)
{
	struct fleet *f = ctx;

	cart_disconnected(&f->carts[cart]);
	fleet_look_later(f, cart);
}

static void
on_message(
    void *ctx, size_t cart, const char *what, const void *bytes, size_t len)
{
	struct fleet *f = ctx;
	struct moment m = fleet_now(f);

	if (strcmp(what, "ack") == 0)
		cart_take_ack(&f->carts[cart], &f->world, &m, bytes, len);
	else
		cart_take_cmd(&f->carts[cart], &f->world, &m, bytes, len);
	fleet_look_later(f, cart);
}

static void
on_guild(void *ctx, size_t cart, const void *bytes, size_t len)
{
	struct fleet *f = ctx;
	struct decode_error error;
	struct guild guild;
	struct moment m = fleet_now(f);

	if (guild_decode(bytes, len, &guild, &error) == -1) {
		f->world.tally->unreadable++;
		return;
	}
	cart_take_guild(&f->carts[cart], &f->world, &m, &guild);
	fleet_look_later(f, cart);
}

static size_t
on_will(void *ctx, size_t cart, void *buf, size_t cap)
{
	struct fleet *f = ctx;
	struct moment m = fleet_now(f);

	if (f->settings->heartbeat_s == 0)
		return 0;
	return cart_status(
	    &f->carts[cart], &f->world, &m, STATUS_LOST, buf, cap);
}

static void
send_up(void *ctx, size_t cart, const char *what, const void *bytes, size_t len,
    bool retain)
{
	struct fleet *f = ctx;

	network_send(f->net, cart, what, bytes, len, retain);
}

static void
pump_due(struct fleet *f, const struct moment *m)
{
	for (size_t i = 0; i < f->count; i++) {
		if (f->due_us[i] > m->us)
			continue;
		cart_pump(&f->carts[i], &f->world, m);
		fleet_look_later(f, i);
	}
}

static bool
all_ready(const struct fleet *f, const struct moment *m)
{
	if (network_up(f->net) < network_connections(f->net))
		return false;
	for (size_t i = 0; i < f->count; i++) {
		if (!cart_ready(&f->carts[i], m))
			return false;
	}
	return true;
}

bool
fleet_all_done(struct fleet *f)
{
	for (size_t i = 0; i < f->count; i++) {
		if (!cart_done(&f->carts[i]))
			return false;
	}
	return true;
}

void
fleet_enter(struct fleet *f, enum phase phase, const struct moment *m)
{
	f->phase = phase;
	f->phase_us = m->us;
	books_flush(f->world.books);
	if (phase == PHASE_OVER)
		ev_break(f->loop, EVBREAK_ALL);
}

static void
run(struct fleet *f, int64_t passed_us, struct moment *m)
{
	int64_t ran_us = m->us - f->phase_us;

	if (f->settings->drain) {
		fleet_drain(f, m);
		return;
	}
	fleet_make_events(f, passed_us, m);
	if (f->settings->seconds > 0 &&
	    ran_us >= f->settings->seconds * 1000000)
		fleet_finish(f);
}

static void
connecting(struct fleet *f, const struct moment *m)
{
	int64_t bound_us = f->settings->connect_s * 1000000;

	if (all_ready(f, m)) {
		network_set_bad(f->net, true);
		fleet_enter(f, PHASE_RUNNING, m);
	} else if (bound_us > 0 && m->us - f->start_us > bound_us) {
		log_error("sim.connect",
		    "why=\"%zu of %zu connections after %lld s: is the broker"
		    " there, and are the passwords right?\"",
		    network_up(f->net), network_connections(f->net),
		    (long long)f->settings->connect_s);
		f->failed = true;
		fleet_enter(f, PHASE_OVER, m);
	}
}

static void
on_tick(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct fleet *f = timer->data;
	struct moment m = fleet_now(f);
	int64_t passed_us = m.us - f->ticked_us;

	(void)loop;
	(void)events;
	f->ticked_us = m.us;
	if (passed_us > CATCH_UP_US)
		passed_us = CATCH_UP_US;
	network_tick(f->net, m.us);
	switch (f->phase) {
	case PHASE_CONNECTING:
		connecting(f, &m);
		break;
	case PHASE_RUNNING:
		run(f, passed_us, &m);
		break;
	case PHASE_FINISHING:
		if (fleet_all_done(f) ||
		    m.us - f->phase_us >= f->settings->finish_s * 1000000)
			fleet_enter(f, PHASE_OVER, &m);
		break;
	case PHASE_OVER:
		break;
	}
	pump_due(f, &m);
}

void
fleet_finish(struct fleet *f)
{
	struct moment m = fleet_now(f);

	if (f->phase == PHASE_FINISHING || f->phase == PHASE_OVER) {
		fleet_enter(f, PHASE_OVER, &m);
		return;
	}
	network_set_bad(f->net, false);
	for (size_t i = 0; i < f->count; i++) {
		/* No lingering any more. */
		f->carts[i].pos_since_us = 0;
		f->due_us[i] = m.us;
	}
	fleet_enter(f, PHASE_FINISHING, &m);
}

bool
fleet_report(struct fleet *f)
{
	struct tally *t = f->world.tally;
	uint64_t unacked = 0;
	bool done = fleet_all_done(f);
	double p50, p99;

	for (size_t i = 0; i < f->count; i++)
		unacked += f->carts[i].queue.unacked;
	p50 = tally_percentile_ms(t, 50);
	p99 = tally_percentile_ms(t, 99);
	printf("sim: carts=%zu folios=%llu fixes=%llu acked=%llu unacked=%llu"
	       " p50_ms=%.1f p99_ms=%.1f abandoned=%llu voids=%llu"
	       " repeats=%llu frames=%llu resent=%llu ignored=%llu"
	       " unreadable=%llu connections=%llu crashes=%llu\n",
	    f->count, (unsigned long long)t->folios,
	    (unsigned long long)t->fixes, (unsigned long long)t->acked,
	    (unsigned long long)unacked, p50, p99,
	    (unsigned long long)t->abandoned, (unsigned long long)t->voids,
	    (unsigned long long)t->repeats, (unsigned long long)t->frames,
	    (unsigned long long)t->resent, (unsigned long long)t->acks_ignored,
	    (unsigned long long)t->unreadable,
	    (unsigned long long)t->connections, (unsigned long long)t->crashes);
	return done && !f->failed;
}

/* ---- beginning and end ---- */

static int
make_carts(struct fleet *f)
{
	f->count = (size_t)f->settings->carts;
	f->carts = calloc(f->count, sizeof(*f->carts));
	f->plates = calloc(f->count, sizeof(*f->plates));
	f->due_us = calloc(f->count, sizeof(*f->due_us));
	if (f->carts == NULL || f->plates == NULL || f->due_us == NULL)
		return -1;
	for (size_t i = 0; i < f->count; i++) {
		if (cart_init(&f->carts[i], &f->world, i) == -1)
			return -1;
		memcpy(f->plates[i], f->carts[i].plate, sizeof(f->plates[i]));
		f->due_us[i] = INT64_MAX;
	}
	return 0;
}

static int
make_world(struct fleet *f)
{
	f->world.settings = f->settings;
	f->world.boot = clock_boot_id();
	f->world.send = send_up;
	f->world.ctx = f;
	f->world.tally = tally_new();
	if (f->world.tally == NULL)
		return -1;
	f->world.books = books_open(f->settings->books);
	return f->world.books != NULL ? 0 : -1;
}

struct fleet *
fleet_new(
    struct ev_loop *loop, const struct settings *settings, int64_t start_ms)
{
	static const struct network_handler handler = { on_connected,
		on_disconnected, on_message, on_guild, on_will };
	struct fleet *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return NULL;
	f->loop = loop;
	f->settings = settings;
	f->dice = dice_new((uint64_t)settings->seed, 0x666c);
	f->rounds_left = settings->drain_rounds;
	if (make_world(f) == -1 || make_carts(f) == -1 ||
	    (f->net = network_new(loop, settings, (const char(*)[9])f->plates,
		 &handler, f)) == NULL) {
		log_error("sim.start", "why=\"%s\"", strerror(errno));
		fleet_free(f);
		return NULL;
	}
	f->start_us = fleet_now(f).us;
	f->start_ms = start_ms;
	f->ticked_us = f->start_us;
	ev_timer_init(&f->tick, on_tick, 0, TICK_S);
	f->tick.data = f;
	ev_timer_start(loop, &f->tick);
	return f;
}

int
fleet_free(struct fleet *f)
{
	int rc;

	ev_timer_stop(f->loop, &f->tick);
	network_free(f->net);
	for (size_t i = 0; f->carts != NULL && i < f->count; i++)
		cart_release(&f->carts[i]);
	free(f->carts);
	free(f->plates);
	free(f->due_us);
	rc = books_close(f->world.books);
	free(f->world.tally);
	free(f);
	return rc;
}
