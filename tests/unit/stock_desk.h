/*
 * stock_desk: the role stock on a desk: levels and requests go in, and what
 * was put to be sent is read back by kind.
 */
#ifndef PREGON_TESTS_STOCK_DESK_H
#define PREGON_TESTS_STOCK_DESK_H

#include "tests/unit/desk.h"

#include "schemas/alert.h"
#include "schemas/down.h"
#include "schemas/notice.h"
#include "schemas/order.h"
#include "schemas/rules.h"

#define MINUTE 60000
#define SENT_MAX 3000

static struct desk d;
static struct clock_manual now;

/* With the clock at DESK_NOW. */
static inline void
stock_desk_open(void)
{
	clock_manual_init(&now, DESK_NOW);
	desk_open(&d, &role_stock);
	d.ctx.clock = &now.clock;
}

/* All that is in the table of what goes out, in its order. */
static struct sent {
	size_t order_count, delivery_count, command_count, notice_count,
	    alert_count;
	struct order_event orders[SENT_MAX];
	struct delivery_event deliveries[SENT_MAX];
	struct {
		char key[80];
		size_t route_len;
		bool each_partition;
		struct cmd cmd; /* payload: gone */
		struct order_event news; /* of CMD_ORDER */
		size_t payload_len;
	} commands[SENT_MAX];
	struct {
		char to[NOTICE_TO_MAX + 1];
		char event[NOTICE_EVENT_MAX + 1];
	} notices[SENT_MAX];
	struct alert_event alerts[SENT_MAX];
} sent;

static inline void
keep_command(const struct outgoing *out)
{
	struct decode_error error;
	size_t n = sent.command_count++;

	snprintf(sent.commands[n].key, sizeof(sent.commands[n].key), "%.*s",
	    (int)out->key_len, (const char *)out->key);
	sent.commands[n].route_len = out->route_len;
	sent.commands[n].each_partition = out->each_partition;
	assert_int_equal(cmd_decode(out->value, out->value_len,
			     &sent.commands[n].cmd, &error),
	    0);
	sent.commands[n].payload_len = sent.commands[n].cmd.payload_len;
	if (sent.commands[n].cmd.kind != CMD_ORDER)
		return;
	if (order_news_decode(sent.commands[n].cmd.payload,
		sent.commands[n].payload_len, &sent.commands[n].news,
		&error) == -1)
		fail_msg("%s: %s", error.field, error.expected);
}

static inline int
keep_sent(void *ctx, int64_t id, const struct outgoing *out)
{
	static struct notice notice;
	struct decode_error error = { "", "" };
	int rc = 0;

	(void)ctx;
	(void)id;
	assert_true(sent.order_count < SENT_MAX);
	if (strcmp(out->schema, SCHEMA_ORDER) == 0) {
		rc = order_decode(out->value, out->value_len,
		    &sent.orders[sent.order_count++], &error);
		assert_int_equal(out->topic, TOPIC_REPOSICIONES);
	} else if (strcmp(out->schema, SCHEMA_DELIVERY) == 0) {
		rc = delivery_decode(out->value, out->value_len,
		    &sent.deliveries[sent.delivery_count++], &error);
		assert_int_equal(out->topic, TOPIC_REPOSICIONES);
	} else if (strcmp(out->schema, SCHEMA_CMD) == 0) {
		assert_int_equal(out->topic, TOPIC_COMANDOS);
		keep_command(out);
	} else if (strcmp(out->schema, SCHEMA_NOTICE) == 0) {
		rc = notice_decode(out->value, out->value_len, &notice, &error);
		snprintf(sent.notices[sent.notice_count].to, NOTICE_TO_MAX + 1,
		    "%s", notice.to);
		snprintf(sent.notices[sent.notice_count++].event,
		    NOTICE_EVENT_MAX + 1, "%s", notice.event);
	} else if (strcmp(out->schema, SCHEMA_ALERT) == 0) {
		rc = alert_decode(out->value, out->value_len,
		    &sent.alerts[sent.alert_count++], &error);
	}
	if (rc == -1)
		fail_msg(
		    "%s: %s: %s", out->schema, error.field, error.expected);
	return 0;
}

static inline void
read_sent(void)
{
	memset(&sent, 0, sizeof(sent));
	assert_int_equal(d.ctx.store->ops->outgoing_list(
			     d.ctx.store, 0, 100000, keep_sent, NULL),
	    0);
}

static inline struct order_event
last_order(void)
{
	read_sent();
	assert_true(sent.order_count > 0);
	return sent.orders[sent.order_count - 1];
}

/* "recibido preparando ...": the states of one order's records; its revisions
 * must count up. */
static inline const char *
life_of(const char *id)
{
	static char life[400];
	uint32_t revision = 0;

	life[0] = '\0';
	read_sent();
	for (size_t i = 0; i < sent.order_count; i++) {
		const struct order_event *event = &sent.orders[i];

		if (strcmp(event->order, id) != 0)
			continue;
		assert_int_equal(event->revision, revision++);
		if (life[0] != '\0')
			strcat(life, " ");
		strcat(life, order_state_name(event->state));
	}
	return life;
}

static inline void
apply_stock(const char *cart, uint64_t epoch, uint64_t seq,
    const struct stock *stock, int64_t record_ms)
{
	struct mp_writer w;

	desk_frame_begin(&d, &w, epoch, seq, 1, 1);
	stock_encode(stock, &w);
	desk_frame_end(&d, &w, cart, SCHEMA_FRAME_STOCK, record_ms);
}

/* One event of DESK_CART, seq minutes after DESK_NOW, seen at once. */
static inline void
event_of(uint64_t seq, uint32_t product, int32_t before, int32_t delta,
    enum stock_reason reason, const char *order)
{
	struct stock stock = {
		.at = { .ms = DESK_NOW + (int64_t)seq * MINUTE },
		.product = product,
		.delta = delta,
		.level = before + delta,
		.reason = reason,
		.order = text_of(order),
	};

	apply_stock(DESK_CART, DESK_EPOCH, seq, &stock, stock.at.ms);
}

static inline void
level(uint64_t seq, int32_t before, int32_t delta, enum stock_reason reason)
{
	event_of(seq, 0, before, delta, reason, NULL);
}

static inline void
apply_request(const struct order_request *request, int64_t record_ms)
{
	static uint8_t bytes[REQUEST_BYTES_MAX];
	int len = order_request_encode(request, bytes, sizeof(bytes));

	assert_true(len > 0);
	desk_apply(&d, request->cart, SCHEMA_ORDER_REQUEST, record_ms, bytes,
	    (size_t)len);
}

static inline void
one_request(const struct order_request *request, int64_t record_ms)
{
	desk_begin(&d);
	apply_request(request, record_ms);
	desk_commit(&d);
}

static inline struct order_request
creates(const char *order, const char *cart, uint32_t product, uint32_t units)
{
	struct order_request request = { .kind = REQUEST_CREATE,
		.at_ms = DESK_NOW,
		.by = "ana",
		.line_count = 1,
		.lines = { { product, units } } };

	snprintf(request.order, sizeof(request.order), "%s", order);
	snprintf(request.cart, sizeof(request.cart), "%s", cart);
	return request;
}

static inline struct order_request
moves(const char *order, const char *cart, enum order_state to)
{
	struct order_request request = { .kind = REQUEST_MOVE,
		.at_ms = DESK_NOW,
		.by = "bodega",
		.to = to };

	snprintf(request.order, sizeof(request.order), "%s", order);
	snprintf(request.cart, sizeof(request.cart), "%s", cart);
	if (to == ORDER_CANCELADO)
		snprintf(request.reason, sizeof(request.reason), "no van");
	return request;
}

static inline void
create_at(const char *order, const char *cart, uint32_t product, uint32_t units,
    int64_t at_ms)
{
	struct order_request request = creates(order, cart, product, units);

	one_request(&request, at_ms);
}

static inline void
move_at(const char *order, const char *cart, enum order_state to, int64_t at_ms)
{
	struct order_request request = moves(order, cart, to);

	one_request(&request, at_ms);
}

/* The order as the API would read it, and how many changes and remarks. */
static struct {
	struct restock_row row;
	size_t rows, changes, remarks;
	struct restock_change last;
} seen;

static inline int
keep_row(void *ctx, const struct restock_row *row)
{
	(void)ctx;
	seen.row = *row;
	seen.rows++;
	return 0;
}

static inline int
keep_change(void *ctx, const struct restock_change *change)
{
	(void)ctx;
	if (change->remark)
		seen.remarks++;
	else
		seen.changes++;
	seen.last = *change;
	return 0;
}

static inline const struct order *
look_up(const char *id)
{
	memset(&seen, 0, sizeof(seen));
	assert_int_equal(
	    d.reader->ops->restock(d.reader, id, keep_row, keep_change, NULL),
	    0);
	return &seen.row.order;
}

#endif
