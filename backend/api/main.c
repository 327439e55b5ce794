/*
 * pregon-api: what the guild knows and is told, over HTTP.  This thread only
 * waits for signals; libmicrohttpd's threads answer (server.h), one writes to
 * Kafka (submit.h), one reads who may ask (rules_log.h).
 */
#include <errno.h>
#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "backend/api/charter.h"
#include "backend/api/enrol_settings.h"
#include "backend/api/server.h"
#include "backend/api/settings.h"
#include "backend/api/tokens.h"
#include "backend/api/tokens_feed.h"
#include "lib/daemon.h"
#include "lib/log.h"
#include "lib/secret.h"

/* Bounds of what is kept in memory. */
#define ADDRESSES_MAX 16384 /* buckets of the public */
#define KEYS_MAX 100000 /* Idempotency-Keys */
#define KEYS_BYTES_MAX ((size_t)64 * 1024 * 1024)
#define CACHE_BYTES_MAX ((size_t)32 * 1024 * 1024)
#define SUBMIT_BYTES_MAX ((size_t)64 * 1024 * 1024)
/* Then a client hears 503 and tries again. */
#define SUBMIT_TIMEOUT_MS 5000
/* Databases, Kafka, logs. */
#define OTHER_DESCRIPTORS 512
#define HOUR_MS INT64_C(3600000)

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

/* Each connection is a descriptor; 1,024 is what most shells and units give,
 * and more what they allow. */
static void
allow_connections(int64_t connections)
{
	struct rlimit limit;
	rlim_t wanted = (rlim_t)connections + OTHER_DESCRIPTORS;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1 || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) == -1 || limit.rlim_cur < wanted)
		log_warn("api.descriptors",
		    "allowed=%llu wanted=%llu why=\"http.connections are more "
		    "than the limit of open files: raise LimitNOFILE\"",
		    (unsigned long long)limit.rlim_cur,
		    (unsigned long long)wanted);
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

/* What stands between HTTP and the guild. */
struct parts {
	struct tokens *tokens;
	struct sessions *sessions;
	struct charter *charter;
	struct limits *limits;
	struct cache *cache;
	struct idempotency *idempotency;
	struct web *web;
	struct rules_log *rules_log;
	struct submit_metrics submit_metrics;
	struct submit *submit;
	struct kafka_settings kafka; /* errands' own */
	struct errands *errands;
};

static int
make_tables(struct parts *p, const struct api_settings *settings)
{
	const struct limits_settings limits = {
		.burst = (int)settings->public_burst,
		.every_ms = settings->public_every_s * 1000,
		.addresses = ADDRESSES_MAX,
	};

	p->tokens = tokens_new();
	p->charter = charter_new();
	p->limits = limits_new(&limits);
	p->idempotency = idempotency_new(KEYS_MAX, KEYS_BYTES_MAX);
	if (settings->cache_ms > 0)
		p->cache = cache_new(
		    settings->cache_ms * 1000, CACHE_BYTES_MAX);
	return p->tokens != NULL && p->charter != NULL && p->limits != NULL &&
		p->idempotency != NULL &&
		(settings->cache_ms == 0 || p->cache != NULL)
	    ? 0
	    : -1;
}

/* None minds that Kafka is away. */
static int
join_kafka(struct parts *p, const struct api_settings *settings, char *why,
    size_t why_cap)
{
	const struct submit_settings submit = {
		.kafka = { settings->brokers, "pregon-api", api_program.pass },
		.timeout_ms = SUBMIT_TIMEOUT_MS,
		.requests_max = (size_t)settings->under_way,
		.bytes_max = SUBMIT_BYTES_MAX,
		.metrics = p->submit_metrics,
	};
	const struct rules_log_feed feeds[] = {
		/* Whoever is let in finds what they may change. */
		{ &charter_feed, p->charter },
		{ &tokens_feed, p->tokens },
	};

	p->rules_log = rules_log_start(&submit.kafka, feeds, 2, why, why_cap);
	if (p->rules_log == NULL)
		return -1;
	p->submit = submit_start(&submit, why, why_cap);
	if (p->submit == NULL)
		return -1;
	p->kafka = submit.kafka;
	p->errands = errands_start(&p->kafka, why, why_cap);
	return p->errands != NULL ? 0 : -1;
}

static void
release_parts(struct parts *p)
{
	rules_log_stop(p->rules_log);
	errands_free(p->errands);
	submit_free(p->submit);
	idempotency_free(p->idempotency);
	cache_free(p->cache);
	limits_free(p->limits);
	charter_free(p->charter);
	web_close(p->web);
	sessions_free(p->sessions);
	tokens_free(p->tokens);
}

static struct server *
serve(struct api_settings *settings, const struct api *api, char *why,
    size_t why_cap)
{
	struct server_settings http = {
		.host = settings->host,
		.port = (int)settings->port,
		.threads = (int)settings->threads,
		.cert = settings->tls_cert,
		.key = settings->tls_key,
		.connections = (int)settings->connections,
		.connections_per_address =
		    (int)settings->connections_per_address,
		.head_s = (int)settings->head_s,
		.body_s = (int)settings->body_s,
		.viewers = (int)settings->viewers,
		.held_bytes_max = settings->held_bytes,
		.open_reader = open_reader,
		.ctx = settings,
	};

	proxies_parse(settings->trusted_proxy, &http.proxies);
	return server_start(&http, api, why, why_cap);
}

static void
tell_ready(const struct api_settings *settings, const struct server *server)
{
	log_info("api.ready",
	    "url=%s://%s:%d/api/v1 database=\"%s\" brokers=\"%s\" reads=%s",
	    settings->tls_cert[0] != '\0' ? "https" : "http", settings->host,
	    server_port(server), settings->database, settings->brokers,
	    settings->auth_reads ? "by_token" : "open");
	daemon_notify("READY=1");
}

/* The settings were found good. */
static struct api_site
take_site(const struct api_settings *settings)
{
	struct api_site site = { .name = settings->site_name,
		.timezone = settings->timezone,
		.language = site_languages[settings->site_language],
		.tiles_url = settings->tiles_url,
		.attribution = settings->tiles_attribution };
	char why[200];

	tiles_parse(site.tiles_url, &site.tiles, why, sizeof(why));
	return site;
}

static int
run(struct api_settings *settings)
{
	struct api api = { .clock = &clock_system,
		.live_ms = settings->live_s * 1000,
		.open_reads = !settings->auth_reads,
		.broker = { settings->mqtt_host, (int)settings->mqtt_port,
		    settings->mqtt_tls },
		.site = take_site(settings) };
	struct secret secret;
	char no_secret[300];
	struct parts parts = { 0 };
	struct ev_loop *loop = ev_default_loop(0);
	struct daemon *daemon = NULL;
	struct server *server = NULL;
	char why[300] = "no memory";
	int status = 1;

	api.metrics = metrics_new();
	if (loop == NULL || api.metrics == NULL)
		goto out;
	daemon = daemon_new(loop, stop, NULL, loop);
	if (daemon == NULL || set_zone(settings->timezone) == -1 ||
	    check_database(settings->database) == -1)
		goto out;
	if (make_tables(&parts, settings) == -1 ||
	    submit_metrics_make(&parts.submit_metrics, api.metrics) == -1 ||
	    enrol_settings_take(settings, &api.enrol, why, sizeof(why)) == -1)
		goto say;
	api.tokens = parts.tokens;
	api.charter = parts.charter;
	api.limits = parts.limits;
	api.cache = parts.cache;
	api.idempotency = parts.idempotency;
	/* What does not need it works without. */
	if (secret_load(&secret, settings->secret_file, no_secret,
		sizeof(no_secret)) == 0)
		api.secret = &secret;
	parts.sessions = sessions_new(api.secret,
	    settings->session_hours * HOUR_MS,
	    settings->session_secure || settings->tls_cert[0] != '\0');
	if (parts.sessions == NULL)
		goto say;
	api.sessions = parts.sessions;
	if (settings->web_root[0] != '\0') {
		parts.web = web_open(settings->web_root, why, sizeof(why));
		if (parts.web == NULL)
			goto say;
	}
	api.web = parts.web;
	allow_connections(settings->connections);
	/* First what may keep us from starting, before librdkafka's threads
	 * have something to say. */
	server = serve(settings, &api, why, sizeof(why));
	if (server == NULL ||
	    join_kafka(&parts, settings, why, sizeof(why)) == -1)
		goto say;
	server_open_writes(server, parts.submit);
	server_open_errands(server, parts.errands);
	tell_ready(settings, server);
	if (api.secret == NULL)
		log_warn("api.no_secret",
		    "why=\"%s: nothing is answered about members\"", no_secret);
	ev_run(loop, 0);
	daemon_notify("STOPPING=1");
	log_info("api.stopped", "%s", "");
	status = 0;
	goto out;
say:
	log_error("api.start", "why=\"%s\"", why);
out:
	if (server != NULL)
		server_stop(server);
	release_parts(&parts);
	enrol_settings_release(&api.enrol);
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
