/*
 * courier: see the header.
 */
#include "backend/rules/courier.h"

/* A server's wish is heeded up to a day. */
#define RETRY_AFTER_MAX_MS (INT64_C(86400) * 1000)

bool
courier_is_due(const struct courier *c, int64_t now_ms)
{
	return (c->state == COURIER_QUEUED || c->state == COURIER_WAITING) &&
	    c->next_ms <= now_ms;
}

bool
courier_hand_over(
    struct courier *c, const struct courier_rules *rules, int64_t now_ms)
{
	if (now_ms - c->born_ms >= rules->give_up_ms) {
		c->state = COURIER_GAVE_UP;
		return false;
	}
	c->held = c->state == COURIER_HELD;
	c->state = COURIER_SENDING;
	c->away = false;
	c->tries++;
	return true;
}

int64_t
courier_wait_ms(
    const struct courier_rules *rules, uint32_t tries, uint32_t random)
{
	int64_t wait_ms = rules->first_ms;

	while (tries-- > 1 && wait_ms < rules->max_ms)
		wait_ms *= 2;
	if (wait_ms > rules->max_ms)
		wait_ms = rules->max_ms;
	return wait_ms - (int64_t)random % (wait_ms / 4 + 1);
}

static void
try_again(struct courier *c, const struct courier_rules *rules,
    const struct courier_result *result, int64_t now_ms, uint32_t random)
{
	int64_t wait_ms = courier_wait_ms(rules, c->tries, random);
	int64_t wish_ms = result->retry_after_ms;

	if (wish_ms > RETRY_AFTER_MAX_MS)
		wish_ms = RETRY_AFTER_MAX_MS;
	if (wait_ms < wish_ms)
		wait_ms = wish_ms;
	c->next_ms = now_ms + wait_ms;
	/* It would be too late then: better said now. */
	if (c->next_ms - c->born_ms >= rules->give_up_ms) {
		c->state = COURIER_GAVE_UP;
		return;
	}
	c->state = c->held ? COURIER_HELD : COURIER_WAITING;
	c->away = !c->held && result->outcome == OUTCOME_AWAY && wish_ms <= 0;
}

void
courier_result(struct courier *c, const struct courier_rules *rules,
    const struct courier_result *result, int64_t now_ms, uint32_t random)
{
	switch (result->outcome) {
	case OUTCOME_SENT:
		c->state = COURIER_SENT;
		return;
	case OUTCOME_REFUSED:
		c->state = COURIER_DEAD;
		return;
	case OUTCOME_NOBODY:
		c->state = COURIER_NOBODY;
		return;
	case OUTCOME_LATER:
	case OUTCOME_AWAY:
	case OUTCOMES:
		break;
	}
	c->doubt = c->doubt || result->doubtful;
	if (c->over)
		c->state = COURIER_OVER;
	else
		try_again(c, rules, result, now_ms, random);
}

void
courier_restart(struct courier *c, int64_t now_ms)
{
	if (c->state != COURIER_SENDING)
		return;
	c->doubt = true;
	c->next_ms = now_ms;
	c->state = c->over ? COURIER_OVER
	    : c->held	   ? COURIER_HELD
			   : COURIER_QUEUED;
}

void
courier_wake(struct courier *c, int64_t now_ms)
{
	if (c->state == COURIER_WAITING && c->away)
		c->next_ms = now_ms;
}

void
courier_hold(struct courier *c)
{
	if (c->state == COURIER_QUEUED || c->state == COURIER_WAITING)
		c->state = COURIER_HELD;
	c->away = false;
}

void
courier_release(struct courier *c, int64_t now_ms)
{
	if (c->state != COURIER_HELD)
		return;
	c->state = COURIER_QUEUED;
	c->next_ms = now_ms;
}

bool
courier_end_is_news(const struct courier *c)
{
	return c->state == COURIER_SENT ||
	    (!courier_is_open(c->state) && c->doubt);
}

bool
courier_over(struct courier *c)
{
	if (c->state == COURIER_SENDING) {
		c->over = true;
		return true;
	}
	if (courier_is_open(c->state))
		c->state = COURIER_OVER;
	return courier_end_is_news(c);
}
