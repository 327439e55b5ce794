/*
 * pregon-bridge: moves what the carts say from MQTT to Kafka, and
 * acknowledges it once Kafka has it.
 *
 * One thread of ours on one loop; librdkafka has its own, and the health
 * port one.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "broker-bridge/bridge.h"
#include "lib/daemon.h"
#include "lib/log.h"

struct program {
	struct settings settings;
	struct ev_loop *loop;
	struct metrics *metrics;
	struct figures figures;
	struct health_server *health;
	struct bridge *bridge;
	struct daemon *daemon;
};

static void
on_stop(void *ctx)
{
	struct program *p = ctx;

	log_info("bridge.stopping", "under_way=%lld",
	    (long long)metric_get(p->figures.in_flight));
	ev_break(p->loop, EVBREAK_ALL);
}

/* 0, or an exit status; said then. */
static int
start(struct program *p)
{
	char why[512];

	if (settings_read_password(&p->settings, why, sizeof(why)) == -1)
		goto bad;
	p->loop = ev_default_loop(EVFLAG_AUTO);
	p->metrics = metrics_new();
	if (p->loop == NULL || p->metrics == NULL ||
	    figures_init(&p->figures, p->metrics) == -1) {
		fprintf(stderr, "pregon-bridge: %s\n", strerror(errno));
		return 1;
	}
	p->bridge = bridge_new(
	    p->loop, &p->settings, &p->figures, why, sizeof(why));
	if (p->bridge == NULL)
		goto bad;
	p->health = health_start(p->metrics, p->settings.health.host,
	    (int)p->settings.health.port, bridge_health, p->bridge);
	if (p->health == NULL) {
		fprintf(stderr,
		    "pregon-bridge: health.port %s:%d: %s; set another\n",
		    p->settings.health.host, (int)p->settings.health.port,
		    strerror(errno));
		return 1;
	}
	p->daemon = daemon_new(p->loop, on_stop, NULL, p);
	if (p->daemon == NULL) {
		fprintf(stderr, "pregon-bridge: %s\n", strerror(errno));
		return 1;
	}
	return 0;
bad:
	fprintf(stderr, "pregon-bridge: %s\n", why);
	return 2;
}

int
main(int argc, char **argv)
{
	struct program p = { 0 };
	size_t words;
	int status;

	switch (config_load(
	    &bridge_program, &p.settings, argc, argv, NULL, 0, &words)) {
	case CONFIG_RUN:
		break;
	case CONFIG_DONE:
		return 0;
	case CONFIG_BAD:
		return 2;
	}
	log_init("pregon-bridge", (enum log_level)p.settings.log_level);
	status = start(&p);
	if (status == 0) {
		log_info("bridge.starts",
		    "version=%s brokers=\"%s\" mqtt=%s:%d health_port=%d",
		    PREGON_VERSION, p.settings.brokers, p.settings.mqtt.host,
		    (int)p.settings.mqtt.port, health_port(p.health));
		/* Ready to be asked; it waits for the brokers itself. */
		daemon_notify("READY=1");
		ev_run(p.loop, 0);
		status = bridge_status(p.bridge);
	}
	if (p.health != NULL)
		health_stop(p.health);
	daemon_free(p.daemon);
	bridge_free(p.bridge);
	metrics_free(p.metrics);
	config_release(&bridge_program, &p.settings);
	return status;
}
