/*
 * PUBLISH of QoS 0 by our own hand, on libmosquitto's socket.
 *
 * libmosquitto spends two system calls on each packet: one to wake a thread
 * that there is not, one to write it.  A bridge that answers thousands of
 * carts a second writes its acks of a turn with one.  Only without TLS, whose
 * state is the library's; packets never mix, since the library writes only
 * when it is told to.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/mqtt_parts.h"

#define PUBLISH 0x30
#define RETAIN 0x01
/* The head, and a length of four bytes at most. */
#define HEAD_MAX 5

static int
make_room(struct direct *d, size_t more)
{
	size_t cap = d->cap > 0 ? d->cap : 4096;
	uint8_t *bytes;

	if (d->len + more <= d->cap)
		return 0;
	d->len -= d->sent;
	if (d->sent > 0)
		memmove(d->bytes, d->bytes + d->sent, d->len);
	d->sent = 0;
	while (cap < d->len + more)
		cap *= 2;
	if (cap == d->cap)
		return 0;
	bytes = realloc(d->bytes, cap);
	if (bytes == NULL)
		return -1;
	d->bytes = bytes;
	d->cap = cap;
	return 0;
}

static void
put(struct direct *d, const void *bytes, size_t len)
{
	if (len > 0)
		memcpy(d->bytes + d->len, bytes, len);
	d->len += len;
}

static void
put_byte(struct direct *d, size_t byte)
{
	d->bytes[d->len++] = (uint8_t)byte;
}

int
direct_publish(struct direct *d, const char *topic, size_t topic_len,
    const void *payload, size_t payload_len, bool retain)
{
	size_t len = 2 + topic_len + payload_len;

	if (make_room(d, HEAD_MAX + len) == -1)
		return -1;
	put_byte(d, PUBLISH | (retain ? RETAIN : 0));
	for (; len > 0x7f; len >>= 7)
		put_byte(d, (len & 0x7f) | 0x80);
	put_byte(d, len);
	put_byte(d, topic_len >> 8);
	put_byte(d, topic_len & 0xff);
	put(d, topic, topic_len);
	put(d, payload, payload_len);
	return 0;
}

int
direct_write(struct direct *d, int fd)
{
	while (d->sent < d->len) {
		ssize_t n = send(fd, d->bytes + d->sent, d->len - d->sent,
		    MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return errno == EAGAIN ? 0 : -1;
		d->sent += (size_t)n;
		d->midway = d->sent < d->len;
	}
	direct_forget(d);
	return 0;
}

size_t
direct_bytes(const struct direct *d)
{
	return d->len - d->sent;
}

void
direct_forget(struct direct *d)
{
	d->len = d->sent = 0;
	d->midway = false;
}

void
direct_release(struct direct *d)
{
	free(d->bytes);
	*d = (struct direct){ 0 };
}
