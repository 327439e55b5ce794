#include "firmware-gateway/pos_listen.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 16

static int
new_socket(int family)
{
	return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* Does anybody listen on it?  A crash leaves the file behind. */
static bool
is_in_use(const struct sockaddr_un *address)
{
	int fd = new_socket(AF_UNIX);
	bool used;

	if (fd == -1)
		return true;
	used = connect(fd, (const struct sockaddr *)address,
		   sizeof(*address)) == 0 ||
	    errno != ECONNREFUSED;
	close(fd);
	return used;
}

/* From its first moment on closed to strangers. */
static int
bind_private(int fd, const struct sockaddr_un *address)
{
	mode_t before = umask(0117);
	int rc = bind(fd, (const struct sockaddr *)address, sizeof(*address));

	umask(before);
	return rc;
}

static int
bind_unix(int fd, const struct sockaddr_un *address)
{
	struct stat st;

	if (bind_private(fd, address) == 0)
		return 0;
	if (errno != EADDRINUSE)
		return -1;
	if (stat(address->sun_path, &st) == -1 || !S_ISSOCK(st.st_mode) ||
	    is_in_use(address)) {
		errno = EADDRINUSE;
		return -1;
	}
	if (unlink(address->sun_path) == -1)
		return -1;
	return bind_private(fd, address);
}

int
pos_listen_unix(const char *path, char *why, size_t why_cap)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = -1, saved;

	if (strlen(path) >= sizeof(address.sun_path)) {
		snprintf(why, why_cap,
		    "pos.socket: %s: over %zu characters, the longest path of"
		    " a socket",
		    path, sizeof(address.sun_path) - 1);
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(address.sun_path, path);
	fd = new_socket(AF_UNIX);
	if (fd == -1 || bind_unix(fd, &address) == -1)
		goto fail;
	if (chmod(path, 0660) == -1 || listen(fd, BACKLOG) == -1)
		goto fail;
	return fd;
fail:
	saved = errno;
	if (saved == EADDRINUSE)
		snprintf(why, why_cap,
		    "pos.socket: %s is in use: stop the other program, or set"
		    " another path",
		    path);
	else
		snprintf(why, why_cap,
		    "pos.socket: cannot listen on %s: %s: make its folder, or"
		    " set another path",
		    path, strerror(saved));
	if (fd != -1)
		close(fd);
	errno = saved;
	return -1;
}

int
pos_listen_tcp(int port, char *why, size_t why_cap)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = new_socket(AF_INET);
	int on = 1, saved;

	if (fd != -1)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd != -1 &&
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	saved = errno;
	snprintf(why, why_cap,
	    "pos.tcp_port: cannot listen on 127.0.0.1:%d: %s: stop the other"
	    " program, or set another port",
	    port, strerror(saved));
	if (fd != -1)
		close(fd);
	errno = saved;
	return -1;
}
