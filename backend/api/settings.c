#include <jansson.h>
#include <stdio.h>

#include "backend/api/access.h"
#include "backend/api/enrol_settings.h"
#include "backend/api/settings.h"
#include "backend/api/tiles.h"
#include "lib/enrol_code.h"

#define AT(field) offsetof(struct api_settings, field)

static const char *const levels[] = { "error", "warn", "info", "debug", NULL };

const char *const site_languages[] = { "es", "en", NULL };

static const struct config_key keys[] = {
	{ .name = "http.host",
	    .type = CONFIG_TEXT,
	    .offset = AT(host),
	    .initial = "127.0.0.1",
	    .unit = "",
	    .text = "address to listen on" },
	{ .name = "http.port",
	    .type = CONFIG_INT,
	    .offset = AT(port),
	    .initial = "8080",
	    .unit = "",
	    .text = "port to listen on; 0: any free one, told in the log",
	    .min = 0,
	    .max = 65535 },
	{ .name = "http.threads",
	    .type = CONFIG_INT,
	    .offset = AT(threads),
	    .initial = "4",
	    .unit = "",
	    .text = "threads that answer, each with a reader of its own",
	    .min = 1,
	    .max = 64 },
	{ .name = "http.held",
	    .type = CONFIG_BYTES,
	    .offset = AT(held_bytes),
	    .initial = "256M",
	    .unit = "bytes",
	    .text = "answers that slow clients have yet to fetch, at most",
	    .min = 1 << 20,
	    .max = INT64_C(1) << 40 },
	{ .name = "http.connections",
	    .type = CONFIG_INT,
	    .offset = AT(connections),
	    .initial = "4096",
	    .unit = "",
	    .text = "connections, at most",
	    .min = 4,
	    .max = 100000 },
	{ .name = "http.connections_per_address",
	    .type = CONFIG_INT,
	    .offset = AT(connections_per_address),
	    .initial = "512",
	    .unit = "",
	    .text = "of one address, at most; 0: no bound (behind a proxy)",
	    .min = 0,
	    .max = 100000 },
	{ .name = "http.head_s",
	    .type = CONFIG_INT,
	    .offset = AT(head_s),
	    .initial = "30",
	    .unit = "s",
	    .text = "until the head of a connection's next request is whole",
	    .min = 1,
	    .max = 3600 },
	{ .name = "http.body_s",
	    .type = CONFIG_INT,
	    .offset = AT(body_s),
	    .initial = "120",
	    .unit = "s",
	    .text = "and then until its body is",
	    .min = 1,
	    .max = 3600 },
	{ .name = "http.viewers",
	    .type = CONFIG_INT,
	    .offset = AT(viewers),
	    .initial = "1024",
	    .unit = "",
	    .text = "of them, those that look on at /api/v1/events, at most",
	    .min = 1,
	    .max = 100000 },
	{ .name = "http.under_way",
	    .type = CONFIG_INT,
	    .offset = AT(under_way),
	    .initial = "10000",
	    .unit = "",
	    .text = "writes that wait for Kafka, at most; 503 beyond",
	    .min = 1,
	    .max = 100000 },
	{ .name = "cache.ms",
	    .type = CONFIG_INT,
	    .offset = AT(cache_ms),
	    .initial = "250",
	    .unit = "ms",
	    .text = "a read's answer is kept for ten times as long as it took "
		    "to make, at most this; 0: never",
	    .min = 0,
	    .max = 60000 },
	{ .name = "brokers",
	    .type = CONFIG_TEXT,
	    .offset = AT(brokers),
	    .initial = "127.0.0.1:9092",
	    .unit = "",
	    .text = "Kafka's brokers, host:port with commas" },
	{ .name = "auth.reads",
	    .type = CONFIG_BOOL,
	    .offset = AT(auth_reads),
	    .initial = "true",
	    .unit = "",
	    .text = "reads need a token; false: anyone may read all" },
	{ .name = "session.hours",
	    .type = CONFIG_INT,
	    .offset = AT(session_hours),
	    .initial = "12",
	    .unit = "h",
	    .text = "a browser that logged in stays so for",
	    .min = 1,
	    .max = 8760 },
	{ .name = "session.secure",
	    .type = CONFIG_BOOL,
	    .offset = AT(session_secure),
	    .initial = "false",
	    .unit = "",
	    .text = "its cookie is for HTTPS alone, also where a proxy speaks "
		    "that for us; always so with tls.cert" },
	{ .name = "trusted.proxy",
	    .type = CONFIG_TEXT,
	    .offset = AT(trusted_proxy),
	    .initial = "",
	    .unit = "",
	    .text =
		"addresses, with commas, whose X-Forwarded-For is believed" },
	{ .name = "public.burst",
	    .type = CONFIG_INT,
	    .offset = AT(public_burst),
	    .initial = "10",
	    .unit = "",
	    .text = "what one address may write at once without a token",
	    .min = 1,
	    .max = 100000 },
	{ .name = "public.every_s",
	    .type = CONFIG_INT,
	    .offset = AT(public_every_s),
	    .initial = "6",
	    .unit = "s",
	    .text = "and then one each",
	    .min = 1,
	    .max = 86400 },
	{ .name = "database",
	    .type = CONFIG_TEXT,
	    .offset = AT(database),
	    .initial = "/var/lib/pregon",
	    .unit = "",
	    .text = "folder of the roles' databases" },
	{ .name = "web.root",
	    .type = CONFIG_TEXT,
	    .offset = AT(web_root),
	    .initial = "",
	    .unit = "",
	    .text = "folder of files for browsers, at /; none: only the API" },
	{ .name = "site.name",
	    .type = CONFIG_TEXT,
	    .offset = AT(site_name),
	    .initial = "Pregón",
	    .unit = "",
	    .text = "the guild's name, on its pages" },
	{ .name = "site.url",
	    .type = CONFIG_TEXT,
	    .offset = AT(site_url),
	    .initial = "",
	    .unit = "",
	    .text = "where anyone finds those pages, https://guild.example: "
		    "in the QR codes of enrolments; empty: as the admin's "
		    "browser asked for them" },
	{ .name = "enrol.hours",
	    .type = CONFIG_INT,
	    .offset = AT(enrol_hours),
	    .initial = "24",
	    .unit = "h",
	    .text = "a code that enrols a gateway is good for",
	    .min = 1,
	    .max = ENROL_LIFE_MAX_H },
	{ .name = "site.language",
	    .type = CONFIG_CHOICE,
	    .offset = AT(site_language),
	    .initial = "es",
	    .unit = "",
	    .text = "its pages' language, for who has chosen none",
	    .choices = site_languages },
	{ .name = "tiles.url",
	    .type = CONFIG_TEXT,
	    .offset = AT(tiles_url),
	    .initial = "https://tile.openstreetmap.org/{z}/{x}/{y}.png",
	    .unit = "",
	    .text = "the map's background: images by {z}, {x}, {y}, or a "
		    "PMTiles file (.pmtiles) of web.root or of another site; "
		    "none: a plain grid" },
	{ .name = "tiles.attribution",
	    .type = CONFIG_TEXT,
	    .offset = AT(tiles_attribution),
	    .initial = "© OpenStreetMap contributors",
	    .unit = "",
	    .text = "whose they are, shown on the map" },
	{ .name = "timezone",
	    .type = CONFIG_TEXT,
	    .offset = AT(timezone),
	    .initial = "America/Santiago",
	    .unit = "",
	    .text = "whose days the books are kept in" },
	{ .name = "live.seconds",
	    .type = CONFIG_INT,
	    .offset = AT(live_s),
	    .initial = "60",
	    .unit = "s",
	    .text = "a cart heard of within this time is live",
	    .min = 1,
	    .max = 86400 },
	{ .name = "tls.cert",
	    .type = CONFIG_TEXT,
	    .offset = AT(tls_cert),
	    .initial = "",
	    .unit = "",
	    .text = "PEM file of the certificate (with its chain): HTTPS" },
	{ .name = "tls.key",
	    .type = CONFIG_TEXT,
	    .offset = AT(tls_key),
	    .initial = "",
	    .unit = "",
	    .text = "PEM file of the certificate's key" },
	{ .name = "secret_file",
	    .type = CONFIG_TEXT,
	    .offset = AT(secret_file),
	    .initial = "/etc/pregon/secret",
	    .unit = "",
	    .text = "the guild's secret, made by pregonctl secret create; "
		    "without it there is no answer about members" },
	{ .name = "mqtt.host",
	    .type = CONFIG_TEXT,
	    .offset = AT(mqtt_host),
	    .initial = "",
	    .unit = "",
	    .text = "the broker as carts reach it, told to who enrols one" },
	{ .name = "mqtt.port",
	    .type = CONFIG_INT,
	    .offset = AT(mqtt_port),
	    .initial = "8883",
	    .unit = "",
	    .text = "its port",
	    .min = 1,
	    .max = 65535 },
	{ .name = "mqtt.tls",
	    .type = CONFIG_BOOL,
	    .offset = AT(mqtt_tls),
	    .initial = "true",
	    .unit = "",
	    .text = "that port speaks TLS" },
	{ .name = "mqtt.cafile",
	    .type = CONFIG_TEXT,
	    .offset = AT(mqtt_cafile),
	    .initial = "",
	    .unit = "",
	    .text = "PEM file that carts check the broker's certificate "
		    "against, given to who enrols; empty: they have it, or "
		    "their system's will do" },
	{ .name = "log.level",
	    .type = CONFIG_CHOICE,
	    .offset = AT(log_level),
	    .initial = "info",
	    .unit = "",
	    .text = "least to be logged",
	    .choices = levels },
};

/* Answers are JSON, which is UTF-8. */
static bool
is_text(const char *s)
{
	json_t *text = json_string(s);

	json_decref(text);
	return text != NULL;
}

static int
check_site(const struct api_settings *settings, char *why, size_t why_cap)
{
	struct tiles tiles;
	char words[200];

	if (settings->site_name[0] == '\0' || !is_text(settings->site_name)) {
		snprintf(why, why_cap, "site.name: expected a name, in UTF-8");
		return -1;
	}
	if (settings->site_url[0] != '\0' &&
	    !enrol_url_is_valid(settings->site_url)) {
		snprintf(why, why_cap,
		    "site.url: expected https://guild.example, got \"%s\"",
		    settings->site_url);
		return -1;
	}
	if (!is_text(settings->tiles_attribution)) {
		snprintf(why, why_cap, "tiles.attribution: expected UTF-8");
		return -1;
	}
	if (tiles_parse(settings->tiles_url, &tiles, words, sizeof(words)) == 0)
		return 0;
	snprintf(why, why_cap, "tiles.url: %s, got \"%s\"", words,
	    settings->tiles_url);
	return -1;
}

static int
check(void *ctx, char *why, size_t why_cap)
{
	const struct api_settings *settings = ctx;
	struct proxies proxies;

	if (proxies_parse(settings->trusted_proxy, &proxies) == 0)
		return check_site(settings, why, why_cap);
	snprintf(why, why_cap,
	    "trusted.proxy: expected at most %d addresses with commas, got "
	    "\"%s\"",
	    PROXIES_MAX, settings->trusted_proxy);
	return -1;
}

static struct config_pass pass = { .prefix = "kafka" };

const struct config_program api_program = {
	.name = "pregon-api",
	.summary = "asks and tells the guild over HTTP",
	.usage = "",
	.keys = keys,
	.key_count = sizeof(keys) / sizeof(keys[0]),
	.pass = &pass,
	.check = check,
};
