/*
 * calendar: the guild's local days, in the zone that main has set.
 */
#ifndef PREGON_API_CALENDAR_H
#define PREGON_API_CALENDAR_H

#include <stdbool.h>
#include <time.h>

#include "lib/clock.h"

/* Of this moment: "2026-04-05". */
void calendar_today(const struct clock *, char date[11]);

/*
 * A day's first second, or (`end`) the first one after it: where clocks
 * change at midnight, as in Chile, a day may begin at one o'clock.
 */
time_t calendar_edge(const char *date, bool end);

#endif
