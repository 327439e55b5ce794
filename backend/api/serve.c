/*
 * A request on a connection of libmicrohttpd's: gathered, answered on the
 * thread that has it, or suspended until another thread has its answer.
 */
#include <errno.h>
#include <time.h>

#include "backend/api/server_parts.h"
#include "lib/log.h"

#define RETRY_VIEWER_S 5

void
server_close_reader(void *value)
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
			server_close_reader(reader);
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
 * server_handle() is called once more.
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
		server_close_reader(call->reader);
	}
	if (call->submission != NULL)
		suspend(s, x);
	else if (call->errand != NULL)
		suspend_for_errand(s, x);
	else
		return reply(s, x);
	return MHD_YES;
}

static struct watched *
watched(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info != NULL ? info->socket_context : NULL;
}

void
server_on_connection(void *ctx, struct MHD_Connection *c, void **watch,
    enum MHD_ConnectionNotificationCode what)
{
	struct server *s = ctx;
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    c, MHD_CONNECTION_INFO_CONNECTION_FD);

	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		patience_forget(s->patience, *watch);
		*watch = NULL;
	} else if (info != NULL) {
		*watch = patience_watch(s->patience, info->connect_fd);
		patience_await(s->patience, *watch, s->head_s);
	}
}

/*
 * Called with the head, then for each part of a body, then once more: only
 * then may it be answered, or the connection would not be kept.  And once
 * again after it was suspended.
 */
enum MHD_Result
server_handle(void *ctx, struct MHD_Connection *c, const char *path,
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
		patience_await(s->patience, watched(c), s->body_s);
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
	patience_await(s->patience, watched(c), 0);
	return answer_request(s, x);
}

void
server_completed(void *ctx, struct MHD_Connection *c, void **state,
    enum MHD_RequestTerminationCode why)
{
	struct server *s = ctx;
	struct exchange *x = *state;

	(void)why;
	patience_await(s->patience, watched(c), s->head_s);
	if (x != NULL && x->state != EXCHANGE_OPEN)
		atomic_fetch_sub(&s->unfinished, 1);
	exchange_free(x);
	*state = NULL;
}
