/*
 * A million events by chance (restock_world.h): no illegal state, no lost
 * event, the same records when the log is played again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/unit/restock_world.h"

#define EVENTS 1000000
#define SEED 20261121

/* What one learns who reads the records alone. */
struct told {
	bool known;
	enum order_state state;
	uint32_t revision;
	int64_t at_ms;
	uint32_t units; /* prepared, of all lines */
	bool disputed;
	uint32_t cart, products; /* a bit each */
};
struct reader {
	struct told *orders; /* by the number in the id */
	uint32_t count, room;
	int open[WORLD_CARTS][WORLD_CODES]; /* orders with a line */
	/* An order that was refused when it was made must be cancelled by the
	 * very next record. */
	uint32_t in_conflict;
	uint64_t moves[ORDER_STATES][ORDER_STATES];
	uint64_t opened[ORIGINS], disputes, settled;
	const char *wrong;
};
#define NO_ORDER UINT32_MAX

static void
must(struct reader *reader, bool holds, const char *rule)
{
	if (!holds && reader->wrong == NULL)
		reader->wrong = rule;
}

static uint32_t
units_of(const struct order_event *event)
{
	uint32_t units = 0;

	for (uint32_t i = 0; i < event->line_count; i++)
		units += event->lines[i].units;
	return units;
}

static struct told *
told_of(struct reader *reader, const struct order_event *event, uint32_t *which)
{
	*which = (uint32_t)strtoul(event->order + 8, NULL, 10);
	if (*which >= reader->room) {
		uint32_t room = 2 * *which + 1024;

		reader->orders = realloc(
		    reader->orders, room * sizeof(*reader->orders));
		assert_non_null(reader->orders);
		memset(reader->orders + reader->room, 0,
		    (room - reader->room) * sizeof(*reader->orders));
		reader->room = room;
	}
	return &reader->orders[*which];
}

/* It has its products, or lets go of them. */
static void
hold(struct reader *reader, const struct told *told, int by)
{
	for (uint32_t p = 0; p < WORLD_CODES; p++) {
		int *open = &reader->open[told->cart][p];

		if ((told->products >> p & 1) == 0)
			continue;
		*open += by;
		must(reader, *open == 0 || *open == 1,
		    "one open order of a product of a cart");
	}
}

static void
read_first(struct reader *reader, const struct order_event *event,
    uint32_t which, struct told *told)
{
	must(reader, event->state == ORDER_RECIBIDO && event->revision == 0,
	    "an order begins as recibido, revision 0");
	must(reader, which == reader->count++, "no order is left out");
	must(reader, event->line_count > 0, "an order has lines");
	reader->opened[event->origin]++;
	told->cart = (uint32_t)(event->cart[5] - '0');
	for (uint32_t i = 0; i < event->line_count; i++) {
		told->products |= 1u << event->lines[i].product;
		if (reader->open[told->cart][event->lines[i].product] > 0)
			reader->in_conflict = which;
	}
	must(reader,
	    reader->in_conflict == NO_ORDER || event->origin == ORIGIN_MANUAL,
	    "nothing is ordered twice by itself");
	if (reader->in_conflict == NO_ORDER)
		hold(reader, told, 1);
}

static void
read_next(struct reader *reader, const struct order_event *event,
    const struct told *told)
{
	static const bool legal[ORDER_STATES][ORDER_STATES] = {
		[ORDER_RECIBIDO] = { [ORDER_PREPARANDO] = true,
		    [ORDER_CANCELADO] = true },
		[ORDER_PREPARANDO] = { [ORDER_ENTREGANDO] = true,
		    [ORDER_CANCELADO] = true },
		[ORDER_ENTREGANDO] = { [ORDER_FINALIZADO] = true,
		    [ORDER_CANCELADO] = true },
		/* The same state again: cart and depot had a word. */
		[ORDER_FINALIZADO] = { [ORDER_FINALIZADO] = true },
		[ORDER_CANCELADO] = { [ORDER_CANCELADO] = true },
	};

	must(reader, legal[told->state][event->state], "a legal move");
	must(reader, event->revision == told->revision + 1,
	    "no record is left out, none comes twice");
	must(reader, event->at_ms >= told->at_ms, "time does not go back");
	must(reader,
	    event->state != ORDER_CANCELADO || event->reason[0] != '\0',
	    "a cancelled order has a reason");
	if (event->state == ORDER_ENTREGANDO)
		must(reader, units_of(event) == told->units,
		    "what was prepared goes on its way");
	if (event->state == ORDER_FINALIZADO)
		must(reader,
		    units_of(event) > 0 && units_of(event) <= told->units,
		    "no more is delivered than was prepared");
	must(reader, !event->disputed || event->state >= ORDER_FINALIZADO,
	    "what is under way is not disputed");
	reader->disputes += event->disputed && !told->disputed;
	reader->settled += !event->disputed && told->disputed;
	reader->moves[told->state][event->state]++;
}

static void
read_record(void *arg, const struct order_event *event)
{
	struct reader *reader = arg;
	uint32_t which;
	struct told *told = told_of(reader, event, &which);
	bool held = which != reader->in_conflict;

	if (reader->in_conflict != NO_ORDER) {
		must(reader,
		    which == reader->in_conflict &&
			event->state == ORDER_CANCELADO,
		    "one that asks for what is ordered is cancelled at once");
		reader->in_conflict = NO_ORDER;
	}
	if (told->known)
		read_next(reader, event, told);
	else
		read_first(reader, event, which, told);
	if (held && order_is_open(told->state) && !order_is_open(event->state))
		hold(reader, told, -1);
	if (event->state == ORDER_PREPARANDO)
		told->units = units_of(event);
	told->known = true;
	told->state = event->state;
	told->revision = event->revision;
	told->at_ms = event->at_ms;
	told->disputed = event->disputed;
}

static struct world world, committed;

static void
no_illegal_state_and_no_lost_event(void **state)
{
	struct reader reader = { .in_conflict = NO_ORDER };
	int64_t now_ms = WORLD_START;
	uint64_t seed = SEED;
	struct world_event ev;

	(void)state;
	world_init(&world, read_record, &reader);
	for (int i = 0; i < EVENTS; i++) {
		world_event_draw(&seed, &ev, &now_ms);
		world_apply(&world, &ev);
		if (world.wrong != NULL || reader.wrong != NULL)
			fail_msg("event %d: %s", i,
			    world.wrong != NULL ? world.wrong : reader.wrong);
	}
	/* Who reads the records knows the state of every order. */
	assert_int_equal(reader.count, world.serial);
	for (int i = 0; i < WORLD_SLOTS; i++) {
		const struct told *told = &reader.orders[world.serials[i]];

		assert_int_equal(told->state, world.orders[i].state);
		assert_int_equal(told->revision, world.orders[i].revision);
		assert_int_equal(told->at_ms, world.orders[i].changed_ms);
	}
	/* All of it happened, and often. */
	for (enum order_state s = 0; s < ORDER_FINALIZADO; s++) {
		assert_true(reader.moves[s][s + 1] > 1000);
		assert_true(reader.moves[s][ORDER_CANCELADO] > 500);
	}
	assert_true(reader.opened[ORIGIN_LEVEL] > 1000);
	assert_true(reader.opened[ORIGIN_MANUAL] > 1000);
	assert_true(reader.disputes > 1000);
	assert_true(reader.settled > 1000);
	for (int v = 0; v <= ORDER_REFUSED; v++)
		assert_true(world.verdicts[v] > 100);
	free(reader.orders);
}

/* How a log is played again. */
enum again { AS_IT_WAS, EACH_REQUEST_TWICE, WITH_CRASHES };

static void
play(enum again again, uint64_t *hash, uint64_t *records)
{
	uint64_t seed = SEED, committed_seed = SEED, luck = 7;
	int64_t now_ms = WORLD_START, committed_now = WORLD_START;
	int committed_i = 0;
	struct world_event ev;

	world_init(&world, NULL, NULL);
	committed = world;
	for (int i = 0; i < EVENTS; i++) {
		world_event_draw(&seed, &ev, &now_ms);
		world_apply(&world, &ev);
		if (again == EACH_REQUEST_TWICE && ev.kind == WORLD_MOVE)
			world_apply(&world, &ev);
		if (again != WITH_CRASHES || chance(&luck, 1000) != 0)
			continue;
		/* Killed, or committed. */
		if (chance(&luck, 2) == 0) {
			world = committed;
			i = committed_i;
			seed = committed_seed;
			now_ms = committed_now;
		} else {
			committed = world;
			committed_i = i;
			committed_seed = seed;
			committed_now = now_ms;
		}
	}
	assert_null(world.wrong);
	*hash = world.hash;
	*records = world.records;
}

static void
the_same_records_when_the_log_is_played_again(void **state)
{
	uint64_t hash, records, hash_again, records_again;

	(void)state;
	play(AS_IT_WAS, &hash, &records);
	assert_true(records > EVENTS / 10);
	for (enum again a = AS_IT_WAS; a <= WITH_CRASHES; a++) {
		play(a, &hash_again, &records_again);
		assert_int_equal(records_again, records);
		assert_true(hash_again == hash);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_illegal_state_and_no_lost_event),
		cmocka_unit_test(the_same_records_when_the_log_is_played_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
