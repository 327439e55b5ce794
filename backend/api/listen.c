/*
 * Made here and handed to libmicrohttpd, which only says that "it" failed.
 */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backend/api/listen.h"

static int
bound_port(int fd)
{
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);

	if (getsockname(fd, (struct sockaddr *)&address, &len) == -1)
		return -1;
	if (address.ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
	return ntohs(((struct sockaddr_in *)&address)->sin_port);
}

static int
open_socket(const struct addrinfo *at)
{
	const int one = 1;
	int saved;
	int fd = socket(at->ai_family,
	    at->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, at->ai_protocol);

	if (fd == -1)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0 &&
	    bind(fd, at->ai_addr, at->ai_addrlen) == 0 &&
	    listen(fd, SOMAXCONN) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static const char *
explain(int error)
{
	switch (error) {
	case EADDRINUSE:
		return "another program listens there: stop it, or set "
		       "another http.port";
	case EACCES:
		return "ports below 1024 need CAP_NET_BIND_SERVICE: set "
		       "another http.port";
	case EADDRNOTAVAIL:
		return "this machine has no such address: set another "
		       "http.host";
	default:
		return strerror(error);
	}
}

int
listen_on(const char *host, int *port, char *why, size_t why_cap)
{
	const struct addrinfo hints = { .ai_flags = AI_PASSIVE,
		.ai_socktype = SOCK_STREAM };
	struct addrinfo *list;
	char service[16];
	int fd, rc;

	snprintf(service, sizeof(service), "%d", *port);
	rc = getaddrinfo(host, service, &hints, &list);
	if (rc != 0) {
		snprintf(
		    why, why_cap, "http.host %s: %s", host, gai_strerror(rc));
		return -1;
	}
	fd = open_socket(list);
	if (fd == -1)
		snprintf(why, why_cap, "cannot listen on %s port %d: %s", host,
		    *port, explain(errno));
	freeaddrinfo(list);
	if (fd != -1)
		*port = bound_port(fd);
	return fd;
}
