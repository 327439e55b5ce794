/*
 * link_world: one cart and its guild, played by chance: the sales stream of
 * tests/model/link.pml with the real link state machine in it, in worlds
 * larger than a model checker can go through.  The network loses, repeats
 * and reorders; the cart restarts, and its flash may roll it back; the guild
 * may lose log and books and raise its ledger.
 *
 * The properties carry the model's names: P1 nothing held is lost or counted
 * twice, P2 no false gap, P3 nothing is let go that Kafka does not have; and
 * once calm, the books come right.
 */
#ifndef PREGON_TESTS_LINK_WORLD_H
#define PREGON_TESTS_LINK_WORLD_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lib/link.h"
#include "tools/sim/dice.h"

#define EPOCHS 6
#define EVENTS 16
#define COPIES 48 /* of frames, and of acks, under way */
#define LOG 4096
#define FRAME_EVENTS 5

struct world_rules {
	bool lie; /* a crash may roll the outbox back */
	bool loss; /* the guild loses everything, and raises its ledger */
	bool retain; /* acknowledged events leave the outbox with age */
	/* mutants: each must be caught */
	bool no_range; /* RANGE: acks are taken for all below them */
	bool no_ledger; /* LEDGER: acks of any ledger are heeded */
	bool same_epoch; /* SAMEEPOCH: a restart goes on numbering */
	bool ack_early; /* ACKEARLY: before Kafka has it */
	bool no_missing; /* RULE 0: what is below next is a duplicate */
};

/* What of the cart is in its file. */
struct cart_file {
	int next[EPOCHS], acked[EPOCHS], base[EPOCHS];
	uint64_t content[EPOCHS][EVENTS];
	uint64_t ledger;
};

struct copy {
	bool used;
	uint64_t ledger;
	int epoch, first, next;
	uint64_t content[FRAME_EVENTS];
};

struct record {
	int epoch, seq;
	uint64_t content;
};

struct world {
	struct dice dice;
	struct world_rules rules;
	struct cart_file cart, flash;
	int epoch; /* of this start */
	struct link link;
	int stays; /* how many copies of ten the network keeps */
	int64_t now_ms;
	uint64_t contents;
	struct copy frames[COPIES], acks[COPIES];
	/* the guild */
	uint64_t ledger;
	struct record log[LOG];
	int log_end, log_read;
	uint64_t in_log[EPOCHS][EVENTS];
	uint64_t counted[EPOCHS][EVENTS];
	bool missing[EPOCHS][EVENTS];
	int guild_next[EPOCHS];
	bool lost_once;
	const char *wrong; /* the property that broke, or NULL */
};

static inline void
breaks(struct world *w, const char *property)
{
	if (w->wrong == NULL)
		w->wrong = property;
}

static inline int
below(struct world *w, int n)
{
	return (int)dice_below(&w->dice, (uint32_t)n);
}

/* A free place for one more copy; where there is none, one is lost. */
static inline struct copy *
add_copy(struct world *w, struct copy copies[COPIES])
{
	for (int i = 0; i < COPIES; i++) {
		if (!copies[i].used)
			return &copies[i];
	}
	return &copies[below(w, COPIES)];
}

/* Any copy, in any order; it may stay, to come again. */
static inline bool
take_copy(struct world *w, struct copy copies[COPIES], struct copy *taken)
{
	int from = below(w, COPIES);

	for (int i = 0; i < COPIES; i++) {
		struct copy *c = &copies[(from + i) % COPIES];

		if (!c->used)
			continue;
		*taken = *c;
		c->used = below(w, 10) < w->stays;
		return true;
	}
	return false;
}

/* ---- the cart ---- */

static inline void
begin_link(struct world *w)
{
	static const struct link_timing timing = { 2000, 5000 };

	link_init(&w->link, &timing, w->cart.ledger, dice_throw(&w->dice));
	link_connected(&w->link, w->now_ms);
}

static inline void
world_init(struct world *w, uint64_t seed, const struct world_rules *rules)
{
	memset(w, 0, sizeof(*w));
	w->dice = dice_new(seed, 7);
	w->rules = *rules;
	w->stays = below(w, 10);
	w->ledger = w->cart.ledger = w->flash.ledger = 1;
	begin_link(w);
}

static inline void
sell(struct world *w)
{
	int e = w->epoch, s = w->cart.next[e];

	if (s == EVENTS)
		return;
	w->cart.content[e][s] = ++w->contents;
	w->cart.next[e]++;
}

static inline void
send(struct world *w)
{
	struct cart_file *c = &w->cart;
	struct copy *frame;
	int e = 0, count;

	while (e < EPOCHS && c->acked[e] >= c->next[e])
		e++;
	if (e == EPOCHS)
		return;
	count = 1 + below(w, FRAME_EVENTS);
	if (count > c->next[e] - c->acked[e])
		count = c->next[e] - c->acked[e];
	link_sent(&w->link, STREAM_SALE, (uint64_t)e + 1, (uint64_t)c->acked[e],
	    (uint64_t)(c->acked[e] + count), w->now_ms);
	frame = add_copy(w, w->frames);
	*frame = (struct copy){ true, w->link.ledger, e, c->acked[e],
		c->acked[e] + count, { 0 } };
	for (int i = 0; i < count; i++)
		frame->content[i] = c->content[e][c->acked[e] + i];
}

static inline void
pump(struct world *w)
{
	if (link_may_send(&w->link, STREAM_SALE) ||
	    link_must_resend(&w->link, STREAM_SALE, w->now_ms))
		send(w);
}

static inline void
take_ack(struct world *w, const struct copy *copy)
{
	struct cart_file *c = &w->cart;
	int e = copy->epoch;
	struct ack ack = { copy->ledger, STREAM_SALE, (uint64_t)e + 1,
		(uint64_t)copy->first, (uint64_t)copy->next, 0 };
	uint64_t let_go;

	if (w->rules.no_range)
		ack.first_seq = 0;
	if (w->rules.no_ledger)
		ack.ledger = w->link.ledger;
	if (link_ack(&w->link, &ack, (uint64_t)c->acked[e],
		(uint64_t)c->next[e], &let_go) == LINK_IGNORED)
		return;
	for (int s = c->acked[e]; s < (int)let_go; s++) {
		if (!w->lost_once && w->in_log[e][s] != c->content[e][s])
			breaks(w, "P3: let go of what is not in Kafka");
	}
	c->acked[e] = (int)let_go;
	pump(w);
}

static inline void
hear_guild(struct world *w)
{
	struct cart_file *c = &w->cart;

	if (c->ledger >= w->ledger)
		return;
	c->ledger = w->ledger;
	for (int e = 0; e < EPOCHS; e++)
		c->acked[e] = c->base[e];
	link_raise(&w->link, w->ledger);
	pump(w);
}

static inline void
restart(struct world *w, bool roll_back)
{
	if (w->epoch == EPOCHS - 1)
		return;
	if (roll_back)
		w->cart = w->flash;
	else
		w->flash = w->cart;
	if (!w->rules.same_epoch)
		w->epoch++;
	begin_link(w);
}

/* What is oldest and acknowledged goes. */
static inline void
forget(struct world *w)
{
	int e = 0;

	while (e < w->epoch && w->cart.base[e] >= w->cart.acked[e])
		e++;
	if (w->cart.base[e] < w->cart.acked[e])
		w->cart.base[e]++;
}

/* ---- the guild ---- */

static inline void
put_ack(struct world *w, const struct copy *frame)
{
	*add_copy(w, w->acks) = *frame;
}

static inline void
bridge(struct world *w, const struct copy *frame, bool dies)
{
	if (w->rules.ack_early) {
		put_ack(w, frame);
		if (dies)
			return;
	}
	for (int s = frame->first; s < frame->next && w->log_end < LOG; s++) {
		uint64_t content = frame->content[s - frame->first];

		w->log[w->log_end++] = (struct record){ frame->epoch, s,
			content };
		w->in_log[frame->epoch][s] = content;
	}
	if (!dies)
		put_ack(w, frame);
}

static inline void
count(struct world *w, const struct record *r)
{
	uint64_t *counted = &w->counted[r->epoch][r->seq];

	if (*counted != 0)
		breaks(w, "P1: counted twice");
	*counted = r->content;
}

static inline void
consume(struct world *w)
{
	const struct record *r;
	int *next;

	if (w->log_read == w->log_end)
		return;
	r = &w->log[w->log_read++];
	next = &w->guild_next[r->epoch];
	if (r->seq >= *next) {
		if (r->seq > *next && !w->lost_once)
			breaks(w, "P2: a gap that is none");
		for (; *next < r->seq; ++*next)
			w->missing[r->epoch][*next] = true;
		*next = r->seq + 1;
		count(w, r);
	} else if (!w->rules.no_missing && w->missing[r->epoch][r->seq]) {
		w->missing[r->epoch][r->seq] = false;
		count(w, r);
	} else if (w->counted[r->epoch][r->seq] != r->content) {
		breaks(w, "P1: dropped as a duplicate, never counted");
	}
}

static inline void
lose_everything(struct world *w)
{
	w->lost_once = true;
	w->ledger++;
	w->log_end = w->log_read = 0;
	memset(w->in_log, 0, sizeof(w->in_log));
	memset(w->counted, 0, sizeof(w->counted));
	memset(w->missing, 0, sizeof(w->missing));
	memset(w->guild_next, 0, sizeof(w->guild_next));
}

/* ---- chance ---- */

static inline void
world_step(struct world *w)
{
	struct copy copy;
	int what = below(w, 1000);

	w->now_ms += below(w, 400);
	if (what < 150) {
		sell(w);
		pump(w);
	} else if (what < 400) {
		pump(w);
	} else if (what < 600) {
		if (take_copy(w, w->frames, &copy) && below(w, 10) > 0)
			bridge(w, &copy, below(w, 5) == 0);
	} else if (what < 780) {
		if (take_copy(w, w->acks, &copy) && below(w, 10) > 0)
			take_ack(w, &copy);
	} else if (what < 880) {
		consume(w);
	} else if (what < 920) {
		hear_guild(w);
	} else if (what < 930) {
		link_connected(&w->link, w->now_ms);
	} else if (what < 935) {
		restart(w, false);
	} else if (what < 945 && w->rules.lie) {
		restart(w, true);
	} else if (what < 950 && w->rules.lie) {
		w->flash = w->cart; /* it really writes */
	} else if (what < 990 && w->rules.retain) {
		forget(w);
	} else if (what >= 990 && w->rules.loss && w->ledger < 6) {
		lose_everything(w);
	}
}

static inline bool
settled(const struct world *w)
{
	if (w->cart.ledger != w->ledger || w->log_read < w->log_end)
		return false;
	for (int e = 0; e < EPOCHS; e++) {
		if (w->cart.acked[e] < w->cart.next[e])
			return false;
	}
	return true;
}

/* No new disturbance: late copies still arrive, and things get through. */
static inline void
calm_down(struct world *w)
{
	struct copy copy;

	w->stays = 0;
	for (int i = 0; i < 20000 && !settled(w); i++) {
		w->now_ms += 500;
		hear_guild(w);
		pump(w);
		if (take_copy(w, w->frames, &copy))
			bridge(w, &copy, false);
		if (take_copy(w, w->acks, &copy))
			take_ack(w, &copy);
		while (w->log_read < w->log_end)
			consume(w);
	}
	if (!settled(w) && w->log_end < LOG)
		breaks(w, "live: the books do not come right");
}

static inline void
judge(struct world *w)
{
	for (int e = 0; e < EPOCHS; e++) {
		for (int s = w->cart.base[e]; s < w->cart.next[e]; s++) {
			if (w->counted[e][s] != w->cart.content[e][s])
				breaks(w, "P1: held, and not in the books");
			if (w->missing[e][s])
				breaks(w, "P2: a gap stays open");
		}
		for (int s = 0; s < EVENTS; s++) {
			if (w->in_log[e][s] != w->counted[e][s])
				breaks(w, "P1: in Kafka, not in the books");
			if (w->missing[e][s] && !w->rules.lie &&
			    !w->rules.retain)
				breaks(w, "P2: a gap stays open");
		}
	}
}

/* NULL, or what broke. */
static inline const char *
world_run(struct world *w, uint64_t seed, const struct world_rules *rules)
{
	world_init(w, seed, rules);
	for (int i = 0; i < 600 && w->wrong == NULL; i++)
		world_step(w);
	if (w->wrong == NULL)
		calm_down(w);
	/* A log that is full ends the world early: nothing to judge. */
	if (w->wrong == NULL && settled(w))
		judge(w);
	return w->wrong;
}

#endif
