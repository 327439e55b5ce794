/*
 * The real outbox, link and frames in worlds of chance: kills, flash cards
 * that roll back, a file too small for all, a bad network, a guild that
 * loses its memory.  At the end the guild's books must be right.
 */
#include "tests/unit/outbox_fixture.h"

#include "lib/link.h"
#include "tools/sim/dice.h"

#define EPOCHS 64
#define NUMBERS 8192
#define COPIES 16
#define SALES 2048
#define NO_ROOM UINT64_MAX

struct chances {
	bool lie, loss;
	int64_t max_bytes;
	int fixes_a_step;
};

struct frame_copy {
	bool used;
	enum stream stream;
	size_t len;
	uint8_t *bytes;
};

/* What the guild knows of a stream's epoch. */
struct guild_row {
	uint64_t next;
	uint64_t content[NUMBERS]; /* 0: none */
	bool missing[NUMBERS];
	bool explained[NUMBERS]; /* a gap told why */
};

struct play {
	struct fixture f;
	struct dice dice;
	struct chances chances;
	struct link link;
	int64_t now_ms;
	uint64_t contents;
	bool has_flash;
	struct frame_copy frames[COPIES];
	struct ack acks[COPIES];
	size_t ack_count;
	uint64_t ledger, heard;
	/* epochs as both sides name them */
	uint64_t epochs[EPOCHS];
	size_t epoch_count;
	uint64_t given[EPOCHS][STREAM_COUNT][NUMBERS]; /* by the cart */
	struct guild_row rows[EPOCHS][STREAM_COUNT];
	struct {
		size_t epoch;
		uint64_t seq;
	} sales[SALES];
	size_t sale_count;
	uint64_t counted_twice;
	uint64_t gave_way; /* gaps of a full file */
};

static size_t
epoch_index(struct play *p, uint64_t epoch)
{
	for (size_t i = 0; i < p->epoch_count; i++) {
		if (p->epochs[i] == epoch)
			return i;
	}
	assert_true(p->epoch_count < EPOCHS);
	p->epochs[p->epoch_count] = epoch;
	return p->epoch_count++;
}

static int
below(struct play *p, int n)
{
	return (int)dice_below(&p->dice, (uint32_t)n);
}

/* ---- the cart ---- */

static void
begin_link(struct play *p)
{
	static const struct link_timing timing = { 2000, 5000 };

	link_init(
	    &p->link, &timing, outbox_ledger(p->f.ob), dice_throw(&p->dice));
}

static void
give(struct play *p, enum stream stream, uint64_t seq, uint64_t content)
{
	size_t e = epoch_index(p, outbox_epoch(p->f.ob));

	assert_true(seq < NUMBERS);
	/* A number means one event, for ever. */
	assert_int_equal(p->given[e][stream][seq], 0);
	p->given[e][stream][seq] = content;
}

/* The content is told by the amount, or by the longitude. */
static void
sell(struct play *p)
{
	uint64_t content = ++p->contents, seq, stock_seq;
	struct outbox *ob = p->f.ob;
	uint8_t item[ITEM_BYTES_MAX];
	bool fits = false;
	size_t len;

	assert_int_equal(outbox_begin(ob), 0);
	len = sale_item(p->now_ms, (int64_t)content, item);
	if (outbox_append(ob, STREAM_SALE, at_ms(p->now_ms), item, len, &seq) ==
	    0) {
		len = stock_item(p->now_ms, (int32_t)content, item);
		fits = outbox_append(ob, STREAM_STOCK, at_ms(p->now_ms), item,
			   len, &stock_seq) == 0;
	}
	if (!fits)
		assert_int_equal(errno, ENOSPC);
	/* The POS changed its mind; or there was no room. */
	if (!fits || below(p, 10) == 0) {
		outbox_rollback(ob);
		return;
	}
	assert_int_equal(outbox_commit(ob, OUTBOX_SYNC), 0);
	give(p, STREAM_SALE, seq, content);
	give(p, STREAM_STOCK, stock_seq, content);
	if (p->sale_count < SALES) {
		p->sales[p->sale_count].epoch = epoch_index(
		    p, outbox_epoch(ob));
		p->sales[p->sale_count++].seq = seq;
	}
}

static void
walk(struct play *p)
{
	uint64_t content, seq;

	for (int i = below(p, p->chances.fixes_a_step) + 1; i > 0; i--) {
		struct fix fix = walking(0);

		content = ++p->contents;
		p->now_ms += 1000;
		fix.at.ms = p->now_ms;
		fix.lon_e6 = (int32_t)content;
		assert_int_equal(add_fix(p->f.ob, &fix, &seq), 0);
		give(p, STREAM_POS, seq, content);
	}
}

static void
send(struct play *p, enum stream stream)
{
	struct frame_copy *copy = &p->frames[below(p, COPIES)];
	struct outbox_range range;
	uint64_t next, max = (uint64_t)below(p, 3) * 20;
	size_t len;
	int rc = outbox_next(p->f.ob, stream, &range);

	assert_int_not_equal(rc, -1);
	if (rc == 0)
		return;
	assert_int_equal(outbox_cut(p->f.ob, stream, &range, p->link.ledger,
			     max, p->f.frame, sizeof(p->f.frame), &len, &next),
	    0);
	link_sent(
	    &p->link, stream, range.epoch, range.first_seq, next, p->now_ms);
	free(copy->bytes);
	*copy = (struct frame_copy){ true, stream, len, malloc(len) };
	memcpy(copy->bytes, p->f.frame, len);
}

static void
pump(struct play *p)
{
	for (int s = 0; s < STREAM_COUNT; s++) {
		enum stream stream = (enum stream)s;

		if (link_may_send(&p->link, stream) ||
		    link_must_resend(&p->link, stream, p->now_ms))
			send(p, stream);
	}
}

static void
take_ack(struct play *p)
{
	struct outbox_range range = { 0, 0, 0 };
	const struct ack *ack;
	uint64_t let_go;
	size_t at;

	if (p->ack_count == 0)
		return;
	at = (size_t)below(p, (int)p->ack_count);
	ack = &p->acks[at];
	assert_int_not_equal(
	    outbox_range_of(p->f.ob, ack->stream, ack->epoch, &range), -1);
	if (link_ack(&p->link, ack, range.first_seq, range.end_seq, &let_go) ==
	    LINK_HEEDED)
		assert_int_equal(outbox_acknowledge(
				     p->f.ob, ack->stream, ack->epoch, let_go),
		    0);
	if (below(p, 3) > 0)
		p->acks[at] = p->acks[--p->ack_count];
}

static void
hear_guild(struct play *p)
{
	if (p->ledger <= outbox_ledger(p->f.ob))
		return;
	assert_int_equal(outbox_raise(p->f.ob, p->ledger, 0), 0);
	link_raise(&p->link, p->ledger);
}

/* What a power cut leaves: the files as they are, or as they were. */
static void
die(struct play *p, const char *image)
{
	char line[200];

	shell(&p->f,
	    "rm -rf ${D:?}/now && mkdir $D/now && cp $D/outbox.db* $D/now");
	outbox_close(p->f.ob);
	snprintf(line, sizeof(line),
	    "rm ${D:?}/outbox.db* && cp $D/%s/outbox.db* $D", image);
	shell(&p->f, line);
	fixture_open(&p->f);
	assert_false(p->f.damaged);
	begin_link(p);
}

static void
disaster(struct play *p)
{
	if (p->epoch_count > EPOCHS - 4)
		return;
	switch (below(p, 4)) {
	case 0:
		fixture_reopen(&p->f);
		begin_link(p);
		break;
	case 1:
		die(p, "now");
		break;
	case 2:
		if (p->chances.lie && p->has_flash)
			die(p, "flash");
		break;
	default:
		if (!p->chances.lie)
			break;
		shell(&p->f,
		    "rm -rf ${D:?}/flash && mkdir $D/flash &&"
		    " cp $D/outbox.db* $D/flash");
		p->has_flash = true;
	}
}

/* ---- the guild ---- */

static void
hear(struct play *p, struct guild_row *row, const uint64_t *given, uint64_t seq,
    uint64_t content)
{
	assert_true(seq < NUMBERS);
	if (content != 0)
		assert_int_equal(content, given[seq]);
	if (seq >= row->next) {
		/* P2, as long as the guild remembers all. */
		if (seq > row->next)
			assert_true(p->ledger > 1);
		for (; row->next < seq; row->next++)
			row->missing[row->next] = true;
		row->next = seq + 1;
		row->missing[seq] = content == 0;
	} else if (content == 0 || !row->missing[seq]) {
		/* Known, or another explanation. */
		if (content != 0 && row->content[seq] != content)
			fail_msg("dropped as a duplicate, never counted");
		return;
	}
	if (content == 0) {
		row->explained[seq] = true;
		return;
	}
	row->missing[seq] = false;
	p->counted_twice += row->content[seq] != 0;
	row->content[seq] = content;
}

static void
read_frame(struct play *p, const struct frame_copy *copy, struct frame *frame)
{
	struct decode_error error;
	struct guild_row *row;
	const uint64_t *given;
	struct item item;
	size_t e;

	assert_int_equal(
	    frame_decode(copy->bytes, copy->len, frame, &error), 0);
	e = epoch_index(p, frame->epoch);
	row = &p->rows[e][copy->stream];
	given = p->given[e][copy->stream];
	frame_items_init(&p->f.items, frame, copy->stream);
	while (next_item(&p->f, &item)) {
		p->gave_way += item.kind == ITEM_GAP &&
		    item.gap.reason == GAP_FULL;
		for (uint64_t i = 0; i < item.count; i++) {
			uint64_t content = 0;

			if (item.kind == ITEM_FIXES)
				content = (uint64_t)item.fixes[i].lon_e6;
			else if (item.kind == ITEM_SALE)
				content = (uint64_t)item.sale.lines[0].amount;
			else if (item.kind == ITEM_STOCK)
				content = (uint64_t)item.stock.level;
			hear(p, row, given, item.seq + i, content);
		}
	}
}

static void
bridge(struct play *p, bool sure)
{
	struct frame_copy *copy = &p->frames[below(p, COPIES)];
	struct frame frame;

	if (!copy->used || (!sure && below(p, 5) == 0))
		return;
	read_frame(p, copy, &frame);
	copy->used = !sure && below(p, 4) == 0;
	if (!sure && below(p, 5) == 0)
		return; /* it died before the ack */
	if (p->ack_count == COPIES)
		p->ack_count--;
	p->acks[p->ack_count++] = (struct ack){ frame.ledger, copy->stream,
		frame.epoch, frame.first_seq, frame.first_seq + frame.count,
		0 };
}

static void
lose_everything(struct play *p)
{
	p->ledger++;
	memset(p->rows, 0, sizeof(p->rows));
}

/* ---- the play ---- */

static void
step(struct play *p)
{
	int what = below(p, 100);

	p->now_ms += below(p, 2000);
	if (what < 10)
		sell(p);
	else if (what < 30)
		walk(p);
	else if (what < 50)
		pump(p);
	else if (what < 70)
		bridge(p, false);
	else if (what < 85)
		take_ack(p);
	else if (what < 90)
		assert_int_equal(outbox_flush(p->f.ob), 0);
	else if (what < 92)
		hear_guild(p);
	else if (what < 93 && p->chances.loss && p->ledger < 4)
		lose_everything(p);
	else if (what < 95)
		disaster(p);
}

static void
calm_down(struct play *p)
{
	struct outbox_range range;
	bool more = true;

	for (int i = 0; i < 20000 && more; i++) {
		p->now_ms += 1000;
		hear_guild(p);
		pump(p);
		bridge(p, true);
		take_ack(p);
		more = false;
		for (int s = 0; s < STREAM_COUNT; s++)
			more |= outbox_next(p->f.ob, (enum stream)s, &range) ==
			    1;
	}
	assert_false(more);
	assert_int_equal(outbox_depth(p->f.ob, STREAM_COUNT), 0);
}

static void
judge(struct play *p)
{
	uint8_t item[ITEM_BYTES_MAX];
	size_t len, lost = 0;

	assert_int_equal(p->counted_twice, 0);
	for (size_t i = 0; i < p->sale_count; i++) {
		size_t e = p->sales[i].epoch;
		uint64_t seq = p->sales[i].seq;
		bool counted = p->rows[e][STREAM_SALE].content[seq] != 0;
		int held = outbox_event(p->f.ob, STREAM_SALE, p->epochs[e], seq,
		    item, sizeof(item), &len);

		if (held == 1 && !counted)
			fail_msg("held, and not in the books");
		lost += !counted;
	}
	/* Only a lying card, or a lost guild whose carts had no room to
	 * keep what it had acknowledged, can cost a sale. */
	if (!p->chances.lie && !p->chances.loss)
		assert_int_equal(lost, 0);
	for (size_t e = 0; e < p->epoch_count; e++) {
		for (int s = 0; s < STREAM_COUNT; s++) {
			const struct guild_row *row = &p->rows[e][s];

			/* Every hole is explained, once all is told. */
			for (uint64_t n = 0; n < row->next; n++)
				assert_true(!row->missing[n] ||
				    row->explained[n] || p->chances.lie);
		}
	}
}

/* How many gaps of a full file were told, in all seeds. */
static uint64_t
run(const struct chances *chances, uint64_t seeds)
{
	static struct play p;
	uint64_t gave_way = 0;

	for (uint64_t seed = 1; seed <= seeds; seed++) {
		void *state;

		memset(&p, 0, sizeof(p));
		p.chances = *chances;
		p.dice = dice_new(seed, 3);
		p.now_ms = NOON;
		p.ledger = 1;
		assert_int_equal(fixture_setup(&state), 0);
		p.f = *(struct fixture *)state;
		free(state);
		p.f.settings.path = p.f.path;
		p.f.settings.max_bytes = chances->max_bytes;
		fixture_reopen(&p.f);
		hear_guild(&p);
		begin_link(&p);
		for (int i = 0; i < 400; i++)
			step(&p);
		calm_down(&p);
		judge(&p);
		outbox_close(p.f.ob);
		shell(&p.f, "rm -rf \"${D:?}\"");
		for (int i = 0; i < COPIES; i++)
			free(p.frames[i].bytes);
		gave_way += p.gave_way;
	}
	return gave_way;
}

static void
kills_and_a_bad_network_cost_nothing(void **state)
{
	(void)state;
	run(&(struct chances){ .max_bytes = 1 << 26, .fixes_a_step = 3 }, 15);
}

static void
a_file_too_small_costs_fixes_and_says_so(void **state)
{
	(void)state;
	assert_true(
	    run(&(struct chances){ .max_bytes = 1, .fixes_a_step = 400 }, 8) >
	    100);
}

static void
a_lying_card_costs_what_was_never_sent_at_most(void **state)
{
	(void)state;
	run(
	    &(struct chances){
		.lie = true, .max_bytes = 1 << 26, .fixes_a_step = 3 },
	    15);
}

static void
a_guild_that_lost_its_memory_gets_all_that_is_held(void **state)
{
	(void)state;
	run(
	    &(struct chances){
		.loss = true, .max_bytes = 1 << 26, .fixes_a_step = 3 },
	    10);
	run(&(struct chances){ .lie = true,
		.loss = true,
		.max_bytes = 1 << 26,
		.fixes_a_step = 3 },
	    15);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kills_and_a_bad_network_cost_nothing),
		cmocka_unit_test(a_file_too_small_costs_fixes_and_says_so),
		cmocka_unit_test(
		    a_lying_card_costs_what_was_never_sent_at_most),
		cmocka_unit_test(
		    a_guild_that_lost_its_memory_gets_all_that_is_held),
	};

	return cmocka_run_group_tests_name("outbox, chance", tests, NULL, NULL);
}
