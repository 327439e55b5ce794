#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "backend/api/listen.h"
#include "backend/api/server_parts.h"
#include "backend/api/tls.h"
#include "lib/log.h"

#define IDLE_S 30
#define HEAD_BYTES_MAX (16 * 1024)
/* Of all requests that are coming in. */
#define BODIES_BYTES_MAX (INT64_C(64) * 1024 * 1024)
/* For what Kafka has yet to acknowledge when the program stops. */
#define CLOSE_MS 2000
/* And for their answers to be fetched. */
#define DRAIN_MS 1000
#define DRAIN_STEP_MS 2

static void __attribute__((format(printf, 2, 0)))
library_log(void *ctx, const char *fmt, va_list ap)
{
	char text[300];

	(void)ctx;
	vsnprintf(text, sizeof(text), fmt, ap);
	text[strcspn(text, "\n")] = '\0';
	log_debug("api.http", "why=\"%s\"", text);
}

static int
make_metrics(struct server *s, struct metrics *m)
{
	static const char *const labels[CLASSES] = { "class=\"2xx\"",
		"class=\"3xx\"", "class=\"4xx\"", "class=\"5xx\"" };
	size_t i;

	for (i = 0; i < CLASSES; i++) {
		s->requests[i] = metrics_counter(m, "pregon_api_requests_total",
		    labels[i], "Requests answered, by class of status.");
		if (s->requests[i] == NULL)
			return -1;
	}
	s->latency = metrics_histogram(m, "pregon_api_request_ms", NULL,
	    "Milliseconds to make an answer.");
	return s->latency != NULL ? 0 : -1;
}

/* The socket is the library's from here on, if it takes it. */
static struct MHD_Daemon *
start_library(struct server *s, const struct server_settings *settings,
    const struct tls *tls, int fd)
{
	struct MHD_OptionItem https[] = {
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, tls->cert },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, tls->key },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0,
		    "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2" },
		{ MHD_OPTION_END, 0, NULL },
	};
	const struct MHD_OptionItem http[] = { { MHD_OPTION_END, 0, NULL } };
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG |
	    MHD_ALLOW_SUSPEND_RESUME;

	if (tls->cert != NULL)
		flags |= MHD_USE_TLS;
	return MHD_start_daemon(flags, (uint16_t)s->port, NULL, NULL,
	    server_handle, s, MHD_OPTION_EXTERNAL_LOGGER, library_log, NULL,
	    MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_NOTIFY_COMPLETED,
	    server_completed, s, MHD_OPTION_NOTIFY_CONNECTION,
	    server_on_connection, s, MHD_OPTION_CONNECTION_LIMIT,
	    (unsigned)settings->connections, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
	    (unsigned)settings->connections_per_address,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEAD_BYTES_MAX,
	    MHD_OPTION_THREAD_POOL_SIZE, (unsigned)settings->threads,
	    MHD_OPTION_ARRAY, tls->cert != NULL ? https : http, MHD_OPTION_END);
}

static struct events *
start_events(struct server *s, const struct server_settings *settings)
{
	const struct events_settings events = { .clock = s->api->clock,
		.live_ms = s->api->live_ms,
		.tokens = s->api->tokens,
		.sessions = s->api->sessions,
		.viewers_max = (size_t)settings->viewers,
		.open_reader = settings->open_reader,
		.ctx = settings->ctx,
		.metrics = s->api->metrics };

	return events_start(&events);
}

struct server *
server_start(const struct server_settings *settings, const struct api *api,
    char *why, size_t why_cap)
{
	struct server *s = calloc(1, sizeof(*s));
	struct tls tls = { NULL, NULL };
	int fd = -1;

	if (s == NULL || make_metrics(s, api->metrics) == -1 ||
	    pthread_key_create(&s->reader_key, server_close_reader) != 0) {
		snprintf(why, why_cap, "no memory");
		free(s);
		return NULL;
	}
	s->api = api;
	s->open_reader = settings->open_reader;
	s->ctx = settings->ctx;
	s->port = settings->port;
	s->proxies = settings->proxies;
	tiles_policy(&api->site.tiles, s->budget.page_policy);
	s->budget.held_max = settings->held_bytes_max;
	s->bodies.held_max = BODIES_BYTES_MAX;
	s->head_s = settings->head_s;
	s->body_s = settings->body_s;
	s->events = start_events(s, settings);
	if (s->events == NULL) {
		snprintf(
		    why, why_cap, "no thread for events: %s", strerror(errno));
		goto fail;
	}
	s->patience = patience_start(api->metrics);
	if (s->patience == NULL) {
		snprintf(why, why_cap, "no thread for slow connections: %s",
		    strerror(errno));
		goto fail;
	}
	if (tls_read(&tls, settings->cert, settings->key, why, why_cap) == -1)
		goto fail;
	s->budget.tls = tls.cert != NULL;
	fd = listen_on(settings->host, &s->port, why, why_cap);
	if (fd == -1)
		goto fail;
	s->daemon = start_library(s, settings, &tls, fd);
	if (s->daemon == NULL) {
		snprintf(why, why_cap, "the HTTP library did not start%s",
		    s->budget.tls ? ": do tls.cert and tls.key fit together?"
				  : "");
		goto fail;
	}
	tls_release(&tls);
	return s;
fail:
	events_free(s->events);
	patience_stop(s->patience);
	tls_release(&tls);
	if (fd != -1)
		close(fd);
	pthread_key_delete(s->reader_key);
	free(s);
	return NULL;
}

int
server_port(const struct server *s)
{
	return s->port;
}

void
server_open_writes(struct server *s, struct submit *submit)
{
	atomic_store(&s->submit, submit);
}

void
server_open_errands(struct server *s, struct errands *errands)
{
	atomic_store(&s->errands, errands);
}

/* Ends what is under way, and waits until its answers went out. */
static void
drain(struct server *s)
{
	const struct timespec step = { .tv_nsec = DRAIN_STEP_MS * 1000000L };
	int left = DRAIN_MS / DRAIN_STEP_MS;

	if (atomic_load(&s->errands) != NULL)
		errands_close(s->errands);
	if (atomic_load(&s->submit) != NULL)
		submit_close(s->submit, CLOSE_MS);
	while (atomic_load(&s->unfinished) > 0 && left-- > 0)
		nanosleep(&step, NULL);
}

void
server_stop(struct server *s)
{
	/* The library may not be stopped with connections suspended: each is
	 * answered first, and no more will be. */
	events_close(s->events);
	drain(s);
	/* Joins its threads, whose readers are closed as they end. */
	MHD_stop_daemon(s->daemon);
	patience_stop(s->patience);
	events_free(s->events);
	pthread_key_delete(s->reader_key);
	free(s);
}
