/*
 * live_rules: see the header.
 */
#include <stdio.h>
#include <string.h>

#include "backend/consumer/live_rules.h"

void
live_init(struct cart_state *state, const char *cart)
{
	memset(state, 0, sizeof(*state));
	snprintf(state->cart, sizeof(state->cart), "%s", cart);
	/* Until a status says otherwise: it was heard. */
	state->state = STATUS_ONLINE;
	state->battery = BATTERY_UNKNOWN;
}

void
live_contact(struct cart_state *state, int64_t record_ms)
{
	if (record_ms > state->contact_ms)
		state->contact_ms = record_ms;
}

/* Does a fix of this time come after the one that is known? */
static bool
fix_is_newer(const struct cart_state *state, const struct fix *fix,
    const struct event_time *time)
{
	if (!state->has_fix)
		return true;
	/* Within one boot its own clock orders, known offset or not. */
	if (fix->at.boot != 0 && fix->at.boot == state->fix_as_given.boot)
		return fix->at.ms >= state->fix_as_given.ms;
	return time->ms >= state->fix.at.ms;
}

void
live_fix(struct cart_state *state, const struct fix *fix,
    const struct event_time *time, int64_t record_ms)
{
	if (!fix_is_newer(state, fix, time))
		return;
	state->has_fix = true;
	state->fix = *fix;
	state->fix.at = (struct instant){ .ms = time->ms };
	state->fix_as_given = (struct instant){ .ms = 0 };
	if (time->provisional && fix->at.boot != 0)
		state->fix_as_given = fix->at;
	state->fix_record_ms = record_ms;
}

/* Within an epoch the count orders, across epochs the time. */
static bool
status_is_newer(const struct cart_state *state, const struct status *status,
    const struct event_time *time)
{
	if (state->epoch == 0)
		return true;
	if (status->epoch == state->epoch)
		return status->count > state->status_count;
	return time->ms >= state->status_at_ms;
}

static void
status_copy(
    struct cart_state *state, const struct status *status, int64_t at_ms)
{
	state->status_at_ms = at_ms;
	state->state = status->state;
	state->epoch = status->epoch;
	state->status_count = status->count;
	state->connection = status->connection;
	state->boot = status->boot;
	state->fix_mode = status->fix_mode;
	state->day_open = status->day_open;
	state->backlog = status->backlog;
	state->battery = status->battery;
	memcpy(state->version, status->version, sizeof(state->version));
	/* Its will may have overtaken it. */
	if (state->state == STATUS_ONLINE &&
	    state->will_epoch == state->epoch &&
	    state->will_connection >= state->connection)
		state->state = STATUS_LOST;
}

bool
live_status(struct cart_state *state, const struct status *status,
    int64_t record_ms, const int64_t *offset_ms)
{
	struct event_time at = event_time(&status->at, record_ms, offset_ms);
	struct event_time fixed;

	if (!status_is_newer(state, status, &at))
		return false;
	status_copy(state, status, at.ms);
	live_contact(state, record_ms);
	if (status->has_fix) {
		fixed = event_time(&status->fix.at, record_ms, offset_ms);
		live_fix(state, &status->fix, &fixed, record_ms);
	}
	return true;
}

void
live_will(struct cart_state *state, const struct status *status)
{
	if (status->epoch == state->will_epoch &&
	    status->connection <= state->will_connection)
		return;
	state->will_epoch = status->epoch;
	state->will_connection = status->connection;
	if (status->epoch == state->epoch &&
	    status->connection == state->connection &&
	    state->state == STATUS_ONLINE)
		state->state = STATUS_LOST;
}

bool
live_mend(struct cart_state *state, uint64_t boot, int64_t offset_ms)
{
	struct event_time time;

	if (!state->has_fix || state->fix_as_given.boot != boot)
		return false;
	time = event_time(
	    &state->fix_as_given, state->fix_record_ms, &offset_ms);
	state->fix.at.ms = time.ms;
	state->fix_as_given = (struct instant){ .ms = 0 };
	return true;
}
