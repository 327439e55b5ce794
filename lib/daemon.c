#include "lib/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* As a shell says it of a program that SIGINT ended. */
#define EXIT_INTERRUPTED 130

struct daemon {
	struct ev_loop *loop;
	void (*stop)(void *);
	bool (*healthy)(void *);
	void *ctx;
	ev_signal term, interrupt;
	ev_timer watchdog;
};

/* Not through the loop: it may be what does not end. */
static void
end_at_once(int signal_number)
{
	(void)signal_number;
	_exit(EXIT_INTERRUPTED);
}

static void
on_signal(struct ev_loop *loop, ev_signal *watcher, int events)
{
	struct daemon *d = watcher->data;

	(void)events;
	ev_signal_stop(loop, &d->term);
	ev_signal_stop(loop, &d->interrupt);
	signal(SIGTERM, end_at_once);
	signal(SIGINT, end_at_once);
	daemon_notify("STOPPING=1");
	d->stop(d->ctx);
}

static void
on_watchdog(struct ev_loop *loop, ev_timer *watcher, int events)
{
	struct daemon *d = watcher->data;

	(void)loop;
	(void)events;
	if (d->healthy == NULL || d->healthy(d->ctx))
		daemon_notify("WATCHDOG=1");
}

/* sd_watchdog_enabled(3): microseconds, 0: nobody asked us. */
static double
watchdog_interval_us(void)
{
	const char *usec = getenv("WATCHDOG_USEC");
	const char *pid = getenv("WATCHDOG_PID");

	if (usec == NULL || (pid != NULL && atol(pid) != (long)getpid()))
		return 0;
	return strtod(usec, NULL);
}

struct daemon *
daemon_new(struct ev_loop *loop, void (*stop)(void *), bool (*healthy)(void *),
    void *ctx)
{
	struct daemon *d = calloc(1, sizeof(*d));
	double every_s = watchdog_interval_us() / 1e6 / 2;

	if (d == NULL)
		return NULL;
	d->loop = loop;
	d->stop = stop;
	d->healthy = healthy;
	d->ctx = ctx;
	signal(SIGPIPE, SIG_IGN);
	ev_signal_init(&d->term, on_signal, SIGTERM);
	ev_signal_init(&d->interrupt, on_signal, SIGINT);
	d->term.data = d->interrupt.data = d;
	ev_signal_start(loop, &d->term);
	ev_signal_start(loop, &d->interrupt);
	ev_timer_init(&d->watchdog, on_watchdog, every_s, every_s);
	d->watchdog.data = d;
	if (every_s > 0)
		ev_timer_start(loop, &d->watchdog);
	return d;
}

void
daemon_free(struct daemon *d)
{
	if (d == NULL)
		return;
	ev_signal_stop(d->loop, &d->term);
	ev_signal_stop(d->loop, &d->interrupt);
	ev_timer_stop(d->loop, &d->watchdog);
	free(d);
}

/* The protocol is a datagram to a socket; libsystemd for that alone would cost
 * a cart's gateway its memory. */
void
daemon_notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	socklen_t len;
	int fd, saved = errno;

	if (path == NULL || (path[0] != '/' && path[0] != '@') ||
	    strlen(path) >= sizeof(to.sun_path))
		return;
	strcpy(to.sun_path, path);
	len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
	    strlen(path));
	if (path[0] == '@')
		to.sun_path[0] = '\0'; /* an abstract one */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd != -1) {
		sendto(fd, state, strlen(state), MSG_NOSIGNAL,
		    (struct sockaddr *)&to, len);
		close(fd);
	}
	errno = saved;
}

int
daemon_lock(const char *path)
{
	int saved, fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	if (fd == -1)
		return -1;
	if (flock(fd, LOCK_EX | LOCK_NB) == -1) {
		saved = errno;
		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}
