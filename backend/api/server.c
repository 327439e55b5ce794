#include <errno.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "backend/api/exchange.h"
#include "backend/api/listen.h"
#include "backend/api/reply.h"
#include "backend/api/server.h"
#include "backend/api/stream.h"
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
#define RETRY_VIEWER_S 5
#define CLASSES 4 /* 2xx to 5xx */

struct server {
	const struct api *api;
	struct reader *(*open_reader)(void *);
	void *ctx;
	struct MHD_Daemon *daemon;
	pthread_key_t reader_key; /* each thread's struct reader */
	_Atomic(struct submit *) submit; /* NULL: not yet */
	_Atomic(struct errands *) errands; /* NULL: not yet */
	_Atomic int unfinished; /* requests, from suspended to answered */
	struct proxies proxies;
	struct events *events;
	struct reply_budget budget;
	struct body_budget bodies;
	int port;
	struct metric *requests[CLASSES];
	struct histogram *latency;
};

static void
close_reader(void *value)
{
	struct reader *reader = value;

	reader->ops->close(reader);
}

static struct reader *
thread_reader(struct server *s)
{
	struct reader *reader = pthread_getspecific(s->reader_key);

	if (reader == NULL) {
		reader = s->open_reader(s->ctx);
		if (reader != NULL &&
		    pthread_setspecific(s->reader_key, reader) != 0) {
			close_reader(reader);
			return NULL;
		}
	}
	return reader;
}

static int64_t
monotonic_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* NULL: it is answered otherwise. */
static struct MHD_Response *
open_stream(struct server *s, struct exchange *x)
{
	struct MHD_Response *r = stream_open(
	    x->connection, s->events, &x->call.asker, x->request.last_event);

	if (r != NULL)
		return r;
	answer_problem(&x->answer, 503, NULL, NULL,
	    errno == ENOBUFS ? "too many look on, or the program is stopping"
			     : "no memory");
	x->answer.retry_s = RETRY_VIEWER_S;
	return NULL;
}

static enum MHD_Result
send_file(struct server *s, struct exchange *x, int *status)
{
	enum MHD_Result queued;

	x->call.has_file = false;
	queued = reply_file(
	    &s->budget, x->connection, &x->answer, &x->call.file);
	*status = x->answer.status;
	return queued;
}

static enum MHD_Result
reply(struct server *s, struct exchange *x)
{
	struct MHD_Response *stream = NULL;
	enum MHD_Result queued;
	int status = x->answer.status;

	if (x->call.stream && status == 200)
		stream = open_stream(s, x);
	if (stream != NULL)
		queued = reply_response(
		    &s->budget, x->connection, &x->answer, stream);
	else if (x->call.has_file)
		queued = send_file(s, x, &status);
	else
		queued = reply_queue(
		    &s->budget, x->connection, &x->answer, &status);
	metric_add(s->requests[status / 100 - 2], 1);
	histogram_observe_ms(
	    s->latency, (double)(monotonic_us() - x->start_us) / 1e3);
	/* Not the path itself: it may name a person. */
	log_debug("api.request", "method=%s route=\"%s\" status=%d",
	    x->request.method, x->call.route != NULL ? x->call.route->path : "",
	    status);
	return queued;
}

/* From submit's thread; the exchange is the library's again after it. */
static void
on_submitted(void *ctx, enum submit_result result)
{
	struct exchange *x = ctx;

	api_submitted(&x->call, 0, result);
	x->state = EXCHANGE_ANSWERED;
	MHD_resume_connection(x->connection);
}

/*
 * Nothing of the connection is looked at until it is resumed, and then
 * handle() is called once more.
 */
static void
suspend(struct server *s, struct exchange *x)
{
	struct submission *submission = x->call.submission;
	struct submit *submit = atomic_load(&s->submit);

	x->call.submission = NULL;
	x->state = EXCHANGE_WAITS;
	atomic_fetch_add(&s->unfinished, 1);
	MHD_suspend_connection(x->connection);
	if (submit != NULL &&
	    submit_hand_over(submit, submission, on_submitted, x) == 0)
		return;
	api_submitted(
	    &x->call, submit != NULL ? errno : ESHUTDOWN, SUBMIT_FAILED);
	submission_free(submission);
	x->state = EXCHANGE_ANSWERED;
	MHD_resume_connection(x->connection);
}

/* From errands' thread. */
static void
run_errand(void *ctx, struct log_view *view)
{
	struct exchange *x = ctx;

	api_run_errand(&x->call, view);
	x->state = EXCHANGE_ANSWERED;
	MHD_resume_connection(x->connection);
}

static void
suspend_for_errand(struct server *s, struct exchange *x)
{
	struct errands *errands = atomic_load(&s->errands);

	x->state = EXCHANGE_WAITS;
	atomic_fetch_add(&s->unfinished, 1);
	MHD_suspend_connection(x->connection);
	if (errands == NULL || errands_hand_over(errands, run_errand, x) == -1)
		run_errand(x, NULL);
}

/* The whole request is there. */
static enum MHD_Result
answer_request(struct server *s, struct exchange *x)
{
	struct call *call = &x->call;

	x->start_us = monotonic_us();
	if (x->refused)
		return reply(s, x);
	call->reader = thread_reader(s);
	if (call->reader == NULL)
		answer_problem(&x->answer, 503, NULL, NULL,
		    "no memory to read the databases");
	else
		api_answer(call);
	if (call->reader_broken) {
		pthread_setspecific(s->reader_key, NULL);
		close_reader(call->reader);
	}
	if (call->submission != NULL)
		suspend(s, x);
	else if (call->errand != NULL)
		suspend_for_errand(s, x);
	else
		return reply(s, x);
	return MHD_YES;
}

/*
 * Called with the head, then for each part of a body, then once more: only
 * then may it be answered, or the connection would not be kept.  And once
 * again after it was suspended.
 */
static enum MHD_Result
handle(void *ctx, struct MHD_Connection *c, const char *path,
    const char *method, const char *version, const char *body, size_t *body_len,
    void **state)
{
	struct server *s = ctx;
	struct exchange *x = *state;
	size_t len = *body_len;

	(void)version;
	if (x == NULL) {
		x = exchange_new(
		    c, s->api, &s->proxies, &s->bodies, method, path);
		*state = x;
		if (x == NULL)
			return MHD_NO;
		if (!exchange_ends_early(x))
			return MHD_YES;
		x->start_us = monotonic_us();
		if (!x->refused)
			answer_problem(&x->answer, 413, NULL, NULL,
			    "the body is longer than %zu bytes",
			    api_body_max(&x->call));
		return reply(s, x);
	}
	if (len > 0) {
		*body_len = 0;
		return exchange_take_body(x, body, len) == 0 ? MHD_YES : MHD_NO;
	}
	if (x->state == EXCHANGE_ANSWERED)
		return reply(s, x);
	return answer_request(s, x);
}

static void
completed(void *ctx, struct MHD_Connection *c, void **state,
    enum MHD_RequestTerminationCode why)
{
	struct server *s = ctx;
	struct exchange *x = *state;

	(void)c;
	(void)why;
	if (x != NULL && x->state != EXCHANGE_OPEN)
		atomic_fetch_sub(&s->unfinished, 1);
	exchange_free(x);
	*state = NULL;
}

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
	return MHD_start_daemon(flags, (uint16_t)s->port, NULL, NULL, handle, s,
	    MHD_OPTION_EXTERNAL_LOGGER, library_log, NULL,
	    MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_NOTIFY_COMPLETED,
	    completed, s, MHD_OPTION_CONNECTION_LIMIT,
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
	    pthread_key_create(&s->reader_key, close_reader) != 0) {
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
	s->events = start_events(s, settings);
	if (s->events == NULL) {
		snprintf(
		    why, why_cap, "no thread for events: %s", strerror(errno));
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
	events_free(s->events);
	pthread_key_delete(s->reader_key);
	free(s);
}
