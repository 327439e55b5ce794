/*
 * alert_machine: see the header.
 */
#include <stdio.h>
#include <string.h>

#include "backend/rules/alert_machine.h"

/* Openings in a row, each shortly after a resolution, that are still taken
 * for what they seem. */
#define STRIKES_MAX 2

static int64_t
clear_wait(const struct alert_case *c, const struct alert_damping *d)
{
	if (c->strikes >= STRIKES_MAX && d->again_clear_ms > d->clear_ms)
		return d->again_clear_ms;
	return d->clear_ms;
}

static const struct alert_event *
tell(struct alert_case *c, enum alert_state state, int64_t at_ms)
{
	c->event.state = state;
	c->event.at_ms = at_ms;
	c->event.revision++;
	return &c->event;
}

static void
end_copy(const struct alert_case *c, struct alert_event *event)
{
	event->until_ms = c->until_ms;
	event->why = c->why;
	if (c->moved_m >= 0)
		event->moved_m = c->moved_m;
}

/* What is known of the cause, but not when it began. */
static void
facts_copy(struct alert_event *event, const struct alert_event *facts)
{
	event->known = facts->known;
	event->has_place = facts->has_place;
	event->lat_e6 = facts->lat_e6;
	event->lon_e6 = facts->lon_e6;
	event->place_at_ms = facts->place_at_ms;
	event->moved_m = facts->moved_m;
	event->count = facts->count;
	memcpy(event->subject, facts->subject, sizeof(event->subject));
	memcpy(event->note, facts->note, sizeof(event->note));
}

static void
begin(struct alert_case *c, const struct alert_event *facts,
    const struct alert_now *now)
{
	c->phase = CASE_RISING;
	c->phase_ms = now->clock_ms;
	c->told = false;
	c->event = *facts;
	c->event.state = ALERT_OPENED;
	c->event.revision = 0;
	c->event.until_ms = INSTANT_MISSING;
	c->event.why = WHY_UNKNOWN;
	c->event.by[0] = '\0';
	if (facts->id[0] == '\0')
		alert_id(
		    c->event.id, facts->cart, facts->cause, facts->since_ms);
}

/* It is over, and its absence lasted. */
static const struct alert_event *
finish(struct alert_case *c, const struct alert_now *now)
{
	bool held = c->held;

	c->phase = CASE_CALM;
	c->held = false;
	if (!c->told) {
		c->event.id[0] = '\0';
		return NULL;
	}
	c->closed_ms = now->clock_ms > 0 ? now->clock_ms : 1;
	/* A person said that it is settled, and when it ended is known. */
	if (held && c->event.until_ms == c->until_ms)
		return NULL;
	end_copy(c, &c->event);
	return tell(c, held ? ALERT_CHANGED : ALERT_RESOLVED, now->at_ms);
}

static const struct alert_event *
rise(struct alert_case *c, const struct alert_event *facts,
    const struct alert_damping *d, const struct alert_now *now)
{
	facts_copy(&c->event, facts);
	if (!now->caught_up || now->clock_ms - c->phase_ms < d->raise_ms)
		return NULL;
	c->phase = CASE_ON;
	c->phase_ms = now->clock_ms;
	if (c->held)
		return NULL;
	c->strikes = c->closed_ms != 0 &&
		now->clock_ms - c->closed_ms < d->again_ms
	    ? c->strikes + 1
	    : 0;
	c->told = true;
	c->event.at_ms = now->at_ms;
	return &c->event;
}

/* Is it news, against what was told last? */
static bool
facts_are_news(const struct alert_case *c, const struct alert_event *facts,
    const struct alert_damping *d, const struct alert_now *now)
{
	const struct alert_event *event = &c->event;

	if (facts->known != event->known ||
	    strcmp(facts->subject, event->subject) != 0)
		return true;
	return d->change_ms > 0 &&
	    now->clock_ms - c->phase_ms >= d->change_ms &&
	    (facts->count != event->count || facts->moved_m != event->moved_m);
}

static const struct alert_event *
go_on(struct alert_case *c, const struct alert_event *facts,
    const struct alert_damping *d, const struct alert_now *now)
{
	if (!c->told || c->held || !now->caught_up ||
	    !facts_are_news(c, facts, d, now))
		return NULL;
	facts_copy(&c->event, facts);
	c->phase_ms = now->clock_ms;
	return tell(c, ALERT_CHANGED, now->at_ms);
}

const struct alert_event *
alert_raise(struct alert_case *c, const struct alert_event *facts,
    const struct alert_damping *d, const struct alert_now *now)
{
	const struct alert_event *event;

	if (c->phase == CASE_CEASING) {
		if (now->clock_ms - c->phase_ms < clear_wait(c, d)) {
			c->phase = CASE_ON;
			c->phase_ms = now->clock_ms;
		} else {
			event = finish(c, now);
			if (event != NULL)
				return event;
		}
	}
	if (c->phase == CASE_ON)
		return go_on(c, facts, d, now);
	if (c->phase == CASE_CALM)
		begin(c, facts, now);
	return rise(c, facts, d, now);
}

const struct alert_event *
alert_cease(struct alert_case *c, const struct alert_event *facts,
    const struct alert_damping *d, const struct alert_now *now)
{
	switch (c->phase) {
	case CASE_RISING:
		c->phase = CASE_CALM;
		c->held = false;
		c->event.id[0] = '\0';
		return NULL;
	case CASE_ON:
		c->phase = CASE_CEASING;
		c->phase_ms = now->clock_ms;
		c->until_ms = facts->until_ms;
		c->why = facts->why;
		c->moved_m = facts->moved_m;
		break;
	case CASE_CEASING:
		break;
	default:
		return NULL;
	}
	if (now->clock_ms - c->phase_ms < clear_wait(c, d))
		return NULL;
	return finish(c, now);
}

const struct alert_event *
alert_settle(struct alert_case *c, const struct alert_resolution *said,
    const struct alert_now *now)
{
	if (c->phase == CASE_CALM || c->held ||
	    strcmp(c->event.id, said->id) != 0)
		return NULL;
	c->held = true;
	if (!c->told)
		return NULL;
	memcpy(c->event.by, said->by, sizeof(c->event.by));
	memcpy(c->event.note, said->note, sizeof(c->event.note));
	if (c->phase == CASE_CEASING)
		end_copy(c, &c->event);
	return tell(c, ALERT_RESOLVED, now->at_ms);
}

bool
alert_mend(
    struct alert_event *event, int64_t until_ms, int64_t moved_m, int64_t at_ms)
{
	if (moved_m < 0)
		moved_m = event->moved_m;
	if (event->until_ms == until_ms && event->moved_m == moved_m)
		return false;
	event->until_ms = until_ms;
	event->moved_m = moved_m;
	event->state = ALERT_CHANGED;
	event->at_ms = at_ms;
	event->revision++;
	return true;
}

bool
alert_is_open(const struct alert_case *c)
{
	return c->told && !c->held &&
	    (c->phase == CASE_ON || c->phase == CASE_CEASING);
}

int64_t
alert_next(const struct alert_case *c, const struct alert_damping *d)
{
	if (c->phase == CASE_RISING)
		return c->phase_ms + d->raise_ms;
	if (c->phase == CASE_CEASING)
		return c->phase_ms + clear_wait(c, d);
	return INT64_MAX;
}
