/*
 * The health port.  Its thread is libmicrohttpd's own: a program's loop that
 * is stuck must still be seen to be so.
 */
#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/metrics.h"

/* Who asks is a monitor or two; more wait in the socket's backlog. */
#define CONNECTIONS_MAX 16u
#define IDLE_SECONDS 10u
#define MEMORY_EACH ((size_t)8 * 1024)
#define STACK_BYTES ((size_t)128 * 1024)

struct health_server {
	struct metrics *metrics;
	int (*health)(void *ctx, char *why, size_t cap);
	void *ctx;
	struct MHD_Daemon *daemon;
	int port;
};

static enum MHD_Result
answer(struct MHD_Connection *connection, unsigned status, const char *type,
    char *body, enum MHD_ResponseMemoryMode mode)
{
	struct MHD_Response *response;
	enum MHD_Result rc;

	response = MHD_create_response_from_buffer(strlen(body), body, mode);
	if (response == NULL) {
		if (mode == MHD_RESPMEM_MUST_FREE)
			free(body);
		return MHD_NO;
	}
	MHD_add_response_header(response, "Content-Type", type);
	rc = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return rc;
}

static enum MHD_Result
answer_health(struct health_server *hs, struct MHD_Connection *connection)
{
	char why[512] = "not well", body[600];

	if (hs->health == NULL || hs->health(hs->ctx, why, sizeof(why)) == 0)
		return answer(connection, MHD_HTTP_OK, "text/plain",
		    (char[]){ "ok\n" }, MHD_RESPMEM_MUST_COPY);
	snprintf(body, sizeof(body), "%s\n", why);
	return answer(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "text/plain",
	    body, MHD_RESPMEM_MUST_COPY);
}

static enum MHD_Result
handle(void *ctx, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *upload,
    size_t *upload_size, void **state)
{
	struct health_server *hs = ctx;
	char *page;

	(void)version;
	(void)upload;
	(void)state;
	*upload_size = 0;
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
		return answer(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
		    "text/plain", (char[]){ "GET only\n" },
		    MHD_RESPMEM_MUST_COPY);
	if (strcmp(url, "/healthz") == 0)
		return answer_health(hs, connection);
	if (strcmp(url, "/metrics") != 0)
		return answer(connection, MHD_HTTP_NOT_FOUND, "text/plain",
		    (char[]){ "/healthz or /metrics\n" },
		    MHD_RESPMEM_MUST_COPY);
	page = metrics_text(hs->metrics);
	if (page == NULL)
		return MHD_NO;
	return answer(connection, MHD_HTTP_OK,
	    "text/plain; version=0.0.4; charset=utf-8", page,
	    MHD_RESPMEM_MUST_FREE);
}

/* A listening socket; -1 and errno. */
static int
listen_on(const char *host, int port)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICSERV },
			*list;
	char service[16];
	int fd, one = 1, saved;

	snprintf(service, sizeof(service), "%d", port);
	if (getaddrinfo(host, service, &hints, &list) != 0) {
		errno = EADDRNOTAVAIL;
		return -1;
	}
	fd = socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd != -1 &&
	    (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ==
		    -1 ||
		bind(fd, list->ai_addr, list->ai_addrlen) == -1 ||
		listen(fd, 16) == -1)) {
		saved = errno;
		close(fd);
		errno = saved;
		fd = -1;
	}
	freeaddrinfo(list);
	return fd;
}

static int
bound_port(int fd)
{
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);
	char service[16];

	if (getsockname(fd, (struct sockaddr *)&address, &len) == -1 ||
	    getnameinfo((struct sockaddr *)&address, len, NULL, 0, service,
		sizeof(service), NI_NUMERICSERV) != 0)
		return 0;
	return atoi(service);
}

struct health_server *
health_start(struct metrics *metrics, const char *host, int port,
    int (*health)(void *ctx, char *why, size_t cap), void *ctx)
{
	struct health_server *hs = calloc(1, sizeof(*hs));
	int fd, saved;

	if (hs == NULL)
		return NULL;
	hs->metrics = metrics;
	hs->health = health;
	hs->ctx = ctx;
	fd = listen_on(host, port);
	if (fd == -1)
		goto free_server;
	hs->port = bound_port(fd);
	hs->daemon = MHD_start_daemon(
	    MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL,
	    handle, hs, MHD_OPTION_LISTEN_SOCKET, fd,
	    MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX,
	    MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, MEMORY_EACH,
	    MHD_OPTION_THREAD_STACK_SIZE, STACK_BYTES, MHD_OPTION_END);
	if (hs->daemon == NULL) {
		/* The socket is gone with it. */
		errno = errno != 0 ? errno : EIO;
		goto free_server;
	}
	return hs;
free_server:
	saved = errno;
	free(hs);
	errno = saved;
	return NULL;
}

int
health_port(const struct health_server *hs)
{
	return hs->port;
}

void
health_stop(struct health_server *hs)
{
	if (hs == NULL)
		return;
	MHD_stop_daemon(hs->daemon);
	free(hs);
}
