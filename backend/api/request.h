/*
 * request: what was asked, free of any HTTP library, and its query read
 * strictly: a name that is not known, comes twice or has a wrong value is
 * refused by that name.
 */
#ifndef PREGON_API_REQUEST_H
#define PREGON_API_REQUEST_H

#include "backend/api/access.h"
#include "backend/api/answer.h"
#include "schemas/identity.h"

#define PARAMS_MAX 16

struct param {
	const char *name;
	const char *value; /* "" for ?name and ?name= */
};

/* Texts are the caller's, unescaped, NUL-terminated. */
struct request {
	const char *method;
	const char *path;
	struct param params[PARAMS_MAX];
	size_t param_count;
	const char *bad_param; /* one that could not be taken in; NULL */
	/* Headers; NULL: not given. */
	const char *authorization;
	const char *session; /* the cookie of session.h */
	const char *csrf; /* X-Pregon-CSRF */
	const char *fetch_site; /* Sec-Fetch-Site */
	const char *last_event; /* Last-Event-ID */
	const char *key; /* Idempotency-Key */
	const char *host; /* Host */
	const char *type; /* Content-Type, as given */
	const char *encoding; /* Content-Encoding */
	const char *accepted; /* Accept-Encoding */
	const char *range; /* Range */
	const char *if_range; /* If-Range */
	/* The body, NUL-terminated beyond its end; "": none. */
	const char *body;
	size_t body_len;
	bool body_too_long; /* it was read over, not kept */
	struct address address; /* whose it is: a proxy's word heeded */
};

/* Is the body's type this one ("application/json"), whatever its
 * parameters? */
bool request_is_type(const struct request *, const char *type);

/* NULL: not given, or empty. */
const char *request_param(const struct request *, const char *name);

/* Each: 0, or -1 and *answer is the problem.  Not given: *out stays. */
int request_bool(
    const struct request *, const char *name, bool *out, struct answer *);
int request_int(const struct request *, const char *name, int64_t min,
    int64_t max, int64_t *out, struct answer *);
/* RFC 3339, or Unix ms. */
int request_time(
    const struct request *, const char *name, int64_t *out, struct answer *);
/* A day that exists, "2026-04-05". */
int request_date(
    const struct request *, const char *name, char out[11], struct answer *);
/* *out is a plate within the request, or stays. */
int request_cart(const struct request *, const char *name, const char **out,
    struct answer *);
/* *out: the index of the value in `choices` (NULL at the end). */
int request_choice(const struct request *, const char *name,
    const char *const *choices, int *out, struct answer *);

/* Refuses parameters that are not in `known` (NULL at the end), and pairs. */
int request_only(
    const struct request *, const char *const *known, struct answer *);

#endif
