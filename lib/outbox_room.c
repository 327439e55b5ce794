/*
 * Room: what is given up when the file is full, in this order: what the
 * guild has acknowledged (oldest first), every second of the older fixes,
 * the oldest fixes.  A sale, a level and a call for help that the guild does
 * not have are never given up, nor is a time marker.
 *
 * The bound is looked at before each write, some pages below the bound that
 * SQLite itself keeps: for its own SQLITE_FULL undoes the whole transaction,
 * grouped fixes and all.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/outbox_parts.h"

#define PAGE_BYTES 4096
/* Pages that one change may need beyond its bytes: splits, counters. */
#define RESERVE_PAGES 8
/* Events looked at in one go: bounds a transaction's share of the WAL. */
#define SLICE_MAX 512
/* With fewer fixes than this, thinning has nothing left to take. */
#define THIN_LEAST 256
#define DROP_COUNT 64

struct row {
	uint64_t seq;
	struct instant at;
	struct span gone;
	uint8_t item[POS_ITEM_MAX];
	size_t len;
	bool drop;
	bool changed; /* its gone is another now */
};

struct slice {
	int64_t epoch_id;
	size_t count;
	bool last; /* nothing follows in its epoch */
	struct row rows[SLICE_MAX];
};

/* ---- how full ---- */

static int
pragma_int(struct statement *st, int64_t *value)
{
	if (statement_bind(st, "") == -1 || statement_step(st) != 1)
		return -1;
	*value = statement_int(st, 0);
	statement_reset(st);
	return 0;
}

/* 1: `bytes` more are within the bound. */
static int
has_room(struct outbox *ob, size_t bytes)
{
	int64_t pages, free_pages;
	int64_t need = (int64_t)(bytes / PAGE_BYTES) + 1 + RESERVE_PAGES;

	if (pragma_int(ob->statements[ST_PAGES], &pages) == -1 ||
	    pragma_int(ob->statements[ST_FREE_PAGES], &free_pages) == -1)
		return -1;
	return pages - free_pages + need <= ob->max_pages;
}

/* ---- fixes ---- */

static int
slice_load(struct outbox *ob, int64_t epoch_id, uint64_t from, size_t max,
    struct slice *slice)
{
	struct statement *st = ob->rows[STREAM_POS][ROW_RANGE];
	int rc;

	slice->epoch_id = epoch_id;
	slice->count = 0;
	if (statement_bind(st, "II", epoch_id, (int64_t)from) == -1)
		return -1;
	while ((rc = statement_step(st)) == 1 && slice->count < max) {
		struct row *row = &slice->rows[slice->count++];
		const void *item = statement_blob(st, 3, &row->len);

		row->seq = (uint64_t)statement_int(st, 0);
		row->at = row_instant(st, 1);
		span_read(st, 4, &row->gone);
		row->drop = row->changed = false;
		if (row->len > sizeof(row->item)) {
			statement_reset(st);
			errno = EBADMSG;
			return -1;
		}
		memcpy(row->item, item, row->len);
	}
	statement_reset(st);
	slice->last = rc == 0;
	return rc == -1 ? -1 : 0;
}

static bool
is_fix(const struct row *row)
{
	return item_kind_of(row->item, row->len) == ITEM_FIXES;
}

/* The times of what goes pass to the event after it: the rest is for what
 * follows the slice. */
static struct span
pass_times_on(struct slice *slice)
{
	struct span gone = { .given = false };

	for (size_t i = 0; i < slice->count; i++) {
		struct row *row = &slice->rows[i];
		struct span own = span_of(row->at);

		span_extend(&gone, &row->gone);
		if (row->drop) {
			span_extend(&gone, &own);
			continue;
		}
		row->changed = gone.given;
		row->gone = gone;
		gone.given = false;
	}
	return gone;
}

static int
write_back(struct outbox *ob, const struct slice *slice, const struct row *row)
{
	struct statement *st = ob->rows[STREAM_POS][ROW_ADD];
	uint8_t gone[SPAN_BYTES_MAX];
	size_t gone_len = span_encode(&row->gone, gone);

	if (statement_bind(st, "IIIIbb", slice->epoch_id, (int64_t)row->seq,
		row->at.ms, (int64_t)row->at.boot, row->item, row->len, gone,
		gone_len) == -1)
		return -1;
	return statement_run(st);
}

/*
 * Takes the slice out and puts what stays back in: SQLite joins pages only
 * when they are two thirds empty, so that deleting every second row alone
 * would free nothing.
 */
static int
slice_store(struct outbox *ob, struct slice *slice, int dropped)
{
	struct statement *st = ob->rows[STREAM_POS][ROW_DELETE_BETWEEN];
	struct span rest = pass_times_on(slice);
	struct counter c;

	if (statement_bind(st, "III", slice->epoch_id,
		(int64_t)slice->rows[0].seq,
		(int64_t)slice->rows[slice->count - 1].seq + 1) == -1 ||
	    statement_run(st) == -1)
		return -1;
	for (size_t i = 0; i < slice->count; i++) {
		if (!slice->rows[i].drop &&
		    write_back(ob, slice, &slice->rows[i]) == -1)
			return -1;
	}
	ob->now.depth[STREAM_POS] -= (uint64_t)dropped;
	if (!rest.given)
		return 0;
	if (counter_load(ob, STREAM_POS, slice->epoch_id, &c) == -1)
		return -1;
	span_extend(&rest, &c.gone);
	c.gone = rest;
	return counter_save(ob, &c);
}

/* Where the next event at or after (epoch, seq) lies: 1, 0, -1. */
static int
find_from(struct outbox *ob, int64_t *epoch_id, uint64_t *seq)
{
	struct statement *st = ob->rows[STREAM_POS][ROW_FROM];
	int rc;

	if (statement_bind(st, "II", *epoch_id, (int64_t)*seq) == -1)
		return -1;
	rc = statement_step(st);
	if (rc == 1) {
		*epoch_id = statement_int(st, 0);
		*seq = (uint64_t)statement_int(st, 1);
	}
	statement_reset(st);
	return rc;
}

/* Every second fix goes, never the slice's last: how many. */
static int
mark_every_second(struct slice *slice)
{
	int dropped = 0;

	for (size_t i = 1; i + 1 < slice->count; i += 2) {
		slice->rows[i].drop = is_fix(&slice->rows[i]);
		dropped += slice->rows[i].drop;
	}
	return dropped;
}

/*
 * One slice of the pass over the older half: how many fixes went; 0 when
 * there is nothing to thin any more.
 */
static int
thin(struct outbox *ob, struct slice *slice)
{
	struct thinning *t = &ob->now.thinning;
	int dropped = 0, rc;

	while (dropped == 0) {
		if (t->left == 0) {
			bool helped = t->helped || t->epoch_id == 0;

			if (ob->now.depth[STREAM_POS] < THIN_LEAST || !helped) {
				memset(t, 0, sizeof(*t));
				return 0;
			}
			*t = (struct thinning){
				.left = ob->now.depth[STREAM_POS] / 2
			};
		}
		rc = find_from(ob, &t->epoch_id, &t->seq);
		if (rc == 0)
			t->left = 0;
		if (rc == 0)
			continue;
		if (rc == -1 ||
		    slice_load(ob, t->epoch_id, t->seq, SLICE_MAX, slice) == -1)
			return -1;
		dropped = mark_every_second(slice);
		t->seq = slice->rows[slice->count - 1].seq + 1;
		t->left -= t->left < slice->count ? t->left : slice->count;
		if (dropped == 0)
			continue;
		t->helped = true;
		if (slice_store(ob, slice, dropped) == -1)
			return -1;
	}
	return dropped;
}

/* The oldest fixes go: how many; 0 when there are none. */
static int
drop_oldest(struct outbox *ob, struct slice *slice)
{
	int64_t epoch_id = 0;
	uint64_t seq = 0;
	int dropped = 0, rc;

	while (dropped == 0) {
		rc = find_from(ob, &epoch_id, &seq);
		if (rc != 1)
			return rc;
		if (slice_load(ob, epoch_id, seq, DROP_COUNT + 1, slice) == -1)
			return -1;
		/* The last one takes the times, unless the epoch ends. */
		for (size_t i = 0; i < slice->count; i++) {
			struct row *row = &slice->rows[i];

			row->drop = is_fix(row) &&
			    (slice->last || i + 1 < slice->count);
			dropped += row->drop;
		}
		seq = slice->rows[slice->count - 1].seq + 1;
	}
	return slice_store(ob, slice, dropped) == -1 ? -1 : dropped;
}

static int
give_up_fixes(struct outbox *ob)
{
	struct slice *slice = malloc(sizeof(*slice));
	int n;

	if (slice == NULL)
		return -1;
	n = thin(ob, slice);
	if (n == 0)
		n = drop_oldest(ob, slice);
	free(slice);
	return n;
}

int
outbox_make_room(struct outbox *ob, size_t bytes)
{
	int room, n;

	while ((room = has_room(ob, bytes)) == 0) {
		n = outbox_forget(ob, STREAM_SALE, INT64_MAX);
		if (n == 0)
			n = outbox_forget(ob, STREAM_STOCK, INT64_MAX);
		if (n == 0)
			n = give_up_fixes(ob);
		if (n <= 0)
			return n;
	}
	return room;
}
