/*
 * pregon-api: what the guild knows, asked over HTTP.  This thread only waits
 * for signals; libmicrohttpd's threads answer (server.h).
 */
#include <errno.h>
#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "backend/api/server.h"
#include "backend/api/settings.h"
#include "lib/daemon.h"
#include "lib/log.h"

static void
stop(void *ctx)
{
	ev_break(ctx, EVBREAK_ALL);
}

static struct reader *
open_reader(void *ctx)
{
	const struct api_settings *settings = ctx;

	return reader_open_sqlite(settings->database);
}

/* Before any thread: the C library has one zone, and takes one that it does
 * not know for UTC without a word. */
static int
set_zone(const char *zone)
{
	char path[300];

	snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", zone);
	if (zone[0] == '\0' || access(path, R_OK) == -1) {
		log_error("api.start",
		    "why=\"timezone %s: this machine does not know it: is "
		    "tzdata installed?\"",
		    zone);
		return -1;
	}
	setenv("TZ", zone, 1);
	tzset();
	return 0;
}

static int
check_database(const char *folder)
{
	if (access(folder, R_OK | X_OK) == 0)
		return 0;
	log_error("api.start",
	    "why=\"database %s: %s: make the folder, or set `database` to "
	    "the one of the consumers\"",
	    folder, strerror(errno));
	return -1;
}

static int
run(struct api_settings *settings)
{
	const struct server_settings http = {
		.host = settings->host,
		.port = (int)settings->port,
		.threads = (int)settings->threads,
		.cert = settings->tls_cert,
		.key = settings->tls_key,
		.held_bytes_max = settings->held_bytes,
		.open_reader = open_reader,
		.ctx = settings,
	};
	struct api api = { .clock = &clock_system,
		.live_ms = settings->live_s * 1000 };
	struct ev_loop *loop = ev_default_loop(0);
	struct daemon *daemon = NULL;
	struct server *server = NULL;
	char why[300];
	int status = 1;

	api.metrics = metrics_new();
	if (loop == NULL || api.metrics == NULL)
		goto out;
	daemon = daemon_new(loop, stop, NULL, loop);
	if (daemon == NULL || set_zone(settings->timezone) == -1 ||
	    check_database(settings->database) == -1)
		goto out;
	server = server_start(&http, &api, why, sizeof(why));
	if (server == NULL) {
		log_error("api.start", "why=\"%s\"", why);
		goto out;
	}
	log_info("api.ready", "url=%s://%s:%d/api/v1 database=\"%s\"",
	    settings->tls_cert[0] != '\0' ? "https" : "http", settings->host,
	    server_port(server), settings->database);
	daemon_notify("READY=1");
	ev_run(loop, 0);
	daemon_notify("STOPPING=1");
	log_info("api.stopped", "%s", "");
	status = 0;
out:
	if (server != NULL)
		server_stop(server);
	if (daemon != NULL)
		daemon_free(daemon);
	if (api.metrics != NULL)
		metrics_free(api.metrics);
	return status;
}

int
main(int argc, char **argv)
{
	struct api_settings settings = { 0 };
	size_t words;
	int status;

	switch (
	    config_load(&api_program, &settings, argc, argv, NULL, 0, &words)) {
	case CONFIG_DONE:
		return 0;
	case CONFIG_BAD:
		return 2;
	case CONFIG_RUN:
		break;
	}
	log_init("pregon-api", (enum log_level)settings.log_level);
	status = run(&settings);
	config_release(&api_program, &settings);
	return status;
}
