/*
 * Orders on a mock cluster: each once through its states whatever befalls the
 * process; the guild's rules and catalogue come before and reach everybody.
 */
#include "tests/integration/rig.h"

#include "schemas/order.h"
#include "schemas/rules.h"

#define EPOCH 0x1234567890
#define ORDERS 200
#define KILLS 4
#define PRODUCTS 1000

static struct text
text_of(const char *s)
{
	return (struct text){ s, s == NULL ? 0 : strlen(s) };
}

static void
produce_stock(struct rig *rig, const char *cart, uint64_t seq, int level,
    int delta, enum stock_reason reason, const char *order)
{
	static uint8_t buf[FRAME_BYTES_MAX];
	struct stock stock = {
		.at = { .ms = clock_realtime_ms(&clock_system) },
		.delta = delta,
		.level = level,
		.reason = reason,
		.order = text_of(order),
	};
	struct frame_head head = { 1000, EPOCH, seq, 1, 1 };
	struct mp_writer w;

	mp_writer_init(&w, buf, sizeof(buf));
	frame_encode_head(&head, &w);
	stock_encode(&stock, &w);
	rig_produce(
	    rig, TOPIC_STOCK, 0, cart, SCHEMA_FRAME_STOCK, w.buf, w.len);
}

static void
produce_request(struct rig *rig, int n)
{
	uint8_t bytes[REQUEST_BYTES_MAX];
	struct order_request request = { .kind = REQUEST_CREATE,
		.at_ms = clock_realtime_ms(&clock_system),
		.by = "ana",
		.line_count = 1,
		.lines = { { 7, 10 } } };
	int len;

	snprintf(request.cart, sizeof(request.cart), "CART%04d", n);
	snprintf(request.order, sizeof(request.order), "CART%04d-R%d", n, n);
	len = order_request_encode(&request, bytes, sizeof(bytes));
	assert_true(len > 0);
	rig_produce(rig, TOPIC_STOCK, n % RIG_PARTITIONS, request.cart,
	    SCHEMA_ORDER_REQUEST, bytes, (size_t)len);
}

static void
produce_rule(
    struct rig *rig, const char *scope, const char *key, const char *value)
{
	static uint8_t bytes[RULES_BYTES_MAX];
	struct rules rules = { .at_ms = clock_realtime_ms(&clock_system),
		.by = "ana",
		.count = 1,
		.settings = { { text_of(key), text_of(value) } } };
	char record_key[32];
	int len;

	snprintf(rules.scope, sizeof(rules.scope), "%s", scope);
	snprintf(record_key, sizeof(record_key), RULES_KEY "%s", scope);
	len = rules_encode(&rules, bytes, sizeof(bytes));
	assert_true(len > 0);
	rig_produce(
	    rig, TOPIC_REGLAS, 0, record_key, SCHEMA_RULES, bytes, (size_t)len);
}

static void
produce_products(struct rig *rig, int64_t first_price)
{
	static struct product list[PRODUCTS];
	static char names[PRODUCTS][32];
	static uint8_t bytes[RULES_BYTES_MAX];
	struct products products = { .at_ms = clock_realtime_ms(&clock_system),
		.by = "ana",
		.count = PRODUCTS,
		.products = list };
	int len;

	for (size_t i = 0; i < PRODUCTS; i++) {
		snprintf(names[i], sizeof(names[i]), "Producto %zu", i);
		list[i] = (struct product){ (uint32_t)i, text_of(names[i]),
			1000 };
	}
	list[0].price = first_price;
	len = products_encode(&products, bytes, sizeof(bytes));
	assert_true(len > 0);
	rig_produce(rig, TOPIC_REGLAS, 1, PRODUCTS_KEY, SCHEMA_PRODUCTS, bytes,
	    (size_t)len);
}

static void
close_topic(rd_kafka_t *rk)
{
	rd_kafka_consumer_close(rk);
	rd_kafka_destroy(rk);
}

static bool
has_schema(const rd_kafka_message_t *message, const char *schema)
{
	rd_kafka_headers_t *headers;
	const void *value;
	size_t len;

	assert_int_equal(rd_kafka_message_headers(message, &headers), 0);
	assert_int_equal(
	    rd_kafka_header_get_last(headers, HEADER_SCHEMA, &value, &len), 0);
	return len == strlen(schema) && memcmp(value, schema, len) == 0;
}

/* The next record of this schema; others are passed over. */
static rd_kafka_message_t *
next_of(rd_kafka_t *rk, const char *schema)
{
	rd_kafka_message_t *message;

	for (;;) {
		message = rd_kafka_consumer_poll(rk, RIG_WAIT_MS);
		assert_non_null(message);
		assert_int_equal(message->err, 0);
		if (has_schema(message, schema))
			return message;
		rd_kafka_message_destroy(message);
	}
}

static void
read_order(rd_kafka_t *rk, struct order_event *order)
{
	rd_kafka_message_t *message = next_of(rk, SCHEMA_ORDER);
	struct decode_error error;

	assert_int_equal(
	    order_decode(message->payload, message->len, order, &error), 0);
	assert_memory_equal(message->key, order->order, message->key_len);
	rd_kafka_message_destroy(message);
}

static void
a_low_level_is_one_order_until_it_is_booked(void **state)
{
	struct order_event order, next;
	struct rig rig;
	rd_kafka_t *rk;

	(void)state;
	rig_new(&rig, "stock");
	rk = rig_open_topic(&rig, TOPIC_REPOSICIONES);
	rig_start(&rig);
	for (int i = 0; i < 10; i++)
		produce_stock(
		    &rig, "AAAA01", (uint64_t)i, 24 - i, -1, STOCK_SALE, NULL);
	read_order(rk, &order);
	assert_int_equal(order.state, ORDER_RECIBIDO);
	assert_string_equal(order.cart, "AAAA01");
	/* Had a second order been written, it would come first. */
	produce_stock(&rig, "AAAA01", 10, 56, 41, STOCK_RESTOCK, order.order);
	for (int s = ORDER_PREPARANDO; s <= ORDER_FINALIZADO; s++) {
		read_order(rk, &next);
		assert_int_equal(next.state, s);
		assert_string_equal(next.order, order.order);
		assert_false(next.disputed);
	}
	assert_int_equal(next.lines[0].units, 41);
	produce_stock(&rig, "AAAA01", 11, 3, -53, STOCK_SALE, NULL);
	read_order(rk, &next);
	assert_int_equal(next.state, ORDER_RECIBIDO);
	assert_string_not_equal(next.order, order.order);
	close_topic(rk);
	rig_free(&rig);
}

static int64_t
done_orders(struct rig *rig)
{
	struct stock_counts counts = { .disputed = 0 };

	rig->reader->ops->stock_counts(rig->reader, &counts);
	return counts.orders[ORDER_FINALIZADO];
}

static bool
orders_are_done(struct rig *rig, void *ctx)
{
	return done_orders(rig) >= *(int64_t *)ctx;
}

/* What was seen of each order, by its number. */
static struct {
	uint32_t next; /* revision */
	char delivery[DELIVERY_ID_MAX + 1];
} lives[ORDERS];

static void
take_order(const struct order_event *event)
{
	int n = atoi(event->order + strlen("CART"));

	assert_in_range(n, 0, ORDERS - 1);
	/* Sent again after a kill: the same, so told by its revision. */
	if (event->revision < lives[n].next)
		return;
	assert_int_equal(event->revision, lives[n].next);
	assert_int_equal(event->state, lives[n].next);
	lives[n].next++;
}

static void
take_delivery(const struct delivery_event *event)
{
	for (uint32_t i = 0; i < event->stop_count; i++) {
		int n = atoi(event->stops[i].order + strlen("CART"));

		assert_in_range(n, 0, ORDERS - 1);
		if (lives[n].delivery[0] == '\0')
			memcpy(lives[n].delivery, event->id, sizeof(event->id));
		assert_string_equal(lives[n].delivery, event->id);
	}
}

static bool
all_are_done(void)
{
	for (int n = 0; n < ORDERS; n++) {
		if (lives[n].next <= ORDER_FINALIZADO ||
		    lives[n].delivery[0] == '\0')
			return false;
	}
	return true;
}

static void
take_lives(struct rig *rig)
{
	rd_kafka_t *rk = rig_open_topic(rig, TOPIC_REPOSICIONES);
	struct delivery_event delivery;
	struct order_event order;
	struct decode_error error;

	memset(lives, 0, sizeof(lives));
	while (!all_are_done()) {
		rd_kafka_message_t *m = rd_kafka_consumer_poll(rk, RIG_WAIT_MS);

		assert_non_null(m);
		assert_int_equal(m->err, 0);
		if (order_decode(m->payload, m->len, &order, &error) == 0 &&
		    has_schema(m, SCHEMA_ORDER))
			take_order(&order);
		else if (delivery_decode(
			     m->payload, m->len, &delivery, &error) == 0)
			take_delivery(&delivery);
		rd_kafka_message_destroy(m);
	}
	close_topic(rk);
}

static int
in_one_delivery(void *ctx, const struct restock_row *row)
{
	int n = atoi(row->order.id + strlen("CART"));

	(*(int64_t *)ctx)++;
	assert_string_equal(row->order.delivery, lives[n].delivery);
	return 0;
}

static void
killed_at_any_moment_each_order_passes_each_state_once(void **state)
{
	const struct restocks_query all = { .state = -1 };
	int64_t rows = 0, done = ORDERS;
	struct rig rig;
	int n = 0;

	(void)state;
	srandom((unsigned)clock_realtime_ms(&clock_system));
	setenv("PREGON_STOCK_AUTO_ADVANCE", "0,0,0", 1);
	rig_new(&rig, "stock");
	for (int kill = 0; kill < KILLS; kill++) {
		int64_t some = n + random() % (ORDERS / KILLS);
		int more = ORDERS / KILLS;

		rig_start(&rig);
		while (more-- > 0 && n < ORDERS)
			produce_request(&rig, n++);
		/* Killed between any two of the role's steps. */
		rig_until(&rig, orders_are_done, &some, "some orders are done");
		usleep((useconds_t)(random() % 20000));
		rig_kill(&rig);
	}
	while (n < ORDERS)
		produce_request(&rig, n++);
	rig_flush(&rig);
	rig_start(&rig);
	unsetenv("PREGON_STOCK_AUTO_ADVANCE");
	rig_until(&rig, orders_are_done, &done, "all orders are done");
	take_lives(&rig);
	assert_int_equal(
	    rig.reader->ops->restocks(rig.reader, &all, in_one_delivery, &rows),
	    0);
	assert_int_equal(rows, ORDERS);
	rig_stop(&rig);
	rig_free(&rig);
}

static void
rules_are_read_before_what_they_judge(void **state)
{
	struct order_event order;
	struct rig rig;
	rd_kafka_t *rk;

	(void)state;
	rig_new(&rig, "stock");
	rk = rig_open_topic(&rig, TOPIC_REPOSICIONES);
	/* In the log the level comes first. */
	produce_stock(&rig, "AAAA01", 0, 10, -1, STOCK_SALE, NULL);
	produce_stock(&rig, "BBBB02", 0, 10, -1, STOCK_SALE, NULL);
	rig_flush(&rig);
	produce_rule(&rig, RULES_ALL, "stock.threshold", "5");
	produce_rule(&rig, "BBBB02", "stock.threshold", "30");
	rig_flush(&rig);
	rig_start(&rig);
	read_order(rk, &order);
	assert_string_equal(order.cart, "BBBB02");
	/* While it runs too, and without a sale. */
	produce_rule(&rig, "AAAA01", "stock.threshold.0", "11");
	read_order(rk, &order);
	assert_string_equal(order.cart, "AAAA01");
	close_topic(rk);
	rig_free(&rig);
}

/* The partition of the next catalogue; the first price in it. */
static int32_t
next_catalogue(rd_kafka_t *rk, int64_t *price)
{
	static struct product products[CATALOGUE_MAX];
	rd_kafka_message_t *m = next_of(rk, SCHEMA_CMD);
	struct decode_error error;
	struct cmd cmd;
	int32_t partition = m->partition;
	size_t count;

	assert_int_equal(m->key_len, strlen(COMMAND_KEY_ALL));
	assert_memory_equal(m->key, COMMAND_KEY_ALL, m->key_len);
	assert_int_equal(cmd_decode(m->payload, m->len, &cmd, &error), 0);
	assert_int_equal(cmd.kind, CMD_CATALOGUE);
	assert_int_equal(catalogue_decode(cmd.payload, cmd.payload_len,
			     products, CATALOGUE_MAX, &count, &error),
	    0);
	assert_int_equal(count, PRODUCTS);
	*price = products[0].price;
	rd_kafka_message_destroy(m);
	return partition;
}

static void
a_catalogue_goes_into_each_partition_once(void **state)
{
	static const int64_t prices[] = { 1000, 990 };
	int seen[RIG_PARTITIONS] = { 0 };
	struct rig rig;
	rd_kafka_t *rk;

	(void)state;
	rig_new(&rig, "stock");
	rk = rig_open_topic(&rig, TOPIC_COMANDOS);
	rig_start(&rig);
	produce_products(&rig, 1000);
	/* The same again is none: else it would come before the other. */
	produce_products(&rig, 1000);
	produce_products(&rig, 990);
	/* Partitions are read in any order, each in its own. */
	for (int i = 0; i < 2 * RIG_PARTITIONS; i++) {
		int64_t price;
		int32_t partition = next_catalogue(rk, &price);

		assert_true(seen[partition] < 2);
		assert_int_equal(price, prices[seen[partition]++]);
	}
	close_topic(rk);
	rig_free(&rig);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_low_level_is_one_order_until_it_is_booked),
		cmocka_unit_test(
		    killed_at_any_moment_each_order_passes_each_state_once),
		cmocka_unit_test(rules_are_read_before_what_they_judge),
		cmocka_unit_test(a_catalogue_goes_into_each_partition_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
