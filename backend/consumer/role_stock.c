/*
 * stock: what each cart has left, and what must be brought.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/shelf.h"
#include "backend/store/schema.h"

struct stock_role {
	struct role_context *ctx;
	struct stock_store *store;
	struct intake *intake;
	struct shelf shelf;
};

static int
stock_event(void *self, const struct intake_event *ev)
{
	struct stock_role *stock = self;

	if (ev->item->kind != ITEM_STOCK)
		return 0;
	return shelf_event(&stock->shelf, ev);
}

static int
stock_mend(void *self, const char *cart, uint64_t boot, int64_t offset_ms)
{
	struct stock_role *stock = self;

	return shelf_mend(&stock->shelf, cart, boot, offset_ms);
}

static const struct intake_handler stock_handler = {
	.event = stock_event,
	.mend = stock_mend,
};

static int
stock_apply(void *self, const struct record *record)
{
	struct stock_role *stock = self;

	if (strcmp(record->schema, SCHEMA_FRAME_STOCK) == 0)
		return intake_frame(stock->intake, record);
	return role_reject(stock->ctx, record, "schema: expected stock/1");
}

static int
stock_flush(void *self)
{
	struct stock_role *stock = self;

	return intake_flush(stock->intake);
}

static void
stock_forget(void *self)
{
	struct stock_role *stock = self;

	intake_forget(stock->intake);
}

static int
stock_tick(void *self, int64_t now_ms, bool caught_up)
{
	(void)self;
	(void)now_ms;
	(void)caught_up;
	return 0;
}

static void
stock_close(void *self)
{
	struct stock_role *stock = self;

	intake_free(stock->intake);
	if (stock->store != NULL)
		stock->store->ops->close(stock->store);
	free(stock);
}

static void *
stock_open(struct role_context *ctx, const struct role_settings *settings,
    char *why, size_t why_cap)
{
	struct stock_role *stock = calloc(1, sizeof(*stock));

	if (stock == NULL)
		goto say;
	stock->ctx = ctx;
	stock->store = stock_store_sqlite(ctx->db);
	stock->intake = intake_new(ctx, STREAM_STOCK, &stock_handler, stock);
	if (stock->store == NULL || stock->intake == NULL)
		goto close;
	stock->shelf = (struct shelf){ ctx, stock->store,
		settings->stock_threshold, settings->stock_target };
	return stock;
close:
	stock_close(stock);
say:
	snprintf(why, why_cap, "%s", strerror(errno));
	return NULL;
}

static const enum topic stock_topics[] = { TOPIC_STOCK };

const struct role role_stock = {
	.name = "stock",
	.schema = &schema_stock,
	.topics = stock_topics,
	.topic_count = 1,
	.open = stock_open,
	.close = stock_close,
	.apply = stock_apply,
	.flush = stock_flush,
	.forget = stock_forget,
	.tick = stock_tick,
};
