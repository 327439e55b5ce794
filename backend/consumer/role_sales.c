/*
 * sales: what was sold, by cart and local day.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "backend/consumer/books.h"
#include "backend/consumer/day.h"
#include "backend/consumer/gap_alerts.h"
#include "backend/consumer/sale_alerts.h"
#include "backend/store/schema.h"

struct sales {
	struct role_context *ctx;
	struct sales_store *store;
	struct customer_rules *customers;
	struct intake *intake;
	struct alerts *alerts;
	struct sale_alerts *refused;
	struct daybooks *daybooks;
	struct customers_store *contacts;
	int64_t contacts_keep_ms; /* 0: for ever */
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
	if (strcmp(record->schema, SCHEMA_RESOLUTION) == 0)
		return alerts_settle(sales->alerts, record);
	if (strcmp(record->schema, SCHEMA_REJECT) == 0)
		return sale_alerts_rejected(sales->refused, record);
	return role_reject(
	    sales->ctx, record, "schema: expected sale/1 or resolution/1");
}

static int
sales_flush(void *self)
{
	struct sales *sales = self;

	if (sale_alerts_flush(sales->refused) == -1 ||
	    daybooks_flush(sales->daybooks) == -1)
		return -1;
	return intake_flush(sales->intake);
}

static void
sales_forget(void *self)
{
	struct sales *sales = self;

	intake_forget(sales->intake);
	sale_alerts_forget(sales->refused);
	alerts_forget(sales->alerts);
	daybooks_forget(sales->daybooks);
}

static int
erase_contacts(struct sales *sales, int64_t now_ms)
{
	int64_t before_ms = now_ms - sales->contacts_keep_ms;
	char day[DAY_TEXT];
	int erased;

	if (sales->contacts_keep_ms == 0)
		return 0;
	day_of(before_ms, day);
	if (sales->contacts->ops->contacts_erase(
		sales->contacts, day, before_ms, &erased) == -1)
		return -1;
	sales->ctx->erases |= erased > 0;
	return 0;
}

static int
sales_tick(void *self, int64_t now_ms, bool caught_up)
{
	struct sales *sales = self;

	if (alerts_tick(sales->alerts, now_ms) == -1 ||
	    erase_contacts(sales, now_ms) == -1 ||
	    daybooks_tick(sales->daybooks, now_ms, caught_up) == -1)
		return -1;
	return gap_alerts_tick(
	    sales->alerts, sales->ctx, STREAM_SALE, now_ms, caught_up);
}

static void
sales_close(void *self)
{
	struct sales *sales = self;

	intake_free(sales->intake);
	sale_alerts_free(sales->refused);
	alerts_free(sales->alerts);
	customer_rules_free(sales->customers);
	daybooks_free(sales->daybooks);
	if (sales->contacts != NULL)
		sales->contacts->ops->close(sales->contacts);
	if (sales->store != NULL)
		sales->store->ops->close(sales->store);
	free(sales);
}

static void
seal(void *secret, char key[CUSTOMER_KEY_MAX + 1])
{
	customer_seal(secret, key);
}

/* The secret that contacts are hashed with; drawn once, and then what was
 * kept in plain words before is hashed as well. */
static int
read_secret(struct sales *sales)
{
	struct customers_store *store = sales->contacts;
	uint8_t *secret = sales->books.customer_secret;
	int rc = store->ops->secret_get(store, secret);

	if (rc != 0)
		return rc == 1 ? 0 : -1;
	if (getrandom(secret, CUSTOMER_SECRET_BYTES, 0) !=
		CUSTOMER_SECRET_BYTES ||
	    store->ops->secret_put(store, secret) == -1)
		return -1;
	return store->ops->rekey(store, seal, secret);
}

static int
begin_secret(struct sales *sales)
{
	struct database *db = sales->ctx->db;

	if (db->ops->begin(db) == -1)
		return -1;
	if (read_secret(sales) == 0 && db->ops->commit(db) == 0)
		return 0;
	db->ops->rollback(db);
	return -1;
}

#define DAY_MS (INT64_C(86400) * 1000)
#define HOUR_MS (INT64_C(3600) * 1000)

static void *
sales_open(struct role_context *ctx, const struct role_settings *settings,
    char *why, size_t why_cap)
{
	struct sales *sales = calloc(1, sizeof(*sales));

	if (sales == NULL)
		goto say;
	sales->ctx = ctx;
	sales->customers = customer_rules_new();
	sales->store = sales_store_sqlite(ctx->db);
	sales->intake = intake_new(ctx, STREAM_SALE, &sales_handler, sales);
	sales->alerts = alerts_new(ctx);
	sales->daybooks = daybooks_new(ctx, settings);
	sales->contacts = customers_store_sqlite(ctx->db);
	sales->contacts_keep_ms = settings->contacts_keep_days * DAY_MS;
	if (sales->alerts != NULL)
		sales->refused = sale_alerts_new(ctx, sales->alerts);
	if (sales->customers == NULL || sales->store == NULL ||
	    sales->intake == NULL || sales->refused == NULL ||
	    sales->daybooks == NULL || sales->contacts == NULL)
		goto close;
	sales->books = (struct books){
		.ctx = ctx,
		.store = sales->store,
		.customers = sales->customers,
		.refused = sales->refused,
		.daybooks = sales->daybooks,
		.follow = { settings->follow_quick_s * 1000,
		    settings->follow_late_h * HOUR_MS },
	};
	if (begin_secret(sales) == -1)
		goto close;
	return sales;
close:
	sales_close(sales);
say:
	snprintf(why, why_cap, "%s", strerror(errno));
	return NULL;
}

static const enum topic sales_topics[] = { TOPIC_VENTAS, TOPIC_RECHAZADOS };

const struct role role_sales = {
	.name = "sales",
	.schema = &schema_sales,
	.topics = sales_topics,
	.topic_count = 2,
	.open = sales_open,
	.close = sales_close,
	.apply = sales_apply,
	.flush = sales_flush,
	.forget = sales_forget,
	.tick = sales_tick,
};
