/*
 * settings: the table.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker-bridge/settings.h"

#define AT(field) offsetof(struct settings, field)
#define TEXT(key, field, value, words)                                         \
	{                                                                      \
		.name = key, .type = CONFIG_TEXT, .offset = AT(field),         \
		.initial = value, .unit = "", .text = words                    \
	}
#define INT(key, field, value, of, words, least, most)                         \
	{                                                                      \
		.name = key, .type = CONFIG_INT, .offset = AT(field),          \
		.initial = value, .unit = of, .text = words, .min = least,     \
		.max = most                                                    \
	}
#define BYTES(key, field, value, words, least)                                 \
	{                                                                      \
		.name = key, .type = CONFIG_BYTES, .offset = AT(field),        \
		.initial = value, .unit = "bytes", .text = words,              \
		.min = least, .max = INT64_C(1) << 36                          \
	}
#define PARTITIONS(topic, id)                                                  \
	INT("partitions." topic, partitions[id], "2", "",                      \
	    "partitions of topic_" topic " that take hashed keys", 1, 1000)

static const char *const levels[] = { "error", "warn", "info", "debug", NULL };

static const struct config_key keys[] = {
	TEXT("brokers", brokers, "127.0.0.1:9092",
	    "Kafka's brokers, HOST:PORT with commas between"),
	INT("replication", replication, "1", "",
	    "copies of each topic's records (3 on three brokers)", 1, 100),
	INT("min_insync", min_insync, "1", "",
	    "copies that must stand before an ack (2 on three brokers)", 1,
	    100),
	PARTITIONS("coordenadas", TOPIC_COORDENADAS),
	PARTITIONS("ventas", TOPIC_VENTAS),
	PARTITIONS("stock", TOPIC_STOCK),
	PARTITIONS("nuevos-usuarios", TOPIC_NUEVOS_USUARIOS),
	PARTITIONS("reposiciones", TOPIC_REPOSICIONES),
	PARTITIONS("alertas", TOPIC_ALERTAS),
	PARTITIONS("soporte", TOPIC_SOPORTE),
	PARTITIONS("avisos", TOPIC_AVISOS),
	PARTITIONS("comandos", TOPIC_COMANDOS),
	PARTITIONS("rechazados", TOPIC_RECHAZADOS),
	PARTITIONS("reglas", TOPIC_REGLAS),
	TEXT("mqtt.host", mqtt.host, "127.0.0.1", "the MQTT broker"),
	INT("mqtt.port", mqtt.port, "1883", "", "its port", 1, 65535),
	TEXT("mqtt.client_id", mqtt.client_id, "",
	    "must differ between bridges; empty: drawn at each start"),
	TEXT("mqtt.user", mqtt.user, "", "user name; empty: none"),
	{ .name = "mqtt.password",
	    .type = CONFIG_SECRET,
	    .offset = AT(mqtt.password),
	    .initial = "",
	    .unit = "",
	    .text = "password of mqtt.user" },
	TEXT("mqtt.password_file", mqtt.password_file, "",
	    "file whose first line is the password"),
	TEXT("mqtt.cafile", mqtt.cafile, "",
	    "PEM file of the CA that signed the broker: TLS"),
	TEXT("mqtt.certfile", mqtt.certfile, "", "our certificate (PEM)"),
	TEXT("mqtt.keyfile", mqtt.keyfile, "", "its key (PEM)"),
	TEXT("mqtt.tls_version", mqtt.tls_version, "",
	    "tlsv1.2 or tlsv1.3; empty: the best of both sides"),
	TEXT("health.host", health.host, "127.0.0.1",
	    "address of /healthz and /metrics"),
	INT("health.port", health.port, "9201", "",
	    "their port; 0: any free one, told in the log", 0, 65535),
	/* 20,000 carts that come back at once, twice over.  librdkafka's queue
	 * (queue.buffering.max.messages) must take two records a frame. */
	INT("inflight.max_frames", inflight.max_frames, "50000", "",
	    "frames on their way to Kafka; more are let fall", 1, 10000000),
	BYTES("inflight.max_bytes", inflight.max_bytes, "64M",
	    "their bytes; more are let fall", 1 << 20),
	BYTES("commands.max_bytes", commands.max_bytes, "64M",
	    "memory for commands down; more stay in Kafka alone", 1 << 20),
	INT("commands.resend_ms", commands.resend_ms, "10000", "ms",
	    "wait before a command is sent again; doubles up to 5 min", 100,
	    300000),
	{ .name = "log.level",
	    .type = CONFIG_CHOICE,
	    .offset = AT(log_level),
	    .initial = "info",
	    .unit = "",
	    .text = "least to be logged",
	    .choices = levels },
};

static struct config_pass pass = { .prefix = "kafka" };

const struct config_program bridge_program = {
	.name = "pregon-bridge",
	.summary = "moves the carts' frames from MQTT to Kafka and "
		   "acknowledges them",
	.usage = "",
	.keys = keys,
	.key_count = sizeof(keys) / sizeof(*keys),
	.pass = &pass,
};

int
settings_read_password(struct settings *s, char *why, size_t why_cap)
{
	char line[512];
	FILE *file;

	if (s->mqtt.password_file[0] == '\0')
		return 0;
	file = fopen(s->mqtt.password_file, "re");
	if (file == NULL || fgets(line, sizeof(line), file) == NULL) {
		int saved = file == NULL ? errno : EINVAL;

		snprintf(why, why_cap, "mqtt.password_file %s: %s",
		    s->mqtt.password_file,
		    file == NULL ? strerror(errno) : "it is empty");
		if (file != NULL)
			fclose(file);
		errno = saved;
		return -1;
	}
	fclose(file);
	line[strcspn(line, "\r\n")] = '\0';
	return config_set(
	    &bridge_program, s, "mqtt.password", line, why, why_cap);
}

struct topics_settings
settings_topics(const struct settings *s)
{
	struct topics_settings topics = {
		.replication = (int)s->replication,
		.min_insync = (int)s->min_insync,
	};

	for (int i = 0; i < TOPIC_COUNT; i++)
		topics.partitions[i] = (int)s->partitions[i];
	return topics;
}

static const char *
given(const char *text)
{
	return text[0] == '\0' ? NULL : text;
}

struct mqtt_settings
settings_mqtt(const struct settings *s, const char *client_id)
{
	return (struct mqtt_settings){
		.host = s->mqtt.host,
		.port = (int)s->mqtt.port,
		.client_id = client_id,
		.user = given(s->mqtt.user),
		.password = given(s->mqtt.password),
		/* What came while we were away is sent again by the carts. */
		.clean_session = true,
		.keepalive_s = 25,
		.connect_timeout_ms = 5000,
		.backoff_max_ms = 5000,
		.cafile = given(s->mqtt.cafile),
		.certfile = given(s->mqtt.certfile),
		.keyfile = given(s->mqtt.keyfile),
		.tls_version = given(s->mqtt.tls_version),
	};
}
