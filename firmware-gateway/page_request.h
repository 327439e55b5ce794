/*
 * page_request: one HTTP request to the vendor's page, and its answer; no
 * sockets here.
 *
 *     GET /          the page, and its files
 *     GET /state     what it shows: day, catalogue, levels, sales
 *     POST /api      one JSON object as the POS's socket takes it, and the
 *                    same answer
 *     POST /pin      {"pin":"1234"}: a cookie, where page.pin is set
 *     POST /enrol    {"address":"https://guild.example/public/#/enrol/..."}:
 *                    begun; its steps are in /state
 *
 * A gateway without a plate (bare.h) has no point of sale: /state then says
 * {"bare":true} and how far it is enrolled, and /api does nothing.
 *
 * Refused: a Host that is neither an IP address nor ours (a page elsewhere
 * may have its name point at us), and a POST that is not JSON or comes from
 * another page.
 */
#ifndef PREGON_GATEWAY_PAGE_REQUEST_H
#define PREGON_GATEWAY_PAGE_REQUEST_H

#include "firmware-gateway/enrolment.h"
#include "firmware-gateway/page_lock.h"
#include "firmware-gateway/pos_request.h"

struct page {
	struct pos *pos; /* NULL: it has no plate yet */
	const struct clock *clock;
	const char *host; /* page.host */
	struct page_lock lock;
	struct enrolment *enrolment; /* NULL: it cannot be enrolled here */
};

/* Headers are NULL where they were not sent. */
struct page_call {
	const char *method, *path;
	const char *host, *origin, *content_type, *cookie;
	const char *body;
	size_t body_len;
	bool too_long; /* more than POS_LINE_MAX: body is not all */
};

struct page_answer {
	unsigned status;
	const char *type;
	char *body; /* malloc, unless `constant` is given; NULL: no memory */
	const char *constant;
	size_t len;
	const char *allow; /* NULL: no such header */
	int retry_s; /* 0: no such header */
	char token[PAGE_TOKEN_TEXT + 1]; /* for the cookie; "": none */
};

void page_answer(struct page *, const struct page_call *, struct page_answer *);

#endif
