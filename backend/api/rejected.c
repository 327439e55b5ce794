/*
 * What nobody could read: the newest records of topic_rechazados, each with
 * the reason that stands beside it.
 */
#include <stdlib.h>
#include <string.h>

#include "backend/api/handlers.h"
#include "backend/api/log_view.h"
#include "backend/api/rejected_parts.h"

#define LIMIT 50
#define LIMIT_MAX 200
/* For all that Kafka is asked. */
#define ASK_MS 1000
#define BYTES_MAX ((size_t)8 * 1024 * 1024)
/* Of a partition so many are read at first, then twice as many each time. */
#define STEP 16
#define PREVIEW_BYTES 120
/* A partition is read from its end backwards, some records at a time. */
struct back {
	int32_t partition;
	int64_t low, begun; /* all from there on was read */
	int64_t until; /* of the step under way */
	int64_t taken;
};

struct rejected_walk {
	int64_t limit;
	struct reject *rows;
	size_t count, cap, bytes;
	struct back *backs;
	size_t back_count;
	bool failed; /* no memory */
};

static void
copy(struct bytes *to, const void *from, size_t len, size_t max)
{
	to->len = len < max ? len : max;
	if (to->len > 0)
		memcpy(to->at, from, to->len);
}

static void
copy_header(struct bytes *to, const rd_kafka_headers_t *headers,
    const char *name, size_t max)
{
	const void *value;
	size_t len;

	to->len = 0;
	if (headers != NULL &&
	    rd_kafka_header_get_last(headers, name, &value, &len) ==
		RD_KAFKA_RESP_ERR_NO_ERROR &&
	    value != NULL)
		copy(to, value, len, max);
}

static struct reject *
add_row(struct rejected_walk *w)
{
	size_t cap = w->cap == 0 ? 64 : 2 * w->cap;
	struct reject *rows;

	if (w->count == w->cap) {
		rows = realloc(w->rows, cap * sizeof(*rows));
		if (rows == NULL) {
			w->failed = true;
			return NULL;
		}
		w->rows = rows;
		w->cap = cap;
	}
	return &w->rows[w->count++];
}

static bool
take_record(void *ctx, const rd_kafka_message_t *m)
{
	struct rejected_walk *w = ctx;
	rd_kafka_timestamp_type_t type;
	rd_kafka_headers_t *headers = NULL;
	struct back *back = NULL;
	struct reject *row;

	for (size_t i = 0; i < w->back_count; i++)
		if (w->backs[i].partition == m->partition)
			back = &w->backs[i];
	if (back == NULL || m->offset >= back->until ||
	    (row = add_row(w)) == NULL)
		return false;
	rd_kafka_message_headers(m, &headers);
	row->at_ms = rd_kafka_message_timestamp(m, &type);
	row->partition = m->partition;
	row->offset = m->offset;
	row->size = m->len;
	copy_header(&row->reason, headers, HEADER_REASON, REASON_BYTES);
	copy_header(&row->origin, headers, HEADER_ORIGIN, ORIGIN_BYTES);
	copy(&row->key, m->key, m->key_len, CART_MAX + 1);
	copy(&row->preview, m->payload, m->len, PREVIEW_BYTES);
	back->taken++;
	w->bytes += m->len;
	return m->offset + 1 < back->until && w->bytes < BYTES_MAX;
}

/* The partitions of which more is wanted, from a step before what was read. */
static size_t
next_step(struct rejected_walk *w, struct log_start *starts, int64_t step)
{
	size_t count = 0;

	for (size_t i = 0; i < w->back_count; i++) {
		struct back *b = &w->backs[i];

		b->until = b->begun;
		if (b->begun == b->low || b->taken >= w->limit)
			continue;
		b->begun = b->begun - b->low > step ? b->begun - step : b->low;
		starts[count++] = (struct log_start){ .topic = TOPIC_RECHAZADOS,
			.partition = b->partition,
			.offset = b->begun };
	}
	return count;
}

/* 0: all that is wanted; 1: the bounds were met before; -1: Kafka says no. */
static int
walk_back(struct rejected_walk *w, struct log_view *view, int64_t deadline_ms)
{
	struct log_start *starts = calloc(w->back_count, sizeof(*starts));
	int64_t step = STEP;
	size_t count;
	int rc = 0;

	w->failed |= starts == NULL;
	while (
	    rc == 0 && !w->failed && (count = next_step(w, starts, step)) > 0) {
		rc = w->bytes >= BYTES_MAX ? 1
					   : log_view_read(view, starts, count,
						 deadline_ms, take_record, w);
		step *= 2;
	}
	free(starts);
	return rc == 0 && w->bytes >= BYTES_MAX ? 1 : rc;
}

static int
newest_first(const void *left, const void *right)
{
	const struct reject *a = left, *b = right;

	if (a->at_ms != b->at_ms)
		return a->at_ms > b->at_ms ? -1 : 1;
	if (a->partition != b->partition)
		return a->partition < b->partition ? -1 : 1;
	return a->offset > b->offset ? -1 : 1;
}

static void
write_rows(struct jsonw *j, struct rejected_walk *w, bool whole)
{
	if (w->count > 0)
		qsort(w->rows, w->count, sizeof(*w->rows), newest_first);
	jsonw_open(j, '{');
	jsonw_key(j, "whole");
	jsonw_bool(j, whole);
	jsonw_key(j, "rejected");
	jsonw_open(j, '[');
	for (size_t i = 0; i < w->count && (int64_t)i < w->limit; i++)
		rejected_write(j, &w->rows[i]);
	jsonw_close(j, ']');
	jsonw_close(j, '}');
}

static void
refuse(struct call *call, const char *why)
{
	answer_problem(call->answer, 503, NULL, NULL, "%s", why);
	call->answer->retry_s = LOG_VIEW_AWAY_MS / 1000;
}

/* -1: it is answered. */
static int
find_partitions(struct call *call, struct rejected_walk *w,
    struct log_view *view, int64_t deadline_ms)
{
	const struct log_end *ends;
	size_t count;

	if (log_view_ends(view, deadline_ms, &ends, &count) == -1) {
		refuse(call, log_view_why(view));
		return -1;
	}
	w->backs = calloc(count + 1, sizeof(*w->backs));
	for (size_t i = 0; w->backs != NULL && i < count; i++)
		if (ends[i].topic == TOPIC_RECHAZADOS && ends[i].low >= 0 &&
		    ends[i].end >= ends[i].low)
			w->backs[w->back_count++] = (struct back){
				.partition = ends[i].partition,
				.low = ends[i].low,
				.begun = ends[i].end
			};
	if (w->back_count > 0)
		return 0;
	refuse(call,
	    w->backs == NULL
		? "no memory"
		: "Kafka's topics are not there yet: the bridge makes them");
	return -1;
}

static void
ask_kafka(struct call *call, struct log_view *view)
{
	struct rejected_walk *w = call->errand_ctx;
	int64_t deadline_ms = clock_boottime_ms(&clock_system) + ASK_MS;
	int rc;

	if (view == NULL) {
		refuse(call, CALL_NO_VIEW);
		return;
	}
	if (find_partitions(call, w, view, deadline_ms) == -1)
		return;
	rc = walk_back(w, view, deadline_ms);
	if (w->failed)
		refuse(call, "no memory");
	else if (rc == -1)
		refuse(call, log_view_why(view));
	else if (rc == 1 && w->count == 0)
		refuse(call, "Kafka did not hand them over in time");
	else
		write_rows(&call->answer->body, w, rc == 0);
}

static void
release_walk(void *ctx)
{
	struct rejected_walk *w = ctx;

	free(w->rows);
	free(w->backs);
	free(w);
}

void
api_rejected(struct call *call)
{
	struct rejected_walk *w;
	int64_t limit = LIMIT;

	if (request_int(call->request, "limit", 1, LIMIT_MAX, &limit,
		call->answer) == -1)
		return;
	w = calloc(1, sizeof(*w));
	if (w == NULL) {
		refuse(call, "no memory");
		return;
	}
	w->limit = limit;
	call->errand_ctx = w;
	call->errand_release = release_walk;
	call->errand = ask_kafka;
}
