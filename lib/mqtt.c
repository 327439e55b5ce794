#include "lib/mqtt.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "lib/clock.h"
#include "lib/mqtt_parts.h"

#define UNSENT_MAX ((size_t)1024 * 1024)
/* Of a PUBLISH beside topic and payload. */
#define PACKET_OVERHEAD 9u
#define FAREWELL_MS 1000

static void
release(struct mqtt *m)
{
	if (m->mosq != NULL)
		mosquitto_destroy(m->mosq);
	unsent_release(&m->unsent);
	direct_release(&m->direct);
	mqtt_settings_release(&m->settings);
	free(m);
	mosquitto_lib_cleanup();
}

struct mqtt *
mqtt_new(struct ev_loop *loop, const struct mqtt_settings *settings,
    const struct mqtt_handler *handler, void *ctx)
{
	struct mqtt *m = calloc(1, sizeof(*m));
	int saved;

	if (m == NULL)
		return NULL;
	mosquitto_lib_init();
	m->loop = loop;
	m->handler = *handler;
	m->ctx = ctx;
	if (getrandom(&m->random, sizeof(m->random), 0) != sizeof(m->random) ||
	    m->random == 0)
		m->random = 1;
	if (mqtt_settings_copy(&m->settings, settings) == -1 ||
	    mqtt_handle_make(m) == -1) {
		saved = errno;
		release(m);
		errno = saved;
		return NULL;
	}
	mqtt_phases_start(m);
	return m;
}

/* DISCONNECT goes out after what is queued. */
static void
say_farewell(struct mqtt *m)
{
	int64_t now = clock_boottime_ms(&clock_system);
	int64_t deadline = now + FAREWELL_MS;
	struct pollfd fd = { .events = POLLOUT };
	bool said = false;
	int rc;

	while ((fd.fd = mosquitto_socket(m->mosq)) != -1 && now < deadline) {
		if (!said && !mqtt_wants_write(m)) {
			mosquitto_disconnect(m->mosq);
			said = true;
		}
		poll(&fd, 1, (int)(deadline - now));
		if (mqtt_write(m, &rc) == -1)
			break;
		now = clock_boottime_ms(&clock_system);
	}
}

void
mqtt_free(struct mqtt *m)
{
	if (m == NULL)
		return;
	mqtt_phases_stop(m);
	if (m->phase == PHASE_UP)
		say_farewell(m);
	if (m->phase == PHASE_LOOKING_UP) {
		connector_abandon(m->connector);
		m->mosq = NULL;
	}
	release(m);
}

bool
mqtt_is_connected(const struct mqtt *m)
{
	return m->phase == PHASE_UP && !m->drop;
}

static int
fail_by_code(int rc)
{
	errno = rc == MOSQ_ERR_NO_CONN ? ENOTCONN : EIO;
	return -1;
}

int
mqtt_publish(struct mqtt *m, const char *topic, const void *payload, size_t len,
    int qos, bool retain)
{
	size_t topic_len = strlen(topic);
	size_t bytes = topic_len + len + PACKET_OVERHEAD;
	int mid = 0, rc;

	if (!mqtt_is_connected(m)) {
		errno = ENOTCONN;
		return -1;
	}
	if (mqtt_unsent(m) + bytes > UNSENT_MAX) {
		errno = ENOBUFS;
		return -1;
	}
	if (qos == 0 && m->settings.cafile == NULL) {
		if (direct_publish(&m->direct, topic, topic_len, payload, len,
			retain) == -1)
			return -1;
		mqtt_want_flush(m);
		return 0;
	}
	rc = mosquitto_publish(
	    m->mosq, &mid, topic, (int)len, payload, qos, retain);
	if (rc != MOSQ_ERR_SUCCESS)
		return fail_by_code(rc);
	/* A packet that is not counted for want of memory is sent all the
	 * same. */
	unsent_add(&m->unsent, mid, bytes, qos);
	mqtt_want_flush(m);
	return 0;
}

int
mqtt_subscribe(struct mqtt *m, const char *filter, int qos)
{
	int rc;

	if (!mqtt_is_connected(m)) {
		errno = ENOTCONN;
		return -1;
	}
	/* Of QoS 2 libmosquitto has several packets under way at once. */
	if (qos > 1)
		m->peek.off = true;
	rc = mosquitto_subscribe(m->mosq, NULL, filter, qos);
	if (rc != MOSQ_ERR_SUCCESS)
		return fail_by_code(rc);
	mqtt_want_flush(m);
	return 0;
}

size_t
mqtt_unsent(const struct mqtt *m)
{
	return m->unsent.bytes + direct_bytes(&m->direct);
}

void
mqtt_doubt(struct mqtt *m)
{
	m->doubted = true;
}

void
mqtt_reconnect(struct mqtt *m)
{
	if (m->phase != PHASE_UP)
		return; /* it is at it */
	m->drop = true;
	mqtt_want_flush(m);
}
