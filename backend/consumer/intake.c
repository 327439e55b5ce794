/*
 * intake: see the header.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/accounts.h"
#include "backend/consumer/intake.h"

struct intake {
	struct role_context *ctx;
	enum stream stream;
	const struct intake_handler *handler;
	void *handler_ctx;
	struct accounts *accounts;
	struct frame_items items; /* 130 kB */
};

/* The frame under way. */
struct walk {
	struct intake *intake;
	const struct record *record;
	char cart[CART_MAX + 1];
	uint64_t epoch;
	struct account *account;
	int64_t offset_ms; /* of offset_boot, if that is not 0 */
	uint64_t offset_boot;
	bool rejected;
};

struct intake *
intake_new(struct role_context *ctx, enum stream stream,
    const struct intake_handler *handler, void *handler_ctx)
{
	struct intake *intake = calloc(1, sizeof(*intake));

	if (intake == NULL)
		return NULL;
	intake->accounts = accounts_new(ctx->store);
	if (intake->accounts == NULL) {
		free(intake);
		return NULL;
	}
	intake->ctx = ctx;
	intake->stream = stream;
	intake->handler = handler;
	intake->handler_ctx = handler_ctx;
	return intake;
}

void
intake_free(struct intake *intake)
{
	if (intake == NULL)
		return;
	accounts_free(intake->accounts);
	free(intake);
}

/* The offset of a boot, if its marker has come; *known is where it is. */
static int
offset_find(struct walk *walk, uint64_t boot, const int64_t **known)
{
	struct runtime_store *store = walk->intake->ctx->store;
	int rc;

	*known = NULL;
	if (boot == 0)
		return 0;
	if (walk->offset_boot != boot) {
		rc = store->ops->marker_get(
		    store, walk->cart, boot, &walk->offset_ms);
		if (rc != 1)
			return rc;
		walk->offset_boot = boot;
	}
	*known = &walk->offset_ms;
	return 0;
}

static struct instant
item_instant(const struct item *item)
{
	switch (item->kind) {
	case ITEM_FIXES:
		return item->fixes[item->count - 1].at;
	case ITEM_SALE:
		return item->sale.at;
	case ITEM_VOID:
		return item->void_sale.at;
	case ITEM_STOCK:
		return item->stock.at;
	case ITEM_HELP:
		return item->help.at;
	case ITEM_GAP:
	case ITEM_TIME:
		break;
	}
	return (struct instant){ .ms = INSTANT_MISSING };
}

/* Kept once a frame; its other bad items are in the same bytes. */
static int
reject(struct walk *walk, const struct decode_error *error)
{
	char reason[160];

	if (walk->rejected)
		return 0;
	walk->rejected = true;
	snprintf(reason, sizeof(reason), "%s: expected %s", error->field,
	    error->expected);
	return role_reject(walk->intake->ctx, walk->record, reason);
}

static int
explain(struct walk *walk, const struct item *item,
    const struct account_gap *why, uint64_t *explained)
{
	if (account_explain(walk->account, item->seq, item->seq + item->count,
		walk->record->time_ms, why, explained) == -1)
		return -1;
	walk->intake->ctx
	    ->tally[*explained > 0 ? TALLY_NEW : TALLY_DUPLICATES]++;
	return 0;
}

static int
moment_of(struct walk *walk, const struct instant *at, int64_t *ms)
{
	const int64_t *offset_ms;
	struct event_time time;

	if (offset_find(walk, at->boot, &offset_ms) == -1)
		return -1;
	time = event_time(at, walk->record->time_ms, offset_ms);
	*ms = time.provisional ? 0 : time.ms;
	return 0;
}

static int
take_gap(struct walk *walk, const struct item *item)
{
	struct account_gap why = { .reason = (int)item->gap.reason };
	uint64_t explained;

	if (moment_of(walk, &item->gap.from, &why.from_ms) == -1 ||
	    moment_of(walk, &item->gap.to, &why.to_ms) == -1)
		return -1;
	return explain(walk, item, &why, &explained);
}

/* A bad item: its numbers are accounted for, it itself is kept. */
static int
take_bad(struct walk *walk, const struct item *item)
{
	struct account_gap why = { .reason = GAP_REFUSED };
	uint64_t explained;

	if (explain(walk, item, &why, &explained) == -1)
		return -1;
	return explained == 0 ? 0 : reject(walk, &walk->intake->items.error);
}

static int
take_time(struct walk *walk, const struct item *item)
{
	struct intake *intake = walk->intake;
	struct runtime_store *store = intake->ctx->store;
	const struct time_marker *marker = &item->time;

	walk->offset_boot = 0;
	if (store->ops->marker_put(
		store, walk->cart, marker->boot, marker->offset_ms) == -1)
		return -1;
	return intake->handler->mend(
	    intake->handler_ctx, walk->cart, marker->boot, marker->offset_ms);
}

static int
event_fill(struct walk *walk, const struct item *item,
    const struct account_span *span, struct intake_event *ev)
{
	*ev = (struct intake_event){
		.record = walk->record,
		.cart = walk->cart,
		.epoch = walk->epoch,
		.seq = span->first,
		.item = item,
		.at = item_instant(item),
	};
	if (item->kind == ITEM_FIXES) {
		ev->fixes = item->fixes + (span->first - item->seq);
		ev->fix_count = (size_t)(span->end - span->first);
	}
	if (offset_find(walk, ev->at.boot, &ev->offset_ms) == -1)
		return -1;
	ev->time = event_time(&ev->at, walk->record->time_ms, ev->offset_ms);
	return 0;
}

/* One run of new numbers of an item. */
static int
take_new(
    struct walk *walk, const struct item *item, const struct account_span *span)
{
	struct intake *intake = walk->intake;
	struct intake_event ev;

	if (item->kind == ITEM_TIME)
		return take_time(walk, item);
	if (event_fill(walk, item, span, &ev) == -1)
		return -1;
	if (!ev.time.provisional)
		role_late(intake->ctx, ev.time.ms, walk->record->time_ms);
	return intake->handler->event(intake->handler_ctx, &ev);
}

static int
take_repeat(struct walk *walk, const struct item *item)
{
	struct intake *intake = walk->intake;
	struct account_span whole = { item->seq, item->seq + item->count };
	struct intake_event ev;

	if (intake->handler->repeat == NULL || item->kind == ITEM_FIXES ||
	    item->kind == ITEM_TIME)
		return 0;
	if (event_fill(walk, item, &whole, &ev) == -1)
		return -1;
	return intake->handler->repeat(intake->handler_ctx, &ev);
}

static int
take_item(struct walk *walk, const struct item *item)
{
	struct account_span spans[ACCOUNT_GAPS_MAX + 1];
	int64_t *tally = walk->intake->ctx->tally;
	uint64_t fresh = 0;
	size_t count;

	if (item->kind == ITEM_GAP)
		return take_gap(walk, item);
	if (account_take(walk->account, item->seq, item->seq + item->count,
		walk->record->time_ms, spans, &count) == -1)
		return -1;
	for (size_t i = 0; i < count; i++) {
		fresh += spans[i].end - spans[i].first;
		if (take_new(walk, item, &spans[i]) == -1)
			return -1;
	}
	tally[TALLY_NEW] += (int64_t)fresh;
	tally[TALLY_DUPLICATES] += (int64_t)(item->count - fresh);
	return fresh == 0 ? take_repeat(walk, item) : 0;
}

static int
take_items(struct walk *walk)
{
	struct frame_items *items = &walk->intake->items;
	struct item item;
	int rc;

	for (;;) {
		rc = frame_items_next(items, &item);
		if (rc == 0)
			return 0;
		if (rc == -1 && item.bytes == NULL)
			return reject(walk, &items->error);
		rc = rc == -1 ? take_bad(walk, &item) : take_item(walk, &item);
		if (rc == -1)
			return -1;
	}
}

int
intake_cart(struct role_context *ctx, const struct record *record,
    char cart[CART_MAX + 1], int *rc)
{
	if (!cart_is_valid(record->key, record->key_len)) {
		*rc = role_reject(
		    ctx, record, "key: expected a plate, [A-Z0-9]{4,8}");
		return -1;
	}
	memcpy(cart, record->key, record->key_len);
	cart[record->key_len] = '\0';
	return 0;
}

int
intake_frame(struct intake *intake, const struct record *record)
{
	struct walk walk = { .intake = intake, .record = record };
	struct decode_error error;
	struct frame frame;
	int rc;

	if (intake_cart(intake->ctx, record, walk.cart, &rc) == -1)
		return rc;
	if (frame_decode(record->value, record->len, &frame, &error) == -1)
		return reject(&walk, &error);
	if (frame.ledger > intake->ctx->ledger_heard)
		intake->ctx->ledger_heard = frame.ledger;
	walk.epoch = frame.epoch;
	walk.account = accounts_get(
	    intake->accounts, walk.cart, intake->stream, frame.epoch);
	if (walk.account == NULL)
		return -1;
	frame_items_init(&intake->items, &frame, intake->stream);
	return take_items(&walk);
}

int
intake_flush(struct intake *intake)
{
	return accounts_flush(intake->accounts);
}

void
intake_forget(struct intake *intake)
{
	accounts_forget(intake->accounts);
}
