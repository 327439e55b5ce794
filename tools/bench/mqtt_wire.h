/*
 * mqtt_wire: MQTT 3.1.1 by hand for a load driver: many packets a system
 * call both ways, so that what is measured is not the driver.  QoS 0 only.
 */
#ifndef PREGON_MQTT_WIRE_H
#define PREGON_MQTT_WIRE_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WIRE_CONNECT 0x10
#define WIRE_CONNACK 0x20
#define WIRE_PUBLISH 0x30
#define WIRE_SUBSCRIBE 0x82
#define WIRE_SUBACK 0x90
#define WIRE_IN_CAP ((size_t)1 << 20)

struct wire {
	int fd;
	uint8_t *out;
	size_t out_len, out_cap, out_sent;
	uint8_t in[WIRE_IN_CAP];
	size_t in_len;
	void (*packet)(
	    void *ctx, uint8_t head, const uint8_t *body, size_t len);
	void *ctx;
};

/* -1: errno. */
static inline int
wire_open(struct wire *w, int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr = { .s_addr = htonl(INADDR_LOOPBACK) } };
	int on = 1;

	w->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (w->fd == -1 ||
	    connect(w->fd, (struct sockaddr *)&to, sizeof(to)) == -1)
		return -1;
	return setsockopt(w->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static inline void
wire_put(struct wire *w, const void *bytes, size_t len)
{
	if (w->out_len + len > w->out_cap) {
		w->out_cap = (w->out_len + len) * 2;
		w->out = realloc(w->out, w->out_cap);
		if (w->out == NULL)
			abort();
	}
	memcpy(w->out + w->out_len, bytes, len);
	w->out_len += len;
}

/* A packet's first byte, and the length of what follows. */
static inline void
wire_head(struct wire *w, uint8_t head, size_t len)
{
	uint8_t bytes[5] = { head };
	size_t n = 1;

	do {
		bytes[n] = len & 0x7f;
		len >>= 7;
		if (len > 0)
			bytes[n] |= 0x80;
		n++;
	} while (len > 0);
	wire_put(w, bytes, n);
}

static inline void
wire_string(struct wire *w, const char *s, size_t len)
{
	uint8_t size[2] = { (uint8_t)(len >> 8), (uint8_t)len };

	wire_put(w, size, 2);
	wire_put(w, s, len);
}

static inline void
wire_connect(
    struct wire *w, const char *id, const char *user, const char *password)
{
	/* Level 4; user name, password, clean session; no keepalive. */
	static const uint8_t rest[] = { 4, 0xc2, 0, 0 };
	size_t len = 2 + 4 + sizeof(rest) + 2 + strlen(id) + 2 + strlen(user) +
	    2 + strlen(password);

	wire_head(w, WIRE_CONNECT, len);
	wire_string(w, "MQTT", 4);
	wire_put(w, rest, sizeof(rest));
	wire_string(w, id, strlen(id));
	wire_string(w, user, strlen(user));
	wire_string(w, password, strlen(password));
}

static inline void
wire_publish(struct wire *w, const char *topic, const void *payload, size_t len)
{
	size_t topic_len = strlen(topic);

	wire_head(w, WIRE_PUBLISH, 2 + topic_len + len);
	wire_string(w, topic, topic_len);
	wire_put(w, payload, len);
}

/* Writes what can be written now; -1: the connection is gone. */
static inline int
wire_flush(struct wire *w)
{
	while (w->out_sent < w->out_len) {
		ssize_t n = send(w->fd, w->out + w->out_sent,
		    w->out_len - w->out_sent, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n == -1)
			return errno == EAGAIN ? 0 : -1;
		w->out_sent += (size_t)n;
	}
	w->out_len = w->out_sent = 0;
	return 0;
}

/* Gives each whole packet to the handler; bytes used. */
static inline size_t
wire_split(struct wire *w)
{
	size_t at = 0;

	for (;;) {
		size_t i = at + 1, len = 0;
		unsigned shift = 0;

		while (i < w->in_len && shift < 28) {
			len |= (size_t)(w->in[i] & 0x7f) << shift;
			shift += 7;
			if ((w->in[i++] & 0x80) == 0)
				break;
		}
		if (i == at + 1 || i > w->in_len ||
		    (w->in[i - 1] & 0x80) != 0 || w->in_len - i < len)
			return at;
		w->packet(w->ctx, w->in[at], w->in + i, len);
		at = i + len;
	}
}

/* Reads what is there; -1: the connection is gone. */
static inline int
wire_read(struct wire *w)
{
	ssize_t n = recv(
	    w->fd, w->in + w->in_len, WIRE_IN_CAP - w->in_len, MSG_DONTWAIT);
	size_t used;

	if (n == -1 && errno == EAGAIN)
		return 0;
	if (n <= 0)
		return -1;
	w->in_len += (size_t)n;
	used = wire_split(w);
	memmove(w->in, w->in + used, w->in_len - used);
	w->in_len -= used;
	return 0;
}

#endif
