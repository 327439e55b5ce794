/*
 * api: from a request to its answer, free of any HTTP library.
 *
 * A handler of a read fills call->answer from call->reader.  A handler of a
 * write checks the body, adds the records that say it (call_submit), and
 * fills call->answer with status 202 as if Kafka had them already: that
 * answer goes out once Kafka has acknowledged each, and another (503) if it
 * has not in time.  When a handler answers with an error, its records are
 * forgotten.  2xx without a record goes out at once (there was nothing left
 * to do).
 *
 * Any number of threads may answer at once, each with a reader of its own.
 */
#ifndef PREGON_API_API_H
#define PREGON_API_API_H

#include "backend/api/answer.h"
#include "backend/api/cache.h"
#include "backend/api/idempotency.h"
#include "backend/api/request.h"
#include "backend/api/routes.h"
#include "backend/api/submit.h"
#include "backend/api/tiles.h"
#include "backend/api/web.h"
#include "backend/store/read.h"
#include "lib/clock.h"
#include "lib/enrol_code.h"
#include "lib/metrics.h"

struct log_view;
struct secret;

/* Mosquitto as carts reach it. */
struct api_broker {
	const char *host; /* "": not said */
	int port;
	bool tls;
};

/* What pages are told of whose they are. */
/* How gateways are enrolled (lib/enrol_code.h). */
struct api_enrol {
	char *url; /* of the guild's pages; "": as they were asked for */
	bool https; /* what they were asked for by */
	int64_t life_ms; /* of a code */
	char pin[ENROL_PIN_TEXT + 1]; /* of tls.cert; "": none */
	char *ca; /* PEM, that the broker's certificate is checked
			 * against; NULL: not said */
};

struct api_site {
	const char *name;
	const char *timezone;
	const char *language; /* "es", "en" */
	const char *tiles_url; /* "": none */
	const char *attribution;
	struct tiles tiles; /* as the URL says */
};

struct api {
	const struct clock *clock;
	int64_t live_ms; /* a contact this old is still live */
	struct metrics *metrics;
	bool open_reads; /* GET without a token */
	/* Each with a lock of its own. */
	struct tokens *tokens;
	struct sessions *sessions; /* NULL: cookies say nothing */
	struct charter *charter;
	struct limits *limits; /* NULL: none */
	struct cache *cache; /* NULL: none */
	struct idempotency *idempotency;
	const struct web *web; /* files for browsers; NULL: none */
	const struct secret *secret; /* the guild's; NULL: it was not read */
	struct api_broker broker;
	struct api_enrol enrol;
	struct api_site site;
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
	struct request *request;
	const struct route *route;
	char cart_text[CART_MAX + 1];
	const char *cart; /* {cart} of the path, a valid plate; or NULL */
	char id[ROUTE_ID_MAX + 1]; /* {id} of the path; or "" */
	struct asker asker;
	struct answer *answer;
	bool reader_broken; /* the store failed: open it anew */
	/* The answer is a file; its body is then empty.  Whoever sends it takes
	 * it from here. */
	bool has_file;
	struct web_file file;
	bool stream; /* the answer is what happens from now on (events.h) */
	struct submission *submission; /* what to write; NULL: nothing */
	/* What the answer still needs, on a thread that may ask Kafka
	 * (errands.h); NULL: nothing.  `view` NULL: it cannot be asked. */
	void (*errand)(struct call *, struct log_view *view);
	void *errand_ctx; /* let go of with the call */
	void (*errand_release)(void *ctx);
	/* Of a write with a key. */
	bool has_slot, under_way;
	struct digest slot;
};

/*
 * With the head alone: which route, whether they may, how often.  0: go on
 * (with a body of at most api_body_max()), or -1 and it is answered.
 */
int api_begin(struct call *);
size_t api_body_max(const struct call *);
/*
 * With the body and a reader.  Fills call->answer, whatever happens.  If
 * call->submission is set then, it is to be handed over and the answer to be
 * kept back until api_submitted(); if call->errand is, until api_run_errand()
 * was called on errands' thread.
 */
void api_answer(struct call *);
void api_run_errand(struct call *, struct log_view *);
/* `error`: submit_hand_over()'s errno, or 0 and `result` is its word. */
void api_submitted(struct call *, int error, enum submit_result result);
/* It ends without an answer (the client went away), or after it. */
void api_release(struct call *);

/*
 * For handlers.  Adds a record; -1: 503 or 500 is answered.
 */
int call_submit(struct call *, const struct submit_record *);
/*
 * An id for something that this request makes: `chars` characters of base 32,
 * the same when the request is repeated with its key, random without one.
 * -1: 500 is answered.
 */
int call_make_id(struct call *, const char *of, char *text, size_t chars);
/* May they, if it is of this cart?  0, or -1 and 403 is answered.  For a
 * plate that is in the body; the path's were looked at before. */
int call_check_cart(struct call *, const char *cart);

/* For errands without a view. */
#define CALL_NO_VIEW                                                           \
	"Kafka cannot be asked just now: too many ask, or the program is "     \
	"starting or stopping"

/*
 * A read failed with errno: 503 naming the role that has made no database
 * yet or has it locked, else 500, said in the log.
 */
void api_read_failed(struct call *, const char *role);

#endif
