/*
 * From a request to its answer: finds the route, holds the asker to it, and
 * does around each handler what is the same for all.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "backend/api/api.h"
#include "backend/api/tokens.h"
#include "lib/log.h"

#define RETRY_SUBMIT_S 1
#define RETRY_KAFKA_S 5

/* A part of the path that stands where the pattern has a parameter. */
struct segment {
	const char *s;
	size_t len;
};

struct segments {
	struct segment cart, id;
};

static bool
path_matches(const char *pattern, const char *path, struct segments *found)
{
	struct segment *segment;

	while (*pattern != '\0') {
		if (*pattern == '{') {
			segment = pattern[1] == 'c' ? &found->cart : &found->id;
			*segment = (struct segment){ path, strcspn(path, "/") };
			if (segment->len == 0)
				return false;
			path += segment->len;
			pattern += strcspn(pattern, "}") + 1;
		} else if (*pattern++ != *path++) {
			return false;
		}
	}
	return *path == '\0';
}

static bool
method_matches(const struct route *route, const char *method)
{
	return strcmp(route->method, method) == 0 ||
	    (strcmp(route->method, "GET") == 0 && strcmp(method, "HEAD") == 0);
}

/* Adds a method to the list that Allow shows. */
static void
allow(struct answer *a, const struct route *route)
{
	size_t len = strlen(a->allow);

	snprintf(a->allow + len, sizeof(a->allow) - len, "%s%s",
	    len > 0 ? ", " : "",
	    strcmp(route->method, "GET") == 0 ? "GET, HEAD" : route->method);
}

static int
find_route(struct call *call, struct segments *found)
{
	const struct request *r = call->request;
	struct answer *a = call->answer;
	char methods[sizeof(a->allow)];
	size_t i;

	for (i = 0; i < route_count; i++) {
		struct segments here = { 0 };

		if (!path_matches(routes[i].path, r->path, &here))
			continue;
		if (method_matches(&routes[i], r->method)) {
			call->route = &routes[i];
			*found = here;
			a->allow[0] = '\0';
			return 0;
		}
		allow(a, &routes[i]);
	}
	if (a->allow[0] == '\0') {
		answer_problem(
		    a, 404, NULL, NULL, "there is nothing at %s", r->path);
		return -1;
	}
	memcpy(methods, a->allow, sizeof(methods));
	answer_problem(a, 405, NULL, NULL, "only %s are known here", methods);
	return -1;
}

static bool
id_is_valid(const struct segment *id)
{
	return id->len <= ROUTE_ID_MAX &&
	    strspn(id->s,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789-_.") >= id->len;
}

static int
take_segments(struct call *call, const struct segments *found)
{
	const struct segment *cart = &found->cart, *id = &found->id;

	if (cart->s != NULL) {
		if (!cart_is_valid(cart->s, cart->len)) {
			answer_problem(call->answer, 400, "cart", NULL,
			    "cart: expected a plate: 4 to 8 of A-Z and 0-9");
			return -1;
		}
		memcpy(call->cart_text, cart->s, cart->len);
		call->cart_text[cart->len] = '\0';
		call->cart = call->cart_text;
	}
	if (id->s != NULL) {
		if (!id_is_valid(id)) {
			answer_problem(call->answer, 400, "id", NULL,
			    "id: expected at most %d letters, digits, -, _ "
			    "and .",
			    ROUTE_ID_MAX);
			return -1;
		}
		memcpy(call->id, id->s, id->len);
		call->id[id->len] = '\0';
	}
	return 0;
}

static int
check_limit(struct call *call)
{
	const struct api *api = call->api;
	int64_t wait_ms;

	if (call->route->limit != LIMIT_PUBLIC || call->asker.known ||
	    api->limits == NULL)
		return 0;
	wait_ms = limits_take(
	    api->limits, &call->asker.address, clock_boottime_ms(api->clock));
	if (wait_ms == 0)
		return 0;
	answer_problem(call->answer, 429, NULL, NULL,
	    "too many from one address: wait %lld s",
	    (long long)((wait_ms + 999) / 1000));
	call->answer->retry_s = (int)((wait_ms + 999) / 1000);
	return -1;
}

static bool
is_read(const struct call *call)
{
	return strcmp(call->route->method, "GET") == 0;
}

int
call_check_cart(struct call *call, const char *cart)
{
	const struct asker *asker = &call->asker;

	if (asker->cart[0] == '\0' || strcmp(asker->cart, cart) == 0)
		return 0;
	answer_problem(call->answer, 403, "cart", NULL,
	    "this token is for the cart %s alone", asker->cart);
	return -1;
}

static bool
has_param(const struct route *route, const char *name)
{
	for (size_t i = 0; route->known[i] != NULL; i++)
		if (strcmp(route->known[i], name) == 0)
			return true;
	return false;
}

/* A vendor's sight ends at their own cart. */
static int
hold_to_cart(struct call *call)
{
	struct request *r = call->request;
	const char *own = call->asker.cart;
	const char *given = request_param(r, "cart");
	char plate[CART_MAX + 1] = "";
	size_t len;

	if (own[0] == '\0' || call->route->own == OWN_NOTHING)
		return 0;
	if (call->route->own == OWN_ID) {
		len = strcspn(call->id, "-");
		if (len <= CART_MAX)
			memcpy(plate, call->id, len);
		return call_check_cart(call, plate);
	}
	if (call->cart != NULL)
		return call_check_cart(call, call->cart);
	if (given != NULL)
		return call_check_cart(call, given);
	if (has_param(call->route, "cart") && r->param_count < PARAMS_MAX)
		r->params[r->param_count++] = (struct param){ "cart", own };
	return 0;
}

int
api_begin(struct call *call)
{
	struct segments found = { 0 };
	unsigned roles;

	call->asker.address = call->request->address;
	if (find_route(call, &found) == -1)
		return -1;
	roles = call->route->roles;
	if ((roles & MAY_PUBLIC) != 0 && is_read(call))
		roles = 0; /* open to all: nobody is looked at */
	if (call->api->open_reads && is_read(call))
		roles = 0;
	if (roles != 0 &&
	    access_check(call->api->tokens, call->request, roles, &call->asker,
		call->answer) == -1)
		return -1;
	if (check_limit(call) == -1 || take_segments(call, &found) == -1 ||
	    request_only(call->request, call->route->known, call->answer) == -1)
		return -1;
	return hold_to_cart(call);
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

	if (key == NULL && call->route->key == KEY_OPTIONAL)
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
run_handler(struct call *call)
{
	struct answer *a = call->answer;

	call->route->handler(call);
	if (jsonw_failed(&a->body) != 0)
		answer_problem(
		    a, 503, NULL, NULL, "the answer does not fit in memory");
	if (a->status / 100 != 2) {
		submission_free(call->submission);
		call->submission = NULL;
	}
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
		answer_problem(a, 503, NULL, NULL, "the program is starting or stopping");
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
	if (call->under_way)
		idempotency_drop(call->api->idempotency, &call->slot);
	call->under_way = false;
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
	log_error("api.read_failed", "role=%s path=\"%s\" why=\"%s\"", role,
	    call->request->path, strerror(error));
	answer_problem(call->answer, 500, NULL, role,
	    "the database of the role %s cannot be read", role);
	call->reader_broken = true;
}
