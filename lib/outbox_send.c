/*
 * What is to be sent, what was acknowledged, what is asked for again.
 */
#include <errno.h>

#include "lib/outbox_parts.h"

static int
epoch_number(struct outbox *ob, int64_t id, uint64_t *epoch)
{
	struct statement *st = ob->statements[ST_EPOCH_NUMBER];

	if (statement_bind(st, "I", id) == -1 || statement_step(st) != 1)
		return -1;
	*epoch = (uint64_t)statement_int(st, 0);
	statement_reset(st);
	return 0;
}

/* 1 found (and the epoch's id), 0, -1. */
static int
first_unsent(struct outbox *ob, enum stream stream, int64_t *id,
    struct outbox_range *range)
{
	struct statement *st = ob->statements[ST_COUNTER_UNSENT];
	int rc;

	if (statement_bind(st, "i", (int)stream) == -1)
		return -1;
	rc = statement_step(st);
	if (rc == 1) {
		*id = statement_int(st, 0);
		range->first_seq = (uint64_t)statement_int(st, 1);
		range->end_seq = (uint64_t)statement_int(st, 2);
	}
	statement_reset(st);
	return rc;
}

int
outbox_next(struct outbox *ob, enum stream stream, struct outbox_range *range)
{
	int64_t id;
	int rc = first_unsent(ob, stream, &id, range);

	if (rc == 1 && epoch_number(ob, id, &range->epoch) == -1)
		rc = -1;
	return rc == -1 ? outbox_failed(ob) : rc;
}

int
outbox_range_of(struct outbox *ob, enum stream stream, uint64_t epoch,
    struct outbox_range *range)
{
	struct counter c;
	int64_t id;
	int rc = epoch_find(ob, epoch, &id);

	if (rc == 1)
		rc = counter_load(ob, stream, id, &c);
	if (rc == -1)
		return outbox_failed(ob);
	if (rc == 0 || c.acked >= c.next)
		return 0;
	*range = (struct outbox_range){ epoch, c.acked, c.next };
	return 1;
}

/* ---- acknowledged ---- */

static int
event_time(struct statement *st, int64_t id, uint64_t below, struct instant *at)
{
	int rc;

	if (statement_bind(st, "II", id, (int64_t)below) == -1)
		return -1;
	rc = statement_step(st);
	if (rc == 1)
		*at = row_instant(st, 0);
	statement_reset(st);
	return rc;
}

/* Fixes and help: nobody asks for them a second time. */
static int
let_go(struct outbox *ob, struct counter *c, uint64_t next)
{
	struct statement **rows = ob->rows[c->stream];
	struct statement *delete = rows[ROW_DELETE_BETWEEN];
	struct span span = { .given = true };
	int rc;

	rc = event_time(rows[ROW_FIRST_BELOW], c->epoch_id, next, &span.from);
	if (rc == 1)
		rc = event_time(
		    rows[ROW_LAST_BELOW], c->epoch_id, next, &span.to);
	if (rc != 1)
		return rc;
	span_extend(&c->forgot, &span);
	if (statement_bind(
		delete, "III", c->epoch_id, INT64_C(0), (int64_t)next) == -1 ||
	    statement_run(delete) == -1)
		return -1;
	ob->now.depth[c->stream] -= (uint64_t)statement_changes(delete);
	return 0;
}

/* Sales and stock stay: a guild that lost its memory asks for them. */
static int
keep(struct outbox *ob, struct counter *c, uint64_t next)
{
	struct statement *st = ob->rows[c->stream][ROW_COUNT_BETWEEN];

	if (statement_bind(st, "III", c->epoch_id, (int64_t)c->acked,
		(int64_t)next) == -1 ||
	    statement_step(st) != 1)
		return -1;
	ob->now.depth[c->stream] -= (uint64_t)statement_int(st, 0);
	statement_reset(st);
	return 0;
}

static int
acknowledge(
    struct outbox *ob, enum stream stream, uint64_t epoch, uint64_t next)
{
	bool kept = stream == STREAM_SALE || stream == STREAM_STOCK;
	struct counter c;
	int64_t id;
	int rc = epoch_find(ob, epoch, &id);

	if (rc == 1)
		rc = counter_load(ob, stream, id, &c);
	if (rc != 1)
		return rc;
	if (next > c.next)
		next = c.next;
	if (next <= c.acked)
		return 0;
	if ((kept ? keep(ob, &c, next) : let_go(ob, &c, next)) == -1)
		return -1;
	c.acked = next;
	if (c.high < next)
		c.high = next;
	if (next == c.next)
		c.gone.given = false;
	if (counter_save(ob, &c) == -1)
		return -1;
	return kept ? outbox_forget_old(ob, stream) : 0;
}

int
outbox_acknowledge(
    struct outbox *ob, enum stream stream, uint64_t epoch, uint64_t next_seq)
{
	if (outbox_enter(ob) == -1)
		return -1;
	return outbox_leave(ob, acknowledge(ob, stream, epoch, next_seq));
}

uint64_t
outbox_depth(const struct outbox *ob, enum stream stream)
{
	uint64_t all = 0;

	if (stream != STREAM_COUNT)
		return ob->now.depth[stream];
	for (int s = 0; s < STREAM_COUNT; s++)
		all += ob->now.depth[s];
	return all;
}

/* 1 and the time of the stream's oldest trusted event, 0, -1. */
static int
oldest_of(struct outbox *ob, enum stream stream, int64_t *ms)
{
	struct statement *st = ob->rows[stream][ROW_OLDEST_TRUSTED];
	struct outbox_range range;
	int64_t id;
	int rc = first_unsent(ob, stream, &id, &range);

	if (rc != 1)
		return rc;
	if (statement_bind(st, "II", id, (int64_t)range.first_seq) == -1)
		return -1;
	rc = statement_step(st);
	if (rc == 1)
		*ms = statement_int(st, 0);
	statement_reset(st);
	return rc;
}

int64_t
outbox_oldest_ms(struct outbox *ob)
{
	int64_t oldest = INSTANT_MISSING, ms;

	for (int s = 0; s < STREAM_COUNT; s++) {
		if (oldest_of(ob, (enum stream)s, &ms) == 1 &&
		    ms != INSTANT_MISSING &&
		    (oldest == INSTANT_MISSING || ms < oldest))
			oldest = ms;
	}
	return oldest;
}

/* ---- the ledger ---- */

uint64_t
outbox_ledger(const struct outbox *ob)
{
	return ob->ledger;
}

static int
raise_ledger(struct outbox *ob, uint64_t ledger, int64_t since_ms)
{
	struct statement *put = ob->statements[ST_LEDGER_PUT];
	struct statement *mark = ob->statements[ST_COUNTER_RAISE];

	if (statement_bind(put, "I", (int64_t)ledger) == -1 ||
	    statement_run(put) == -1)
		return -1;
	if (ob->ledger == 0 || since_ms < 0)
		return 0;
	if (statement_bind(mark, "I", since_ms) == -1 ||
	    statement_run(mark) == -1)
		return -1;
	return outbox_recount(ob);
}

int
outbox_raise(struct outbox *ob, uint64_t ledger, int64_t since_ms)
{
	if (ledger <= ob->ledger)
		return 0;
	if (outbox_enter(ob) == -1)
		return -1;
	if (outbox_leave(ob, raise_ledger(ob, ledger, since_ms)) == -1)
		return -1;
	if (outbox_flush(ob) == -1)
		return -1;
	ob->ledger = ledger;
	return 0;
}
