/* order: orders, requests and deliveries, at their largest and in parts. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "schemas/order.h"

static struct decode_error error;

static struct order_event
largest(void)
{
	struct order_event o = { .cart = "ABCD1234",
		.state = ORDER_CANCELADO,
		.at_ms = TIME_MAX_MS,
		.line_count = ORDER_LINES_MAX,
		.revision = UINT32_MAX,
		.origin = ORIGIN_MANUAL,
		.disputed = true };

	memset(o.order, 'o', ORDER_ID_MAX);
	memset(o.by, 'b', TEXT_NAME_MAX);
	memset(o.reason, 'r', TEXT_NOTE_MAX);
	memset(o.delivery, 'd', DELIVERY_ID_MAX);
	for (int i = 0; i < ORDER_LINES_MAX; i++)
		o.lines[i] = (struct order_line){ PRODUCT_MAX, UNITS_MAX };
	return o;
}

static void
the_largest_order_fits_and_comes_back(void **state)
{
	struct order_event o = largest(), got;
	uint8_t buf[ORDER_BYTES_MAX];
	int len = order_encode(&o, buf, sizeof(buf));

	(void)state;
	assert_true(len > 0);
	assert_int_equal(order_decode(buf, (size_t)len, &got, &error), 0);
	assert_string_equal(got.order, o.order);
	assert_string_equal(got.cart, o.cart);
	assert_string_equal(got.by, o.by);
	assert_int_equal(got.state, ORDER_CANCELADO);
	assert_int_equal(got.line_count, ORDER_LINES_MAX);
	assert_memory_equal(got.lines, o.lines, sizeof(o.lines));
	assert_true(got.revision == UINT32_MAX);
	assert_string_equal(got.reason, o.reason);
	assert_string_equal(got.delivery, o.delivery);
	assert_int_equal(got.origin, ORIGIN_MANUAL);
	assert_true(got.disputed);
	for (size_t cut = 0; cut < (size_t)len; cut++)
		assert_int_equal(order_decode(buf, cut, &got, &error), -1);
	assert_int_equal(order_encode(&o, buf, (size_t)len - 1), -1);
	assert_int_equal(errno, ENOBUFS);
}

/* What the first version wrote: 7 values. */
static void
an_order_of_before_reads_as_it_was(void **state)
{
	struct order_event o = { .order = "AB12-0",
		.cart = "AB12",
		.at_ms = TIME_MIN_MS,
		.by = "stock",
		.line_count = 1 };
	struct order_event got = largest();
	uint8_t buf[ORDER_BYTES_MAX];
	int len = order_encode(&o, buf, sizeof(buf));

	(void)state;
	assert_int_equal(buf[0], 0x97);
	assert_int_equal(order_decode(buf, (size_t)len, &got, &error), 0);
	assert_int_equal(got.revision, 0);
	assert_string_equal(got.reason, "");
	assert_string_equal(got.delivery, "");
	assert_int_equal(got.origin, ORIGIN_LEVEL);
	assert_false(got.disputed);
}

static void
each_appended_field_comes_back_alone(void **state)
{
	struct order_event o = { .order = "AB12-0",
		.cart = "AB12",
		.at_ms = TIME_MIN_MS,
		.by = "stock",
		.line_count = 1 };
	struct order_event got;
	uint8_t buf[ORDER_BYTES_MAX];
	int len;

	(void)state;
	for (int i = 0; i < 5; i++) {
		struct order_event one = o;

		one.revision = i == 0;
		one.reason[0] = i == 1 ? 'r' : '\0';
		one.delivery[0] = i == 2 ? 'd' : '\0';
		one.origin = i == 3 ? ORIGIN_MANUAL : ORIGIN_LEVEL;
		one.disputed = i == 4;
		len = order_encode(&one, buf, sizeof(buf));
		got = largest();
		assert_int_equal(
		    order_decode(buf, (size_t)len, &got, &error), 0);
		assert_int_equal(got.revision, one.revision);
		assert_string_equal(got.reason, one.reason);
		assert_string_equal(got.delivery, one.delivery);
		assert_int_equal(got.origin, one.origin);
		assert_int_equal(got.disputed, one.disputed);
	}
}

static void
news_tell_neither_cart_nor_mover(void **state)
{
	struct order_event o = largest(), got = largest();
	uint8_t buf[ORDER_BYTES_MAX];
	struct mp_writer w;

	(void)state;
	mp_writer_init(&w, buf, sizeof(buf));
	order_news_encode(&o, &w);
	assert_false(w.full);
	assert_int_equal(order_news_decode(buf, w.len, &got, &error), 0);
	assert_string_equal(got.order, o.order);
	assert_string_equal(got.cart, "");
	assert_string_equal(got.by, "");
	assert_int_equal(got.lines[63].units, UNITS_MAX);
	assert_string_equal(got.delivery, "");
	assert_int_equal(got.revision, 0);
}

static void
the_largest_request_fits_and_comes_back(void **state)
{
	struct order_request asked = { .kind = REQUEST_MOVE,
		.cart = "ABCD1234",
		.at_ms = TIME_MAX_MS,
		.to = ORDER_CANCELADO,
		.line_count = ORDER_LINES_MAX };
	struct order_request got;
	uint8_t buf[REQUEST_BYTES_MAX];
	int len;

	(void)state;
	memset(asked.order, 'o', ORDER_ID_MAX);
	memset(asked.by, 'b', TEXT_NAME_MAX);
	memset(asked.reason, 'r', TEXT_NOTE_MAX);
	memset(asked.mail, 'm', TEXT_NAME_MAX);
	for (int i = 0; i < ORDER_LINES_MAX; i++)
		asked.lines[i] = (struct order_line){ PRODUCT_MAX, UNITS_MAX };
	len = order_request_encode(&asked, buf, sizeof(buf));
	assert_true(len > 0);
	assert_int_equal(
	    order_request_decode(buf, (size_t)len, &got, &error), 0);
	assert_int_equal(got.kind, REQUEST_MOVE);
	assert_string_equal(got.order, asked.order);
	assert_string_equal(got.cart, "ABCD1234");
	assert_true(got.at_ms == TIME_MAX_MS);
	assert_string_equal(got.by, asked.by);
	assert_int_equal(got.to, ORDER_CANCELADO);
	assert_int_equal(got.line_count, ORDER_LINES_MAX);
	assert_memory_equal(got.lines, asked.lines, sizeof(asked.lines));
	assert_string_equal(got.reason, asked.reason);
	assert_string_equal(got.mail, asked.mail);
	for (size_t cut = 0; cut < (size_t)len; cut++)
		assert_int_equal(
		    order_request_decode(buf, cut, &got, &error), -1);
	assert_int_equal(
	    order_request_encode(&asked, buf, (size_t)len - 1), -1);
	assert_int_equal(errno, ENOBUFS);
}

static void
only_a_move_may_leave_the_lines_as_they_stand(void **state)
{
	struct order_request asked = { .kind = REQUEST_MOVE,
		.order = "AB12-0",
		.cart = "AB12",
		.at_ms = TIME_MIN_MS,
		.by = "Rosa",
		.to = ORDER_PREPARANDO };
	struct order_request got;
	uint8_t buf[REQUEST_BYTES_MAX];
	int len = order_request_encode(&asked, buf, sizeof(buf));

	(void)state;
	assert_int_equal(
	    order_request_decode(buf, (size_t)len, &got, &error), 0);
	assert_int_equal(got.line_count, 0);
	assert_string_equal(got.reason, "");
	assert_string_equal(got.mail, "");
	asked.kind = REQUEST_CREATE;
	len = order_request_encode(&asked, buf, sizeof(buf));
	assert_int_equal(
	    order_request_decode(buf, (size_t)len, &got, &error), -1);
	assert_string_equal(error.field, "order.lines");
}

static void
the_largest_delivery_fits_and_comes_back(void **state)
{
	static struct delivery_event event, got;
	uint8_t buf[DELIVERY_BYTES_MAX];
	int len;

	(void)state;
	event.state = DELIVERY_CANCELADA;
	event.revision = UINT32_MAX;
	event.at_ms = TIME_MAX_MS;
	event.stop_count = DELIVERY_STOPS_MAX;
	memset(event.id, 'd', DELIVERY_ID_MAX);
	for (int i = 0; i < DELIVERY_STOPS_MAX; i++) {
		struct delivery_stop *stop = &event.stops[i];

		memset(stop->order, 'o', ORDER_ID_MAX);
		memcpy(stop->cart, "ABCD1234", 9);
		stop->has_place = i > 0; /* nobody knows where the first is */
		stop->lat_e6 = i > 0 ? -LAT_E6_MAX : 0;
		stop->lon_e6 = i > 0 ? -LON_E6_MAX : 0;
	}
	len = delivery_encode(&event, buf, sizeof(buf));
	assert_true(len > 0);
	assert_int_equal(delivery_decode(buf, (size_t)len, &got, &error), 0);
	assert_string_equal(got.id, event.id);
	assert_int_equal(got.state, DELIVERY_CANCELADA);
	assert_true(got.revision == UINT32_MAX && got.at_ms == TIME_MAX_MS);
	assert_int_equal(got.stop_count, DELIVERY_STOPS_MAX);
	for (int i = 0; i < DELIVERY_STOPS_MAX; i++) {
		assert_string_equal(got.stops[i].order, event.stops[i].order);
		assert_string_equal(got.stops[i].cart, "ABCD1234");
		assert_int_equal(got.stops[i].has_place, i > 0);
		assert_int_equal(got.stops[i].lat_e6, event.stops[i].lat_e6);
		assert_int_equal(got.stops[i].lon_e6, event.stops[i].lon_e6);
	}
	for (size_t cut = 0; cut < (size_t)len; cut++)
		assert_int_equal(delivery_decode(buf, cut, &got, &error), -1);
	assert_int_equal(delivery_encode(&event, buf, (size_t)len - 1), -1);
	assert_int_equal(errno, ENOBUFS);
}

static void
states_have_the_depot_s_names(void **state)
{
	(void)state;
	assert_string_equal(order_state_name(ORDER_RECIBIDO), "recibido");
	assert_string_equal(order_state_name(ORDER_FINALIZADO), "finalizado");
	assert_string_equal(order_state_name(ORDER_CANCELADO), "cancelado");
	assert_string_equal(order_origin_name(ORIGIN_LEVEL), "level");
	assert_string_equal(order_origin_name(ORIGIN_MANUAL), "manual");
	assert_string_equal(
	    delivery_state_name(DELIVERY_ENTREGANDO), "entregando");
	assert_string_equal(
	    delivery_state_name(DELIVERY_CANCELADA), "cancelada");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_largest_order_fits_and_comes_back),
		cmocka_unit_test(an_order_of_before_reads_as_it_was),
		cmocka_unit_test(each_appended_field_comes_back_alone),
		cmocka_unit_test(news_tell_neither_cart_nor_mover),
		cmocka_unit_test(the_largest_request_fits_and_comes_back),
		cmocka_unit_test(only_a_move_may_leave_the_lines_as_they_stand),
		cmocka_unit_test(the_largest_delivery_fits_and_comes_back),
		cmocka_unit_test(states_have_the_depot_s_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
