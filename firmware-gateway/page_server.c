#include "firmware-gateway/page_server.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "firmware-gateway/page_listen.h"
#include "lib/log.h"

/* Head and what is read of a body at once. */
#define GUEST_BYTES ((size_t)8 * 1024)
#define SWEEP_S 5.0

/* A connection. */
struct guest {
	int fd; /* -1: free */
	ev_tstamp since; /* it came, or its last request was answered */
};

/* A request that is coming in. */
struct incoming {
	char *body; /* POS_LINE_MAX */
	size_t len;
	bool too_long;
};

struct page_server {
	struct ev_loop *loop;
	struct page *page;
	struct MHD_Daemon *daemon;
	int port;
	struct guest guests[PAGE_GUESTS_MAX];
	ev_io ready;
	ev_timer wake; /* when the library wants to run by itself */
	ev_timer sweep;
};

/* ---- a request ---- */

static const char *
header(struct MHD_Connection *c, const char *name)
{
	return MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
}

static void
add_headers(struct MHD_Response *response, const struct page_answer *a)
{
	char text[160];

	MHD_add_response_header(response, "Content-Type", a->type);
	MHD_add_response_header(response, "Content-Security-Policy",
	    "default-src 'none'; script-src 'self'; style-src 'self';"
	    " img-src 'self'; connect-src 'self'; base-uri 'none';"
	    " form-action 'none'; frame-ancestors 'none'");
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	MHD_add_response_header(response, "Referrer-Policy", "no-referrer");
	/* An upgraded gateway's page must not run yesterday's script. */
	MHD_add_response_header(response, "Cache-Control", "no-store");
	if (a->allow != NULL)
		MHD_add_response_header(response, "Allow", a->allow);
	if (a->retry_s != 0) {
		snprintf(text, sizeof(text), "%d", a->retry_s);
		MHD_add_response_header(response, "Retry-After", text);
	}
	if (a->token[0] != '\0') {
		snprintf(text, sizeof(text),
		    "pregon=%s; Path=/; Max-Age=31536000; HttpOnly;"
		    " SameSite=Strict",
		    a->token);
		MHD_add_response_header(response, "Set-Cookie", text);
	}
}

static enum MHD_Result
send_answer(struct MHD_Connection *c, const struct page_answer *a)
{
	struct MHD_Response *response;
	enum MHD_Result rc;

	if (a->constant != NULL)
		response = MHD_create_response_from_buffer(a->len,
		    (void *)(uintptr_t)a->constant, MHD_RESPMEM_PERSISTENT);
	else if (a->body != NULL)
		response = MHD_create_response_from_buffer(
		    a->len, a->body, MHD_RESPMEM_MUST_FREE);
	else
		return MHD_NO;
	if (response == NULL) {
		free(a->body);
		return MHD_NO;
	}
	add_headers(response, a);
	rc = MHD_queue_response(c, a->status, response);
	MHD_destroy_response(response);
	return rc;
}

static void
take_body(struct incoming *in, const char *part, size_t len)
{
	if (in->body == NULL)
		in->body = malloc(POS_LINE_MAX);
	if (in->body == NULL || len > POS_LINE_MAX - in->len) {
		in->too_long = true;
		return;
	}
	memcpy(in->body + in->len, part, len);
	in->len += len;
}

/* Called with the head, for each part of a body, and once more at its end. */
static enum MHD_Result
handle(void *ctx, struct MHD_Connection *c, const char *path,
    const char *method, const char *version, const char *part, size_t *len,
    void **state)
{
	struct page_server *s = ctx;
	struct incoming *in = *state;
	struct page_call call = { .method = method, .path = path };
	struct page_answer answer;

	(void)version;
	if (in == NULL) {
		*state = calloc(1, sizeof(*in));
		return *state != NULL ? MHD_YES : MHD_NO;
	}
	if (*len > 0) {
		take_body(in, part, *len);
		*len = 0;
		return MHD_YES;
	}
	call.host = header(c, "Host");
	call.origin = header(c, "Origin");
	call.content_type = header(c, "Content-Type");
	call.cookie = header(c, "Cookie");
	call.body = in->body != NULL ? in->body : "";
	call.body_len = in->len;
	call.too_long = in->too_long;
	page_answer(s->page, &call, &answer);
	return send_answer(c, &answer);
}

/* ---- connections ---- */

static void
completed(void *ctx, struct MHD_Connection *c, void **state,
    enum MHD_RequestTerminationCode why)
{
	struct page_server *s = ctx;
	struct incoming *in = *state;
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	(void)why;
	if (info != NULL && info->socket_context != NULL)
		((struct guest *)info->socket_context)->since = ev_now(s->loop);
	if (in != NULL)
		free(in->body);
	free(in);
	*state = NULL;
}

static void
came_or_went(void *ctx, struct MHD_Connection *c, void **socket_context,
    enum MHD_ConnectionNotificationCode what)
{
	struct page_server *s = ctx;
	struct guest *guest = *socket_context;

	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		if (guest != NULL)
			guest->fd = -1;
		return;
	}
	for (int i = 0; i < PAGE_GUESTS_MAX; i++) {
		if (s->guests[i].fd != -1)
			continue;
		s->guests[i].fd = MHD_get_connection_info(
		    c, MHD_CONNECTION_INFO_CONNECTION_FD)
				      ->connect_fd;
		s->guests[i].since = ev_now(s->loop);
		*socket_context = &s->guests[i];
		return;
	}
}

/* The library's own timeout is of silence: who sends a byte now and then
 * would stay for ever.  It sees the end and closes. */
static void
on_sweep(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct page_server *s = timer->data;

	(void)events;
	for (int i = 0; i < PAGE_GUESTS_MAX; i++)
		if (s->guests[i].fd != -1 &&
		    ev_now(loop) - s->guests[i].since > PAGE_GUEST_S)
			shutdown(s->guests[i].fd, SHUT_RDWR);
}

/* ---- the loop ---- */

static void
run(struct page_server *s)
{
	MHD_UNSIGNED_LONG_LONG wait_ms;

	MHD_run(s->daemon);
	ev_timer_stop(s->loop, &s->wake);
	if (MHD_get_timeout(s->daemon, &wait_ms) != MHD_YES)
		return;
	ev_timer_set(&s->wake, (double)wait_ms / 1000, 0);
	ev_timer_start(s->loop, &s->wake);
}

static void
on_ready(struct ev_loop *loop, ev_io *io, int events)
{
	(void)loop;
	(void)events;
	run(io->data);
}

static void
on_wake(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	run(timer->data);
}

static void __attribute__((format(printf, 2, 0)))
library_log(void *ctx, const char *fmt, va_list ap)
{
	char text[300];

	(void)ctx;
	vsnprintf(text, sizeof(text), fmt, ap);
	text[strcspn(text, "\n")] = '\0';
	log_debug("page.http", "why=\"%s\"", text);
}

static void
join_loop(struct page_server *s, int epoll_fd)
{
	ev_io_init(&s->ready, on_ready, epoll_fd, EV_READ);
	s->ready.data = s;
	ev_io_start(s->loop, &s->ready);
	ev_timer_init(&s->wake, on_wake, 0, 0);
	s->wake.data = s;
	ev_timer_init(&s->sweep, on_sweep, SWEEP_S, SWEEP_S);
	s->sweep.data = s;
	ev_timer_start(s->loop, &s->sweep);
}

struct page_server *
page_server_new(struct ev_loop *loop, const char *host, int port,
    struct page *page, char *why, size_t why_cap)
{
	struct page_server *s = calloc(1, sizeof(*s));
	int fd;

	if (s == NULL) {
		snprintf(why, why_cap, "no memory");
		return NULL;
	}
	s->loop = loop;
	s->page = page;
	for (int i = 0; i < PAGE_GUESTS_MAX; i++)
		s->guests[i].fd = -1;
	fd = page_listen(host, port, &s->port, why, why_cap);
	if (fd == -1)
		goto free_server;
	/* The socket is the library's from here on. */
	s->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_ERROR_LOG, 0, NULL,
	    NULL, handle, s, MHD_OPTION_EXTERNAL_LOGGER, library_log, NULL,
	    MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_NOTIFY_COMPLETED,
	    completed, s, MHD_OPTION_NOTIFY_CONNECTION, came_or_went, s,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)PAGE_GUESTS_MAX,
	    MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)PAGE_GUESTS_MAX / 2,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)PAGE_GUEST_S,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, GUEST_BYTES, MHD_OPTION_END);
	if (s->daemon == NULL) {
		snprintf(why, why_cap,
		    "page.port: the HTTP library did not"
		    " start");
		goto free_server;
	}
	join_loop(s,
	    MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd);
	return s;
free_server:
	free(s);
	return NULL;
}

void
page_server_free(struct page_server *s)
{
	if (s == NULL)
		return;
	ev_io_stop(s->loop, &s->ready);
	ev_timer_stop(s->loop, &s->wake);
	ev_timer_stop(s->loop, &s->sweep);
	MHD_stop_daemon(s->daemon);
	free(s);
}

int
page_server_port(const struct page_server *s)
{
	return s->port;
}
