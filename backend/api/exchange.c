#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/api/exchange.h"
#include "backend/api/session.h"

#define BODY_FIRST 1024

static enum MHD_Result
take_param(void *ctx, enum MHD_ValueKind kind, const char *name,
    size_t name_len, const char *value, size_t value_len)
{
	struct request *r = ctx;

	(void)kind;
	if (value == NULL)
		value = "";
	if (r->param_count == PARAMS_MAX || strlen(name) != name_len ||
	    strlen(value) != value_len) {
		r->bad_param = name;
		return MHD_NO;
	}
	r->params[r->param_count++] = (struct param){ name, value };
	return MHD_YES;
}

/* A proxy may add a header of its own below the client's: the last counts. */
static enum MHD_Result
take_forwarded(
    void *ctx, enum MHD_ValueKind kind, const char *name, const char *value)
{
	const char **forwarded = ctx;

	(void)kind;
	if (strcasecmp(name, "X-Forwarded-For") == 0)
		*forwarded = value;
	return MHD_YES;
}

static struct address
find_origin(struct MHD_Connection *c, const struct proxies *proxies)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	struct address peer = { 0 };
	const char *forwarded = NULL;

	if (info == NULL || address_of(info->client_addr, &peer) == -1 ||
	    proxies->count == 0)
		return peer;
	MHD_get_connection_values(
	    c, MHD_HEADER_KIND, take_forwarded, &forwarded);
	return proxies_origin(proxies, &peer, forwarded);
}

static const char *
header(struct MHD_Connection *c, const char *name)
{
	return MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
}

struct exchange *
exchange_new(struct MHD_Connection *c, const struct api *api,
    const struct proxies *proxies, struct body_budget *budget,
    const char *method, const char *path)
{
	struct exchange *x = calloc(1, sizeof(*x));

	if (x == NULL)
		return NULL;
	x->connection = c;
	x->budget = budget;
	x->request = (struct request){
		.method = method,
		.path = path,
		.authorization = header(c, "Authorization"),
		.session = api->sessions == NULL
		    ? NULL
		    : MHD_lookup_connection_value(
			  c, MHD_COOKIE_KIND, sessions_cookie(api->sessions)),
		.csrf = header(c, "X-Pregon-CSRF"),
		.fetch_site = header(c, "Sec-Fetch-Site"),
		.last_event = header(c, "Last-Event-ID"),
		.key = header(c, "Idempotency-Key"),
		.host = header(c, "Host"),
		.type = header(c, "Content-Type"),
		.accepted = header(c, "Accept-Encoding"),
		.range = header(c, "Range"),
		.if_range = header(c, "If-Range"),
		.encoding = header(c, "Content-Encoding"),
		.body = "",
		.address = find_origin(c, proxies),
	};
	MHD_get_connection_values_n(
	    c, MHD_GET_ARGUMENT_KIND, take_param, &x->request);
	answer_init(&x->answer);
	x->call.api = api;
	x->call.request = &x->request;
	x->call.answer = &x->answer;
	x->refused = api_begin(&x->call) == -1;
	return x;
}

static void
let_body_go(struct exchange *x)
{
	atomic_fetch_sub(&x->budget->held, (int64_t)x->body_cap);
	free(x->body);
	x->body = NULL;
	x->body_cap = 0;
	x->request.body = "";
	x->request.body_len = 0;
}

void
exchange_free(struct exchange *x)
{
	if (x == NULL)
		return;
	api_release(&x->call);
	answer_release(&x->answer);
	let_body_go(x);
	free(x);
}

bool
exchange_ends_early(const struct exchange *x)
{
	const char *announced = header(x->connection, "Content-Length");
	uint64_t len = announced != NULL ? strtoull(announced, NULL, 10) : 0;
	bool unwanted = x->refused || len > api_body_max(&x->call);

	return unwanted &&
	    (len > DISCARD_MAX || header(x->connection, "Expect") != NULL);
}

/* Room for `len` more bytes and the NUL. */
static int
grow(struct exchange *x, size_t len)
{
	size_t need = x->request.body_len + len + 1;
	size_t cap = x->body_cap != 0 ? x->body_cap : BODY_FIRST;
	int64_t held;
	char *bigger;

	while (cap < need)
		cap *= 2;
	if (cap == x->body_cap)
		return 0;
	held = atomic_fetch_add(&x->budget->held, (int64_t)(cap - x->body_cap));
	bigger = held > x->budget->held_max ? NULL : realloc(x->body, cap);
	if (bigger == NULL) {
		atomic_fetch_sub(
		    &x->budget->held, (int64_t)(cap - x->body_cap));
		errno = ENOMEM;
		return -1;
	}
	x->body = bigger;
	x->body_cap = cap;
	return 0;
}

static int
discard(struct exchange *x, size_t len)
{
	x->discarded += len;
	return x->discarded <= DISCARD_MAX ? 0 : -1;
}

int
exchange_take_body(struct exchange *x, const char *part, size_t len)
{
	struct request *r = &x->request;

	if (x->refused || r->body_too_long || api_body_max(&x->call) == 0)
		return discard(x, len);
	if (r->body_len + len > api_body_max(&x->call)) {
		let_body_go(x);
		r->body_too_long = true;
		return discard(x, len);
	}
	if (grow(x, len) == -1) {
		let_body_go(x);
		x->refused = true;
		answer_problem(&x->answer, 503, NULL, NULL,
		    "too many requests are coming in");
		x->answer.retry_s = 1;
		return discard(x, len);
	}
	memcpy(x->body + r->body_len, part, len);
	r->body_len += len;
	x->body[r->body_len] = '\0';
	r->body = x->body;
	return 0;
}
