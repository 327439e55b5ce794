/*
 * The life of an order: which moves are legal, what each writes down.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "backend/rules/order_rules.h"

#define NOW INT64_C(1795190400000)

static struct order order;
static struct order_why why;

static struct order_request
asks(enum request_kind kind, enum order_state to)
{
	struct order_request request = { .kind = kind, .to = to };

	memcpy(request.order, "AAAA01-R1", 10);
	memcpy(request.cart, "AAAA01", 7);
	memcpy(request.by, "rosa", 5);
	request.at_ms = NOW + to * 1000;
	return request;
}

static void
line(struct order_request *request, uint32_t product, uint32_t units)
{
	request->lines[request->line_count++] = (struct order_line){ product,
		units };
}

/* An order of products 1 (up to the target) and 2 (30 units). */
static int
fresh(void **state)
{
	struct order_request request = asks(REQUEST_CREATE, ORDER_RECIBIDO);

	(void)state;
	line(&request, 1, 0);
	line(&request, 2, 30);
	return order_open(&order, ORIGIN_MANUAL, &request, &why) == ORDER_MOVED
	    ? 0
	    : -1;
}

static enum order_verdict
move(enum order_state to)
{
	static const int64_t needed[] = { 180, 5 };
	struct order_request request = asks(REQUEST_MOVE, to);

	if (to == ORDER_CANCELADO)
		memcpy(request.reason, "no flour", 9);
	return order_move(&order, &request, needed, &why);
}

/* To `state`, through those before it. */
static void
bring_to(enum order_state state)
{
	fresh(NULL);
	if (state == ORDER_CANCELADO) {
		move(state);
		return;
	}
	for (enum order_state s = ORDER_PREPARANDO; s <= state; s++)
		assert_int_equal(move(s), ORDER_MOVED);
}

static void
every_pair_of_states_has_its_verdict(void **state)
{
	/* [from][to]: Moved, Same, Refused. */
	static const char table[ORDER_STATES][ORDER_STATES + 1] = {
		[ORDER_RECIBIDO] = "SMRRM",
		[ORDER_PREPARANDO] = "SSMRM",
		[ORDER_ENTREGANDO] = "SSSMM",
		[ORDER_FINALIZADO] = "SSSSR",
		[ORDER_CANCELADO] = "RRRRS",
	};

	(void)state;
	for (enum order_state from = 0; from < ORDER_STATES; from++)
		for (enum order_state to = 0; to < ORDER_STATES; to++) {
			struct order before;
			enum order_verdict verdict;
			char letter;

			bring_to(from);
			before = order;
			verdict = move(to);
			letter = verdict == ORDER_MOVED ? 'M'
			    : verdict == ORDER_SAME	? 'S'
							: 'R';
			assert_int_equal(letter, table[from][to]);
			assert_int_equal(
			    order.state, letter == 'M' ? to : from);
			assert_int_equal(
			    order.revision, before.revision + (letter == 'M'));
			assert_int_equal(
			    verdict == ORDER_REFUSED, why.text[0] != '\0');
			if (letter != 'M')
				assert_memory_equal(
				    &order, &before, sizeof(order));
		}
}

static void
a_refusal_says_what_comes_first(void **state)
{
	(void)state;
	move(ORDER_FINALIZADO);
	assert_string_equal(why.text, "it is recibido: preparando comes first");
	bring_to(ORDER_CANCELADO);
	move(ORDER_RECIBIDO);
	assert_string_equal(
	    why.text, "it was cancelled (no flour): make a new order");
}

static void
a_cancel_needs_a_reason(void **state)
{
	struct order_request request = asks(REQUEST_MOVE, ORDER_CANCELADO);

	(void)state;
	assert_int_equal(
	    order_move(&order, &request, NULL, &why), ORDER_REFUSED);
	assert_string_equal(why.text, "a cancel needs a reason");
}

static void
who_and_when_are_kept_and_time_does_not_go_back(void **state)
{
	struct order_request request = asks(REQUEST_MOVE, ORDER_PREPARANDO);
	static const int64_t needed[] = { 1, 1 };

	(void)state;
	assert_string_equal(order.by, "rosa");
	memcpy(request.by, "luis", 5);
	request.at_ms = NOW - 5000;
	order_move(&order, &request, needed, &why);
	assert_string_equal(order.by, "luis");
	assert_int_equal(order.changed_ms, NOW);
	assert_int_equal(order.state_ms, NOW);
	move(ORDER_ENTREGANDO);
	assert_int_equal(order.state_ms, NOW + ORDER_ENTREGANDO * 1000);
	assert_int_equal(order.opened_ms, NOW);
}

static void
quantities_are_fixed_when_it_is_prepared(void **state)
{
	struct order_event event;

	(void)state;
	order_tell(&order, &event);
	assert_int_equal(event.lines[0].units, 0);
	assert_int_equal(event.lines[1].units, 30);
	move(ORDER_PREPARANDO);
	assert_int_equal(order.parts[0].prepared, 180);
	assert_int_equal(order.parts[1].prepared, 30);
	order_tell(&order, &event);
	assert_int_equal(event.revision, 1);
	assert_int_equal(event.lines[0].units, 180);
	/* Said again with other needs: fixed is fixed. */
	assert_int_equal(move(ORDER_PREPARANDO), ORDER_SAME);
	assert_int_equal(order.parts[0].prepared, 180);
}

static void
lines_of_preparando_are_the_whole_truth_and_stay(void **state)
{
	struct order_request request = asks(REQUEST_MOVE, ORDER_PREPARANDO);
	struct order_event event;

	(void)state;
	line(&request, 1, 100);
	assert_int_equal(order_move(&order, &request, NULL, &why), ORDER_MOVED);
	assert_int_equal(order.parts[0].prepared, 100);
	assert_int_equal(order.parts[1].prepared, 0);
	order_tell(&order, &event);
	assert_int_equal(event.line_count, 1);
	assert_int_equal(order_move(&order, &request, NULL, &why), ORDER_SAME);
	request.lines[0].units = 90;
	assert_int_equal(
	    order_move(&order, &request, NULL, &why), ORDER_REFUSED);
	assert_string_equal(
	    why.text, "its units were fixed when it was prepared");
}

static void
an_order_that_is_not_needed_any_more_is_cancelled(void **state)
{
	struct order_request create = asks(REQUEST_CREATE, ORDER_RECIBIDO);
	struct order_request request = asks(REQUEST_MOVE, ORDER_PREPARANDO);
	static const int64_t needed[] = { -20 };

	(void)state;
	line(&create, 1, 0);
	order_open(&order, ORIGIN_LEVEL, &create, &why);
	assert_int_equal(
	    order_move(&order, &request, needed, &why), ORDER_MOVED);
	assert_int_equal(order.state, ORDER_CANCELADO);
	assert_string_equal(order.reason, "nothing is needed any more");
}

static void
the_depot_may_deliver_fewer_and_not_more(void **state)
{
	struct order_request request = asks(REQUEST_MOVE, ORDER_FINALIZADO);

	(void)state;
	bring_to(ORDER_ENTREGANDO);
	line(&request, 1, 181);
	assert_int_equal(
	    order_move(&order, &request, NULL, &why), ORDER_REFUSED);
	assert_string_equal(why.text,
	    "product 1: 181 units delivered, but only 180 were prepared");
	request.lines[0].units = 0;
	assert_int_equal(
	    order_move(&order, &request, NULL, &why), ORDER_REFUSED);
	request.lines[0].units = 170;
	line(&request, 2, 30);
	assert_int_equal(order_move(&order, &request, NULL, &why), ORDER_MOVED);
	assert_int_equal(order.parts[0].delivered, 170);
	assert_int_equal(order.parts[0].prepared, 180);
	assert_int_equal(order_move(&order, &request, NULL, &why), ORDER_SAME);
}

static void
bad_lines_are_refused_with_words(void **state)
{
	struct order_request request = asks(REQUEST_CREATE, ORDER_RECIBIDO);

	(void)state;
	assert_int_equal(
	    order_open(&order, ORIGIN_MANUAL, &request, &why), ORDER_REFUSED);
	assert_string_equal(why.text, "an order has at least one line");
	line(&request, 4, 1);
	line(&request, 4, 1);
	assert_int_equal(
	    order_open(&order, ORIGIN_MANUAL, &request, &why), ORDER_REFUSED);
	assert_string_equal(why.text, "product 4 is there twice");
	request.lines[1] = (struct order_line){ 5, UNITS_MAX + 1 };
	assert_int_equal(
	    order_open(&order, ORIGIN_MANUAL, &request, &why), ORDER_REFUSED);
	assert_string_equal(why.text, "product 5: more than 1000000 units");
	request = asks(REQUEST_MOVE, ORDER_PREPARANDO);
	line(&request, 7, 1);
	assert_int_equal(
	    order_move(&order, &request, NULL, &why), ORDER_REFUSED);
	assert_string_equal(why.text, "product 7 is not in the order");
	request = asks(REQUEST_MOVE, ORDER_PREPARANDO);
	memcpy(request.cart, "BBBB02", 7);
	assert_int_equal(
	    order_move(&order, &request, NULL, &why), ORDER_REFUSED);
	assert_string_equal(why.text, "it is an order of cart AAAA01");
}

static enum order_verdict
book(uint32_t product, int32_t units, bool *more)
{
	static const int64_t needed[] = { 180, 5 };
	const struct order_booking booking = { "AAAA01", product, units,
		NOW + 9000 };

	return order_book(&order, &booking, needed, more, &why);
}

static void
the_carts_word_finishes_an_order_on_its_way(void **state)
{
	bool more;

	(void)state;
	bring_to(ORDER_ENTREGANDO);
	assert_int_equal(book(1, 180, &more), ORDER_MOVED);
	assert_false(more);
	assert_int_equal(order.state, ORDER_FINALIZADO);
	assert_string_equal(order.by, "AAAA01");
	assert_false(order.disputed);
	/* The other line came, too, and its booking agrees. */
	assert_int_equal(order.parts[1].delivered, 30);
	assert_false(order.parts[1].confirmed);
	assert_int_equal(book(2, 30, &more), ORDER_NOTED);
	assert_true(order.parts[1].confirmed);
	assert_int_equal(move(ORDER_FINALIZADO), ORDER_SAME);
}

static void
an_order_that_nobody_moved_goes_through_each_state_when_it_is_booked(
    void **state)
{
	struct order_event event;
	bool more;

	(void)state;
	for (enum order_state s = ORDER_PREPARANDO; s <= ORDER_FINALIZADO;
	     s++) {
		assert_int_equal(book(1, 77, &more), ORDER_MOVED);
		assert_int_equal(order.state, s);
		assert_int_equal(order.revision, s);
		assert_int_equal(more, s != ORDER_FINALIZADO);
	}
	/* Nobody had fixed another number. */
	assert_false(order.disputed);
	order_tell(&order, &event);
	assert_int_equal(event.lines[0].units, 77);
	assert_int_equal(event.lines[1].units, 30);
}

static void
a_disagreement_is_said_and_ends_when_the_numbers_meet(void **state)
{
	struct order_event event;
	bool more;

	(void)state;
	bring_to(ORDER_FINALIZADO);
	assert_int_equal(book(1, 175, &more), ORDER_CHANGED);
	order_tell(&order, &event);
	assert_true(event.disputed);
	assert_int_equal(event.state, ORDER_FINALIZADO);
	assert_int_equal(event.revision, 4);
	assert_string_equal(
	    event.reason, "product 1: 180 delivered, 175 booked");
	/* It goes on, with other numbers. */
	assert_int_equal(book(1, 2, &more), ORDER_CHANGED);
	order_tell(&order, &event);
	assert_string_equal(
	    event.reason, "product 1: 180 delivered, 177 booked");
	assert_int_equal(book(1, 3, &more), ORDER_CHANGED);
	order_tell(&order, &event);
	assert_false(event.disputed);
	assert_string_equal(event.reason, "");
}

static void
the_depot_may_still_speak_after_the_cart(void **state)
{
	struct order_request request = asks(REQUEST_MOVE, ORDER_FINALIZADO);
	bool more;

	(void)state;
	bring_to(ORDER_ENTREGANDO);
	book(1, 175, &more);
	assert_true(order.disputed);
	line(&request, 1, 175);
	line(&request, 2, 30);
	assert_int_equal(
	    order_move(&order, &request, NULL, &why), ORDER_CHANGED);
	assert_false(order.disputed);
	assert_int_equal(order.parts[0].delivered, 175);
	assert_int_equal(order_move(&order, &request, NULL, &why), ORDER_SAME);
	/* It has spoken now. */
	request.lines[0].units = 170;
	assert_int_equal(
	    order_move(&order, &request, NULL, &why), ORDER_REFUSED);
}

static void
a_word_of_the_depots_that_ends_a_dispute_is_heard(void **state)
{
	struct order_request request = asks(REQUEST_MOVE, ORDER_FINALIZADO);
	bool more;

	(void)state;
	bring_to(ORDER_FINALIZADO);
	book(1, 175, &more);
	line(&request, 1, 174);
	line(&request, 2, 30);
	assert_int_equal(
	    order_move(&order, &request, NULL, &why), ORDER_REFUSED);
	request.lines[0].units = 175;
	assert_int_equal(
	    order_move(&order, &request, NULL, &why), ORDER_CHANGED);
	assert_false(order.disputed);
}

static void
the_depot_says_what_the_cart_had_assumed(void **state)
{
	struct order_request request = asks(REQUEST_MOVE, ORDER_FINALIZADO);
	bool more;

	(void)state;
	bring_to(ORDER_ENTREGANDO);
	book(1, 180, &more);
	line(&request, 1, 180);
	line(&request, 2, 30);
	assert_int_equal(order_move(&order, &request, NULL, &why), ORDER_NOTED);
	assert_true(order.depot_said);
}

static void
what_came_of_a_cancelled_order_is_a_dispute(void **state)
{
	struct order_event event;
	bool more;

	(void)state;
	bring_to(ORDER_CANCELADO);
	assert_int_equal(book(2, 10, &more), ORDER_CHANGED);
	assert_int_equal(order.state, ORDER_CANCELADO);
	order_tell(&order, &event);
	assert_true(event.disputed);
	assert_string_equal(
	    event.reason, "no flour; product 2: 0 delivered, 10 booked");
	assert_int_equal(book(2, -10, &more), ORDER_CHANGED);
	order_tell(&order, &event);
	assert_string_equal(event.reason, "no flour");
}

static void
a_booking_that_is_none_is_refused(void **state)
{
	struct order_booking other = { "BBBB02", 1, 10, NOW };
	bool more;

	(void)state;
	assert_int_equal(book(9, 10, &more), ORDER_REFUSED);
	assert_string_equal(why.text, "product 9 is not in the order");
	assert_int_equal(book(1, 0, &more), ORDER_REFUSED);
	assert_int_equal(
	    order_book(&order, &other, NULL, &more, &why), ORDER_REFUSED);
	assert_int_equal(order.state, ORDER_RECIBIDO);
	assert_int_equal(order.revision, 0);
}

static void
the_words_of_many_disputes_fit(void **state)
{
	struct order_request request = asks(REQUEST_CREATE, ORDER_RECIBIDO);
	struct order_event event;
	bool more;

	(void)state;
	for (uint32_t i = 0; i < ORDER_LINES_MAX; i++)
		line(&request, 60000 + i, UNITS_MAX);
	order_open(&order, ORIGIN_MANUAL, &request, &why);
	for (enum order_state s = ORDER_PREPARANDO; s <= ORDER_FINALIZADO; s++)
		move(s);
	for (uint32_t i = 0; i < ORDER_LINES_MAX; i++)
		book(60000 + i, INT32_MIN, &more);
	/* As far as whole words go. */
	order_tell(&order, &event);
	assert_int_equal(event.line_count, ORDER_LINES_MAX);
	assert_in_range(strlen(event.reason), 400, TEXT_NOTE_MAX);
	assert_string_equal(event.reason + strlen(event.reason) - 7, " booked");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup(name, fresh)
		T(every_pair_of_states_has_its_verdict),
		T(a_refusal_says_what_comes_first),
		T(a_cancel_needs_a_reason),
		T(who_and_when_are_kept_and_time_does_not_go_back),
		T(quantities_are_fixed_when_it_is_prepared),
		T(lines_of_preparando_are_the_whole_truth_and_stay),
		T(an_order_that_is_not_needed_any_more_is_cancelled),
		T(the_depot_may_deliver_fewer_and_not_more),
		T(bad_lines_are_refused_with_words),
		T(the_carts_word_finishes_an_order_on_its_way),
		T(an_order_that_nobody_moved_goes_through_each_state_when_it_is_booked),
		T(a_disagreement_is_said_and_ends_when_the_numbers_meet),
		T(the_depot_may_still_speak_after_the_cart),
		T(a_word_of_the_depots_that_ends_a_dispute_is_heard),
		T(the_depot_says_what_the_cart_had_assumed),
		T(what_came_of_a_cancelled_order_is_a_dispute),
		T(a_booking_that_is_none_is_refused),
		T(the_words_of_many_disputes_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
