/*
 * broker: a real Mosquitto on a free loopback port, for one test; and a
 * socket that listens and never answers.
 */
#ifndef PREGON_TESTS_BROKER_H
#define PREGON_TESTS_BROKER_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct broker {
	char folder[32];
	int port;
	pid_t pid; /* 0: not running */
};

/* A socket that listens on loopback; 0: any port. */
static inline int
broker_listen(int *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)*port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) == -1 ||
	    listen(fd, 8) == -1 ||
	    getsockname(fd, (struct sockaddr *)&at, &len) == -1)
		abort();
	*port = ntohs(at.sin_port);
	return fd;
}

static inline int
broker_answers(int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int rc = connect(fd, (struct sockaddr *)&at, sizeof(at));

	close(fd);
	return rc == 0;
}

/* Its folder and port, for what must be there before it starts. */
static inline void
broker_prepare(struct broker *b)
{
	if (b->folder[0] != '\0')
		return;
	strcpy(b->folder, "/tmp/pregon-mqtt-XXXXXX");
	if (mkdtemp(b->folder) == NULL)
		abort();
	close(broker_listen(&b->port));
}

/* `more` is added to its configuration.  Waits until it listens. */
static inline void
broker_start(struct broker *b, const char *more)
{
	char path[64];
	FILE *conf;

	broker_prepare(b);
	snprintf(path, sizeof(path), "%s/m.conf", b->folder);
	conf = fopen(path, "w");
	if (conf == NULL)
		abort();
	/* Not 0 (no bound): who publishes what is denied is then thrown out,
	 * by 2.0.11. */
	fprintf(conf,
	    "listener %d 127.0.0.1\n%s\n"
	    "max_queued_messages 1000000\nset_tcp_nodelay true\n"
	    "log_dest file %s/log\nuser root\n",
	    b->port, more, b->folder);
	fclose(conf);
	b->pid = fork();
	if (b->pid == 0) {
		execlp("mosquitto", "mosquitto", "-c", path, (char *)NULL);
		execl("/usr/sbin/mosquitto", "mosquitto", "-c", path,
		    (char *)NULL);
		_exit(127);
	}
	for (int i = 0; !broker_answers(b->port); i++) {
		if (i == 1000 || waitpid(b->pid, NULL, WNOHANG) != 0)
			abort();
		poll(NULL, 0, 10);
	}
}

static inline void
broker_kill(struct broker *b)
{
	if (b->pid == 0)
		return;
	kill(b->pid, SIGKILL);
	waitpid(b->pid, NULL, 0);
	b->pid = 0;
}

static inline void
broker_remove(struct broker *b)
{
	static const char *const names[] = { "m.conf", "log", "key", "cert",
		"dynsec.json", "dynsec.json.new" };
	char path[64];

	broker_kill(b);
	if (b->folder[0] == '\0')
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "%s/%s", b->folder, names[i]);
		unlink(path);
	}
	rmdir(b->folder);
	b->folder[0] = '\0';
}

#endif
