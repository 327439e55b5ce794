/*
 * A million events by chance: orders come, are moved and cancelled, lots
 * gather, orders that must go are hastened.  No illegal state of a delivery,
 * no order without its delivery or in two, the same records when the log is
 * played again.
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
#include "backend/rules/order_rules.h"
#include "tests/unit/chance.h"

#define EVENTS 1000000
#define SEED 5
#define START INT64_C(1795190400000)
#define WAITING 64 /* orders that may be in no delivery yet */
#define SLOTS 16 /* deliveries under way */

static const struct lot_rules rules = {
	.size = 5, .wait_ms = 60000, .depot = { true, -33437800, -70650400 }
};

struct yard {
	struct lot_order waiting[WAITING];
	size_t waiting_count;
	struct delivery_event deliveries[SLOTS]; /* id "": free */
	enum order_state states[SLOTS][DELIVERY_STOPS_MAX];
	uint32_t serial;
	uint64_t hash, records, opened, ended[DELIVERY_STATES];
	/* Orders: came, went before they had a delivery, ended in one. */
	uint64_t came, gone, carried;
	uint64_t full, late, hastened; /* how lots came about */
	const char *wrong;
};

static void
must(struct yard *yard, bool holds, const char *rule)
{
	if (!holds && yard->wrong == NULL)
		yard->wrong = rule;
}

static void
tell(struct yard *yard, const struct delivery_event *delivery)
{
	uint8_t bytes[DELIVERY_BYTES_MAX];
	struct delivery_event back;
	struct decode_error error;
	int len = delivery_encode(delivery, bytes, sizeof(bytes));

	must(yard,
	    len > 0 && delivery_decode(bytes, (size_t)len, &back, &error) == 0,
	    "each record can be written and read");
	for (int i = 0; i < len; i++)
		yard->hash = (yard->hash ^ bytes[i]) * UINT64_C(1099511628211);
	yard->records++;
}

/* The first `count` that wait travel together. */
static void
load(struct yard *yard, size_t count, int64_t now_ms)
{
	struct delivery_event *delivery = NULL;
	size_t slot = 0;

	while (slot < SLOTS && yard->deliveries[slot].id[0] != '\0')
		slot++;
	if (slot == SLOTS) {
		yard->wrong = "the test has room";
		return;
	}
	delivery = &yard->deliveries[slot];
	lot_open(&rules, yard->waiting, count, now_ms, delivery);
	must(yard, count >= 1 && count <= rules.size, "a lot has its size");
	must(yard, delivery->stop_count == count, "each order is a stop");
	/* Each keeps the state that it waited in. */
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < count; j++)
			if (strcmp(delivery->stops[i].order,
				yard->waiting[j].stop.order) == 0)
				yard->states[slot][i] = yard->waiting[j].state;
	yard->waiting_count -= count;
	memmove(yard->waiting, yard->waiting + count,
	    yard->waiting_count * sizeof(yard->waiting[0]));
	yard->opened++;
	tell(yard, delivery);
}

static void
gather(struct yard *yard, int64_t now_ms)
{
	size_t count;

	qsort(yard->waiting, yard->waiting_count, sizeof(yard->waiting[0]),
	    lot_order_compare);
	while ((count = lot_gather(
		    &rules, yard->waiting, yard->waiting_count, now_ms)) > 0) {
		*(count == rules.size ? &yard->full : &yard->late) += 1;
		load(yard, count, now_ms);
		if (yard->wrong != NULL)
			return;
	}
	must(yard, yard->waiting_count < rules.size, "a full lot goes");
	must(yard,
	    now_ms < lot_due_ms(&rules, yard->waiting, yard->waiting_count),
	    "nothing waits for too long");
}

/* What its orders are decides, and it passes through each state. */
static void
follow(struct yard *yard, size_t slot, int64_t now_ms)
{
	static const bool legal[DELIVERY_STATES][DELIVERY_STATES] = {
		[DELIVERY_PREPARANDO] = { [DELIVERY_ENTREGANDO] = true,
		    [DELIVERY_CANCELADA] = true },
		[DELIVERY_ENTREGANDO] = { [DELIVERY_FINALIZADA] = true,
		    [DELIVERY_CANCELADA] = true },
	};
	struct delivery_event *delivery = &yard->deliveries[slot];
	struct delivery_event before = *delivery;
	bool open = false, left = false;

	while (lot_advance(delivery, yard->states[slot], now_ms)) {
		must(yard, legal[before.state][delivery->state],
		    "a legal move of a delivery");
		must(yard, delivery->revision == before.revision + 1,
		    "each change counts one");
		must(yard, delivery->at_ms >= before.at_ms,
		    "time does not go back");
		tell(yard, delivery);
		before = *delivery;
	}
	for (uint32_t i = 0; i < delivery->stop_count; i++) {
		open |= order_is_open(yard->states[slot][i]);
		left |= yard->states[slot][i] == ORDER_ENTREGANDO ||
		    yard->states[slot][i] == ORDER_FINALIZADO;
	}
	must(yard, open == (delivery->state < DELIVERY_FINALIZADA),
	    "it is open as long as one of its orders is");
	must(yard, !left || delivery->state >= DELIVERY_ENTREGANDO,
	    "it has left when one of its orders has");
	if (open)
		return;
	yard->ended[delivery->state]++;
	yard->carried += delivery->stop_count;
	delivery->id[0] = '\0';
}

static void
come(struct yard *yard, uint64_t *seed, int64_t now_ms)
{
	struct lot_order *order = &yard->waiting[yard->waiting_count++];
	char cart[CART_MAX + 1] = "";

	*order = (struct lot_order){ .opened_ms = now_ms };
	snprintf(cart, sizeof(cart), "CART%02u", chance(seed, 60));
	memcpy(order->stop.cart, cart, sizeof(cart));
	snprintf(order->stop.order, sizeof(order->stop.order), "%s-R%u", cart,
	    yard->serial++);
	order->stop.has_place = chance(seed, 8) != 0;
	if (order->stop.has_place) {
		order->stop.lat_e6 = -33400000 - (int32_t)chance(seed, 90000);
		order->stop.lon_e6 = -70600000 - (int32_t)chance(seed, 90000);
	}
	yard->came++;
}

/* One that waits: it is prepared, cancelled, or must go. */
static void
move_waiting(struct yard *yard, uint64_t *seed, int64_t now_ms)
{
	size_t which = chance(seed, yard->waiting_count);
	struct lot_order *order = &yard->waiting[which];
	size_t count;

	switch (chance(seed, 4)) {
	case 0:
		yard->gone++;
		*order = yard->waiting[--yard->waiting_count];
		break;
	case 1:
		order->state = ORDER_PREPARANDO;
		count = lot_hasten(
		    &rules, yard->waiting, yard->waiting_count, which);
		load(yard, count, now_ms);
		yard->hastened++;
		break;
	default:
		order->state = ORDER_PREPARANDO;
	}
}

/* Steps of orders of one delivery: often several before anyone looks. */
static void
move_carried(struct yard *yard, uint64_t *seed, int64_t now_ms)
{
	size_t slot = chance(seed, SLOTS);
	const struct delivery_event *delivery = &yard->deliveries[slot];

	if (delivery->id[0] == '\0')
		return;
	for (uint32_t n = 1 + chance(seed, 6); n > 0; n--) {
		enum order_state *state =
		    &yard->states[slot][chance(seed, delivery->stop_count)];

		if (!order_is_open(*state))
			continue;
		*state = chance(seed, 5) == 0 ? ORDER_CANCELADO : *state + 1;
	}
	follow(yard, slot, now_ms);
}

static bool
has_room(const struct yard *yard)
{
	size_t used = 0;

	for (size_t i = 0; i < SLOTS; i++)
		used += yard->deliveries[i].id[0] != '\0';
	return used < SLOTS - 2 && yard->waiting_count < WAITING;
}

static void
step(struct yard *yard, uint64_t *seed, int64_t *now_ms)
{
	uint32_t kind = chance(seed, 8);

	*now_ms += chance(seed, 10000);
	if (kind < 2 && has_room(yard))
		come(yard, seed, *now_ms);
	else if (kind < 3 && yard->waiting_count > 0 && has_room(yard))
		move_waiting(yard, seed, *now_ms);
	else
		move_carried(yard, seed, *now_ms);
	if (has_room(yard))
		gather(yard, *now_ms);
}

static struct yard yard, committed;

/* crashes: now and then back to the last commit, and on from there. */
static void
play(bool crashes)
{
	uint64_t seed = SEED, committed_seed = SEED, luck = 3;
	int64_t now_ms = START, committed_now = START;
	int committed_i = -1;

	memset(&yard, 0, sizeof(yard));
	committed = yard;
	for (int i = 0; i < EVENTS; i++) {
		step(&yard, &seed, &now_ms);
		if (yard.wrong != NULL)
			fail_msg("event %d: %s", i, yard.wrong);
		if (!crashes || chance(&luck, 100) != 0)
			continue;
		if (chance(&luck, 2) == 0) {
			yard = committed;
			seed = committed_seed;
			now_ms = committed_now;
			i = committed_i;
		} else {
			committed = yard;
			committed_seed = seed;
			committed_now = now_ms;
			committed_i = i;
		}
	}
}

static void
no_illegal_state_and_no_lost_order(void **state)
{
	uint64_t carried = 0;

	(void)state;
	play(false);
	/* Each order is in one place. */
	for (size_t i = 0; i < SLOTS; i++)
		if (yard.deliveries[i].id[0] != '\0')
			carried += yard.deliveries[i].stop_count;
	assert_int_equal(
	    yard.came, yard.gone + yard.waiting_count + carried + yard.carried);
	/* All of it happened, and often. */
	assert_true(yard.opened > 10000);
	assert_true(yard.full > 1000);
	assert_true(yard.late > 1000);
	assert_true(yard.hastened > 1000);
	assert_true(yard.ended[DELIVERY_FINALIZADA] > 1000);
	assert_true(yard.ended[DELIVERY_CANCELADA] > 1000);
}

static void
the_same_records_when_the_log_is_played_again(void **state)
{
	uint64_t hash, records;

	(void)state;
	play(false);
	hash = yard.hash;
	records = yard.records;
	play(true);
	assert_int_equal(yard.records, records);
	assert_true(yard.hash == hash);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_illegal_state_and_no_lost_order),
		cmocka_unit_test(the_same_records_when_the_log_is_played_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
