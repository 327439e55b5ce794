/*
 * exchange: one request in libmicrohttpd's hands, from its head to its
 * answer: what it sent is gathered into a struct request, within bounds.
 */
#ifndef PREGON_API_EXCHANGE_H
#define PREGON_API_EXCHANGE_H

#include <microhttpd.h>
#include <stdatomic.h>

#include "backend/api/api.h"

/* Read over, so that the client hears why; then the connection is closed. */
#define DISCARD_MAX ((uint64_t)64 * 1024 * 1024)

struct body_budget {
	_Atomic int64_t held; /* bytes of bodies being gathered */
	int64_t held_max;
};

enum exchange_state {
	EXCHANGE_OPEN, /* the body may come */
	EXCHANGE_WAITS, /* suspended, until Kafka has answered */
	EXCHANGE_ANSWERED /* call.answer goes out */
};

struct exchange {
	struct MHD_Connection *connection;
	struct request request;
	struct answer answer;
	struct call call;
	enum exchange_state state;
	bool refused; /* by its head: the body is not wanted */
	struct body_budget *budget;
	char *body; /* owned; NUL-terminated */
	size_t body_cap;
	uint64_t discarded;
	int64_t start_us; /* when its last byte was there */
};

/* With the head; api_begin() was asked.  NULL: ENOMEM. */
struct exchange *exchange_new(struct MHD_Connection *, const struct api *,
    const struct proxies *, struct body_budget *, const char *method,
    const char *path);
void exchange_free(struct exchange *);

/* Would it be too much to read over what the head announces, or does the
 * client wait for our word? */
bool exchange_ends_early(const struct exchange *);
/* -1: more than is read over; close. */
int exchange_take_body(struct exchange *, const char *part, size_t len);

#endif
