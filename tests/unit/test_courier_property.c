/*
 * A million events by chance on a few hundred couriers at a time: what is told
 * is told once, nothing stale is told, and everything comes to an end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "backend/rules/courier.h"
#include "tests/unit/chance.h"

#define EVENTS 1000000
#define SEED UINT64_C(20261121)
#define PAIRS 200
#define S INT64_C(1000)

static const struct courier_rules rules = { 30 * S, 1800 * S, 14400 * S };

/* An alert and its end to one recipient, and what the recipient saw: it knows
 * nothing of states. */
struct pair {
	struct courier alert, end;
	bool has_end; /* the end came, and is news so far */
	bool is_over; /* the end came */
	bool arriving; /* the try under way has arrived in fact */
	bool end_arriving;
	int alerts, ends; /* that arrived */
	int alert_doubts; /* tries of it that nobody knows about */
	int64_t last_try_ms;
	uint32_t failures; /* in a row */
};

struct tally {
	uint64_t states[COURIER_STATES]; /* ends of alerts */
	uint64_t dropped_pairs, failed_meanwhile, doubled, told_ends;
};

static void
pair_begin(struct pair *p, int64_t now_ms)
{
	memset(p, 0, sizeof(*p));
	p->alert = (struct courier){ .born_ms = now_ms, .next_ms = now_ms };
}

static void
check(const struct pair *p, const struct courier *before,
    const struct courier *after, int64_t now_ms)
{
	/* What has come to an end stays there. */
	if (!courier_is_open(before->state))
		assert_int_equal(after->state, before->state);
	/* Whoever waits, waits within bounds. */
	if (after->state == COURIER_WAITING &&
	    before->state == COURIER_SENDING) {
		assert_true(after->next_ms > now_ms);
		assert_true(after->next_ms - after->born_ms < rules.give_up_ms);
	}
	/* Once certain that it arrived, it is never sent again. */
	assert_true(p->alerts <= 1 + p->alert_doubts);
	assert_true(after->tries >= before->tries);
}

/* A try under way ends, as chance has it. */
static struct courier_result
draw_result(uint64_t *seed, bool *arrived)
{
	static const enum courier_outcome outcomes[] = { OUTCOME_SENT,
		OUTCOME_SENT, OUTCOME_SENT, OUTCOME_LATER, OUTCOME_LATER,
		OUTCOME_AWAY, OUTCOME_AWAY, OUTCOME_REFUSED };
	struct courier_result result = {
		.outcome = outcomes[chance(seed, 40) % 8]
	};

	if (result.outcome == OUTCOME_REFUSED && chance(seed, 4) == 0)
		result.outcome = OUTCOME_NOBODY;
	*arrived = result.outcome == OUTCOME_SENT;
	if (result.outcome == OUTCOME_AWAY) {
		result.retry_after_ms = chance(seed, 3) == 0
		    ? (int64_t)chance(seed, 7200) * S
		    : 0;
		/* The answer was lost: it may have arrived or not. */
		result.doubtful = chance(seed, 2) == 0;
		*arrived = result.doubtful && chance(seed, 2) == 0;
	}
	return result;
}

/* The end of the alert came, or the alert ended in vain: what the role does. */
static void
settle_end(struct pair *p, struct tally *tally)
{
	if (p->has_end && !courier_is_open(p->alert.state) &&
	    !courier_end_is_news(&p->alert)) {
		if (courier_is_open(p->end.state))
			courier_over(&p->end);
		p->has_end = false;
		tally->failed_meanwhile++;
	}
}

static void
try_alert(struct pair *p, uint64_t *seed, int64_t now_ms, bool digest)
{
	bool was_over = p->is_over;

	if (digest ? p->alert.state != COURIER_HELD
		   : !courier_is_due(&p->alert, now_ms))
		return;
	if (!courier_hand_over(&p->alert, &rules, now_ms)) {
		assert_true(now_ms - p->alert.born_ms >= rules.give_up_ms);
		return;
	}
	/* Nothing stale: what is over is not handed over any more. */
	assert_false(was_over);
	assert_true(now_ms - p->alert.born_ms < rules.give_up_ms);
	(void)seed;
}

static void
end_try(struct pair *p, uint64_t *seed, int64_t now_ms)
{
	bool arrived;
	struct courier_result result = draw_result(seed, &arrived);

	if (p->alert.state == COURIER_SENDING) {
		p->alerts += arrived;
		p->alert_doubts += result.doubtful;
		courier_result(&p->alert, &rules, &result, now_ms,
		    chance(seed, UINT32_MAX));
		if (result.outcome == OUTCOME_LATER && !p->is_over &&
		    p->alert.state == COURIER_WAITING) {
			int64_t wait_ms = p->alert.next_ms - now_ms;

			assert_true(wait_ms <= rules.max_ms);
			assert_true(wait_ms >= rules.first_ms * 3 / 4);
		}
	} else if (p->end.state == COURIER_SENDING && p->has_end) {
		p->ends += arrived;
		courier_result(
		    &p->end, &rules, &result, now_ms, chance(seed, UINT32_MAX));
	}
}

static void
over(struct pair *p, int64_t now_ms)
{
	bool told = p->alert.state == COURIER_SENT;
	bool untried = p->alert.tries == 0;

	if (p->is_over)
		return;
	p->is_over = true;
	p->has_end = courier_over(&p->alert);
	/* Who was told hears of the end; who was never written to does not. */
	if (told)
		assert_true(p->has_end);
	if (untried)
		assert_false(p->has_end);
	if (p->has_end)
		p->end = (struct courier){ .born_ms = now_ms,
			.next_ms = now_ms };
}

/* The end waits until the alert's own fate is known. */
static void
try_end(struct pair *p, int64_t now_ms)
{
	if (p->has_end && !courier_is_open(p->alert.state) &&
	    courier_is_due(&p->end, now_ms))
		courier_hand_over(&p->end, &rules, now_ms);
}

static void
restart(struct pair *p, uint64_t *seed, int64_t now_ms)
{
	if (p->alert.state == COURIER_SENDING) {
		bool arrived = chance(seed, 2) == 0;

		p->alerts += arrived;
		p->alert_doubts++;
		courier_restart(&p->alert, now_ms);
	}
	courier_restart(&p->end, now_ms);
}

static void
event(struct pair *p, uint64_t *seed, int64_t now_ms, struct tally *tally)
{
	struct courier before = p->alert;

	switch (chance(seed, 12)) {
	case 0:
	case 1:
	case 2:
		try_alert(p, seed, now_ms, false);
		break;
	case 3:
		try_alert(p, seed, now_ms, true);
		break;
	case 4:
	case 5:
	case 6:
		end_try(p, seed, now_ms);
		break;
	case 7:
		if (chance(seed, 4) == 0)
			over(p, now_ms);
		break;
	case 8:
		restart(p, seed, now_ms);
		break;
	case 9:
		if (chance(seed, 2) == 0)
			courier_hold(&p->alert);
		else
			courier_release(&p->alert, now_ms);
		break;
	case 10:
		courier_wake(&p->alert, now_ms);
		break;
	default:
		try_end(p, now_ms);
		break;
	}
	settle_end(p, tally);
	check(p, &before, &p->alert, now_ms);
}

/* It is told what it is told, and never the end of what it cannot know. */
static bool
is_done(const struct pair *p)
{
	return !courier_is_open(p->alert.state) && p->is_over &&
	    (!p->has_end || !courier_is_open(p->end.state));
}

static void
judge(const struct pair *p, struct tally *tally)
{
	tally->states[p->alert.state]++;
	tally->doubled += p->alerts > 1;
	tally->told_ends += p->ends > 0;
	tally->dropped_pairs += !p->has_end;
	if (p->alert.state == COURIER_SENT)
		assert_true(p->alerts >= 1);
	if (p->alert.state == COURIER_DEAD && p->alert_doubts == 0)
		assert_int_equal(p->alerts, 0);
	/* Who was told, even if nobody knows of it, hears of the end. */
	if (p->alerts > 0)
		assert_true(p->has_end);
	/* It cannot have been told: neither is its end. */
	if (p->alerts == 0 && p->alert_doubts == 0)
		assert_int_equal(p->ends, 0);
}

static void
nothing_is_lost_told_twice_or_told_late(void **state)
{
	static struct pair pairs[PAIRS];
	int64_t now_ms = INT64_C(1795190400000);
	struct tally tally = { .doubled = 0 };
	uint64_t seed = SEED;

	(void)state;
	for (int i = 0; i < PAIRS; i++)
		pair_begin(&pairs[i], now_ms);
	for (int i = 0; i < EVENTS; i++) {
		struct pair *p = &pairs[chance(&seed, PAIRS)];

		now_ms += chance(&seed, 4000);
		event(p, &seed, now_ms, &tally);
		if (is_done(p)) {
			judge(p, &tally);
			pair_begin(p, now_ms);
		}
	}
	/* Each way to end was gone many times. */
	for (int s = COURIER_SENT; s < COURIER_STATES; s++)
		assert_true(tally.states[s] > 100);
	assert_true(tally.dropped_pairs > 1000);
	assert_true(tally.failed_meanwhile > 50);
	assert_true(tally.doubled > 100);
	assert_true(tally.told_ends > 1000);
	/* Left alone, all that is open comes to its end. */
	for (int i = 0; i < PAIRS; i++) {
		struct pair *p = &pairs[i];

		over(p, now_ms);
		for (int k = 0; k < 200 && courier_is_open(p->alert.state);
		     k++) {
			struct courier_result away = {
				.outcome = OUTCOME_AWAY
			};

			now_ms = p->alert.next_ms > now_ms ? p->alert.next_ms
							   : now_ms;
			if (courier_is_due(&p->alert, now_ms))
				courier_hand_over(&p->alert, &rules, now_ms);
			if (p->alert.state == COURIER_SENDING)
				courier_result(
				    &p->alert, &rules, &away, now_ms, 0);
		}
		assert_false(courier_is_open(p->alert.state));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_lost_told_twice_or_told_late),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
