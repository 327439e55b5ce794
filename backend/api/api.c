/*
 * From a whole request to its answer: what is the same around each handler:
 * bodies, keys, the cache, what becomes of its records.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "backend/api/api.h"
#include "lib/log.h"

#define RETRY_SUBMIT_S 1
#define RETRY_KAFKA_S 5

static bool
is_read(const struct call *call)
{
	return strcmp(call->route->method, "GET") == 0;
}

size_t
api_body_max(const struct call *call)
{
	if (call->route->types[0] == NULL)
		return 0;
	return call->route->body_max != 0 ? call->route->body_max : BODY_MAX;
}

static int
check_type(struct call *call)
{
	const struct request *r = call->request;
	const char *const *types = call->route->types;
	char expected[120] = "";
	size_t i, len;

	for (i = 0; i < ROUTE_TYPES_MAX && types[i] != NULL; i++) {
		if (r->type != NULL && request_is_type(r, types[i]))
			break;
		len = strlen(expected);
		snprintf(expected + len, sizeof(expected) - len, "%s%s",
		    i > 0 ? " or " : "", types[i]);
	}
	if (i == ROUTE_TYPES_MAX || types[i] == NULL) {
		answer_problem(call->answer, 415, "Content-Type", NULL,
		    "Content-Type: expected %s", expected);
		return -1;
	}
	if (r->encoding != NULL && strcmp(r->encoding, "identity") != 0) {
		answer_problem(call->answer, 415, "Content-Encoding", NULL,
		    "Content-Encoding: only plain bodies are read");
		return -1;
	}
	return 0;
}

static int
check_body(struct call *call)
{
	const struct request *r = call->request;

	if (r->body_too_long) {
		answer_problem(call->answer, 413, NULL, NULL,
		    "the body is longer than %zu bytes", api_body_max(call));
		return -1;
	}
	return r->body_len > 0 ? check_type(call) : 0;
}

static int
no_digest(struct call *call)
{
	answer_problem(call->answer, 500, NULL, NULL, "no digest was made");
	return -1;
}

/* With a key: has this been before?  0: go on; -1: it is answered. */
static int
begin_key(struct call *call)
{
	const struct request *r = call->request;
	struct answer *a = call->answer;
	struct digest fingerprint;

	if (idempotency_slot(&call->asker, r->key, &call->slot) == -1 ||
	    idempotency_fingerprint(
		r->method, r->path, r->body, r->body_len, &fingerprint) == -1)
		return no_digest(call);
	call->has_slot = true;
	switch (idempotency_begin(call->api->idempotency, &call->slot,
	    &fingerprint, clock_boottime_ms(call->api->clock), a)) {
	case IDEMPOTENCY_NEW:
		call->under_way = true;
		return 0;
	case IDEMPOTENCY_REPEAT:
		return -1;
	case IDEMPOTENCY_OTHER:
		answer_problem(a, 422, "Idempotency-Key", NULL,
		    "Idempotency-Key: it was used for another request");
		return -1;
	case IDEMPOTENCY_UNDER_WAY:
		answer_problem(a, 409, "Idempotency-Key", NULL,
		    "Idempotency-Key: the request with it is still under way");
		a->retry_s = RETRY_SUBMIT_S;
		return -1;
	case IDEMPOTENCY_FULL:
		break;
	}
	answer_problem(a, 503, NULL, NULL, "too many requests are under way");
	a->retry_s = RETRY_SUBMIT_S;
	return -1;
}

static int
check_key(struct call *call)
{
	const char *key = call->request->key;

	if (call->route->key == KEY_UNHEEDED ||
	    (key == NULL && call->route->key == KEY_OPTIONAL))
		return 0;
	if (key == NULL) {
		answer_problem(call->answer, 400, "Idempotency-Key", NULL,
		    "Idempotency-Key: this header is needed here, so that a "
		    "repeat does no harm");
		return -1;
	}
	if (!idempotency_key_is_valid(key)) {
		answer_problem(call->answer, 400, "Idempotency-Key", NULL,
		    "Idempotency-Key: expected 1 to %d printable characters",
		    IDEMPOTENCY_KEY_MAX);
		return -1;
	}
	return begin_key(call);
}

/* What was kept back for the key: the answer, or nothing. */
static void
end_key(struct call *call)
{
	if (!call->under_way)
		return;
	call->under_way = false;
	if (call->answer->status / 100 == 2)
		idempotency_finish(call->api->idempotency, &call->slot,
		    call->answer, clock_boottime_ms(call->api->clock));
	else
		idempotency_drop(call->api->idempotency, &call->slot);
}

static void
check_fits(struct answer *a)
{
	if (jsonw_failed(&a->body) != 0)
		answer_problem(
		    a, 503, NULL, NULL, "the answer does not fit in memory");
}

static void
run_handler(struct call *call)
{
	struct answer *a = call->answer;

	call->route->handler(call);
	check_fits(a);
	if (a->status / 100 != 2) {
		submission_free(call->submission);
		call->submission = NULL;
	}
}

void
api_run_errand(struct call *call, struct log_view *view)
{
	call->errand(call, view);
	check_fits(call->answer);
}

static void
answer_write(struct call *call)
{
	if (check_body(call) == -1 || check_key(call) == -1)
		return;
	run_handler(call);
	if (call->submission == NULL)
		end_key(call);
}

static int64_t
monotonic_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void
answer_read(struct call *call)
{
	struct cache *cache = call->route->cached ? call->api->cache : NULL;
	char key[CACHE_KEY_MAX];
	int64_t start;

	if (cache == NULL ||
	    cache_key(call->request, call->asker.cart, key) == -1) {
		run_handler(call);
		return;
	}
	start = monotonic_us();
	if (cache_get(cache, key, start, call->answer))
		return;
	run_handler(call);
	if (call->answer->status == 200)
		cache_put(
		    cache, key, start, monotonic_us() - start, call->answer);
}

void
api_answer(struct call *call)
{
	if (is_read(call))
		answer_read(call);
	else
		answer_write(call);
}

static void
answer_unsubmitted(struct call *call, int error, enum submit_result result)
{
	struct answer *a = call->answer;

	if (error == ENOBUFS)
		answer_problem(
		    a, 503, NULL, NULL, "too many requests are under way");
	else if (error != 0)
		answer_problem(
		    a, 503, NULL, NULL, "the program is starting or stopping");
	else if (result == SUBMIT_NO_TOPIC)
		answer_problem(a, 503, NULL, NULL,
		    "Kafka's topics are not there yet: the bridge makes them");
	else
		answer_problem(a, 503, NULL, NULL,
		    "Kafka has not acknowledged it in time: try again with "
		    "the same Idempotency-Key");
	a->retry_s = error == ENOBUFS ? RETRY_SUBMIT_S : RETRY_KAFKA_S;
}

void
api_submitted(struct call *call, int error, enum submit_result result)
{
	if (error != 0 || result != SUBMIT_ACKNOWLEDGED)
		answer_unsubmitted(call, error, result);
	end_key(call);
}

void
api_release(struct call *call)
{
	submission_free(call->submission);
	call->submission = NULL;
	if (call->errand_release != NULL)
		call->errand_release(call->errand_ctx);
	call->errand_release = NULL;
	if (call->under_way)
		idempotency_drop(call->api->idempotency, &call->slot);
	call->under_way = false;
	if (call->has_file)
		close(call->file.fd);
	call->has_file = false;
}

int
call_submit(struct call *call, const struct submit_record *record)
{
	if (call->submission == NULL)
		call->submission = submission_new();
	if (call->submission != NULL &&
	    submission_add(call->submission, record) == 0)
		return 0;
	answer_problem(call->answer, 503, NULL, NULL, "no memory");
	call->answer->retry_s = RETRY_SUBMIT_S;
	return -1;
}

int
call_make_id(struct call *call, const char *of, char *text, size_t chars)
{
	struct digest slot = call->slot;

	if ((call->has_slot ||
		getrandom(&slot, sizeof(slot), 0) == (ssize_t)sizeof(slot)) &&
	    idempotency_id(&slot, of, text, chars) == 0)
		return 0;
	return no_digest(call);
}

void
api_read_failed(struct call *call, const char *role)
{
	int error = errno;

	if (error == ENOENT) {
		answer_problem(call->answer, 503, NULL, role,
		    "the role %s has not made its database yet", role);
		call->answer->retry_s = 5;
		return;
	}
	if (error == EBUSY) {
		answer_problem(call->answer, 503, NULL, role,
		    "the role %s is busy with its database", role);
		call->answer->retry_s = 1;
		return;
	}
	/* Not the path itself: it may name a person. */
	log_error("api.read_failed", "role=%s route=\"%s\" why=\"%s\"", role,
	    call->route->path, strerror(error));
	answer_problem(call->answer, 500, NULL, role,
	    "the database of the role %s cannot be read", role);
	call->reader_broken = true;
}
