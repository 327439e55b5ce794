/*
 * The simulator's pure parts: a cart that walks, sells and keeps books, its
 * outbox in memory, the slow network, the tally.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/sim/cart.h"
#include "tools/sim/delay.h"
#include "tools/sim/passwords.h"

#define NOON INT64_C(1790000000000)

/* ---- the walk ---- */

static double
metres_between(const struct fix *a, const struct fix *b)
{
	double north = (b->lat_e6 - a->lat_e6) * 0.11132;
	double east = (b->lon_e6 - a->lon_e6) * 0.11132 *
	    cos(a->lat_e6 * 1e-6 * 3.14159265 / 180);

	return hypot(north, east);
}

static void
a_cart_walks_no_faster_than_a_person_and_stays_near_home(void **state)
{
	struct walk walk;
	struct fix first, before, fix;
	int stood = 0, moved = 0;

	(void)state;
	walk_init(&walk, 1, 5);
	walk_to(&walk, NOON, &first);
	before = first;
	for (int i = 1; i < 8640; i++) {
		walk_to(&walk, NOON + i * 10000, &fix);
		assert_true(metres_between(&before, &fix) < 14);
		assert_true(metres_between(&first, &fix) < 4000);
		assert_true(fix.course_deg < 360);
		stood += fix.speed_dm_s == 0;
		moved += fix.speed_dm_s > 0;
		before = fix;
	}
	assert_true(stood > 500);
	assert_true(moved > 500);
}

static void
the_same_seed_walks_the_same_way(void **state)
{
	struct walk a, b, c;
	struct fix x, y, z;

	(void)state;
	walk_init(&a, 1, 5);
	walk_init(&b, 1, 5);
	walk_init(&c, 2, 5);
	for (int i = 0; i < 100; i++) {
		walk_to(&a, NOON + i * 60000, &x);
		walk_to(&b, NOON + i * 60000, &y);
		walk_to(&c, NOON + i * 60000, &z);
	}
	assert_memory_equal(&x, &y, sizeof(x));
	assert_true(x.lat_e6 != z.lat_e6 || x.lon_e6 != z.lon_e6);
}

/* ---- the stall ---- */

static void
levels_follow_every_change_and_never_go_below_nothing(void **state)
{
	struct stall_habits habits = { 100, 50, 50 };
	struct level_change changes[STALL_CHANGES_MAX];
	int32_t levels[STALL_PRODUCTS] = { 100, 100 };
	int kinds[4] = { 0 };
	struct purchase p;
	struct stall stall;

	(void)state;
	stall_init(&stall, 1, 1, 9, &habits);
	for (uint64_t i = 0; i < 3000; i++) {
		size_t n;

		stall_serve(&stall, NOON, &p);
		kinds[p.kind]++;
		n = stall_stock(&stall, &p, changes);
		assert_true(n == 0 || p.kind == PURCHASE_SALE ||
		    p.kind == PURCHASE_VOID);
		for (size_t j = 0; j < n; j++) {
			levels[changes[j].product] += changes[j].delta;
			assert_int_equal(
			    levels[changes[j].product], changes[j].level);
			assert_true(changes[j].level >= 0);
		}
		if (p.kind == PURCHASE_SALE) {
			assert_true(purchase_amount(&p) > 0);
			stall_sold(&stall, &p, 1, i);
		}
	}
	for (int k = 0; k < 4; k++)
		assert_true(kinds[k] > 50);
}

static void
a_sale_is_taken_back_at_most_once_and_repeats_keep_their_content(void **state)
{
	struct stall_habits habits = { 0, 300, 300 };
	static bool voided[2000];
	static struct purchase sold[2000];
	struct purchase p;
	struct stall stall;

	(void)state;
	stall_init(&stall, 3, 1, 9, &habits);
	for (uint64_t i = 0; i < 2000; i++) {
		stall_serve(&stall, NOON, &p);
		if (p.kind == PURCHASE_SALE) {
			sold[i] = p;
			stall_sold(&stall, &p, 1, i);
			continue;
		}
		assert_string_equal(p.request_id, sold[p.of_seq].request_id);
		assert_memory_equal(
		    p.lines, sold[p.of_seq].lines, sizeof(p.lines));
		if (p.kind == PURCHASE_VOID) {
			assert_false(voided[p.of_seq]);
			voided[p.of_seq] = true;
		}
	}
}

static void
customers_are_written_in_more_ways_than_one_or_not_at_all(void **state)
{
	struct stall_habits habits = { 0, 0, 0 };
	int plain = 0, loud = 0, nobody = 0;
	struct purchase p;
	struct stall stall;

	(void)state;
	stall_init(&stall, 1, 1, 9, &habits);
	for (int i = 0; i < 1000; i++) {
		stall_serve(&stall, NOON, &p);
		plain += strcmp(p.customer, "Inés 1") == 0;
		loud += strcmp(p.customer, " INÉS 1  ") == 0;
		nobody += p.customer[0] == '\0' && p.contact[0] == '\0';
	}
	assert_true(plain > loud && loud > 0 && nobody > 10);
}

/* ---- the outbox in memory ---- */

static void
cut(struct queue *q, enum stream stream, struct frame *frame,
    struct frame_items *items)
{
	static uint8_t buf[FRAME_BYTES_MAX];
	struct decode_error error;
	struct outbox_range range;
	uint64_t next;
	size_t len;

	assert_true(queue_next(q, stream, &range));
	assert_int_equal(
	    queue_cut(q, stream, &range, 3, buf, sizeof(buf), &len, &next), 0);
	assert_int_equal(frame_decode(buf, len, frame, &error), 0);
	assert_int_equal(frame->first_seq + frame->count, next);
	frame_items_init(items, frame, stream);
}

static void
the_queue_sends_acknowledges_and_sends_again_as_an_outbox_does(void **state)
{
	static struct frame_items items;
	struct fix fix = { .at.ms = NOON, .accuracy_m = 5 };
	uint8_t help_bytes[64];
	struct help help = { .at.ms = NOON };
	struct outbox_range range;
	struct mp_writer w;
	struct frame frame;
	struct item item;
	struct queue q;
	uint64_t seq;

	(void)state;
	queue_init(&q);
	for (int i = 0; i < 10; i++, fix.at.ms += 1000)
		assert_int_equal(queue_add_fix(&q, 7, &fix, &seq), 0);
	assert_int_equal(queue_add_fix(&q, 8, &fix, &seq), 0);
	assert_int_equal(seq, 0);
	mp_writer_init(&w, help_bytes, sizeof(help_bytes));
	help_encode(&help, &w);
	queue_add(&q, STREAM_HELP, 8, NOON, help_bytes, w.len, &seq);
	assert_int_equal(q.unacked, 12);

	cut(&q, STREAM_POS, &frame, &items);
	assert_int_equal(frame.epoch, 7);
	assert_int_equal(frame.count, 10);
	queue_acknowledge(&q, STREAM_POS, 7, 6);
	assert_int_equal(q.unacked, 6);
	queue_acknowledge(&q, STREAM_POS, 7, 99);
	assert_true(queue_next(&q, STREAM_POS, &range));
	assert_int_equal(range.epoch, 8);
	queue_acknowledge(&q, STREAM_POS, 8, 1);
	queue_acknowledge(&q, STREAM_HELP, 8, 1);
	assert_int_equal(q.unacked, 0);

	/* Fixes are gone and become a gap; what is not fixes is kept. */
	queue_raise(&q, NOON);
	assert_int_equal(q.unacked, 1);
	cut(&q, STREAM_POS, &frame, &items);
	assert_int_equal(frame.epoch, 7);
	assert_int_equal(frame_items_next(&items, &item), 1);
	assert_int_equal(item.kind, ITEM_GAP);
	assert_int_equal(item.gap.count, 10);
	assert_int_equal(item.gap.reason, GAP_FORGOTTEN);
	assert_int_equal(frame_items_next(&items, &item), 0);
	cut(&q, STREAM_HELP, &frame, &items);
	assert_int_equal(frame.count, 1);
	queue_release(&q);
}

/* ---- a cart and a guild that answers ---- */

struct guild_end {
	struct cart *cart;
	uint64_t next[STREAM_COUNT];
	uint64_t sales, frames;
	bool deaf;
	struct ack acks[STREAM_COUNT]; /* one frame a stream is under way */
	size_t ack_count;
};

static void
guild_hears(void *ctx, size_t index, const char *what, const void *bytes,
    size_t len, bool retain)
{
	static struct frame_items items;
	struct guild_end *g = ctx;
	struct decode_error error;
	struct frame frame;
	struct item item;
	enum stream stream;

	(void)index;
	if (retain || g->deaf)
		return;
	assert_int_equal(stream_parse(what, strlen(what), &stream), 0);
	assert_int_equal(frame_decode(bytes, len, &frame, &error), 0);
	assert_int_equal(frame.first_seq, g->next[stream]);
	frame_items_init(&items, &frame, stream);
	while (frame_items_next(&items, &item) == 1)
		g->sales += item.kind == ITEM_SALE && item.sale.confirmed;
	g->next[stream] += frame.count;
	g->frames++;
	g->acks[g->ack_count++] = (struct ack){ frame.ledger, stream,
		frame.epoch, frame.first_seq, frame.first_seq + frame.count,
		NOON };
}

static void
answer(struct guild_end *g, struct world *w, struct moment *now)
{
	uint8_t buf[ACK_BYTES_MAX];
	int len;

	while (g->ack_count > 0) {
		len = ack_encode(&g->acks[--g->ack_count], buf, sizeof(buf));
		assert_true(len > 0);
		now->us += 1000;
		cart_take_ack(g->cart, w, now, buf, (size_t)len);
	}
}

static void
a_cart_sells_over_the_link_and_its_books_say_so(void **state)
{
	struct settings settings = { .first = 41,
		.prefix = (char[]){ "S" },
		.seed = 2,
		.ack_timeout_ms = 2000,
		.heartbeat_s = 30,
		.abandoned = 100 };
	char path[] = "/tmp/test-sim-XXXXXX", line[1024];
	struct guild_end g = { .deaf = true };
	static struct world w;
	static struct cart cart;
	struct moment now = { 1000000, NOON };
	uint64_t lines = 0, folios = 0;
	FILE *file;

	(void)state;
	assert_int_not_equal(close(mkstemp(path)), -1);
	w = (struct world){ .settings = &settings,
		.books = books_open(path),
		.tally = tally_new(),
		.boot = 5,
		.send = guild_hears,
		.ctx = &g };
	g.cart = &cart;
	assert_int_equal(cart_init(&cart, &w, 1), 0);
	assert_string_equal(cart.plate, "S0000042");
	/* Nothing is sent before a connection and the guild's word. */
	cart_sell(&cart, &w, &now);
	cart_connected(&cart, &w, &now);
	assert_int_equal(w.tally->frames, 0);
	cart_take_guild(
	    &cart, &w, &now, &(struct guild){ .ledger = 9, .since_ms = -1 });
	assert_true(w.tally->frames > 0);
	/* The guild was deaf: after the wait it comes again. */
	g.deaf = false;
	now.us = cart_due_us(&cart, &w);
	assert_true(now.us <= 1000000 + 2400000);
	cart_pump(&cart, &w, &now);
	assert_true(w.tally->resent > 0);
	answer(&g, &w, &now);
	for (int i = 0; i < 200; i++) {
		now.us += 50000;
		now.at_ms += 50;
		cart_sell(&cart, &w, &now);
		answer(&g, &w, &now);
		cart_move(&cart, &w, &now);
		answer(&g, &w, &now);
		cart_pump(&cart, &w, &now);
		answer(&g, &w, &now);
	}
	for (int i = 0; i < 10 && !cart_done(&cart); i++) {
		now.us += 6000000;
		cart_pump(&cart, &w, &now);
		answer(&g, &w, &now);
	}
	assert_true(cart_done(&cart));
	assert_int_equal(w.tally->folios + w.tally->abandoned, 201);
	assert_int_equal(g.sales, w.tally->folios);

	assert_int_equal(books_close(w.books), 0);
	file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL) {
		json_t *o = json_loads(line, 0, NULL);

		assert_non_null(o);
		assert_string_equal(
		    json_string_value(json_object_get(o, "cart")), "S0000042");
		folios += json_is_string(json_object_get(o, "folio"));
		lines++;
		json_decref(o);
	}
	fclose(file);
	unlink(path);
	assert_int_equal(lines, 201);
	assert_int_equal(folios, w.tally->folios);
	free(w.tally);
	cart_release(&cart);
}

/* ---- the network ---- */

static void
what_is_delayed_arrives_in_the_order_of_its_time(void **state)
{
	struct dice dice = dice_new(1, 1);
	struct delay delay = { .count = 0 };
	struct delayed *m;
	int64_t last = 0, n = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		struct delayed head = { .due_us = dice_below(&dice, 5000) + 1 };

		assert_true(delay_add(&delay, &head, "x", 1));
	}
	assert_null(delay_take(&delay, 0));
	while ((m = delay_take(&delay, 2500)) != NULL) {
		assert_true(m->due_us >= last && m->due_us <= 2500);
		last = m->due_us;
		free(m);
		n++;
	}
	assert_true(n > 300 && n < 700);
	assert_int_equal(delay.count, 1000 - n);
	delay_release(&delay);
}

static void
passwords_are_found_by_name(void **state)
{
	char path[] = "/tmp/test-sim-XXXXXX";
	struct passwords p;
	int fd = mkstemp(path);

	(void)state;
	assert_int_equal(write(fd, "B:two:too\nA:one\n\n", 17), 17);
	close(fd);
	assert_int_equal(passwords_read(&p, path), 0);
	assert_string_equal(passwords_find(&p, "A"), "one");
	assert_string_equal(passwords_find(&p, "B"), "two:too");
	assert_null(passwords_find(&p, "C"));
	passwords_release(&p);
	unlink(path);
	assert_int_equal(passwords_read(&p, ""), 0);
	assert_null(passwords_find(&p, "A"));
}

static void
percentiles_are_of_what_was_tallied(void **state)
{
	struct tally *t = tally_new();

	(void)state;
	assert_non_null(t);
	assert_true(tally_percentile_ms(t, 50) == 0);
	for (int i = 100; i > 0; i--)
		tally_latency(t, i * 1000);
	assert_true(tally_percentile_ms(t, 50) == 51);
	assert_true(tally_percentile_ms(t, 99) == 100);
	free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_cart_walks_no_faster_than_a_person_and_stays_near_home),
		cmocka_unit_test(the_same_seed_walks_the_same_way),
		cmocka_unit_test(
		    levels_follow_every_change_and_never_go_below_nothing),
		cmocka_unit_test(
		    a_sale_is_taken_back_at_most_once_and_repeats_keep_their_content),
		cmocka_unit_test(
		    customers_are_written_in_more_ways_than_one_or_not_at_all),
		cmocka_unit_test(
		    the_queue_sends_acknowledges_and_sends_again_as_an_outbox_does),
		cmocka_unit_test(
		    a_cart_sells_over_the_link_and_its_books_say_so),
		cmocka_unit_test(
		    what_is_delayed_arrives_in_the_order_of_its_time),
		cmocka_unit_test(passwords_are_found_by_name),
		cmocka_unit_test(percentiles_are_of_what_was_tallied),
	};

	return cmocka_run_group_tests_name("sim", tests, NULL, NULL);
}
