/*
 * Orders that travel together, and their delivery's state.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "backend/rules/lot.h"

#define NOW INT64_C(1795190400000)

static const struct lot_rules rules = {
	.size = 5,
	.wait_ms = 900000,
};

static struct lot_order
waits(int number, int64_t opened_ms, enum order_state state)
{
	struct lot_order order = { .opened_ms = opened_ms, .state = state };

	snprintf(
	    order.stop.order, sizeof(order.stop.order), "AAAA%02d-R1", number);
	snprintf(order.stop.cart, sizeof(order.stop.cart), "AAAA%02d", number);
	return order;
}

static void
line_up(struct lot_order *waiting, size_t count)
{
	for (size_t i = 0; i < count; i++)
		waiting[i] = waits((int)i, NOW + (int64_t)i, ORDER_RECIBIDO);
}

static void
five_make_a_lot_and_four_do_not(void **state)
{
	struct lot_order waiting[12];

	(void)state;
	line_up(waiting, 12);
	assert_int_equal(lot_gather(&rules, waiting, 0, NOW), 0);
	assert_int_equal(lot_gather(&rules, waiting, 4, NOW), 0);
	assert_int_equal(lot_gather(&rules, waiting, 5, NOW), 5);
	assert_int_equal(lot_gather(&rules, waiting, 12, NOW), 5);
}

static void
fewer_go_once_the_first_has_waited_for_too_long(void **state)
{
	struct lot_order waiting[3];

	(void)state;
	line_up(waiting, 3);
	assert_int_equal(lot_due_ms(&rules, waiting, 3), NOW + 900000);
	assert_int_equal(lot_due_ms(&rules, waiting, 0), INT64_MAX);
	assert_int_equal(lot_gather(&rules, waiting, 3, NOW + 899999), 0);
	assert_int_equal(lot_gather(&rules, waiting, 3, NOW + 900000), 3);
}

static void
the_oldest_are_first_and_ids_decide_between_equals(void **state)
{
	struct lot_order waiting[] = {
		waits(3, NOW, ORDER_RECIBIDO),
		waits(2, NOW, ORDER_RECIBIDO),
		waits(1, NOW + 1, ORDER_RECIBIDO),
	};

	(void)state;
	qsort(waiting, 3, sizeof(waiting[0]), lot_order_compare);
	assert_string_equal(waiting[0].stop.cart, "AAAA02");
	assert_string_equal(waiting[1].stop.cart, "AAAA03");
	assert_string_equal(waiting[2].stop.cart, "AAAA01");
}

static void
one_that_must_go_takes_along_what_is_being_prepared(void **state)
{
	struct lot_order waiting[8];

	(void)state;
	for (int i = 0; i < 8; i++)
		waiting[i] = waits(
		    i, NOW + i, i % 2 == 1 ? ORDER_PREPARANDO : ORDER_RECIBIDO);
	assert_int_equal(lot_hasten(&rules, waiting, 8, 4), 5);
	/* Those that go, in their order; those that stay, in theirs. */
	for (int i = 0; i < 8; i++) {
		static const int64_t want[] = { 1, 3, 4, 5, 7, 0, 2, 6 };

		assert_int_equal(waiting[i].opened_ms - NOW, want[i]);
	}
}

static void
one_that_must_go_goes_even_where_lots_are_small(void **state)
{
	const struct lot_rules alone = { .size = 1 };
	struct lot_order waiting[3];

	(void)state;
	for (int i = 0; i < 3; i++)
		waiting[i] = waits(i, NOW + i, ORDER_PREPARANDO);
	assert_int_equal(lot_hasten(&alone, waiting, 3, 2), 1);
	assert_string_equal(waiting[0].stop.cart, "AAAA02");
	assert_string_equal(waiting[1].stop.cart, "AAAA00");
}

static void
the_same_lot_makes_the_same_delivery(void **state)
{
	struct lot_order waiting[5], turned[5];
	struct delivery_event delivery, again;

	(void)state;
	line_up(waiting, 5);
	for (int i = 0; i < 5; i++)
		turned[4 - i] = waiting[i];
	lot_open(&rules, waiting, 5, NOW + 7, &delivery);
	lot_open(&rules, turned, 5, NOW + 7, &again);
	assert_memory_equal(&delivery, &again, sizeof(again));
	assert_string_equal(delivery.id, "E-41XXTGAY0EE19");
	assert_int_equal(delivery.state, DELIVERY_PREPARANDO);
	assert_int_equal(delivery.revision, 0);
	assert_int_equal(delivery.at_ms, NOW + 7);
	assert_int_equal(delivery.stop_count, 5);
	assert_string_equal(delivery.stops[4].order, "AAAA04-R1");
}

static void
ids_do_not_repeat(void **state)
{
	enum { COUNT = 20000 };
	static char ids[COUNT][DELIVERY_ID_MAX + 1];
	char order[ORDER_ID_MAX + 1];

	(void)state;
	for (int i = 0; i < COUNT; i++) {
		snprintf(order, sizeof(order), "AAAA%02d-00000001-%d-%d",
		    i % 50, i / 50, i % 3);
		lot_id(order, ids[i]);
	}
	qsort(ids, COUNT, sizeof(ids[0]),
	    (int (*)(const void *, const void *))strcmp);
	for (int i = 1; i < COUNT; i++)
		assert_string_not_equal(ids[i - 1], ids[i]);
}

/* R recibido, P preparando, E entregando, F finalizado, C cancelado. */
static bool
advance(struct delivery_event *delivery, const char *letters)
{
	enum order_state states[DELIVERY_STOPS_MAX];

	delivery->stop_count = (uint32_t)strlen(letters);
	for (size_t i = 0; letters[i] != '\0'; i++)
		states[i] = (enum order_state)(
		    strchr("RPEFC", letters[i]) - "RPEFC");
	return lot_advance(delivery, states, NOW);
}

static void
a_delivery_is_what_its_orders_are(void **state)
{
	static const struct {
		const char *orders;
		enum delivery_state want;
	} cases[] = {
		{ "RRR", DELIVERY_PREPARANDO },
		{ "PRC", DELIVERY_PREPARANDO },
		{ "PPE", DELIVERY_ENTREGANDO },
		{ "FPR", DELIVERY_ENTREGANDO },
		{ "EEC", DELIVERY_ENTREGANDO },
		{ "FFF", DELIVERY_FINALIZADA },
		{ "CFC", DELIVERY_FINALIZADA },
		{ "CCC", DELIVERY_CANCELADA },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct delivery_event delivery = { .at_ms = NOW };

		while (advance(&delivery, cases[i].orders))
			continue;
		assert_int_equal(delivery.state, cases[i].want);
	}
}

static void
however_much_happened_at_once_no_state_is_skipped(void **state)
{
	struct delivery_event delivery = { .at_ms = NOW };

	(void)state;
	assert_true(advance(&delivery, "FFF"));
	assert_int_equal(delivery.state, DELIVERY_ENTREGANDO);
	assert_int_equal(delivery.revision, 1);
	assert_true(advance(&delivery, "FFF"));
	assert_int_equal(delivery.state, DELIVERY_FINALIZADA);
	assert_int_equal(delivery.revision, 2);
	assert_false(advance(&delivery, "FFF"));
}

static void
a_delivery_that_left_does_not_go_back(void **state)
{
	struct delivery_event delivery = { .at_ms = NOW };

	(void)state;
	assert_true(advance(&delivery, "EPP"));
	assert_false(advance(&delivery, "CPP"));
	assert_int_equal(delivery.state, DELIVERY_ENTREGANDO);
	assert_true(advance(&delivery, "CCC"));
	assert_int_equal(delivery.state, DELIVERY_CANCELADA);
	assert_false(advance(&delivery, "CCC"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(five_make_a_lot_and_four_do_not),
		cmocka_unit_test(
		    fewer_go_once_the_first_has_waited_for_too_long),
		cmocka_unit_test(
		    the_oldest_are_first_and_ids_decide_between_equals),
		cmocka_unit_test(
		    one_that_must_go_takes_along_what_is_being_prepared),
		cmocka_unit_test(
		    one_that_must_go_goes_even_where_lots_are_small),
		cmocka_unit_test(the_same_lot_makes_the_same_delivery),
		cmocka_unit_test(ids_do_not_repeat),
		cmocka_unit_test(a_delivery_is_what_its_orders_are),
		cmocka_unit_test(
		    however_much_happened_at_once_no_state_is_skipped),
		cmocka_unit_test(a_delivery_that_left_does_not_go_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
