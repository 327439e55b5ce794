/*
 * A connection that is up: what is written and read, and when to ping.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "lib/clock.h"
#include "lib/mqtt_parts.h"

/* Other watchers have their turn after so many packets. */
#define READ_BUDGET 256

bool
mqtt_wants_write(const struct mqtt *m)
{
	return direct_bytes(&m->direct) > 0 || mosquitto_want_write(m->mosq);
}

/* libmosquitto's first (a SUBSCRIBE before what it is for), but never into
 * the middle of a packet of ours. */
int
mqtt_write(struct mqtt *m, int *rc)
{
	int fd = mosquitto_socket(m->mosq);

	*rc = MOSQ_ERR_ERRNO;
	if (m->direct.midway && direct_write(&m->direct, fd) == -1)
		return -1;
	if (m->direct.midway)
		return 0;
	if (mosquitto_want_write(m->mosq)) {
		*rc = mosquitto_loop_write(m->mosq, 1);
		if (*rc != MOSQ_ERR_SUCCESS)
			return -1;
		if (mosquitto_want_write(m->mosq))
			return 0;
	}
	*rc = MOSQ_ERR_ERRNO;
	return direct_write(&m->direct, fd);
}

/* Sends what is queued: no segment of its own for each small packet. */
void
mqtt_write_queued(struct mqtt *m)
{
	int fd = mosquitto_socket(m->mosq), on = 1, off = 0, rc;
	bool cork = m->unsent.count > 1;

	if (cork)
		setsockopt(fd, IPPROTO_TCP, TCP_CORK, &on, sizeof(on));
	if (mqtt_write(m, &rc) == -1) {
		mqtt_lose_by_code(m, rc);
		return;
	}
	if (cork)
		setsockopt(fd, IPPROTO_TCP, TCP_CORK, &off, sizeof(off));
	if (mqtt_wants_write(m)) {
		ev_io_start(m->loop, &m->writable);
	} else {
		ev_io_stop(m->loop, &m->writable);
		m->said_ms = clock_boottime_ms(&clock_system);
	}
}

void
mqtt_read_packets(struct mqtt *m)
{
	for (int i = 0; i < READ_BUDGET && !m->drop; i++) {
		int rc;

		if (peek_read(m) == PEEK_DONE)
			break;
		errno = 0;
		rc = mosquitto_loop_read(m->mosq, 1);
		if (rc != MOSQ_ERR_SUCCESS) {
			mqtt_lose_by_code(m, rc);
			return;
		}
		if (errno == EAGAIN && !peek_may(m))
			break;
	}
	if (m->drop || mqtt_wants_write(m))
		mqtt_want_flush(m);
}

/*
 * libmosquitto also pings when it *heard* nothing for so long, as a cart does
 * that sends a status each 20 to 30 s and waits for no answer: over a day,
 * a third of all its bytes.  What we send tells the broker that we live,
 * TCP_USER_TIMEOUT tells us of a peer that is gone, and whoever misses an
 * answer says so (mqtt_doubt).
 */
static bool
ping_is_needed(const struct mqtt *m)
{
	/* The broker waits for 1.5 times the keepalive. */
	return m->doubted ||
	    clock_boottime_ms(&clock_system) - m->said_ms >=
	    m->settings.keepalive_s * INT64_C(1200);
}

void
mqtt_ping_if_needed(struct mqtt *m)
{
	int rc;

	if (!ping_is_needed(m))
		return;
	rc = mosquitto_loop_misc(m->mosq);
	if (rc != MOSQ_ERR_SUCCESS)
		mqtt_lose_by_code(m, rc);
	else if (mosquitto_want_write(m->mosq))
		mqtt_want_flush(m);
}
