/*
 * Four phases: waiting for the next try, looking up (a thread owns the
 * handle), connecting (until CONNACK), up.
 *
 * libmosquitto is told that we have threads, not because we have: it then
 * writes nothing by itself.  Whatever one turn of the loop publishes goes out
 * together at its end, in few segments, whoever published it from where.
 */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/clock.h"
#include "lib/mqtt_parts.h"

#define BACKOFF_FIRST_MS 500
/* Bytes that the peer's TCP leaves unanswered so long: it is gone. */
#define USER_TIMEOUT_MS 15000

static void begin(struct mqtt *);

static int
next_random(struct mqtt *m, int below)
{
	m->random ^= m->random << 13;
	m->random ^= m->random >> 7;
	m->random ^= m->random << 17;
	return below > 0 ? (int)(m->random % (unsigned)below) : 0;
}

static void
arm(struct mqtt *m, int ms)
{
	ev_timer_stop(m->loop, &m->timer);
	ev_timer_set(&m->timer, ms / 1000.0, 0.);
	ev_timer_start(m->loop, &m->timer);
}

/* Full jitter: a broker that returns meets its carts spread out. */
static void
wait_for_next_try(struct mqtt *m)
{
	int bound = BACKOFF_FIRST_MS;

	for (int i = 0; i < m->tries && bound < m->settings.backoff_max_ms; i++)
		bound *= 2;
	if (bound > m->settings.backoff_max_ms)
		bound = m->settings.backoff_max_ms;
	m->tries++;
	m->phase = PHASE_WAITING;
	arm(m, next_random(m, bound));
}

static void
stop_watchers(struct mqtt *m)
{
	ev_io_stop(m->loop, &m->readable);
	ev_io_stop(m->loop, &m->writable);
	ev_timer_stop(m->loop, &m->keepalive);
	ev_timer_stop(m->loop, &m->timer);
	ev_clear_pending(m->loop, &m->flush);
}

/* The socket ends here; without a DISCONNECT, so that the will is sent. */
static void
lose(struct mqtt *m, const char *why)
{
	char words[256];
	int fd = mosquitto_socket(m->mosq);

	/* `why` may be of a buffer that the next calls change. */
	snprintf(words, sizeof(words), "%s", why);
	stop_watchers(m);
	if (fd != -1)
		shutdown(fd, SHUT_RDWR);
	unsent_forget(&m->unsent);
	direct_forget(&m->direct);
	if (m->phase == PHASE_UP &&
	    clock_boottime_ms(&clock_system) - m->up_since_ms >
		m->settings.backoff_max_ms)
		m->tries = 0;
	m->drop = false;
	wait_for_next_try(m);
	m->handler.disconnected(m->ctx, words);
}

void
mqtt_lose_by_code(struct mqtt *m, int rc)
{
	int error = errno;

	if (m->answered && m->connack != 0)
		lose(m, mosquitto_connack_string(m->connack));
	else if (rc == MOSQ_ERR_EAI)
		lose(m, gai_strerror(error));
	else if (rc == MOSQ_ERR_ERRNO)
		lose(m, strerror(error));
	else
		lose(m, mosquitto_strerror(rc));
}

static void
on_flush(struct ev_loop *loop, ev_prepare *watcher, int events)
{
	struct mqtt *m = watcher->data;

	(void)loop;
	(void)events;
	if (m->phase != PHASE_UP)
		return;
	if (m->drop)
		lose(m, "given up by this side");
	else
		mqtt_write_queued(m);
}

void
mqtt_want_flush(struct mqtt *m)
{
	ev_feed_event(m->loop, &m->flush, EV_CUSTOM);
}

static void
become_up(struct mqtt *m)
{
	ev_timer_stop(m->loop, &m->timer);
	m->phase = PHASE_UP;
	m->up_since_ms = clock_boottime_ms(&clock_system);
	/* It formats a line for each packet as long as it has a listener. */
	mosquitto_log_callback_set(m->mosq, NULL);
	m->handler.connected(m->ctx);
	mqtt_want_flush(m);
}

/* libmosquitto takes a refused or ended TLS handshake for one that goes on. */
static const char *
broken(int fd)
{
	int error = 0;
	socklen_t len = sizeof(error);
	char byte;

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 &&
	    error != 0)
		return strerror(error);
	if (recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
		return "the broker closed the connection";
	return NULL;
}

/* Until CONNACK, whatever the event: go on with TLS, then send CONNECT. */
static void
go_on_connecting(struct mqtt *m)
{
	const char *why = broken(mosquitto_socket(m->mosq));
	int rc;

	if (why != NULL) {
		lose(m, why);
		return;
	}
	/* Connected; libmosquitto would have us watch it through all of TLS. */
	ev_io_stop(m->loop, &m->writable);
	rc = mosquitto_loop_read(m->mosq, 1);
	if (rc == MOSQ_ERR_SUCCESS && !m->answered)
		rc = mosquitto_loop_write(m->mosq, 1);
	if (rc != MOSQ_ERR_SUCCESS)
		mqtt_lose_by_code(m, rc);
	else if (m->answered && m->phase == PHASE_CONNECTING)
		become_up(m);
}

static void
on_readable(struct ev_loop *loop, ev_io *watcher, int events)
{
	struct mqtt *m = watcher->data;

	(void)loop;
	(void)events;
	if (m->phase == PHASE_CONNECTING)
		go_on_connecting(m);
	else
		mqtt_read_packets(m);
}

static void
on_writable(struct ev_loop *loop, ev_io *watcher, int events)
{
	struct mqtt *m = watcher->data;

	(void)loop;
	(void)events;
	if (m->phase == PHASE_CONNECTING)
		go_on_connecting(m);
	else
		mqtt_write_queued(m);
}

static void
on_keepalive(struct ev_loop *loop, ev_timer *watcher, int events)
{
	struct mqtt *m = watcher->data;

	(void)loop;
	(void)events;
	mqtt_ping_if_needed(m);
}

/* The handle has a socket that is connecting. */
static void
watch_connecting(struct mqtt *m)
{
	int fd = mosquitto_socket(m->mosq);
	unsigned timeout_ms = USER_TIMEOUT_MS;

	setsockopt(
	    fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof(timeout_ms));
	peek_begin(m);
	m->phase = PHASE_CONNECTING;
	ev_io_set(&m->readable, fd, EV_READ);
	ev_io_set(&m->writable, fd, EV_WRITE);
	ev_io_start(m->loop, &m->readable);
	ev_io_start(m->loop, &m->writable);
	ev_timer_again(m->loop, &m->keepalive);
	arm(m, m->settings.connect_timeout_ms);
}

static void
on_looked_up(struct ev_loop *loop, ev_async *watcher, int events)
{
	struct mqtt *m = watcher->data;
	int rc;

	(void)loop;
	(void)events;
	if (m->phase != PHASE_LOOKING_UP)
		return;
	rc = connector_finish(m->connector);
	m->connector = NULL;
	if (rc == MOSQ_ERR_SUCCESS)
		watch_connecting(m);
	else
		mqtt_lose_by_code(m, rc);
}

static void
on_timer(struct ev_loop *loop, ev_timer *watcher, int events)
{
	struct mqtt *m = watcher->data;

	(void)loop;
	(void)events;
	switch (m->phase) {
	case PHASE_WAITING:
		begin(m);
		break;
	case PHASE_LOOKING_UP:
		/* It cannot be broken off; when it ends, it is taken up. */
		m->handler.disconnected(m->ctx, "the look-up takes long");
		break;
	case PHASE_CONNECTING:
		lose(m, "no answer in time");
		break;
	case PHASE_UP:
		break;
	}
}

/* One try. */
static void
begin(struct mqtt *m)
{
	int rc;

	m->answered = false;
	m->connack = 0;
	mqtt_handle_prepare(m);
	switch (connector_start(m->mosq, &m->settings, m->loop, &m->looked_up,
	    &m->connector, &rc)) {
	case CONNECTOR_FAILED:
		mqtt_lose_by_code(m, rc);
		break;
	case CONNECTOR_BEGUN:
		watch_connecting(m);
		break;
	case CONNECTOR_LOOKING_UP:
		m->phase = PHASE_LOOKING_UP;
		arm(m, m->settings.connect_timeout_ms);
		break;
	}
}

/* libmosquitto's callbacks; the state changes after it has returned. */
static void
on_connect(struct mosquitto *mosq, void *ctx, int code)
{
	struct mqtt *m = ctx;

	(void)mosq;
	m->answered = true;
	m->connack = code;
}

static void
on_publish(struct mosquitto *mosq, void *ctx, int mid)
{
	struct mqtt *m = ctx;

	(void)mosq;
	unsent_done(&m->unsent, mid);
}

static void
on_message(
    struct mosquitto *mosq, void *ctx, const struct mosquitto_message *message)
{
	struct mqtt *m = ctx;

	(void)mosq;
	/* In one TLS record with CONNACK: a kept session's. */
	if (m->phase == PHASE_CONNECTING)
		become_up(m);
	m->doubted = false;
	peek_given_back(m);
	m->handler.message(m->ctx, message->topic, message->payload,
	    (size_t)message->payloadlen, message->retain);
}

void
mqtt_phases_start(struct mqtt *m)
{
	double every_s = m->settings.keepalive_s / 25.0;

	ev_io_init(&m->readable, on_readable, -1, EV_READ);
	ev_io_init(&m->writable, on_writable, -1, EV_WRITE);
	ev_timer_init(&m->timer, on_timer, 0., 0.);
	ev_timer_init(&m->keepalive, on_keepalive, 0., every_s);
	ev_async_init(&m->looked_up, on_looked_up);
	ev_prepare_init(&m->flush, on_flush);
	ev_set_priority(&m->flush, EV_MINPRI);
	m->readable.data = m->writable.data = m->timer.data = m;
	m->keepalive.data = m->looked_up.data = m->flush.data = m;
	ev_async_start(m->loop, &m->looked_up);
	mosquitto_connect_callback_set(m->mosq, on_connect);
	mosquitto_publish_callback_set(m->mosq, on_publish);
	mosquitto_message_callback_set(m->mosq, on_message);
	/* From the loop, as every later try: no handler is called in here. */
	m->phase = PHASE_WAITING;
	arm(m, 0);
}

void
mqtt_phases_stop(struct mqtt *m)
{
	stop_watchers(m);
	ev_async_stop(m->loop, &m->looked_up);
}
