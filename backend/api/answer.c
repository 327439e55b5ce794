/*
 * The problem's type is always about:blank, so its title is HTTP's own
 * phrase (RFC 9457, 4.2.1); what a client may act on are status, field and
 * role, what a person reads is detail.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "backend/api/answer.h"

void
answer_init(struct answer *a)
{
	memset(a, 0, sizeof(*a));
	a->status = 200;
	a->type = TYPE_JSON;
	jsonw_init(&a->body);
}

void
answer_release(struct answer *a)
{
	jsonw_release(&a->body);
}

const char *
answer_phrase(int status)
{
	switch (status) {
	case 400:
		return "Bad Request";
	case 401:
		return "Unauthorized";
	case 403:
		return "Forbidden";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 409:
		return "Conflict";
	case 413:
		return "Content Too Large";
	case 415:
		return "Unsupported Media Type";
	case 422:
		return "Unprocessable Content";
	case 429:
		return "Too Many Requests";
	case 503:
		return "Service Unavailable";
	default:
		return "Internal Server Error";
	}
}

static void
open_problem(struct answer *a, int status, const char *fmt, va_list ap)
{
	char detail[300];
	struct jsonw *j = &a->body;

	vsnprintf(detail, sizeof(detail), fmt, ap);
	jsonw_release(j);
	a->status = status;
	a->type = TYPE_PROBLEM;
	a->cacheable = false;
	a->location[0] = '\0';
	a->set_cookie[0] = '\0';
	jsonw_open(j, '{');
	jsonw_key(j, "type");
	jsonw_text(j, "about:blank");
	jsonw_key(j, "title");
	jsonw_text(j, answer_phrase(status));
	jsonw_key(j, "status");
	jsonw_int(j, status);
	jsonw_key(j, "detail");
	jsonw_text(j, detail);
}

void
answer_problem_open(struct answer *a, int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	open_problem(a, status, fmt, ap);
	va_end(ap);
}

void
answer_problem(struct answer *a, int status, const char *field,
    const char *role, const char *fmt, ...)
{
	struct jsonw *j = &a->body;
	va_list ap;

	va_start(ap, fmt);
	open_problem(a, status, fmt, ap);
	va_end(ap);
	if (field != NULL) {
		jsonw_key(j, "field");
		jsonw_text(j, field);
	}
	if (role != NULL) {
		jsonw_key(j, "role");
		jsonw_text(j, role);
	}
	jsonw_close(j, '}');
}

void
answer_page_begin(struct answer *a, const char *name)
{
	jsonw_open(&a->body, '{');
	jsonw_key(&a->body, name);
	jsonw_open(&a->body, '[');
}

void
answer_page_end(struct answer *a, const char *next, const char *where)
{
	jsonw_close(&a->body, ']');
	jsonw_key(&a->body, next);
	jsonw_text(&a->body, where);
	jsonw_close(&a->body, '}');
}
