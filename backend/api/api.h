/*
 * api: from a request to its answer, free of any HTTP library: a table of
 * paths, and a handler for each.
 *
 * Any number of threads may answer at once, each with a reader of its own.
 */
#ifndef PREGON_API_API_H
#define PREGON_API_API_H

#include "backend/api/answer.h"
#include "backend/api/request.h"
#include "backend/store/read.h"
#include "lib/clock.h"
#include "lib/metrics.h"

struct api {
	const struct clock *clock;
	int64_t live_ms; /* a contact this old is still live */
	struct metrics *metrics;
};

/* Bounds of one answer. */
#define TRACK_POINTS_MAX 200000
#define TRACK_SPAN_MAX_MS (INT64_C(7) * 86400 * 1000)
#define SALES_PAGE_MAX 10000
#define SALES_PAGE 1000

/* One request being answered. */
struct call {
	const struct api *api;
	struct reader *reader;
	const struct request *request;
	const char *cart; /* {cart} of the path, a valid plate; or NULL */
	struct answer *answer;
	bool reader_broken; /* the store failed: open it anew */
};

/* Fills call->answer, whatever happens. */
void api_answer(struct call *);

/*
 * A read failed with errno: 503 naming the role that has made no database
 * yet or has it locked, else 500, said in the log.
 */
void api_read_failed(struct call *, const char *role);

/* The handlers, in the order of the table in api.c. */
void api_carts(struct call *);
void api_cart(struct call *);
void api_track(struct call *);
void api_sales_daily(struct call *);
void api_sales(struct call *);
void api_gaps(struct call *);
void api_stock(struct call *);
void api_stats(struct call *);
void api_health(struct call *);
void api_metrics(struct call *);

#endif
