/*
 * stock: what each cart has left, and what must be brought.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/gap_alerts.h"
#include "backend/consumer/products.h"
#include "backend/consumer/shelf.h"
#include "backend/store/schema.h"

/* Deliveries that a tick gives up waiting for the cart's word of. */
#define EXPIRE_AT_ONCE 100

struct stock_role {
	struct role_context *ctx;
	struct stock_store *store;
	struct orders_store *orders_store;
	struct intake *intake;
	struct alerts *alerts;
	struct needs needs;
	struct orders *orders;
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

static void
set_now(struct stock_role *stock, int64_t now_ms)
{
	stock->shelf.now_ms = now_ms;
	orders_now(stock->orders, now_ms);
}

/* What the guild laid down; zones and tokens are not ours. */
static int
apply_rule(struct stock_role *stock, const struct record *record)
{
	size_t prefix = strlen(RULES_KEY);
	char scope[CART_MAX + 1];

	if (strcmp(record->schema, SCHEMA_PRODUCTS) == 0 && record->len > 0)
		return products_apply(stock->ctx, stock->store, record);
	if (record->key_len < prefix ||
	    memcmp(record->key, RULES_KEY, prefix) != 0)
		return 0;
	if (needs_apply(&stock->needs, record, scope) == -1)
		return -1;
	return scope[0] == '\0' ? 0 : shelf_look_all(&stock->shelf, scope);
}

static int
stock_apply(void *self, const struct record *record)
{
	struct stock_role *stock = self;

	set_now(stock, record->time_ms);
	if (record->topic == TOPIC_REGLAS)
		return apply_rule(stock, record);
	if (strcmp(record->schema, SCHEMA_FRAME_STOCK) == 0)
		return intake_frame(stock->intake, record);
	if (strcmp(record->schema, SCHEMA_ORDER_REQUEST) == 0)
		return orders_request(stock->orders, record);
	if (strcmp(record->schema, SCHEMA_RESOLUTION) == 0)
		return alerts_settle(stock->alerts, record);
	return role_reject(stock->ctx, record,
	    "schema: expected stock/1, order-request/1 or resolution/1");
}

static int
stock_flush(void *self)
{
	struct stock_role *stock = self;

	if (orders_flush(stock->orders) == -1)
		return -1;
	return intake_flush(stock->intake);
}

static void
stock_forget(void *self)
{
	struct stock_role *stock = self;

	intake_forget(stock->intake);
	alerts_forget(stock->alerts);
	orders_forget(stock->orders);
	needs_forget(&stock->needs);
}

/* What was delivered and never booked is no longer counted as there. */
static int
expire_unseen(struct stock_role *stock, int64_t now_ms)
{
	struct unseen_line lines[EXPIRE_AT_ONCE];
	int count = stock->orders_store->ops->unseen_expire(stock->orders_store,
	    now_ms - stock->needs.confirm_wait_ms, lines, EXPIRE_AT_ONCE);

	for (int i = 0; i < count; i++) {
		if (shelf_look(
			&stock->shelf, lines[i].cart, lines[i].product) == -1)
			return -1;
	}
	return count == -1 ? -1 : 0;
}

static int
stock_tick(void *self, int64_t now_ms, bool caught_up)
{
	struct stock_role *stock = self;

	set_now(stock, now_ms);
	if (alerts_tick(stock->alerts, now_ms) == -1 ||
	    gap_alerts_tick(stock->alerts, stock->ctx, STREAM_STOCK, now_ms,
		caught_up) == -1)
		return -1;
	if (!caught_up)
		return 0;
	if (expire_unseen(stock, now_ms) == -1)
		return -1;
	return orders_tick(stock->orders, now_ms);
}

static void
stock_close(void *self)
{
	struct stock_role *stock = self;

	orders_free(stock->orders);
	alerts_free(stock->alerts);
	intake_free(stock->intake);
	if (stock->orders_store != NULL)
		stock->orders_store->ops->close(stock->orders_store);
	if (stock->store != NULL)
		stock->store->ops->close(stock->store);
	free(stock);
}

static void *
stock_open(struct role_context *ctx, const struct role_settings *settings,
    char *why, size_t why_cap)
{
	struct stock_role *stock = calloc(1, sizeof(*stock));
	struct orders_parts parts;

	if (stock == NULL)
		goto say;
	stock->ctx = ctx;
	stock->store = stock_store_sqlite(ctx->db);
	stock->orders_store = orders_store_sqlite(ctx->db);
	stock->alerts = alerts_new(ctx);
	stock->intake = intake_new(ctx, STREAM_STOCK, &stock_handler, stock);
	if (stock->store == NULL || stock->orders_store == NULL ||
	    stock->alerts == NULL || stock->intake == NULL)
		goto close;
	stock->needs = (struct needs){ .ctx = ctx,
		.store = stock->store,
		.orders = stock->orders_store,
		.settings = { settings->stock_threshold,
		    settings->stock_target },
		.confirm_wait_ms = settings->confirm_wait_s * 1000 };
	parts = (struct orders_parts){ ctx, stock->orders_store, &stock->needs,
		stock->alerts };
	stock->orders = orders_new(&parts, settings, why, why_cap);
	if (stock->orders == NULL) {
		stock_close(stock);
		return NULL;
	}
	stock->shelf = (struct shelf){ .ctx = ctx,
		.store = stock->store,
		.needs = &stock->needs,
		.orders = stock->orders };
	return stock;
close:
	snprintf(why, why_cap, "%s", strerror(errno));
	stock_close(stock);
	return NULL;
say:
	snprintf(why, why_cap, "%s", strerror(errno));
	return NULL;
}

/* What the guild laid down comes before what is judged by it. */
static const enum topic stock_topics[] = { TOPIC_REGLAS, TOPIC_STOCK };

const struct role role_stock = {
	.name = "stock",
	.schema = &schema_stock,
	.topics = stock_topics,
	.topic_count = 2,
	.prior_count = 1,
	.open = stock_open,
	.close = stock_close,
	.apply = stock_apply,
	.flush = stock_flush,
	.forget = stock_forget,
	.tick = stock_tick,
};
