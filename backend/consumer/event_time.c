/*
 * event_time: the rule in one place.
 */
#include "backend/consumer/event_time.h"

struct event_time
event_time(
    const struct instant *at, int64_t record_ms, const int64_t *offset_ms)
{
	struct event_time arrival = { record_ms, true };
	int64_t ms = at->ms;

	if (ms == INSTANT_MISSING)
		return arrival;
	if (at->boot != 0 &&
	    (offset_ms == NULL || __builtin_add_overflow(ms, *offset_ms, &ms)))
		return arrival;
	/* A marker may be nonsense too. */
	if (ms < TIME_MIN_MS || ms > record_ms + EVENT_FUTURE_MAX_MS)
		return arrival;
	return (struct event_time){ ms, false };
}
