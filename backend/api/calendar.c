#include "backend/api/calendar.h"

#include <stdio.h>
#include <string.h>

#define NOON_H 12
#define HALF_DAY_S (15 * 3600) /* a local day has 25 hours at most */

static void
date_of(time_t t, char date[11])
{
	struct tm tm;

	localtime_r(&t, &tm);
	strftime(date, 11, "%Y-%m-%d", &tm);
}

void
calendar_today(const struct clock *clock, char date[11])
{
	date_of((time_t)(clock_realtime_ms(clock) / 1000), date);
}

static bool
is_on(time_t t, const char *date)
{
	char text[11];

	date_of(t, text);
	return strcmp(text, date) == 0;
}

time_t
calendar_edge(const char *date, bool end)
{
	struct tm tm = { .tm_hour = NOON_H, .tm_isdst = -1 };
	time_t noon, in, out;

	sscanf(date, "%4d-%2d-%2d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday);
	tm.tm_year -= 1900;
	tm.tm_mon--;
	noon = mktime(&tm);
	in = noon;
	out = end ? noon + HALF_DAY_S : noon - HALF_DAY_S;
	while (in - out > 1 || out - in > 1) {
		time_t middle = in + (out - in) / 2;

		if (is_on(middle, date))
			in = middle;
		else
			out = middle;
	}
	return end ? out : in;
}
