#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "tools/ctl/ctl.h"
#include "tools/ctl/gateway_socket.h"

/* A sale is synced to a flash card first. */
#define ANSWER_TIMEOUT_S 15

static int
connect_to(int fd, const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	const struct timeval limit = { .tv_sec = ANSWER_TIMEOUT_S };

	if (strlen(path) >= sizeof(to.sun_path)) {
		ctl_say("--socket: longer than %zu characters",
		    sizeof(to.sun_path) - 1);
		return -1;
	}
	strcpy(to.sun_path, path);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) ==
		-1 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) ==
		-1 ||
	    connect(fd, (const struct sockaddr *)&to, sizeof(to)) == -1) {
		ctl_say("%s: %s: does the gateway run, and is --socket its "
			"pos.socket?",
		    path, strerror(errno));
		return -1;
	}
	return 0;
}

FILE *
gateway_connect(const char *path)
{
	FILE *f = NULL;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1) {
		ctl_say("no socket: %s", strerror(errno));
		return NULL;
	}
	if (connect_to(fd, path) == 0) {
		f = fdopen(fd, "r+");
		if (f == NULL)
			ctl_say("%s: %s", path, strerror(errno));
	}
	if (f == NULL)
		close(fd);
	return f;
}

/* Past the stream: one that is read and written has to seek in between. */
static int
send_all(int fd, const char *at, size_t left)
{
	ssize_t n;

	while (left > 0) {
		n = send(fd, at, left, MSG_NOSIGNAL);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		at += n;
		left -= (size_t)n;
	}
	return 0;
}

int
gateway_ask(FILE *f, const char *line, char **answer, size_t *cap)
{
	ssize_t len;

	if (send_all(fileno(f), line, strlen(line)) == -1 ||
	    send_all(fileno(f), "\n", 1) == -1) {
		ctl_say("the gateway does not listen: %s", strerror(errno));
		return -1;
	}
	errno = 0;
	len = getline(answer, cap, f);
	if (len <= 0) {
		ctl_say("no answer from the gateway: %s",
		    errno == EAGAIN  ? "not in time"
			: errno != 0 ? strerror(errno)
				     : "it closed the connection");
		return -1;
	}
	if ((*answer)[len - 1] == '\n')
		(*answer)[len - 1] = '\0';
	return 0;
}
