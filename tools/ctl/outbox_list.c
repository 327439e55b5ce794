/*
 * pregonctl outbox list: what a cart's file holds, per stream and epoch.
 *
 * The unsent ranges are read first, from one copy; then all is asked for
 * again, of another, and what was not unsent had been acknowledged.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "tools/ctl/outbox_cmd.h"
#include "tools/ctl/outbox_walk.h"

#define EPOCHS_MAX 100000

/* One stream of one epoch. */
struct row {
	enum stream stream;
	uint64_t epoch;
	uint64_t first, end; /* numbers, [first, end) */
	uint64_t unsent; /* the first not acknowledged; end: none */
	struct span {
		int64_t from_ms, to_ms; /* INSTANT_MISSING: none */
	} trusted, since_boot;
	uint64_t boot; /* of since_boot: an epoch is one start */
};

struct list {
	struct row *rows;
	size_t count, cap;
	struct time_marker *markers;
	size_t marker_count, marker_cap;
	struct frame_items *items;
};

static const struct span no_span = { INSTANT_MISSING, INSTANT_MISSING };

/* The row of a frame; NULL: too many, no memory. */
static struct row *
row_of(struct list *l, const struct walk_frame *f)
{
	struct row *more, *last = l->count > 0 ? &l->rows[l->count - 1] : NULL;
	size_t i;

	if (last != NULL && last->stream == f->stream &&
	    last->epoch == f->range.epoch)
		return last;
	for (i = 0; i < l->count; i++)
		if (l->rows[i].stream == f->stream &&
		    l->rows[i].epoch == f->range.epoch)
			return &l->rows[i];
	if (l->count == l->cap) {
		l->cap = l->cap > 0 ? 2 * l->cap : 64;
		more = l->count < EPOCHS_MAX
		    ? realloc(l->rows, l->cap * sizeof(*more))
		    : NULL;
		if (more == NULL)
			return NULL;
		l->rows = more;
	}
	l->rows[l->count] = (struct row){
		.stream = f->stream,
		.epoch = f->range.epoch,
		.first = f->range.first_seq,
		.end = f->range.end_seq,
		.unsent = f->range.end_seq,
		.trusted = no_span,
		.since_boot = no_span,
	};
	return &l->rows[l->count++];
}

static void
span_extend(struct span *span, int64_t ms)
{
	if (span->from_ms == INSTANT_MISSING || ms < span->from_ms)
		span->from_ms = ms;
	if (span->to_ms == INSTANT_MISSING || ms > span->to_ms)
		span->to_ms = ms;
}

static void
see_time(struct row *row, struct instant at)
{
	if (at.ms == INSTANT_MISSING)
		return;
	if (at.boot != 0)
		row->boot = at.boot;
	span_extend(at.boot != 0 ? &row->since_boot : &row->trusted, at.ms);
}

/* One too many is forgotten: times are then shown as not known. */
static void
see_marker(struct list *l, const struct time_marker *marker)
{
	struct time_marker *more;

	if (l->marker_count == l->marker_cap) {
		l->marker_cap = l->marker_cap > 0 ? 2 * l->marker_cap : 64;
		more = l->marker_count < EPOCHS_MAX
		    ? realloc(l->markers, l->marker_cap * sizeof(*more))
		    : NULL;
		if (more == NULL) {
			l->marker_cap = l->marker_count;
			return;
		}
		l->markers = more;
	}
	l->markers[l->marker_count++] = *marker;
}

/* Times since a boot become trusted ones, where a marker says how. */
static void
mend(const struct list *l, struct row *row)
{
	size_t i;

	for (i = 0; i < l->marker_count; i++) {
		int64_t offset_ms = l->markers[i].offset_ms;

		if (row->since_boot.from_ms == INSTANT_MISSING ||
		    l->markers[i].boot != row->boot)
			continue;
		span_extend(&row->trusted, row->since_boot.from_ms + offset_ms);
		span_extend(&row->trusted, row->since_boot.to_ms + offset_ms);
		row->since_boot = no_span;
	}
}

static void
see_item(struct list *l, struct row *row, const struct item *item)
{
	switch (item->kind) {
	case ITEM_FIXES:
		see_time(row, item->fixes[0].at);
		see_time(row, item->fixes[item->count - 1].at);
		break;
	case ITEM_GAP:
		see_time(row, item->gap.from);
		see_time(row, item->gap.to);
		break;
	case ITEM_SALE:
		see_time(row, item->sale.at);
		break;
	case ITEM_VOID:
		see_time(row, item->void_sale.at);
		break;
	case ITEM_STOCK:
		see_time(row, item->stock.at);
		break;
	case ITEM_HELP:
		see_time(row, item->help.at);
		break;
	case ITEM_TIME:
		see_marker(l, &item->time);
		break;
	}
}

static int
see_all(void *ctx, const struct walk_frame *f)
{
	struct list *l = ctx;
	struct row *row = row_of(l, f);
	struct decode_error error;
	struct frame frame;
	struct item item;
	int rc;

	if (row == NULL) {
		errno = ENOMEM;
		return -1;
	}
	if (frame_decode(f->bytes, f->len, &frame, &error) == -1)
		return -1;
	frame_items_init(l->items, &frame, f->stream);
	while ((rc = frame_items_next(l->items, &item)) == 1)
		see_item(l, row, &item);
	return rc;
}

static int
see_unsent(void *ctx, const struct walk_frame *f)
{
	struct row *row = row_of(ctx, f);

	if (row == NULL) {
		errno = ENOMEM;
		return -1;
	}
	if (f->range.first_seq < row->unsent)
		row->unsent = f->range.first_seq;
	return 0;
}

static int
walk(struct list *l, const char *path, bool all,
    int (*each)(void *, const struct walk_frame *))
{
	char why[300];
	struct outbox *ob = outbox_open_reader(path, why, sizeof(why));
	int rc = 0, s;

	if (ob == NULL) {
		ctl_say("%s: %s", path, why);
		return -1;
	}
	if (all)
		rc = outbox_walk_all(ob);
	for (s = 0; s < STREAM_COUNT && rc == 0; s++)
		rc = outbox_walk(ob, (enum stream)s, 1, each, l);
	if (rc != 0)
		ctl_say("%s: %s", path, strerror(errno));
	outbox_close(ob);
	return rc;
}

static void
print_row(const struct row *row)
{
	char epoch[EPOCH_TEXT + 1], from[CLOCK_TEXT] = "-",
				    to[CLOCK_TEXT] = "-", numbers[48];

	epoch_format(row->epoch, epoch);
	if (row->trusted.from_ms != INSTANT_MISSING) {
		clock_format(row->trusted.from_ms, from);
		clock_format(row->trusted.to_ms, to);
	}
	snprintf(numbers, sizeof(numbers), "%" PRIu64 "..%" PRIu64, row->first,
	    row->end - 1);
	printf("%-6s %-9s %-15s %-9" PRIu64 " %-25s %-25s%s\n",
	    stream_name(row->stream), epoch, numbers, row->end - row->unsent,
	    from, to,
	    row->since_boot.from_ms != INSTANT_MISSING
		? " (some without a trusted clock)"
		: "");
}

enum ctl_status
ctl_outbox_list(struct ctl *ctl)
{
	const char *path = ctl->words[1];
	struct list l = { .items = malloc(sizeof(*l.items)) };
	int rc = -1;
	size_t i;

	if (l.items == NULL) {
		ctl_say("no memory");
		return CTL_FAILED;
	}
	if (walk(&l, path, true, see_all) == 0)
		rc = walk(&l, path, false, see_unsent);
	if (rc == 0) {
		printf("%-6s %-9s %-15s %-9s %-25s %s\n", "stream", "epoch",
		    "numbers", "unsent", "from", "to");
		for (i = 0; i < l.count; i++) {
			mend(&l, &l.rows[i]);
			print_row(&l.rows[i]);
		}
	}
	free(l.rows);
	free(l.markers);
	free(l.items);
	return rc == 0 ? CTL_DONE : CTL_FAILED;
}
