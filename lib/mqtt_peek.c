/*
 * PUBLISH of QoS 0, read by our own hand from libmosquitto's socket.
 *
 * libmosquitto spends three system calls and four allocations on each packet.
 * Here one look at what the socket holds finds all whole packets that need no
 * answer; they are taken off it and handed on from the window.  Any other
 * packet is libmosquitto's, and so is one of which only a part is here: it
 * may not wait on the socket for its end.  Some bytes of a long segment hold
 * the memory of all of it, and with that TCP may keep its window shut: the
 * end then never comes.  Without TLS only, whose state is the library's.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/mqtt_parts.h"

/* A frame of 64 KiB, its topic, and some more. */
#define WINDOW ((size_t)80 * 1024)

#define PUBLISH_QOS_0 0x30
#define PUBLISH_MASK 0xf6 /* without "retained" and "again" */
#define RETAINED 0x01

/*
 * The packet's size and that of its head; 0: too little is here to know, -1:
 * not MQTT.
 */
static long
packet_size(const uint8_t *p, size_t n, size_t *head)
{
	size_t len = 0;

	for (size_t i = 1; i <= 4; i++) {
		if (i >= n)
			return 0;
		len |= (size_t)(p[i] & 0x7f) << (7 * (i - 1));
		if ((p[i] & 0x80) == 0) {
			*head = i + 1;
			return (long)(*head + len);
		}
	}
	return -1;
}

/* Of a whole packet. */
static bool
is_ours(const uint8_t *p, size_t head, size_t size)
{
	size_t topic_len;

	if ((p[0] & PUBLISH_MASK) != PUBLISH_QOS_0 || size < head + 2)
		return false;
	topic_len = (size_t)p[head] << 8 | p[head + 1];
	return topic_len > 0 && topic_len <= size - head - 2 &&
	    memchr(p + head + 2, '\0', topic_len) == NULL;
}

static void
hand_on(struct mqtt *m, uint8_t *p, size_t head, size_t size)
{
	size_t topic_len = (size_t)p[head] << 8 | p[head + 1];
	char *topic = (char *)p + head + 1;

	/* One byte down, over its length, to make room for its end. */
	memmove(topic, topic + 1, topic_len);
	topic[topic_len] = '\0';
	m->doubted = false;
	m->handler.message(m->ctx, topic, p + head + 2 + topic_len,
	    size - head - 2 - topic_len, (p[0] & RETAINED) != 0);
}

/* Bytes of whole packets of ours at the window's start. */
static size_t
count_ours(const uint8_t *window, size_t n)
{
	size_t at = 0, head = 0;

	while (at < n) {
		long size = packet_size(window + at, n - at, &head);

		if (size <= 0 || (size_t)size > n - at ||
		    !is_ours(window + at, head, (size_t)size))
			break;
		at += (size_t)size;
	}
	return at;
}

/* Takes bytes off the socket that the window has already. */
static int
discard(int fd, uint8_t *window, size_t n)
{
	/* TCP then copies nothing, tcp(7). */
	ssize_t got = recv(fd, window, n, MSG_TRUNC | MSG_DONTWAIT);

	return got == (ssize_t)n ? 0 : -1;
}

/* About the first packet that was not handed on: n bytes of it are here, and
 * perhaps more than the window shows. */
static enum peek_next
look_ahead(struct mqtt *m, const uint8_t *rest, size_t n, bool more)
{
	size_t head = 0;
	long size = n > 0 ? packet_size(rest, n, &head) : 0;

	if (size > (long)WINDOW)
		m->peek.off = true;
	else if (size == 0 || size > (long)n) {
		if (n == 0 || more)
			return PEEK_DONE;
		m->peek.lent = true;
	}
	return PEEK_LIBRARY;
}

static enum peek_next
look(struct mqtt *m)
{
	uint8_t window[WINDOW];
	int fd = mosquitto_socket(m->mosq);
	ssize_t n = recv(fd, window, sizeof(window), MSG_PEEK | MSG_DONTWAIT);
	size_t ours, head = 0;
	enum peek_next next;

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return PEEK_DONE;
	if (n <= 0)
		return PEEK_LIBRARY; /* it says why the connection is gone */
	ours = count_ours(window, (size_t)n);
	if (ours > 0 && discard(fd, window, ours) == -1)
		return PEEK_LIBRARY;
	next = look_ahead(
	    m, window + ours, (size_t)n - ours, (size_t)n == sizeof(window));
	for (size_t at = 0; at < ours && !m->drop;) {
		size_t size = (size_t)packet_size(
		    window + at, ours - at, &head);

		hand_on(m, window + at, head, size);
		at += size;
	}
	return next;
}

/* With several of QoS 1 to be acknowledged, libmosquitto reads several
 * packets at once, and perhaps a part of one. */
static bool
library_reads_on(const struct mqtt *m)
{
	return m->unsent.kept_count > 1;
}

void
peek_begin(struct mqtt *m)
{
	m->peek.lent = false;
	m->peek.off = m->settings.cafile != NULL || library_reads_on(m);
}

bool
peek_may(const struct mqtt *m)
{
	return !m->peek.off && !m->peek.lent;
}

enum peek_next
peek_read(struct mqtt *m)
{
	enum peek_next next = peek_may(m) ? look(m) : PEEK_LIBRARY;

	if (next == PEEK_LIBRARY && library_reads_on(m))
		m->peek.off = true;
	return next;
}

void
peek_given_back(struct mqtt *m)
{
	m->peek.lent = false;
}
