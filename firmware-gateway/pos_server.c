#include "firmware-gateway/pos_server.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "firmware-gateway/pos_listen.h"
#include "lib/log.h"

/* From so much idleness on a client may have to make room. */
#define IDLE_S 60.0

struct client {
	struct pos_server *server;
	int fd; /* -1: free */
	ev_io io;
	ev_tstamp heard;
	bool ended; /* it sends no more */
	bool skipping; /* a line too long: until its end */
	size_t len;
	char *in; /* POS_LINE_MAX + 2 */
	char *out; /* an answer on its way; NULL: none */
	size_t out_len, out_done;
};

struct listener {
	int fd;
	ev_io io;
};

struct pos_server {
	struct ev_loop *loop;
	struct pos *pos;
	char *path;
	struct listener listeners[2]; /* Unix, TCP */
	struct client clients[POS_CLIENTS_MAX];
	struct log_limit said_full;
};

static void
hang_up(struct client *c)
{
	ev_io_stop(c->server->loop, &c->io);
	ev_clear_pending(c->server->loop, &c->io);
	close(c->fd);
	free(c->in);
	free(c->out);
	c->in = c->out = NULL;
	c->fd = -1;
}

static void
wait_for(struct client *c, int events)
{
	if ((c->io.events & (EV_READ | EV_WRITE)) == events &&
	    ev_is_active(&c->io))
		return;
	ev_io_stop(c->server->loop, &c->io);
	ev_io_set(&c->io, c->fd, events);
	ev_io_start(c->server->loop, &c->io);
}

/* 1: all is out; 0: later; -1: the client is gone. */
static int
send_out(struct client *c)
{
	while (c->out != NULL) {
		ssize_t n = send(c->fd, c->out + c->out_done,
		    c->out_len - c->out_done, MSG_NOSIGNAL);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1) {
			if (errno == EAGAIN) {
				wait_for(c, EV_WRITE);
				return 0;
			}
			hang_up(c);
			return -1;
		}
		c->out_done += (size_t)n;
		if (c->out_done == c->out_len) {
			free(c->out);
			c->out = NULL;
		}
	}
	wait_for(c, EV_READ);
	return 1;
}

static int
answer(struct client *c, char *text, size_t len)
{
	if (text == NULL) {
		hang_up(c);
		return -1;
	}
	c->out = text;
	c->out_len = len;
	c->out_done = 0;
	return send_out(c);
}

static void
consume(struct client *c, size_t n)
{
	c->len -= n;
	memmove(c->in, c->in + n, c->len);
}

/* One line, if a whole one is there.  Returns as send_out; 2: there is none. */
static int
take_line(struct client *c)
{
	char *end = memchr(c->in, '\n', c->len);
	size_t line, out_len = 0;
	char *out;

	if (end == NULL) {
		if (c->len <= POS_LINE_MAX)
			return 2;
		c->len = 0;
		if (c->skipping)
			return 2;
		c->skipping = true;
		out = pos_answer_refusal(
		    "line: longer than 16384 bytes", &out_len);
		return answer(c, out, out_len);
	}
	line = (size_t)(end - c->in);
	if (c->skipping || line == 0) {
		c->skipping = false;
		consume(c, line + 1);
		return 1;
	}
	out = pos_answer(c->server->pos, c->in, line, &out_len);
	consume(c, line + 1);
	return answer(c, out, out_len);
}

/* The other side has said all: its last line may lack an end. */
static void
take_end(struct client *c)
{
	c->ended = true;
	if (c->len > 0 && c->in[c->len - 1] != '\n')
		c->in[c->len++] = '\n';
}

/* 0, or -1: the client is gone. */
static int
receive(struct client *c)
{
	ssize_t n;

	if (c->ended || c->len > POS_LINE_MAX)
		return 0;
	n = recv(c->fd, c->in + c->len, POS_LINE_MAX + 1 - c->len, 0);
	if (n == -1 && errno != EAGAIN && errno != EINTR) {
		hang_up(c);
		return -1;
	}
	if (n > 0)
		c->len += (size_t)n;
	if (n == 0)
		take_end(c);
	return 0;
}

static void
on_client(struct ev_loop *loop, ev_io *io, int events)
{
	struct client *c = io->data;
	int rc;

	c->heard = ev_now(loop);
	if (c->out != NULL && send_out(c) != 1)
		return;
	if ((events & EV_READ) && receive(c) == -1)
		return;
	rc = take_line(c);
	if (rc == 2 && c->ended)
		hang_up(c);
	/* One line a round: others must not wait for somebody's hundred. */
	if (rc == 1)
		ev_feed_event(loop, &c->io, EV_CUSTOM);
}

/* ---- listening ---- */

/* A free place, or that of the longest idle; NULL: none. */
static struct client *
find_place(struct pos_server *s)
{
	struct client *idle = &s->clients[0];

	for (int i = 0; i < POS_CLIENTS_MAX; i++) {
		if (s->clients[i].fd == -1)
			return &s->clients[i];
		if (s->clients[i].heard < idle->heard)
			idle = &s->clients[i];
	}
	if (ev_now(s->loop) - idle->heard < IDLE_S)
		return NULL;
	hang_up(idle);
	return idle;
}

static void
turn_away(struct pos_server *s, int fd)
{
	unsigned long held;
	size_t len;
	char *text = pos_answer_refusal(
	    "too many connections (16): close one", &len);

	if (text != NULL)
		(void)!send(fd, text, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	free(text);
	close(fd);
	if (log_limited(&s->said_full, 60000, &held))
		log_warn("pos.full", "clients=%d", POS_CLIENTS_MAX);
}

static void
on_listener(struct ev_loop *loop, ev_io *io, int events)
{
	struct pos_server *s = io->data;
	struct client *c;
	int fd, on = 1;

	(void)events;
	fd = accept4(io->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd == -1)
		return;
	c = find_place(s);
	if (c == NULL || (c->in = malloc(POS_LINE_MAX + 2)) == NULL) {
		turn_away(s, fd);
		return;
	}
	/* Harmless on a Unix socket. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	c->fd = fd;
	c->heard = ev_now(loop);
	c->ended = c->skipping = false;
	c->len = 0;
	wait_for(c, EV_READ);
}

static void
listen_on(struct pos_server *s, struct listener *l, int fd)
{
	l->fd = fd;
	ev_io_init(&l->io, on_listener, fd, EV_READ);
	l->io.data = s;
	ev_io_start(s->loop, &l->io);
}

struct pos_server *
pos_server_new(struct ev_loop *loop, const char *path, int tcp_port,
    struct pos *pos, char *why, size_t why_cap)
{
	struct pos_server *s = calloc(1, sizeof(*s));
	int unix_fd = -1, tcp_fd = -1;

	if (s == NULL || (s->path = strdup(path)) == NULL) {
		snprintf(why, why_cap, "no memory");
		goto free_server;
	}
	unix_fd = pos_listen_unix(path, why, why_cap);
	if (unix_fd == -1)
		goto free_server;
	if (tcp_port != 0) {
		tcp_fd = pos_listen_tcp(tcp_port, why, why_cap);
		if (tcp_fd == -1)
			goto close_unix;
	}
	s->loop = loop;
	s->pos = pos;
	for (int i = 0; i < POS_CLIENTS_MAX; i++) {
		s->clients[i].fd = -1;
		s->clients[i].server = s;
		ev_init(&s->clients[i].io, on_client);
		s->clients[i].io.data = &s->clients[i];
	}
	listen_on(s, &s->listeners[0], unix_fd);
	s->listeners[1].fd = -1;
	if (tcp_fd != -1)
		listen_on(s, &s->listeners[1], tcp_fd);
	return s;
close_unix:
	close(unix_fd);
	unlink(path);
free_server:
	if (s != NULL)
		free(s->path);
	free(s);
	return NULL;
}

void
pos_server_free(struct pos_server *s)
{
	if (s == NULL)
		return;
	for (int i = 0; i < POS_CLIENTS_MAX; i++)
		if (s->clients[i].fd != -1)
			hang_up(&s->clients[i]);
	for (int i = 0; i < 2; i++) {
		if (s->listeners[i].fd == -1)
			continue;
		ev_io_stop(s->loop, &s->listeners[i].io);
		close(s->listeners[i].fd);
	}
	unlink(s->path);
	free(s->path);
	free(s);
}

unsigned
pos_server_clients(const struct pos_server *s)
{
	unsigned n = 0;

	for (int i = 0; i < POS_CLIENTS_MAX; i++)
		n += s->clients[i].fd != -1;
	return n;
}
