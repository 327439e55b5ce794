/*
 * products: see the header.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/products.h"
#include "lib/log.h"
#include "schemas/down.h"

/* What is needed once in a while, and is large. */
struct work {
	struct product products[CATALOGUE_MAX];
	uint8_t payload[RULES_BYTES_MAX];
	uint8_t command[RULES_BYTES_MAX + 64];
};

static int
send_catalogue(struct role_context *ctx, struct work *work, size_t payload_len)
{
	const struct cmd cmd = { .kind = CMD_CATALOGUE,
		.payload = work->payload,
		.payload_len = payload_len };
	struct outgoing out = {
		.topic = TOPIC_COMANDOS,
		.key = COMMAND_KEY_ALL,
		.key_len = strlen(COMMAND_KEY_ALL),
		.each_partition = true,
		.value = work->command,
		.schema = SCHEMA_CMD,
	};
	int len = cmd_encode(&cmd, work->command, sizeof(work->command));

	if (len == -1)
		return -1;
	out.value_len = (size_t)len;
	return role_send(ctx, &out);
}

static int
keep(struct role_context *ctx, struct stock_store *store, struct work *work,
    const struct products *products)
{
	struct stock_catalogue c = { .at_ms = products->at_ms,
		.by = products->by,
		.payload = work->payload };
	struct mp_writer w;
	bool same;

	mp_writer_init(&w, work->payload, sizeof(work->payload));
	catalogue_encode(products->products, products->count, &w);
	c.payload_len = w.len;
	if (store->ops->catalogue_is(
		store, c.payload, c.payload_len, &c.revision, &same) == -1)
		return -1;
	if (same)
		return 0;
	c.revision++;
	log_info("stock.catalogue", "products=%zu revision=%lld by=\"%s\"",
	    products->count, (long long)c.revision, c.by);
	if (store->ops->catalogue_put(
		store, &c, products->products, products->count) == -1)
		return -1;
	return send_catalogue(ctx, work, c.payload_len);
}

int
products_apply(struct role_context *ctx, struct stock_store *store,
    const struct record *record)
{
	struct work *work = malloc(sizeof(*work));
	struct products products;
	struct decode_error error;
	char reason[160];
	int rc;

	if (work == NULL)
		return -1;
	products.products = work->products;
	if (products_decode(record->value, record->len, &products, &error) ==
	    0) {
		rc = keep(ctx, store, work, &products);
	} else {
		snprintf(reason, sizeof(reason), "%s: expected %s", error.field,
		    error.expected);
		rc = role_reject(ctx, record, reason);
	}
	free(work);
	return rc;
}
