/*
 * Orders and deliveries of the role stock over its database: requests,
 * timers, lots, what is told of them, and what the API reads.
 */
#include "tests/unit/stock_desk.h"

#define OTHER "BBBB02"
#define ID DESK_CART "-R0000000000001"

static int
open_with(const char *auto_advance)
{
	desk_settings.auto_advance = (char *)(uintptr_t)auto_advance;
	stock_desk_open();
	desk_settings.auto_advance = (char *)(uintptr_t) "";
	return 0;
}

static int
open_desk(void **state)
{
	(void)state;
	return open_with("");
}

static int
open_at_once(void **state)
{
	(void)state;
	return open_with("0,0,0");
}

static int
open_timed(void **state)
{
	(void)state;
	return open_with("5,10,20");
}

static int
close_desk(void **state)
{
	(void)state;
	desk_close(&d);
	return 0;
}

/* Order number n, of a cart of its own. */
static const char *
cart_of(int n)
{
	static char cart[CART_MAX + 1];

	snprintf(cart, sizeof(cart), "CART%04d", n);
	return cart;
}

static const char *
id_of(int n)
{
	static char id[ORDER_ID_MAX + 1];

	snprintf(id, sizeof(id), "CART%04d-R%013d", n, n);
	return id;
}

static void
create_some(int first, int count)
{
	desk_begin(&d);
	for (int n = first; n < first + count; n++) {
		struct order_request request = creates(
		    id_of(n), cart_of(n), 7, 10);

		apply_request(&request, DESK_NOW + n);
	}
	desk_commit(&d);
}

static void
an_order_by_hand_goes_through_four_states(void **state)
{
	(void)state;
	create_at(ID, DESK_CART, 3, 12, DESK_NOW);
	assert_int_equal(last_order().origin, ORIGIN_MANUAL);
	assert_int_equal(last_order().lines[0].units, 12);
	move_at(ID, DESK_CART, ORDER_PREPARANDO, DESK_NOW + 1000);
	move_at(ID, DESK_CART, ORDER_ENTREGANDO, DESK_NOW + 2000);
	move_at(ID, DESK_CART, ORDER_FINALIZADO, DESK_NOW + 3000);
	assert_string_equal(
	    life_of(ID), "recibido preparando entregando finalizado");
	assert_string_equal(last_order().by, "bodega");
	assert_int_equal(last_order().at_ms, DESK_NOW + 3000);
	assert_int_equal(look_up(ID)->state, ORDER_FINALIZADO);
	assert_int_equal(seen.changes, 4);
	assert_int_equal(seen.remarks, 0);
}

static void
the_cart_is_told_of_each_change_in_its_own_partition(void **state)
{
	(void)state;
	create_at(ID, DESK_CART, 3, 12, DESK_NOW);
	move_at(ID, DESK_CART, ORDER_PREPARANDO, DESK_NOW + 1000);
	read_sent();
	assert_int_equal(sent.command_count, 2);
	assert_string_equal(sent.commands[0].key, DESK_CART "/order-" ID);
	assert_int_equal(sent.commands[0].route_len, strlen(DESK_CART));
	assert_int_equal(sent.commands[0].cmd.kind, CMD_ORDER);
	assert_int_equal(sent.commands[1].news.state, ORDER_PREPARANDO);
	assert_string_equal(sent.commands[1].news.order, ID);
}

static void
a_repeated_request_changes_nothing(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		create_at(ID, DESK_CART, 3, 12, DESK_NOW + i);
	for (int i = 0; i < 3; i++)
		move_at(ID, DESK_CART, ORDER_PREPARANDO, DESK_NOW + 10 + i);
	assert_string_equal(life_of(ID), "recibido preparando");
	look_up(ID);
	assert_int_equal(seen.remarks, 0);
	assert_int_equal(d.total[TALLY_ORDERS], 1);
}

static void
an_illegal_move_is_refused_and_can_be_read(void **state)
{
	(void)state;
	create_at(ID, DESK_CART, 3, 12, DESK_NOW);
	move_at(ID, DESK_CART, ORDER_FINALIZADO, DESK_NOW + 1000);
	assert_string_equal(life_of(ID), "recibido");
	assert_int_equal(look_up(ID)->state, ORDER_RECIBIDO);
	assert_int_equal(seen.remarks, 1);
	assert_true(seen.last.remark);
	assert_int_equal(seen.last.state, ORDER_FINALIZADO);
	assert_string_equal(seen.last.by, "bodega");
	assert_true(strlen(seen.last.reason) > 10);
	assert_int_equal(d.total[TALLY_ORDERS_REFUSED], 1);
}

static void
nobody_moves_an_order_that_is_not_or_not_the_carts(void **state)
{
	struct order_request request;

	(void)state;
	create_at(ID, DESK_CART, 3, 12, DESK_NOW);
	move_at(DESK_CART "-R9", DESK_CART, ORDER_PREPARANDO, DESK_NOW);
	assert_int_equal(d.total[TALLY_ORDERS_REFUSED], 1);
	/* Its id is another cart's: it cannot be. */
	request = moves(ID, OTHER, ORDER_PREPARANDO);
	one_request(&request, DESK_NOW);
	assert_int_equal(d.total[TALLY_REJECTED], 1);
	assert_string_equal(life_of(ID), "recibido");
}

static void
an_order_for_what_is_ordered_already_is_cancelled_with_the_reason(void **state)
{
	static const char second[] = DESK_CART "-R0000000000002";
	struct order_request request = creates(second, DESK_CART, 4, 5);

	(void)state;
	create_at(ID, DESK_CART, 3, 12, DESK_NOW);
	request.line_count = 2;
	request.lines[1] = (struct order_line){ 3, 1 };
	one_request(&request, DESK_NOW + 1);
	assert_string_equal(life_of(second), "recibido cancelado");
	assert_non_null(strstr(last_order().reason, ID));
	/* And it holds no product back. */
	create_at(DESK_CART "-R3", DESK_CART, 4, 5, DESK_NOW + 2);
	assert_string_equal(life_of(DESK_CART "-R3"), "recibido");
}

static void
an_order_of_many_lines_is_one_order(void **state)
{
	struct order_request request = creates(ID, DESK_CART, 0, 1);

	(void)state;
	request.line_count = ORDER_LINES_MAX;
	for (uint32_t i = 0; i < ORDER_LINES_MAX; i++)
		request.lines[i] = (struct order_line){ 1000 + i, i + 1 };
	one_request(&request, DESK_NOW);
	assert_int_equal(look_up(ID)->part_count, ORDER_LINES_MAX);
	assert_int_equal(look_up(ID)->parts[63].product, 1063);
	assert_int_equal(look_up(ID)->parts[63].asked, 64);
	move_at(ID, DESK_CART, ORDER_PREPARANDO, DESK_NOW + 1);
	assert_int_equal(last_order().line_count, ORDER_LINES_MAX);
}

static void
the_depot_may_deliver_fewer_and_even_nothing_of_a_line(void **state)
{
	struct order_request request = creates(ID, DESK_CART, 3, 12);

	(void)state;
	request.line_count = 2;
	request.lines[1] = (struct order_line){ 4, 8 };
	one_request(&request, DESK_NOW);
	request = moves(ID, DESK_CART, ORDER_PREPARANDO);
	request.line_count = 1;
	request.lines[0] = (struct order_line){ 3, 10 };
	one_request(&request, DESK_NOW + 1);
	assert_int_equal(last_order().line_count, 1);
	move_at(ID, DESK_CART, ORDER_ENTREGANDO, DESK_NOW + 2);
	request = moves(ID, DESK_CART, ORDER_FINALIZADO);
	request.line_count = 1;
	request.lines[0] = (struct order_line){ 3, 9 };
	one_request(&request, DESK_NOW + 3);
	assert_int_equal(last_order().lines[0].units, 9);
	assert_int_equal(look_up(ID)->parts[0].delivered, 9);
	assert_int_equal(look_up(ID)->parts[1].delivered, 0);
}

static void
cart_and_depot_that_disagree_are_an_alert_and_a_notice(void **state)
{
	(void)state;
	create_at(ID, DESK_CART, 3, 12, DESK_NOW);
	for (int to = ORDER_PREPARANDO; to <= ORDER_FINALIZADO; to++)
		move_at(ID, DESK_CART, (enum order_state)to, DESK_NOW + to);
	event_of(1, 3, 100, 10, STOCK_RESTOCK, ID);
	assert_true(last_order().disputed);
	assert_int_equal(last_order().state, ORDER_FINALIZADO);
	assert_int_equal(sent.alert_count, 1);
	assert_int_equal(sent.alerts[0].cause, ALERT_RESTOCK_DISPUTE);
	assert_string_equal(sent.alerts[0].subject, ID);
	assert_string_equal(sent.notices[0].to, "depot");
	assert_string_equal(sent.notices[0].event, "order.disputed");
	/* The rest comes: they agree again. */
	event_of(2, 3, 110, 2, STOCK_RESTOCK, ID);
	assert_false(last_order().disputed);
	assert_int_equal(sent.alert_count, 2);
	assert_int_equal(sent.alerts[1].state, ALERT_RESOLVED);
}

static void
who_left_a_mail_is_told_of_each_change(void **state)
{
	struct order_request request = creates(ID, DESK_CART, 3, 12);

	(void)state;
	snprintf(request.mail, sizeof(request.mail), "ana@example.cl");
	one_request(&request, DESK_NOW);
	move_at(ID, DESK_CART, ORDER_PREPARANDO, DESK_NOW + 1);
	read_sent();
	assert_int_equal(sent.notice_count, 2);
	assert_string_equal(sent.notices[1].to, "mail:ana@example.cl");
	assert_string_equal(sent.notices[1].event, "order.preparando");
}

static void
a_log_that_is_read_again_tells_carts_and_people_nothing(void **state)
{
	struct order_request request = creates(ID, DESK_CART, 3, 12);

	(void)state;
	clock_manual_advance(&now, INT64_C(25) * 3600 * 1000);
	snprintf(request.mail, sizeof(request.mail), "ana@example.cl");
	one_request(&request, DESK_NOW);
	assert_string_equal(life_of(ID), "recibido");
	assert_int_equal(sent.command_count, 0);
	assert_int_equal(sent.notice_count, 0);
}

static size_t delivery_rows;
static struct delivery_row first_delivery;
static struct pick first_picks[64];

static int
keep_delivery(void *ctx, const struct delivery_row *row)
{
	(void)ctx;
	if (delivery_rows++ > 0)
		return 0;
	first_delivery = *row;
	memcpy(first_picks, row->picks, row->pick_count * sizeof(*row->picks));
	return 0;
}

static void
read_deliveries_of(int delivery_state)
{
	const struct deliveries_query query = { .state = delivery_state };

	delivery_rows = 0;
	assert_int_equal(
	    d.reader->ops->deliveries(d.reader, &query, keep_delivery, NULL),
	    0);
}

static void
five_orders_are_a_delivery_with_its_picking_list(void **state)
{
	(void)state;
	create_some(0, 4);
	read_sent();
	assert_int_equal(sent.delivery_count, 0);
	create_some(4, 3);
	read_sent();
	assert_int_equal(sent.delivery_count, 1);
	assert_int_equal(sent.deliveries[0].stop_count, 5);
	assert_int_equal(sent.deliveries[0].state, DELIVERY_PREPARANDO);
	read_deliveries_of(-1);
	assert_int_equal(delivery_rows, 1);
	assert_int_equal(first_delivery.pick_count, 1);
	assert_int_equal(first_picks[0].product, 7);
	assert_int_equal(first_picks[0].units, 50);
	assert_string_equal(look_up(id_of(2))->delivery, sent.deliveries[0].id);
	assert_string_equal(look_up(id_of(5))->delivery, "");
}

static void
fewer_go_when_the_first_has_waited_for_too_long(void **state)
{
	int64_t due_ms = DESK_NOW + 900000;

	(void)state;
	create_some(0, 3);
	desk_tick(&d, due_ms - 1, true);
	desk_tick(&d, due_ms, false);
	read_sent();
	assert_int_equal(sent.delivery_count, 0);
	desk_tick(&d, due_ms, true);
	read_sent();
	assert_int_equal(sent.delivery_count, 1);
	assert_int_equal(sent.deliveries[0].stop_count, 3);
}

static void
a_delivery_follows_its_orders(void **state)
{
	(void)state;
	create_some(0, 5);
	move_at(id_of(0), cart_of(0), ORDER_CANCELADO, DESK_NOW + 99);
	for (int to = ORDER_PREPARANDO; to <= ORDER_FINALIZADO; to++) {
		for (int n = 1; n < 5; n++)
			move_at(id_of(n), cart_of(n), (enum order_state)to,
			    DESK_NOW + 100 + to);
	}
	read_sent();
	assert_int_equal(sent.delivery_count, 3);
	assert_int_equal(sent.deliveries[1].state, DELIVERY_ENTREGANDO);
	assert_int_equal(sent.deliveries[2].state, DELIVERY_FINALIZADA);
	assert_int_equal(sent.deliveries[2].revision, 2);
	read_deliveries_of(DELIVERY_FINALIZADA);
	assert_int_equal(delivery_rows, 1);
	/* The cancelled order gets nothing. */
	assert_int_equal(first_picks[0].units, 40);
}

static void
one_that_is_sent_out_alone_gets_a_delivery_of_its_own(void **state)
{
	(void)state;
	create_some(0, 2);
	move_at(id_of(0), cart_of(0), ORDER_PREPARANDO, DESK_NOW + 10);
	move_at(id_of(0), cart_of(0), ORDER_ENTREGANDO, DESK_NOW + 20);
	read_sent();
	assert_int_equal(sent.delivery_count, 2);
	assert_int_equal(sent.deliveries[0].stop_count, 1);
	assert_int_equal(sent.deliveries[1].state, DELIVERY_ENTREGANDO);
	assert_string_equal(last_order().delivery, sent.deliveries[0].id);
	assert_string_equal(look_up(id_of(1))->delivery, "");
}

static void
without_waits_all_states_are_passed_in_the_one_transaction(void **state)
{
	(void)state;
	create_some(0, 12);
	for (int n = 0; n < 12; n++)
		assert_string_equal(life_of(id_of(n)),
		    "recibido preparando entregando finalizado");
	read_sent();
	assert_int_equal(sent.order_count, 48);
	/* Two full lots, and the rest together. */
	assert_int_equal(sent.delivery_count, 9);
	/* The carts hear what came of it, once. */
	assert_int_equal(sent.command_count, 12);
	assert_int_equal(sent.commands[0].news.state, ORDER_FINALIZADO);
	read_deliveries_of(DELIVERY_FINALIZADA);
	assert_int_equal(delivery_rows, 3);
}

static void
waits_are_counted_from_each_state_on_and_only_when_caught_up(void **state)
{
	(void)state;
	create_at(ID, DESK_CART, 3, 12, DESK_NOW);
	desk_tick(&d, DESK_NOW + 4999, true);
	desk_tick(&d, DESK_NOW + 60000, false);
	assert_string_equal(life_of(ID), "recibido");
	/* An hour late: it does not rush through. */
	desk_tick(&d, DESK_NOW + 3600000, true);
	assert_string_equal(life_of(ID), "recibido preparando");
	assert_string_equal(last_order().by, "timer");
	desk_tick(&d, DESK_NOW + 3609999, true);
	assert_string_equal(life_of(ID), "recibido preparando");
	desk_tick(&d, DESK_NOW + 3610000, true);
	desk_tick(&d, DESK_NOW + 3630000, true);
	assert_string_equal(
	    life_of(ID), "recibido preparando entregando finalizado");
}

static void
what_was_rolled_back_was_not_told(void **state)
{
	struct order_request request = creates(ID, DESK_CART, 3, 12);

	(void)state;
	desk_begin(&d);
	apply_request(&request, DESK_NOW);
	d.ctx.db->ops->rollback(d.ctx.db);
	desk_forget(&d);
	desk_tick(&d, DESK_NOW, true);
	read_sent();
	assert_int_equal(sent.order_count, 0);
	one_request(&request, DESK_NOW);
	assert_string_equal(
	    life_of(ID), "recibido preparando entregando finalizado");
}

static size_t rows;
static struct restock_row last_row;

static int
count_row(void *ctx, const struct restock_row *row)
{
	(void)ctx;
	rows++;
	last_row = *row;
	return 0;
}

static size_t
rows_of(const struct restocks_query *query)
{
	rows = 0;
	assert_int_equal(
	    d.reader->ops->restocks(d.reader, query, count_row, NULL), 0);
	return rows;
}

static void
orders_are_found_by_state_cart_and_page(void **state)
{
	struct restocks_query query = { .state = -1 };
	struct stock_counts counts;

	(void)state;
	create_some(0, 20);
	create_at(ID, cart_of(3), 3, 12, DESK_NOW);
	for (int n = 0; n < 4; n++)
		move_at(id_of(n), cart_of(n), ORDER_CANCELADO, DESK_NOW + 99);
	assert_int_equal(rows_of(&query), 20);
	query.state = ORDER_CANCELADO;
	assert_int_equal(rows_of(&query), 4);
	query.cart = cart_of(3);
	assert_int_equal(rows_of(&query), 1);
	query = (struct restocks_query){ .state = -1, .open_only = true };
	assert_int_equal(rows_of(&query), 16);
	query.limit = 10;
	assert_int_equal(rows_of(&query), 10);
	query.before_ms = last_row.order.opened_ms;
	query.before_id = last_row.order.id;
	assert_int_equal(rows_of(&query), 6);
	assert_int_equal(d.reader->ops->stock_counts(d.reader, &counts), 0);
	assert_int_equal(counts.orders[ORDER_CANCELADO], 4);
	assert_int_equal(counts.orders[ORDER_RECIBIDO], 16);
	assert_int_equal(counts.deliveries_open, 4);
	query = (struct restocks_query){ .state = -1,
		.delivery = look_up(id_of(7))->delivery };
	assert_int_equal(rows_of(&query), 5);
}

/* A catalogue of `count` products, the first at this price. */
static void
put_products(size_t count, int64_t price)
{
	static struct product list[CATALOGUE_MAX];
	static char names[CATALOGUE_MAX][32];
	static uint8_t bytes[RULES_BYTES_MAX];
	struct products products = {
		.at_ms = DESK_NOW, .by = "ana", .count = count, .products = list
	};
	int len;

	for (size_t i = 0; i < count; i++) {
		snprintf(names[i], sizeof(names[i]), "Producto %zu", i);
		list[i] = (struct product){ (uint32_t)i, text_of(names[i]),
			1000 + (int64_t)i };
	}
	list[0].price = price;
	len = products_encode(&products, bytes, sizeof(bytes));
	assert_true(len > 0);
	desk_rule(
	    &d, PRODUCTS_KEY, SCHEMA_PRODUCTS, DESK_NOW, bytes, (size_t)len);
}

static struct catalogue_row catalogue;

static int
keep_catalogue(void *ctx, const struct catalogue_row *row)
{
	(void)ctx;
	catalogue = *row;
	return 0;
}

static int
count_product(void *ctx, const struct product_row *row)
{
	assert_int_equal(row->code, (*(uint32_t *)ctx)++);
	return 0;
}

static void
a_catalogue_goes_to_all_carts_once(void **state)
{
	uint32_t products = 0;

	(void)state;
	put_products(1000, 1000);
	put_products(1000, 1000);
	read_sent();
	assert_int_equal(sent.command_count, 1);
	assert_string_equal(sent.commands[0].key, COMMAND_KEY_ALL);
	assert_true(sent.commands[0].each_partition);
	assert_int_equal(sent.commands[0].cmd.kind, CMD_CATALOGUE);
	put_products(1000, 990);
	read_sent();
	assert_int_equal(sent.command_count, 2);
	assert_int_equal(d.reader->ops->products(d.reader, keep_catalogue,
			     count_product, &products),
	    0);
	assert_int_equal(products, 1000);
	assert_int_equal(catalogue.revision, 2);
	assert_int_equal(catalogue.count, 1000);
	assert_string_equal(catalogue.by, "ana");
}

static void
zones_and_tokens_are_not_its_business(void **state)
{
	(void)state;
	desk_rule(&d, "zone/1", SCHEMA_ZONE, DESK_NOW, "x", 1);
	desk_rule(&d, TOKEN_KEY "abc", "", DESK_NOW, NULL, 0);
	assert_int_equal(d.total[TALLY_REJECTED], 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_desk, close_desk)
#define TEST_AT_ONCE(name)                                                     \
	cmocka_unit_test_setup_teardown(name, open_at_once, close_desk)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_order_by_hand_goes_through_four_states),
		TEST(the_cart_is_told_of_each_change_in_its_own_partition),
		TEST(a_repeated_request_changes_nothing),
		TEST(an_illegal_move_is_refused_and_can_be_read),
		TEST(nobody_moves_an_order_that_is_not_or_not_the_carts),
		TEST(
		    an_order_for_what_is_ordered_already_is_cancelled_with_the_reason),
		TEST(an_order_of_many_lines_is_one_order),
		TEST(the_depot_may_deliver_fewer_and_even_nothing_of_a_line),
		TEST(cart_and_depot_that_disagree_are_an_alert_and_a_notice),
		TEST(who_left_a_mail_is_told_of_each_change),
		TEST(a_log_that_is_read_again_tells_carts_and_people_nothing),
		TEST(five_orders_are_a_delivery_with_its_picking_list),
		TEST(fewer_go_when_the_first_has_waited_for_too_long),
		TEST(a_delivery_follows_its_orders),
		TEST(one_that_is_sent_out_alone_gets_a_delivery_of_its_own),
		TEST_AT_ONCE(
		    without_waits_all_states_are_passed_in_the_one_transaction),
		cmocka_unit_test_setup_teardown(
		    waits_are_counted_from_each_state_on_and_only_when_caught_up,
		    open_timed, close_desk),
		TEST_AT_ONCE(what_was_rolled_back_was_not_told),
		TEST(orders_are_found_by_state_cart_and_page),
		TEST(a_catalogue_goes_to_all_carts_once),
		TEST(zones_and_tokens_are_not_its_business),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
