/* order: the largest, and every piece of one. */
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
		.line_count = ORDER_LINES_MAX };

	memset(o.order, 'o', ORDER_ID_MAX);
	memset(o.by, 'b', TEXT_NAME_MAX);
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
	for (size_t cut = 0; cut < (size_t)len; cut++)
		assert_int_equal(order_decode(buf, cut, &got, &error), -1);
	assert_int_equal(order_encode(&o, buf, (size_t)len - 1), -1);
	assert_int_equal(errno, ENOBUFS);
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
}

static void
states_have_the_depot_s_names(void **state)
{
	(void)state;
	assert_string_equal(order_state_name(ORDER_RECIBIDO), "recibido");
	assert_string_equal(order_state_name(ORDER_FINALIZADO), "finalizado");
	assert_string_equal(order_state_name(ORDER_CANCELADO), "cancelado");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_largest_order_fits_and_comes_back),
		cmocka_unit_test(news_tell_neither_cart_nor_mover),
		cmocka_unit_test(states_have_the_depot_s_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
