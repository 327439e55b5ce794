/*
 * Cutting a frame: one range of rows, read once, in order.
 */
#include <errno.h>
#include <string.h>

#include "lib/outbox_parts.h"

/* The longest envelope with its array's header. */
#define HEAD_MAX 64

struct cutter {
	struct outbox *ob;
	enum stream stream;
	struct counter counter;
	struct mp_writer w;
	uint32_t items;
	uint64_t first, next; /* numbers written: [first, next) */
	uint64_t limit; /* none from here on */
	uint64_t row_next; /* the number after the last row looked at */
	size_t run; /* fixes that wait in ob->run */
	size_t fixes; /* all fixes, those that wait included */
	bool full;
};

/* Takes back what the writer did since `before` if it did not fit. */
static bool
fits(struct cutter *c, const struct mp_writer *before)
{
	if (!c->w.full && c->items < FRAME_ITEMS_MAX) {
		c->items++;
		return true;
	}
	c->w = *before;
	c->full = true;
	return false;
}

static bool
run_fits(struct cutter *c, size_t count)
{
	struct mp_writer before = c->w;
	bool fit;

	fit = run_encode(c->ob->run, count, &c->w) == 0 && !c->w.full;
	c->w = before;
	return fit;
}

/* The most fixes of the run that there is room for. */
static size_t
run_prefix(struct cutter *c)
{
	size_t low = 0, high = c->run; /* low fits, high does not */

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (run_fits(c, middle))
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* Writes the fixes that wait as one item. */
static void
end_run(struct cutter *c)
{
	struct mp_writer before = c->w;
	size_t count = c->run;

	if (count == 0 || c->full)
		return;
	c->run = 0;
	run_encode(c->ob->run, count, &c->w);
	if (fits(c, &before)) {
		c->next += count;
		return;
	}
	if (c->items == FRAME_ITEMS_MAX)
		return;
	c->run = count;
	count = run_prefix(c);
	c->run = 0;
	if (count == 0)
		return;
	run_encode(c->ob->run, count, &c->w);
	c->items++;
	c->next += count;
}

static void
put_gap(struct cutter *c, uint64_t end, enum gap_reason reason,
    const struct span *span)
{
	struct mp_writer before = c->w;
	struct gap gap = { .count = end - c->next, .reason = reason };

	if (c->full || end <= c->next)
		return;
	gap.from.ms = gap.to.ms = INSTANT_MISSING;
	if (span->given) {
		gap.from = span->from;
		gap.to = span->to;
	}
	gap_encode(&gap, &c->w);
	if (fits(c, &before))
		c->next = end;
}

/* The numbers up to `end` have no event; `span` is what gave way there. */
static void
put_hole(struct cutter *c, uint64_t end, const struct span *span)
{
	uint64_t high = c->counter.high;

	if (end > c->limit)
		end = c->limit;
	put_gap(c, high < end ? high : end, GAP_FORGOTTEN, &c->counter.forgot);
	put_gap(c, end, GAP_FULL, span);
}

static void
put_item(struct cutter *c, const void *item, size_t len)
{
	struct mp_writer before = c->w;

	if (c->full)
		return;
	mp_write_raw(&c->w, item, len);
	if (fits(c, &before))
		c->next++;
}

static bool
decode_fix(const void *item, size_t len, struct fix *fix)
{
	struct decode_error error;
	struct mp_reader r;
	size_t count;

	if (item_kind_of(item, len) != ITEM_FIXES)
		return false;
	mp_reader_init(&r, item, len, &error);
	return run_decode(&r, fix, 1, &count) == 0 && count == 1;
}

static void
put_fix(struct cutter *c, const struct fix *fix)
{
	const struct fix *last = &c->ob->run[c->run > 0 ? c->run - 1 : 0];

	if (c->fixes == RUN_FIXES_MAX) {
		end_run(c);
		c->full = true;
		return;
	}
	if (c->run > 0 &&
	    (last->at.boot != fix->at.boot || last->at.ms > fix->at.ms))
		end_run(c);
	if (c->full)
		return;
	c->ob->run[c->run++] = *fix;
	c->fixes++;
}

static void
put_row(struct cutter *c, struct statement *st)
{
	uint64_t seq = (uint64_t)statement_int(st, 0);
	struct span gone;
	struct fix fix;
	const void *item;
	size_t len;

	span_read(st, 4, &gone);
	if (seq > c->row_next) {
		end_run(c);
		put_hole(c, seq, &gone);
	}
	c->row_next = seq + 1;
	if (seq >= c->limit || c->full)
		return;
	item = statement_blob(st, 3, &len);
	if (c->stream == STREAM_POS && decode_fix(item, len, &fix)) {
		put_fix(c, &fix);
		return;
	}
	end_run(c);
	put_item(c, item, len);
}

static int
put_rows(struct cutter *c)
{
	struct statement *st = c->ob->rows[c->stream][ROW_RANGE];
	int rc = 1;

	if (statement_bind(st, "II", c->counter.epoch_id, (int64_t)c->first) ==
	    -1)
		return -1;
	while (c->row_next < c->limit && !c->full &&
	    (rc = statement_step(st)) == 1)
		put_row(c, st);
	statement_reset(st);
	if (rc == -1)
		return -1;
	end_run(c);
	if (rc == 0 && c->row_next < c->limit)
		put_hole(c, c->limit, &c->counter.gone);
	return 0;
}

/* The envelope's length is known only now: the items move up to it. */
static int
finish(const struct cutter *c, uint64_t epoch, uint64_t ledger, void *buf,
    size_t *len)
{
	struct frame_head head = {
		.ledger = ledger,
		.epoch = epoch,
		.first_seq = c->first,
		.count = c->next - c->first,
		.item_count = c->items,
	};
	struct mp_writer w;

	if (c->items == 0) {
		errno = ENOBUFS;
		return -1;
	}
	mp_writer_init(&w, buf, HEAD_MAX);
	frame_encode_head(&head, &w);
	memmove((uint8_t *)buf + w.len, c->w.buf, c->w.len);
	*len = w.len + c->w.len;
	return 0;
}

int
outbox_cut(struct outbox *ob, enum stream stream,
    const struct outbox_range *range, uint64_t ledger, uint64_t max_count,
    void *buf, size_t cap, size_t *len, uint64_t *next_seq)
{
	struct cutter c = { .ob = ob, .stream = stream };
	int64_t id;
	int rc;

	if (cap <= HEAD_MAX) {
		errno = ENOBUFS;
		return -1;
	}
	rc = epoch_find(ob, range->epoch, &id);
	if (rc == 1)
		rc = counter_load(ob, stream, id, &c.counter);
	if (rc == -1)
		return outbox_failed(ob);
	c.first = c.next = c.row_next = range->first_seq;
	c.limit = range->end_seq < c.counter.next ? range->end_seq
						  : c.counter.next;
	if (max_count != 0 && c.limit > c.first &&
	    c.limit - c.first > max_count)
		c.limit = c.first + max_count;
	if (rc == 0 || c.limit <= c.first) {
		errno = EINVAL;
		return -1;
	}
	mp_writer_init(&c.w, (uint8_t *)buf + HEAD_MAX, cap - HEAD_MAX);
	if (put_rows(&c) == -1)
		return outbox_failed(ob);
	if (finish(&c, range->epoch, ledger, buf, len) == -1)
		return -1;
	*next_seq = c.next;
	return 0;
}
