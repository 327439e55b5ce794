/*
 * Properties in one place, librdkafka's own lines in our log.
 */
#include "lib/kafka.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "lib/kafka_parts.h"
#include "lib/log.h"

/*
 * A cluster that is away makes each broker's thread complain for as long as
 * it lasts.  librdkafka logs from its own threads, hence the lock; one limit
 * for the process, as it has one log.
 */
#define LOG_WINDOW_MS 10000
#define LOG_LINES_A_WINDOW 10
static struct {
	pthread_mutex_t lock;
	struct log_limit window;
	int lines;
} log_gate = { .lock = PTHREAD_MUTEX_INITIALIZER };

static bool
may_log(unsigned long *held)
{
	bool may;

	*held = 0;
	pthread_mutex_lock(&log_gate.lock);
	if (log_limited(&log_gate.window, LOG_WINDOW_MS, held))
		log_gate.lines = 0;
	may = log_gate.lines++ < LOG_LINES_A_WINDOW;
	if (may && *held == 0 && log_gate.window.held > 0)
		log_gate.window.held--; /* it was not held back after all */
	pthread_mutex_unlock(&log_gate.lock);
	return may;
}

/* Syslog's levels: 0 to 3 errors, 4 a warning, 5 and 6 news, 7 debug. */
static enum log_level
level_of(int syslog_level)
{
	if (syslog_level <= 3)
		return LOG_ERROR;
	if (syslog_level == 4)
		return LOG_WARN;
	return syslog_level <= 6 ? LOG_INFO : LOG_DEBUG;
}

static void
on_log(const rd_kafka_t *rk, int level, const char *facility, const char *words)
{
	unsigned long held = 0;

	if (level != 7 && !may_log(&held))
		return;
	log_write(level_of(level), "kafka.library",
	    "client=%s what=%s held_back=%lu why=\"%s\"",
	    rk != NULL ? rd_kafka_name(rk) : "", facility, held, words);
}

static int
set_property(rd_kafka_conf_t *conf, const char *key, const char *value,
    char *why, size_t why_cap)
{
	char words[256];

	if (rd_kafka_conf_set(conf, key, value, words, sizeof(words)) ==
	    RD_KAFKA_CONF_OK)
		return 0;
	snprintf(why, why_cap, "kafka.%s: %s", key, words);
	return -1;
}

rd_kafka_conf_t *
kafka_conf_with(const struct kafka_settings *settings,
    const struct kafka_property *more, size_t count, char *why, size_t why_cap)
{
	const struct kafka_property common[] = {
		{ "bootstrap.servers", settings->bootstrap },
		{ "client.id", settings->client_id },
		{ "socket.nagle.disable", "true" },
		/* Back within seconds after an hour without Kafka. */
		{ "reconnect.backoff.max.ms", "2000" },
		{ "socket.connection.setup.timeout.ms", "5000" },
		/* Partitions that are added are met within seconds. */
		{ "topic.metadata.refresh.interval.ms", "10000" },
	};
	rd_kafka_conf_t *conf = rd_kafka_conf_new();

	rd_kafka_conf_set_log_cb(conf, on_log);
	for (size_t i = 0; i < sizeof(common) / sizeof(*common); i++)
		if (set_property(conf, common[i].key, common[i].value, why,
			why_cap) == -1)
			goto bad;
	for (size_t i = 0; i < count; i++)
		if (set_property(
			conf, more[i].key, more[i].value, why, why_cap) == -1)
			goto bad;
	for (size_t i = 0; settings->pass != NULL && i < settings->pass->count;
	     i++)
		if (set_property(conf, settings->pass->pairs[i].key,
			settings->pass->pairs[i].value, why, why_cap) == -1)
			goto bad;
	return conf;
bad:
	rd_kafka_conf_destroy(conf);
	errno = EINVAL;
	return NULL;
}

rd_kafka_conf_t *
kafka_conf(const struct kafka_settings *settings, char *why, size_t why_cap)
{
	return kafka_conf_with(settings, NULL, 0, why, why_cap);
}
