/*
 * Start-up in a fixed order: the outbox (which also keeps a second gateway
 * away), what it remembers, the POS's sockets, then gpsd and the broker,
 * which may come and go as they like, and the vendor's page.
 */
#include "firmware-gateway/gateway.h"

#include <errno.h>
#include <ev.h>
#include <stdio.h>
#include <string.h>

#include "firmware-gateway/enrolment.h"
#include "firmware-gateway/page_server.h"
#include "firmware-gateway/state.h"
#include "lib/daemon.h"
#include "lib/log.h"

#define TICK_S 1.0
#define IDLE_TICKS 10

struct gateway {
	struct settings *settings;
	struct ev_loop *loop;
	struct outbox *outbox;
	struct timekeeper time;
	struct events events;
	struct locator locator;
	struct shop shop;
	struct inbox inbox;
	struct commands commands;
	struct pos pos;
	struct pos_server *server;
	struct page page;
	struct page_server *page_server; /* NULL: off */
	struct receiver *receiver;
	struct uplink *uplink;
	struct enrolment *enrolment;
	struct daemon *daemon;
	struct log_limit said_lost, said_flush, said_mend;
	enum time_source said_source;
	int64_t started_ms;
	int idle_ticks; /* since the outbox was flushed */
	ev_timer tick;
};

static struct keeper_settings
keeper_settings(const struct settings *s)
{
	return (struct keeper_settings){
		.distance_m = (double)s->keep.distance_m,
		.turn_deg = (double)s->keep.turn_deg,
		.interval_ms = s->keep.interval_s * 1000,
		.park_ms = s->keep.park_s * 1000,
	};
}

/* ---- what the parts call ---- */

static void
on_appended(void *ctx, enum stream stream)
{
	struct gateway *g = ctx;

	if (g->uplink != NULL)
		uplink_appended(g->uplink, stream);
}

static void
on_changed(void *ctx)
{
	struct gateway *g = ctx;

	if (g->uplink != NULL)
		uplink_changed(g->uplink);
}

static void
on_tuned(void *ctx)
{
	struct gateway *g = ctx;
	struct keeper_settings k = keeper_settings(g->settings);

	keeper_tune(&g->locator.keeper, &k);
}

static void
mend(struct gateway *g)
{
	enum time_source source = timekeeper_source(&g->time);
	unsigned long held;

	if (source != g->said_source)
		log_info("clock.source", "source=%s", time_source_name(source));
	g->said_source = source;
	if (events_mend(&g->events) == -1 &&
	    log_limited(&g->said_mend, 10000, &held))
		log_error(
		    "outbox.failed", "doing=mend why=\"%s\"", strerror(errno));
}

static void
on_time_came(void *ctx)
{
	mend(ctx);
}

static void
on_mode(void *ctx, enum fix_mode mode)
{
	struct gateway *g = ctx;

	if (!locator_mode(&g->locator, mode, clock_boottime_ms(&clock_system)))
		return;
	log_info("fix.mode", "mode=%s", fix_mode_name(mode));
	on_changed(g);
}

static void
on_report(void *ctx, const struct report *report)
{
	struct gateway *g = ctx;
	struct fix kept[KEEPER_OUT_MAX];
	unsigned long held;
	size_t n = locator_report(&g->locator, report, kept);

	/* A date may have come with it: markers before what it dates. */
	if (g->events.order.unmended != 0)
		mend(g);
	if (events_fixes(&g->events, kept, n) == -1 &&
	    log_limited(&g->said_lost, 10000, &held))
		log_error("fix.lost", "why=\"%s\" lost=%llu", strerror(errno),
		    (unsigned long long)g->events.lost_fixes);
}

static json_t *
on_state(void *ctx)
{
	struct gateway *g = ctx;
	struct state_parts parts = {
		.settings = g->settings,
		.outbox = g->outbox,
		.time = &g->time,
		.events = &g->events,
		.locator = &g->locator,
		.receiver = g->receiver,
		.shop = &g->shop,
		.commands = &g->commands,
		.inbox = &g->inbox,
		.uplink = g->uplink,
		.pos = &g->pos,
		.server = g->server,
		.started_ms = g->started_ms,
	};

	return state_json(&parts);
}

static bool
on_under_way(void *ctx, uint64_t epoch, uint64_t seq)
{
	struct gateway *g = ctx;

	return g->uplink != NULL &&
	    uplink_under_way(g->uplink, STREAM_SALE, epoch, seq);
}

static void
on_enrolled(void *ctx)
{
	struct gateway *g = ctx;

	uplink_enrolled(g->uplink);
}

static void
flush(struct gateway *g)
{
	unsigned long held;

	if (events_flush(&g->events) == -1 &&
	    log_limited(&g->said_flush, 10000, &held))
		log_error("outbox.failed",
		    "doing=flush why=\"%s\" (the last fixes are lost)",
		    strerror(errno));
}

static void
on_tick(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct gateway *g = timer->data;

	(void)loop;
	(void)events;
	timekeeper_tick(&g->time);
	mend(g);
	/* Fixes are on the flash within a second or so.  That something was
	 * acknowledged can wait: at worst it is sent once more. */
	if (g->events.dirty || ++g->idle_ticks >= IDLE_TICKS) {
		g->idle_ticks = 0;
		flush(g);
	}
	on_mode(g, g->locator.seen);
	uplink_tick(g->uplink);
}

static void
on_stop(void *ctx)
{
	struct gateway *g = ctx;

	log_info("gateway.stops", "cart=%s", g->settings->cart);
	ev_break(g->loop, EVBREAK_ALL);
}

/* ---- starting ---- */

static int
open_outbox(struct gateway *g, char *why, size_t why_cap)
{
	const struct settings *s = g->settings;
	struct outbox_settings settings = {
		.path = s->outbox.path,
		.max_bytes = s->outbox.max_bytes,
		.keep_days = s->outbox.keep_days,
	};
	bool damaged;
	char words[300], owner[CART_MAX + 1];

	g->outbox = outbox_open(&settings, &damaged, words, sizeof(words));
	if (g->outbox == NULL) {
		snprintf(why, why_cap,
		    "outbox.path: %s: make it writable for this user, or set"
		    " another path",
		    words);
		return -1;
	}
	if (damaged)
		log_error("outbox.damaged",
		    "path=\"%s\" "
		    "do=\"it was set aside as .damaged-TIME and a new one"
		    " begun: keep it, and hand it in with pregonctl outbox"
		    " import\"",
		    s->outbox.path);
	if (outbox_claim(g->outbox, s->cart, owner) == 0)
		return 0;
	if (errno == EPERM)
		snprintf(why, why_cap,
		    "outbox.path: %s is the cart %s's: set cart back to it, "
		    "or another path for %s",
		    s->outbox.path, owner, s->cart);
	else
		snprintf(why, why_cap, "outbox.path: %s: %s", s->outbox.path,
		    strerror(errno));
	return -1;
}

static int
remember(struct gateway *g, char *why, size_t why_cap)
{
	struct settings *s = g->settings;
	struct quality_limits limits = { (double)s->fix.max_error_m,
		(double)s->fix.max_speed_m_s };
	struct keeper_settings keep;
	uint64_t boot = timekeeper_boot_id(s->clock.boot_id_file);

	if (boot == 0) {
		snprintf(why, why_cap, "clock.boot_id_file: cannot read %s: %s",
		    s->clock.boot_id_file, strerror(errno));
		return -1;
	}
	timekeeper_init(
	    &g->time, &clock_system, (enum clock_trust)s->clock.trust, boot);
	events_init(&g->events, g->outbox, &g->time);
	g->events.appended = on_appended;
	g->events.ctx = g;
	inbox_init(&g->inbox, g->outbox);
	shop_init(&g->shop, s->cart, &g->events, &g->locator);
	g->shop.day_changed = on_changed;
	g->shop.ctx = g;
	/* Settings that came down change those of the file, so first. */
	commands_init(&g->commands, &g->events, &g->shop, &g->inbox, s);
	g->commands.tuned = on_tuned;
	g->commands.ctx = g;
	keep = keeper_settings(s);
	locator_init(&g->locator, &g->time, &limits, &keep);
	return 0;
}

static int
open_pos(struct gateway *g, char *why, size_t why_cap)
{
	g->pos = (struct pos){ .shop = &g->shop,
		.inbox = &g->inbox,
		.state = on_state,
		.under_way = on_under_way,
		.ctx = g };
	g->server = pos_server_new(g->loop, g->settings->pos.socket,
	    (int)g->settings->pos.tcp_port, &g->pos, why, why_cap);
	return g->server == NULL ? -1 : 0;
}

static int
open_page(struct gateway *g, char *why, size_t why_cap)
{
	const struct settings *s = g->settings;

	if (s->page.port == 0)
		return 0;
	g->page = (struct page){ .pos = &g->pos,
		.clock = &clock_system,
		.host = s->page.host,
		.enrolment = g->enrolment };
	page_lock_init(&g->page.lock, g->outbox, s->page.pin);
	g->page_server = page_server_new(
	    g->loop, s->page.host, (int)s->page.port, &g->page, why, why_cap);
	if (g->page_server == NULL)
		return -1;
	log_info("page.listens", "host=%s port=%d pin=%s", s->page.host,
	    page_server_port(g->page_server),
	    *s->page.pin != '\0' ? "set" : "none");
	return 0;
}

static int
open_receiver(struct gateway *g, char *why, size_t why_cap)
{
	static const struct receiver_handler handler = {
		.report = on_report,
		.mode = on_mode,
	};
	const struct settings *s = g->settings;
	struct source *source = source_gpsd_new(
	    s->gpsd.host, (int)s->gpsd.port, s->gpsd.device);

	if (source == NULL) {
		snprintf(why, why_cap,
		    "gpsd.host, gpsd.device: \"%s\" must be an IP address or"
		    " localhost, \"%s\" a path without quotes",
		    s->gpsd.host, s->gpsd.device);
		return -1;
	}
	g->receiver = receiver_new(g->loop, &clock_system, source, &handler, g);
	if (g->receiver == NULL) {
		source->ops->free(source);
		snprintf(why, why_cap, "no memory");
		return -1;
	}
	return 0;
}

static int
open_uplink(struct gateway *g, char *why, size_t why_cap)
{
	struct uplink_needs parts = {
		.settings = g->settings,
		.clock = &clock_system,
		.outbox = g->outbox,
		.time = &g->time,
		.locator = &g->locator,
		.shop = &g->shop,
		.commands = &g->commands,
		.time_came = on_time_came,
		.ctx = g,
	};

	g->uplink = uplink_new(g->loop, &parts);
	if (g->uplink != NULL) {
		g->enrolment = enrolment_new(
		    g->loop, g->settings, on_enrolled, g);
		if (g->enrolment != NULL)
			return 0;
	}
	snprintf(why, why_cap,
	    "mqtt.*: cannot prepare the connection to %s: %s: look at the TLS"
	    " files",
	    g->settings->mqtt.host, strerror(errno));
	return -1;
}

static int
start(struct gateway *g, char *why, size_t why_cap)
{
	if (open_outbox(g, why, why_cap) == -1 ||
	    remember(g, why, why_cap) == -1 ||
	    open_pos(g, why, why_cap) == -1 ||
	    open_receiver(g, why, why_cap) == -1 ||
	    open_uplink(g, why, why_cap) == -1 ||
	    open_page(g, why, why_cap) == -1)
		return -1;
	g->daemon = daemon_new(g->loop, on_stop, NULL, g);
	if (g->daemon == NULL) {
		snprintf(why, why_cap, "no memory");
		return -1;
	}
	ev_timer_init(&g->tick, on_tick, TICK_S, TICK_S);
	g->tick.data = g;
	ev_timer_start(g->loop, &g->tick);
	return 0;
}

/* In the other order; what was not begun is NULL. */
static void
end(struct gateway *g)
{
	ev_timer_stop(g->loop, &g->tick);
	page_server_free(g->page_server);
	pos_server_free(g->server);
	receiver_free(g->receiver);
	enrolment_free(g->enrolment);
	if (g->outbox != NULL)
		flush(g);
	uplink_free(g->uplink);
	g->uplink = NULL;
	daemon_free(g->daemon);
	shop_release(&g->shop);
	outbox_close(g->outbox);
}

int
gateway_run(struct settings *settings, char *why, size_t why_cap)
{
	struct gateway g = { .settings = settings };
	char epoch[EPOCH_TEXT + 1];
	int rc;

	g.loop = ev_default_loop(EVFLAG_AUTO);
	if (g.loop == NULL) {
		snprintf(why, why_cap, "cannot make an event loop");
		return -1;
	}
	g.started_ms = clock_boottime_ms(&clock_system);
	rc = start(&g, why, why_cap);
	if (rc == 0) {
		epoch_format(outbox_epoch(g.outbox), epoch);
		log_info("gateway.starts", "cart=%s epoch=%s backlog=%llu",
		    settings->cart, epoch,
		    (unsigned long long)outbox_depth(g.outbox, STREAM_COUNT));
		daemon_notify("READY=1");
		ev_run(g.loop, 0);
	}
	end(&g);
	return rc;
}
