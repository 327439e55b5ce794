/*
 * sales: what was sold, by cart and local day.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/books.h"
#include "backend/store/schema.h"

struct sales {
	struct role_context *ctx;
	struct sales_store *store;
	struct customer_rules *customers;
	struct intake *intake;
	struct books books;
};

static int
sales_event(void *self, const struct intake_event *ev)
{
	struct sales *sales = self;

	switch (ev->item->kind) {
	case ITEM_SALE:
		return books_sale(&sales->books, ev);
	case ITEM_VOID:
		return books_void(&sales->books, ev);
	default:
		return 0;
	}
}

static int
sales_repeat(void *self, const struct intake_event *ev)
{
	struct sales *sales = self;

	if (ev->item->kind != ITEM_SALE)
		return 0;
	return books_repeat(&sales->books, ev);
}

static int
sales_mend(void *self, const char *cart, uint64_t boot, int64_t offset_ms)
{
	struct sales *sales = self;

	return books_mend(&sales->books, cart, boot, offset_ms);
}

static const struct intake_handler sales_handler = {
	.event = sales_event,
	.repeat = sales_repeat,
	.mend = sales_mend,
};

static int
sales_apply(void *self, const struct record *record)
{
	struct sales *sales = self;

	if (strcmp(record->schema, SCHEMA_FRAME_SALE) == 0)
		return intake_frame(sales->intake, record);
	return role_reject(sales->ctx, record, "schema: expected sale/1");
}

static int
sales_flush(void *self)
{
	struct sales *sales = self;

	return intake_flush(sales->intake);
}

static void
sales_forget(void *self)
{
	struct sales *sales = self;

	intake_forget(sales->intake);
}

static int
sales_tick(void *self, int64_t now_ms, bool caught_up)
{
	(void)self;
	(void)now_ms;
	(void)caught_up;
	return 0;
}

static void
sales_close(void *self)
{
	struct sales *sales = self;

	intake_free(sales->intake);
	customer_rules_free(sales->customers);
	if (sales->store != NULL)
		sales->store->ops->close(sales->store);
	free(sales);
}

static void *
sales_open(struct role_context *ctx, const struct role_settings *settings,
    char *why, size_t why_cap)
{
	struct sales *sales = calloc(1, sizeof(*sales));

	(void)settings;
	if (sales == NULL)
		goto say;
	sales->ctx = ctx;
	sales->customers = customer_rules_new();
	sales->store = sales_store_sqlite(ctx->db);
	sales->intake = intake_new(ctx, STREAM_SALE, &sales_handler, sales);
	if (sales->customers == NULL || sales->store == NULL ||
	    sales->intake == NULL)
		goto close;
	sales->books = (struct books){ ctx, sales->store, sales->customers };
	return sales;
close:
	sales_close(sales);
say:
	snprintf(why, why_cap, "%s", strerror(errno));
	return NULL;
}

static const enum topic sales_topics[] = { TOPIC_VENTAS };

const struct role role_sales = {
	.name = "sales",
	.schema = &schema_sales,
	.topics = sales_topics,
	.topic_count = 1,
	.open = sales_open,
	.close = sales_close,
	.apply = sales_apply,
	.flush = sales_flush,
	.forget = sales_forget,
	.tick = sales_tick,
};
