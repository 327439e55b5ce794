/*
 * Rows and what is in them: counters, epochs, spans of time.
 */
#include <errno.h>
#include <string.h>

#include "lib/outbox_parts.h"

bool
instant_trusted(struct instant at)
{
	return at.boot == 0 && at.ms != INSTANT_MISSING;
}

struct instant
row_instant(struct statement *st, int at_column)
{
	return (struct instant){
		.ms = statement_int(st, at_column),
		.boot = (uint64_t)statement_int(st, at_column + 1),
	};
}

/* What follows the array's header: a small number always. */
enum item_kind
item_kind_of(const uint8_t *item, size_t len)
{
	size_t head = 1;

	if (len > 0 && item[0] == 0xdc)
		head = 3;
	else if (len > 0 && item[0] == 0xdd)
		head = 5;
	return len > head ? (enum item_kind)item[head] : (enum item_kind)0;
}

struct span
span_of(struct instant at)
{
	return (struct span){ true, at, at };
}

void
span_extend(struct span *span, const struct span *more)
{
	if (!more->given)
		return;
	if (!span->given) {
		*span = *more;
		return;
	}
	if (span->from.ms == INSTANT_MISSING)
		span->from = more->from;
	if (more->to.ms != INSTANT_MISSING)
		span->to = more->to;
}

size_t
span_encode(const struct span *span, uint8_t buf[SPAN_BYTES_MAX])
{
	struct mp_writer w;

	if (!span->given)
		return 0;
	mp_writer_init(&w, buf, SPAN_BYTES_MAX);
	instant_encode(span->from, &w);
	instant_encode(span->to, &w);
	return w.len;
}

void
span_read(struct statement *st, int column, struct span *span)
{
	struct decode_error error;
	struct mp_reader r;
	const void *bytes;
	size_t len;

	*span = (struct span){ .given = false };
	bytes = statement_blob(st, column, &len);
	if (bytes == NULL || len == 0)
		return;
	span->given = true;
	span->from.ms = span->to.ms = INSTANT_MISSING;
	mp_reader_init(&r, bytes, len, &error);
	/* An impossible time is as good as none. */
	if (instant_decode(&r, "from", &span->from) == -1 ||
	    instant_decode(&r, "to", &span->to) == -1)
		span->from.ms = span->to.ms = INSTANT_MISSING;
}

int
epoch_find(struct outbox *ob, uint64_t epoch, int64_t *id)
{
	struct statement *st = ob->statements[ST_EPOCH_FIND];
	int rc;

	if (statement_bind(st, "I", (int64_t)epoch) == -1)
		return -1;
	rc = statement_step(st);
	if (rc == 1)
		*id = statement_int(st, 0);
	statement_reset(st);
	return rc;
}

int
counter_load(
    struct outbox *ob, enum stream stream, int64_t epoch_id, struct counter *c)
{
	struct statement *st = ob->statements[ST_COUNTER_GET];
	int rc;

	memset(c, 0, sizeof(*c));
	c->epoch_id = epoch_id;
	c->stream = stream;
	c->last_ms = INSTANT_MISSING;
	if (statement_bind(st, "Ii", epoch_id, (int)stream) == -1)
		return -1;
	rc = statement_step(st);
	if (rc == 1) {
		c->next = (uint64_t)statement_int(st, 0);
		c->acked = (uint64_t)statement_int(st, 1);
		c->high = (uint64_t)statement_int(st, 2);
		c->last_ms = statement_int(st, 3);
		c->untrusted = statement_int(st, 4) != 0;
		span_read(st, 5, &c->gone);
		span_read(st, 6, &c->forgot);
	}
	statement_reset(st);
	return rc;
}

int
counter_save(struct outbox *ob, const struct counter *c)
{
	struct statement *st = ob->statements[ST_COUNTER_PUT];
	uint8_t gone[SPAN_BYTES_MAX], forgot[SPAN_BYTES_MAX];
	size_t gone_len = span_encode(&c->gone, gone);
	size_t forgot_len = span_encode(&c->forgot, forgot);

	if (statement_bind(st, "IiIIIIibb", c->epoch_id, (int)c->stream,
		(int64_t)c->next, (int64_t)c->acked, (int64_t)c->high,
		c->last_ms, (int)c->untrusted, gone, gone_len, forgot,
		forgot_len) == -1)
		return -1;
	return statement_run(st);
}
