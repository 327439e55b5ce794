#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/mqtt_parts.h"

#define WILL_MAX 1024

static char *
copy(const char *text, bool *failed)
{
	char *made = text != NULL ? strdup(text) : NULL;

	if (text != NULL && made == NULL)
		*failed = true;
	return made;
}

int
mqtt_settings_copy(struct mqtt_settings *to, const struct mqtt_settings *from)
{
	bool failed = false;

	*to = *from;
	to->host = copy(from->host, &failed);
	to->client_id = copy(from->client_id, &failed);
	to->user = copy(from->user, &failed);
	to->password = copy(from->password, &failed);
	to->cafile = copy(from->cafile, &failed);
	to->certfile = copy(from->certfile, &failed);
	to->keyfile = copy(from->keyfile, &failed);
	to->tls_version = copy(from->tls_version, &failed);
	if (to->keepalive_s <= 0)
		to->keepalive_s = 25;
	if (to->connect_timeout_ms <= 0)
		to->connect_timeout_ms = 5000;
	if (to->backoff_max_ms <= 0)
		to->backoff_max_ms = 5000;
	return failed ? -1 : 0;
}

void
mqtt_settings_release(struct mqtt_settings *s)
{
	const char *texts[] = { s->host, s->client_id, s->user, s->password,
		s->cafile, s->certfile, s->keyfile, s->tls_version };

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		free((void *)(uintptr_t)texts[i]);
}

/* libmosquitto would only say that an argument is wrong. */
static int
check_readable(const char *path)
{
	return path == NULL ? 0 : access(path, R_OK);
}

static int
set_tls(struct mqtt *m)
{
	const struct mqtt_settings *s = &m->settings;

	if (s->cafile == NULL)
		return 0;
	if (check_readable(s->cafile) == -1 ||
	    check_readable(s->certfile) == -1 ||
	    check_readable(s->keyfile) == -1)
		return -1;
	if (mosquitto_tls_set(m->mosq, s->cafile, NULL, s->certfile, s->keyfile,
		NULL) != MOSQ_ERR_SUCCESS ||
	    mosquitto_tls_opts_set(m->mosq, 1, s->tls_version, NULL) !=
		MOSQ_ERR_SUCCESS) {
		errno = EINVAL;
		return -1;
	}
	return 0;
}

/* The handle, in libmosquitto's terms. */
int
mqtt_handle_make(struct mqtt *m)
{
	const struct mqtt_settings *s = &m->settings;

	m->mosq = mosquitto_new(s->client_id, s->clean_session, m);
	if (m->mosq == NULL)
		return -1;
	mosquitto_threaded_set(m->mosq, true);
	mosquitto_int_option(m->mosq, MOSQ_OPT_TCP_NODELAY, 1);
	if (s->user != NULL &&
	    mosquitto_username_pw_set(m->mosq, s->user, s->password) !=
		MOSQ_ERR_SUCCESS) {
		errno = EINVAL;
		return -1;
	}
	return set_tls(m);
}

static void
set_will(struct mqtt *m)
{
	uint8_t payload[WILL_MAX];
	const char *topic = NULL;
	bool retain = false;
	size_t len = 0;

	mosquitto_will_clear(m->mosq);
	if (m->handler.will != NULL)
		len = m->handler.will(
		    m->ctx, &topic, payload, sizeof(payload), &retain);
	if (len > 0)
		mosquitto_will_set(
		    m->mosq, topic, (int)len, payload, 0, retain);
}

static void
on_library_log(struct mosquitto *mosq, void *ctx, int level, const char *words)
{
	(void)mosq;
	(void)ctx;
	if (level == MOSQ_LOG_ERR || level == MOSQ_LOG_WARNING)
		log_warn("mqtt.library", "why=\"%s\"", words);
}

void
mqtt_handle_prepare(struct mqtt *m)
{
	set_will(m);
	mosquitto_log_callback_set(m->mosq, on_library_log);
}
