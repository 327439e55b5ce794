/*
 * day: see the header.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "backend/consumer/day.h"

/* An unknown zone would silently be UTC. */
static int
zone_check(const char *zone)
{
	const char *folder = getenv("TZDIR");
	char path[PATH_MAX];

	if (*zone == '\0' || *zone == '/' || strstr(zone, "..") != NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/%s",
	    folder != NULL ? folder : "/usr/share/zoneinfo", zone);
	return access(path, R_OK);
}

int
day_zone(const char *zone)
{
	if (zone_check(zone) == -1 || setenv("TZ", zone, 1) == -1) {
		errno = EINVAL;
		return -1;
	}
	tzset();
	return 0;
}

void
day_of(int64_t unix_ms, char day[DAY_TEXT])
{
	int64_t seconds = unix_ms / 1000 - (unix_ms % 1000 < 0);
	time_t t = (time_t)seconds;
	struct tm tm;

	/* The times that reach here are of 2020 to 2100. */
	if (localtime_r(&t, &tm) == NULL)
		memset(&tm, 0, sizeof(tm));
	snprintf(day, DAY_TEXT, "%04u-%02u-%02u",
	    (unsigned)(tm.tm_year + 1900) % 10000,
	    (unsigned)(tm.tm_mon + 1) % 100, (unsigned)tm.tm_mday % 100);
}

#define NOON_H 12
/* A local day of 25 hours ends 13 after its noon. */
#define AFTERNOON_MAX_S (15 * 3600)

int64_t
day_end(const char day[DAY_TEXT])
{
	struct tm tm = { .tm_hour = NOON_H, .tm_isdst = -1 };
	char text[DAY_TEXT];
	int64_t in, out;

	sscanf(day, "%4d-%2d-%2d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday);
	tm.tm_year -= 1900;
	tm.tm_mon--;
	in = (int64_t)mktime(&tm);
	out = in + AFTERNOON_MAX_S;
	/* Where clocks change at midnight, it is no certain hour. */
	while (out - in > 1) {
		int64_t middle = in + (out - in) / 2;

		day_of(middle * 1000, text);
		if (strcmp(text, day) == 0)
			in = middle;
		else
			out = middle;
	}
	return out * 1000;
}

int64_t
day_begin(int64_t unix_ms)
{
	time_t t = (time_t)(unix_ms / 1000);
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL)
		return unix_ms;
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_isdst = -1;
	/* Where the clocks skip midnight, the day begins an hour later. */
	t = mktime(&tm);
	return t == (time_t)-1 ? unix_ms : (int64_t)t * 1000;
}
