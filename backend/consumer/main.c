/*
 * pregon-consumer ROLE: applies the log to one role's read model.
 *
 * Exit status: 0 stopped, 1 it cannot go on, 2 wrong settings, 3 the log is
 * not the one that the role knows (systemd must not start it again).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/day.h"
#include "backend/consumer/runtime.h"
#include "backend/consumer/settings.h"
#include "lib/daemon.h"
#include "lib/log.h"

#define EXIT_SETTINGS 2
#define EXIT_OTHER_LOG 3

static const struct role *const roles[] = {
	&role_positions,
	&role_sales,
	&role_stock,
	&role_members,
	&role_notify,
	&role_support,
};
#define ROLES (sizeof(roles) / sizeof(roles[0]))

/* NULL: said on stderr. */
static const struct role *
role_find(const char *name)
{
	for (size_t i = 0; name != NULL && i < ROLES; i++) {
		if (strcmp(roles[i]->name, name) == 0)
			return roles[i];
	}
	fprintf(stderr, "pregon-consumer: %s%s%s: name one of",
	    name == NULL ? "no role was named" : "there is no role \"",
	    name == NULL ? "" : name, name == NULL ? "" : "\"");
	for (size_t i = 0; i < ROLES; i++)
		fprintf(stderr, " %s", roles[i]->name);
	fprintf(stderr, "\n");
	return NULL;
}

static void
on_stop(void *ctx)
{
	runtime_stop(ctx);
}

struct consumer {
	const struct role *role;
	struct consumer_settings settings;
	char client_id[64];
	struct database *db;
	struct meters meters;
	struct health health;
	struct health_server *server;
};

static int
serve_health(struct consumer *c)
{
	int port = (int)c->settings.health_port;

	c->server = health_start(c->meters.registry, c->settings.health_host,
	    port, health_answer, &c->health);
	if (c->server == NULL) {
		log_error("consumer.health",
		    "host=%s port=%d why=\"%s: set "
		    "health.port to a free port\"",
		    c->settings.health_host, port, strerror(errno));
		return -1;
	}
	log_info("consumer.health", "host=%s port=%d", c->settings.health_host,
	    health_port(c->server));
	return 0;
}

static int
run(struct consumer *c, struct ev_loop *loop)
{
	struct runtime_settings settings = {
		.kafka = { c->settings.brokers, c->client_id,
		    &c->settings.kafka },
		.instance_id = c->settings.instance_id[0] != '\0'
		    ? c->settings.instance_id
		    : c->role->name,
		.batch_max = c->settings.batch_max,
		.batch_wait_ms = c->settings.batch_wait_ms,
		.role = c->settings.role,
	};
	enum runtime_end end = RUNTIME_FAILED;
	struct runtime *rt;
	struct daemon *daemon;
	char why[512] = "";

	rt = runtime_new(c->role, &settings, c->db, &clock_system, &c->meters,
	    &c->health, why, sizeof(why));
	if (rt == NULL) {
		log_error(
		    "consumer.start", "role=%s why=\"%s\"", c->role->name, why);
		return EXIT_FAILURE;
	}
	daemon = daemon_new(loop, on_stop, NULL, rt);
	if (daemon != NULL)
		end = runtime_run(rt, loop);
	daemon_free(daemon);
	runtime_free(rt);
	log_info("consumer.stopped", "role=%s", c->role->name);
	return end == RUNTIME_STOPPED  ? EXIT_SUCCESS
	    : end == RUNTIME_OTHER_LOG ? EXIT_OTHER_LOG
				       : EXIT_FAILURE;
}

/* The zone first: it is the process's, and threads come later (day.h). */
static int
open_and_run(struct consumer *c)
{
	int status = EXIT_FAILURE;
	char why[512];

	if (day_zone(c->settings.timezone) == -1) {
		log_error("consumer.timezone",
		    "timezone=\"%s\" why=\"the "
		    "system has no such zone: install tzdata or set "
		    "timezone\"",
		    c->settings.timezone);
		return EXIT_SETTINGS;
	}
	c->db = database_open_sqlite(
	    c->settings.database, c->role->schema, why, sizeof(why));
	if (c->db == NULL) {
		log_error("consumer.database", "role=%s why=\"%s\"",
		    c->role->name, why);
		return EXIT_FAILURE;
	}
	health_init(&c->health);
	if (meters_init(&c->meters) == -1) {
		log_error("consumer.start", "why=\"%s\"", strerror(errno));
		goto close_db;
	}
	if (serve_health(c) == 0) {
		status = run(c, EV_DEFAULT);
		health_stop(c->server);
	}
	meters_release(&c->meters);
close_db:
	c->db->ops->close(c->db);
	return status;
}

int
main(int argc, char **argv)
{
	struct consumer c = { .role = NULL };
	const char *role_name;
	int status = EXIT_SETTINGS;

	switch (consumer_settings_load(&c.settings, argc, argv, &role_name)) {
	case CONFIG_DONE:
		consumer_settings_release(&c.settings);
		return EXIT_SUCCESS;
	case CONFIG_BAD:
		consumer_settings_release(&c.settings);
		return EXIT_SETTINGS;
	case CONFIG_RUN:
		break;
	}
	c.role = role_find(role_name);
	if (c.role != NULL) {
		snprintf(c.client_id, sizeof(c.client_id), "pregon-consumer-%s",
		    c.role->name);
		log_init(c.client_id, (enum log_level)c.settings.log_level);
		status = open_and_run(&c);
	}
	consumer_settings_release(&c.settings);
	return status;
}
