/*
 * PUBLISH of QoS 0, read by our own hand from libmosquitto's socket.
 *
 * libmosquitto spends three system calls and four allocations on each packet.
 * Here one look at what the socket holds finds all whole packets that need no
 * answer; they are taken off it and handed on from the window.  Any other
 * packet stays for libmosquitto, which is called only when the packet is there
 * whole, and so never stops in the middle of one.  Without TLS only, whose
 * state is the library's.
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

/* The socket shall wake us when so much is there: a part of a packet that
 * stays on it would do so for ever. */
static void
set_low_water(struct mqtt *m, int fd, size_t bytes)
{
	int value = (int)bytes;

	if (m->peek.low_water == value)
		return;
	setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &value, sizeof(value));
	m->peek.low_water = value;
}

/* About the first packet that was not handed on. */
static enum peek_next
look_ahead(struct mqtt *m, int fd, const uint8_t *rest, size_t n)
{
	size_t head = 0, wanted = 1;
	enum peek_next next = PEEK_DONE;
	long size = n > 0 ? packet_size(rest, n, &head) : 0;

	if (size > (long)WINDOW) {
		m->peek.off = true;
		next = PEEK_LIBRARY;
	} else if (size == -1 || (size > 0 && (size_t)size <= n)) {
		next = PEEK_LIBRARY;
	} else if (n > 0) {
		wanted = size > 0 ? (size_t)size : n + 1;
	}
	set_low_water(m, fd, wanted);
	return next;
}

void
peek_begin(struct mqtt *m)
{
	m->peek.low_water = 1;
	/* With several of QoS 1 to be acknowledged, libmosquitto reads several
	 * packets at once, and perhaps a part of one. */
	m->peek.off = m->settings.cafile != NULL || m->unsent.kept_count > 1;
}

enum peek_next
peek_read(struct mqtt *m)
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
	next = look_ahead(m, fd, window + ours, (size_t)n - ours);
	if (ours > 0 && discard(fd, window, ours) == -1)
		return PEEK_LIBRARY;
	for (size_t at = 0; at < ours && !m->drop;) {
		size_t size = (size_t)packet_size(
		    window + at, ours - at, &head);

		hand_on(m, window + at, head, size);
		at += size;
	}
	if (m->unsent.kept_count > 1 && next == PEEK_LIBRARY)
		m->peek.off = true;
	return next;
}
