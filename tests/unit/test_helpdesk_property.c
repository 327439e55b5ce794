/*
 * A million words by chance about support tickets: no illegal state, no word
 * lost or taken twice, the same story when the log is played again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "backend/rules/helpdesk.h"
#include "tests/unit/chance.h"

#define EVENTS 1000000
#define SEED 20261122
#define START INT64_C(1795190400000)
#define SLOTS 64 /* tickets remembered; an old one gives way to a new one */
#define WORDS 64 /* that may be said of one, each any number of times */

/* What a role keeps: tickets, and which words were taken. */
struct slot {
	bool there;
	struct helpdesk_ticket ticket;
	uint64_t kept; /* words taken or refused: a bit each */
	uint32_t taken; /* of those: replies and resolutions */
};
struct desk_world {
	struct slot slots[SLOTS];
	uint32_t serial[SLOTS]; /* of the ticket in the slot */
	uint64_t hash, told;
	uint64_t verdicts[HELPDESK_REFUSED + 1];
	uint64_t moves[TICKET_STATES][TICKET_STATES];
	uint64_t unknown; /* words about tickets that are not there */
	const char *wrong;
};

struct desk_event {
	uint32_t slot, number;
	bool renew; /* the slot is another ticket from here on */
	struct ticket_word word;
};

static void
must(struct desk_world *w, bool holds, const char *rule)
{
	if (!holds && w->wrong == NULL)
		w->wrong = rule;
}

static void
draw(uint64_t *seed, int64_t *now_ms, struct desk_event *ev)
{
	static const char *const texts[] = { "", "no gas", "which one?", "done",
		"and now?" };
	struct ticket_word *word = &ev->word;
	uint32_t kind = chance(seed, 10);

	memset(ev, 0, sizeof(*ev));
	/* Records' times may go back a little: another bridge's clock. */
	*now_ms += (int64_t)chance(seed, 1000) - 100;
	ev->slot = chance(seed, SLOTS);
	ev->number = chance(seed, WORDS);
	ev->renew = chance(seed, 2) == 0;
	word->act = kind < 3 ? TICKET_OPEN
	    : kind < 8	     ? TICKET_REPLY
			     : TICKET_RESOLVE;
	word->at_ms = *now_ms;
	snprintf(word->word, sizeof(word->word), "W%u", ev->number);
	snprintf(word->by, sizeof(word->by), "Rosa");
	snprintf(word->text, sizeof(word->text), "%s",
	    texts[word->act == TICKET_OPEN ? 1 : chance(seed, 5)]);
	/* Tickets of every fourth slot are of no cart. */
	if (ev->slot % 4 != 0)
		snprintf(word->cart, sizeof(word->cart), "CART%02u",
		    chance(seed, 30) == 0 ? 99 : ev->slot);
}

/* What is told of a change, as one hash over all. */
static void
tell(struct desk_world *w, uint32_t slot, const struct helpdesk_ticket *t)
{
	uint64_t said[] = { w->serial[slot], slot, t->state, t->revision,
		t->replies, (uint64_t)t->changed_ms };

	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++)
		w->hash = (w->hash ^ said[i]) * UINT64_C(0x100000001b3);
	w->told++;
}

/* A change is a legal one, and counted once. */
static void
check_change(struct desk_world *w, const struct helpdesk_ticket *before,
    const struct helpdesk_ticket *after, const struct ticket_word *word,
    enum helpdesk_verdict verdict)
{
	static const bool legal[TICKET_STATES][TICKET_STATES] = {
		[TICKET_IS_OPEN] = { [TICKET_IN_PROGRESS] = true,
		    [TICKET_RESOLVED] = true },
		[TICKET_IN_PROGRESS] = { [TICKET_IN_PROGRESS] = true,
		    [TICKET_RESOLVED] = true },
	};

	w->moves[before->state][after->state]++;
	must(w, legal[before->state][after->state], "a legal move");
	must(w, (before->state != after->state) == (verdict == HELPDESK_MOVED),
	    "moved says that the state is another");
	must(w, after->revision == before->revision + 1, "revisions count up");
	must(w, after->changed_ms >= before->changed_ms,
	    "time does not go back");
	must(w, after->replies - before->replies == (word->act == TICKET_REPLY),
	    "each reply is counted once");
	must(w, word->act != TICKET_REPLY || word->text[0] != '\0',
	    "a reply has words");
	must(w,
	    strcmp(before->id, after->id) == 0 &&
		strcmp(before->cart, after->cart) == 0 &&
		strcmp(before->text, after->text) == 0 &&
		before->opened_ms == after->opened_ms,
	    "who asked, and what, stays");
}

static void
say_it(struct desk_world *w, const struct desk_event *ev)
{
	struct slot *slot = &w->slots[ev->slot];
	struct helpdesk_ticket before = slot->ticket;
	uint64_t bit = UINT64_C(1) << ev->number;
	struct helpdesk_why why, judged_why;
	enum helpdesk_verdict verdict, judged;

	if (ev->word.act != TICKET_OPEN && (slot->kept & bit) != 0)
		return; /* the store's unique key */
	judged = helpdesk_judge(&slot->ticket, &ev->word, &judged_why);
	verdict = helpdesk_say(&slot->ticket, &ev->word, &why);
	w->verdicts[verdict]++;
	must(w, judged == verdict && strcmp(judged_why.text, why.text) == 0,
	    "who asks hears what will be");
	must(w, (verdict == HELPDESK_REFUSED) == (why.text[0] != '\0'),
	    "a refusal has words, and nothing else has");
	if (verdict == HELPDESK_SAME || verdict == HELPDESK_REFUSED) {
		must(w, memcmp(&before, &slot->ticket, sizeof(before)) == 0,
		    "nothing changed");
		if (verdict == HELPDESK_REFUSED)
			slot->kept |= bit;
		return;
	}
	check_change(w, &before, &slot->ticket, &ev->word, verdict);
	slot->kept |= bit;
	slot->taken++;
	must(w, slot->ticket.revision == slot->taken,
	    "no word is lost, none is taken twice");
	tell(w, ev->slot, &slot->ticket);
}

static void
apply(struct desk_world *w, const struct desk_event *drawn)
{
	struct slot *slot = &w->slots[drawn->slot];
	struct desk_event ev = *drawn;
	struct helpdesk_why why;

	if (slot->there && ev.renew && ev.word.act == TICKET_OPEN) {
		memset(slot, 0, sizeof(*slot));
		w->serial[ev.slot]++;
	}
	snprintf(ev.word.ticket, sizeof(ev.word.ticket), "T%u-%u", ev.slot,
	    w->serial[ev.slot]);
	if (slot->there) {
		say_it(w, &ev);
		return;
	}
	if (helpdesk_open(&slot->ticket, &ev.word, &why) != HELPDESK_MOVED) {
		must(w, ev.word.act != TICKET_OPEN, "a ticket can be opened");
		w->unknown++;
		return;
	}
	must(w, ev.word.act == TICKET_OPEN, "nothing else opens one");
	must(w, slot->ticket.state == TICKET_IS_OPEN, "it begins as open");
	slot->there = true;
	tell(w, ev.slot, &slot->ticket);
}

static struct desk_world world, committed;

static void
no_illegal_state_and_no_lost_word(void **state)
{
	int64_t now_ms = START;
	uint64_t seed = SEED;
	struct desk_event ev;

	(void)state;
	memset(&world, 0, sizeof(world));
	for (int i = 0; i < EVENTS; i++) {
		draw(&seed, &now_ms, &ev);
		apply(&world, &ev);
		if (world.wrong != NULL)
			fail_msg("event %d: %s", i, world.wrong);
	}
	/* All of it happened, and often. */
	for (int v = 0; v <= HELPDESK_REFUSED; v++)
		assert_true(world.verdicts[v] > 1000);
	assert_true(world.moves[TICKET_IS_OPEN][TICKET_IN_PROGRESS] > 1000);
	assert_true(world.moves[TICKET_IS_OPEN][TICKET_RESOLVED] > 1000);
	assert_true(world.moves[TICKET_IN_PROGRESS][TICKET_IN_PROGRESS] > 1000);
	assert_true(world.moves[TICKET_IN_PROGRESS][TICKET_RESOLVED] > 1000);
	assert_true(world.unknown > 10);
}

/* How a log is played again. */
enum again { AS_IT_WAS, EACH_WORD_TWICE, WITH_CRASHES };

static void
play(enum again again, uint64_t *hash, uint64_t *told)
{
	uint64_t seed = SEED, committed_seed = SEED, luck = 7;
	int64_t now_ms = START, committed_now = START;
	struct desk_event ev;
	int committed_i = 0;

	memset(&world, 0, sizeof(world));
	committed = world;
	for (int i = 0; i < EVENTS; i++) {
		draw(&seed, &now_ms, &ev);
		apply(&world, &ev);
		ev.renew = false;
		if (again == EACH_WORD_TWICE)
			apply(&world, &ev);
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
	*told = world.told;
}

static void
the_same_story_when_the_log_is_played_again(void **state)
{
	uint64_t hash, told, hash_again, told_again;

	(void)state;
	play(AS_IT_WAS, &hash, &told);
	assert_true(told > EVENTS / 10);
	for (enum again a = AS_IT_WAS; a <= WITH_CRASHES; a++) {
		play(a, &hash_again, &told_again);
		assert_int_equal(told_again, told);
		assert_true(hash_again == hash);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_illegal_state_and_no_lost_word),
		cmocka_unit_test(the_same_story_when_the_log_is_played_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
