/*
 * answer: what goes back for a request: status, a body, a few headers; and
 * errors as RFC 9457 problem documents.
 */
#ifndef PREGON_API_ANSWER_H
#define PREGON_API_ANSWER_H

#include "backend/api/jsonw.h"

struct answer {
	int status; /* HTTP's */
	const char *type; /* Content-Type; literal */
	char allow[40]; /* Allow, on 405; or "" */
	const char *authenticate; /* WWW-Authenticate, on 401; literal */
	char set_cookie[300]; /* Set-Cookie; or "" */
	char location[160]; /* where what was asked for will be; or "" */
	int retry_s; /* Retry-After; 0: none */
	bool replayed; /* Idempotency-Replayed: true */
	bool cacheable; /* may be kept and asked for by its ETag */
	bool forever; /* and never asked for again */
	struct jsonw body;
};

#define TYPE_JSON "application/json"
#define TYPE_GEOJSON "application/geo+json"
#define TYPE_PROBLEM "application/problem+json"
#define TYPE_CSV "text/csv"
#define TYPE_METRICS "text/plain; version=0.0.4; charset=utf-8"

void answer_init(struct answer *);
void answer_release(struct answer *);

/*
 * Throws away what was written so far.  `field` names what is wrong in the
 * request and `role` whose data is missing; NULL leaves either out.
 */
void answer_problem(struct answer *, int status, const char *field,
    const char *role, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* The same, left open for members of its own: jsonw_close(&a->body, '}'). */
void answer_problem_open(struct answer *, int status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * {"<name>": [rows], "<next>": where}: a page of a list.  Between the two go
 * the rows; `where` the next page begins is NULL at the list's end.
 */
void answer_page_begin(struct answer *, const char *name);
void answer_page_end(struct answer *, const char *next, const char *where);

/* "Not Found" */
const char *answer_phrase(int status);

#endif
