#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/api/reply.h"

/* One body in the library's hands. */
struct held {
	struct reply_budget *budget;
	size_t len;
	char *body;
};

static void
let_go(void *ctx)
{
	struct held *held = ctx;

	atomic_fetch_sub(&held->budget->held, (int64_t)held->len);
	free(held->body);
	free(held);
}

/* FNV-1a, 64 bits: it tells two versions of an answer apart, no more. */
static void
etag_format(const struct jsonw *body, char text[24])
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	size_t i;

	for (i = 0; i < body->len; i++) {
		hash ^= (unsigned char)body->text[i];
		hash *= UINT64_C(0x100000001b3);
	}
	snprintf(text, 24, "\"%016" PRIx64 "\"", hash);
}

/* Is the tag in the client's list?  It holds no comma or quote inside. */
static bool
client_has(struct MHD_Connection *c, const char *etag)
{
	const char *list = MHD_lookup_connection_value(
	    c, MHD_HEADER_KIND, MHD_HTTP_HEADER_IF_NONE_MATCH);

	return list != NULL &&
	    (strcmp(list, "*") == 0 || strstr(list, etag) != NULL);
}

static const char *
cache_control(const struct answer *a)
{
	if (a->forever && a->status != 416)
		return "public, max-age=31536000, immutable";
	return a->cacheable ? "private, no-cache" : "no-store";
}

static void
add_headers(struct MHD_Response *r, const struct reply_budget *budget,
    const struct answer *a, bool page)
{
	char seconds[16];

	MHD_add_response_header(r, "Content-Type", a->type);
	MHD_add_response_header(r, "X-Content-Type-Options", "nosniff");
	MHD_add_response_header(r, "Content-Security-Policy",
	    page ? budget->page_policy
		 : "default-src 'none'; frame-ancestors 'none'");
	/* Servers of map tiles want to know the site that asks. */
	MHD_add_response_header(r, "Referrer-Policy",
	    page ? "strict-origin-when-cross-origin" : "no-referrer");
	MHD_add_response_header(
	    r, "Cross-Origin-Resource-Policy", "same-origin");
	if (page)
		MHD_add_response_header(
		    r, "Cross-Origin-Opener-Policy", "same-origin");
	MHD_add_response_header(r, "Cache-Control", cache_control(a));
	if (budget->tls)
		MHD_add_response_header(
		    r, "Strict-Transport-Security", "max-age=31536000");
	if (a->allow[0] != '\0')
		MHD_add_response_header(r, "Allow", a->allow);
	if (a->location[0] != '\0')
		MHD_add_response_header(r, "Location", a->location);
	if (a->set_cookie[0] != '\0')
		MHD_add_response_header(r, "Set-Cookie", a->set_cookie);
	if (a->authenticate != NULL)
		MHD_add_response_header(r, "WWW-Authenticate", a->authenticate);
	if (a->replayed)
		MHD_add_response_header(r, "Idempotency-Replayed", "true");
	if (a->retry_s > 0) {
		snprintf(seconds, sizeof(seconds), "%d", a->retry_s);
		MHD_add_response_header(r, "Retry-After", seconds);
	}
}

/* The body goes over to the response; NULL: no memory, nothing went over. */
static struct MHD_Response *
make_response(struct reply_budget *budget, struct jsonw *body)
{
	struct held *held = malloc(sizeof(*held));
	struct MHD_Response *r;

	if (held == NULL)
		return NULL;
	*held = (struct held){ budget, body->len, body->text };
	r = MHD_create_response_from_buffer_with_free_callback_cls(
	    held->len, held->body, let_go, held);
	if (r == NULL) {
		free(held);
		return NULL;
	}
	atomic_fetch_add(&budget->held, (int64_t)held->len);
	jsonw_init(body);
	return r;
}

enum MHD_Result
reply_queue(struct reply_budget *budget, struct MHD_Connection *c,
    struct answer *a, int *status)
{
	struct MHD_Response *r;
	enum MHD_Result queued;
	char etag[24] = "";

	if (atomic_load(&budget->held) + (int64_t)a->body.len >
	    budget->held_max) {
		answer_problem(
		    a, 503, NULL, NULL, "too many answers wait to be fetched");
		a->retry_s = 1;
	}
	if (a->status == 200 && a->cacheable) {
		etag_format(&a->body, etag);
		if (client_has(c, etag)) {
			a->status = 304;
			jsonw_release(&a->body);
		}
	}
	*status = a->status;
	r = make_response(budget, &a->body);
	if (r == NULL) {
		jsonw_release(&a->body);
		return MHD_NO;
	}
	add_headers(r, budget, a, false);
	if (etag[0] != '\0')
		MHD_add_response_header(r, "ETag", etag);
	queued = MHD_queue_response(c, (unsigned)a->status, r);
	MHD_destroy_response(r);
	return queued;
}

enum MHD_Result
reply_response(struct reply_budget *budget, struct MHD_Connection *c,
    const struct answer *a, struct MHD_Response *r)
{
	enum MHD_Result queued;

	add_headers(r, budget, a, false);
	queued = MHD_queue_response(c, (unsigned)a->status, r);
	MHD_destroy_response(r);
	return queued;
}

static struct MHD_Response *
make_empty(void)
{
	return MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
}

/* The file's descriptor goes over to the response, or is closed.  NULL: no
 * memory. */
static struct MHD_Response *
make_file_response(const struct web_file *file, int status)
{
	const struct range *range = &file->range;
	struct MHD_Response *r;

	if (status == 304 || status == 416) {
		close(file->fd);
		return make_empty();
	}
	if (range->kind == RANGE_PART)
		r = MHD_create_response_from_fd_at_offset64(
		    range->len, file->fd, range->from);
	else
		r = MHD_create_response_from_fd(file->size, file->fd);
	if (r == NULL)
		close(file->fd);
	return r;
}

static void
add_file_headers(
    struct MHD_Response *r, const struct web_file *file, int status)
{
	char range[RANGE_TEXT_MAX];

	MHD_add_response_header(r, "ETag", file->etag);
	MHD_add_response_header(r, "Vary", "Accept-Encoding");
	if (file->gzip)
		MHD_add_response_header(r, "Content-Encoding", "gzip");
	else
		MHD_add_response_header(r, "Accept-Ranges", "bytes");
	if (status == 206 || status == 416) {
		range_format(&file->range, file->size, range);
		MHD_add_response_header(r, "Content-Range", range);
	}
}

enum MHD_Result
reply_file(struct reply_budget *budget, struct MHD_Connection *c,
    struct answer *a, const struct web_file *file)
{
	struct MHD_Response *r;
	enum MHD_Result queued;

	a->cacheable = true;
	a->forever = file->forever;
	if (client_has(c, file->etag))
		a->status = 304;
	else if (file->range.kind != RANGE_WHOLE)
		a->status = file->range.kind == RANGE_PART ? 206 : 416;
	r = make_file_response(file, a->status);
	if (r == NULL)
		return MHD_NO;
	add_headers(r, budget, a, true);
	add_file_headers(r, file, a->status);
	queued = MHD_queue_response(c, (unsigned)a->status, r);
	MHD_destroy_response(r);
	return queued;
}
