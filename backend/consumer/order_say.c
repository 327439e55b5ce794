/*
 * order_say: see the header.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "backend/consumer/order_say.h"
#include "schemas/down.h"

#define CART_KEY_MAX (CART_MAX + sizeof("/order-") + ORDER_ID_MAX)
#define LINES_TEXT 400
/* What a log that is read again says of days ago is no news to anybody. */
#define NEWS_MS (INT64_C(24) * 3600 * 1000)

static bool
is_news(const struct role_context *ctx, const struct order *order)
{
	return clock_realtime_ms(ctx->clock) - order->changed_ms <= NEWS_MS;
}

void
order_lines_text(const struct order_event *event, char *text, size_t cap)
{
	size_t len = 0;

	text[0] = '\0';
	for (uint32_t i = 0; i < event->line_count; i++) {
		char line[32];
		int n = snprintf(line, sizeof(line), "%s%" PRIu32 " x %" PRIu32,
		    i > 0 ? ", " : "", event->lines[i].units,
		    event->lines[i].product);

		if (len + (size_t)n >= cap)
			return;
		memcpy(text + len, line, (size_t)n + 1);
		len += (size_t)n;
	}
}

static int
notify(struct role_context *ctx, const struct order_event *event,
    const char *to, const char *what)
{
	char id[NOTICE_ID_MAX + 1], lines[LINES_TEXT];
	struct notice notice = {
		.id = id,
		.to = to,
		.event = what,
		.subject = event->order,
		.at_ms = event->at_ms,
		.value_count = 5,
		.values = { { "cart", event->cart },
		    { "state", order_state_name(event->state) },
		    { "lines", lines }, { "by", event->by },
		    { "reason", event->reason } },
	};

	snprintf(id, sizeof(id), "%s/%" PRIu32, event->order, event->revision);
	order_lines_text(event, lines, sizeof(lines));
	return role_tell(ctx, &notice);
}

static int
notify_mail(struct role_context *ctx, const struct order *order,
    const struct order_event *event)
{
	char to[NOTICE_TO_MAX + 1], what[NOTICE_EVENT_MAX + 1];

	if (order->mail[0] == '\0' || !is_news(ctx, order))
		return 0;
	snprintf(to, sizeof(to), "mail:%s", order->mail);
	snprintf(
	    what, sizeof(what), "order.%s", order_state_name(event->state));
	return notify(ctx, event, to, what);
}

int
order_say(struct role_context *ctx, struct orders_store *store,
    const struct order *order)
{
	uint8_t value[ORDER_BYTES_MAX];
	struct order_event event;
	struct outgoing out = {
		.topic = TOPIC_REPOSICIONES,
		.key = order->id,
		.key_len = strlen(order->id),
		.value = value,
		.schema = SCHEMA_ORDER,
	};
	int len;

	order_tell(order, &event);
	len = order_encode(&event, value, sizeof(value));
	if (len == -1)
		return -1;
	out.value_len = (size_t)len;
	if (role_send(ctx, &out) == -1 ||
	    store->ops->change_put(store, order->id, value, out.value_len) ==
		-1)
		return -1;
	return notify_mail(ctx, order, &event);
}

int
order_say_dispute(struct role_context *ctx, const struct order *order)
{
	struct order_event event;

	if (!is_news(ctx, order))
		return 0;
	order_tell(order, &event);
	return notify(ctx, &event, "depot", "order.disputed");
}

int
order_say_cart(struct role_context *ctx, const struct order *order)
{
	uint8_t payload[ORDER_BYTES_MAX], value[ORDER_BYTES_MAX + 64];
	char key[CART_KEY_MAX + 1];
	struct order_event event;
	struct mp_writer w;
	struct cmd cmd = { .kind = CMD_ORDER, .payload = payload };
	struct outgoing out = {
		.topic = TOPIC_COMANDOS,
		.key = key,
		.route_len = strlen(order->cart),
		.value = value,
		.schema = SCHEMA_CMD,
	};
	int len;

	if (!is_news(ctx, order))
		return 0;
	order_tell(order, &event);
	mp_writer_init(&w, payload, sizeof(payload));
	order_news_encode(&event, &w);
	cmd.payload_len = w.len;
	/* Id and ledger are the bridge's to fill in. */
	len = cmd_encode(&cmd, value, sizeof(value));
	if (len == -1)
		return -1;
	out.value_len = (size_t)len;
	out.key_len = (size_t)snprintf(
	    key, sizeof(key), "%s/order-%s", order->cart, order->id);
	return role_send(ctx, &out);
}

int
delivery_say(struct role_context *ctx, struct orders_store *store,
    const struct delivery_event *delivery)
{
	uint8_t value[DELIVERY_BYTES_MAX];
	struct outgoing out = {
		.topic = TOPIC_REPOSICIONES,
		.key = delivery->id,
		.key_len = strlen(delivery->id),
		.value = value,
		.schema = SCHEMA_DELIVERY,
	};
	int len = delivery_encode(delivery, value, sizeof(value));

	if (len == -1)
		return -1;
	out.value_len = (size_t)len;
	if (store->ops->delivery_put(store, delivery, value, out.value_len) ==
	    -1)
		return -1;
	return role_send(ctx, &out);
}
