/*
 * hours: see the header.
 */
#include "backend/rules/hours.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define DAY_MIN 1440
#define ALL_DAYS 0x7f

#define LANGUAGES 3
static const char *const day_names[LANGUAGES][7] = {
	{ "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" },
	{ "Dom", "Lun", "Mar", "Mie", "Jue", "Vie", "Sab" },
	{ "Dom", "Lun", "Mar", "Mi\xc3\xa9", "Jue", "Vie",
	    "S\xc3\xa1"
	    "b" },
};

/* The text still to be read. */
struct reading {
	const char *begin, *at;
	char *why;
};

static int
wrong(struct reading *r, const char *what)
{
	snprintf(r->why, HOURS_WHY, "%s at character %td, before \"%.12s\"",
	    what, r->at - r->begin + 1, r->at);
	errno = EINVAL;
	return -1;
}

static void
skip_blanks(struct reading *r)
{
	while (*r->at == ' ' || *r->at == '\t')
		r->at++;
}

static bool
take(struct reading *r, char c)
{
	if (*r->at != c)
		return false;
	r->at++;
	return true;
}

static bool
is_name(const char *at, const char *name)
{
	size_t len = strlen(name);

	return strncasecmp(at, name, len) == 0 &&
	    !isalpha((unsigned char)at[len]);
}

static int
read_day(struct reading *r, unsigned *day)
{
	for (*day = 0; *day < 7; ++*day)
		for (int i = 0; i < LANGUAGES; i++)
			if (is_name(r->at, day_names[i][*day])) {
				r->at += strlen(day_names[i][*day]);
				return 0;
			}
	return wrong(r, "no day (Mon, Tue, ...)");
}

static int
read_days(struct reading *r, uint8_t *days)
{
	unsigned first, last;

	*days = ALL_DAYS;
	if (isdigit((unsigned char)*r->at))
		return 0;
	if (read_day(r, &first) == -1)
		return -1;
	last = first;
	skip_blanks(r);
	if (take(r, '-')) {
		skip_blanks(r);
		if (read_day(r, &last) == -1)
			return -1;
		skip_blanks(r);
	}
	*days = 0;
	for (unsigned d = first;; d = (d + 1) % 7) {
		*days |= (uint8_t)(1 << d);
		if (d == last)
			return 0;
	}
}

static int
read_digits(struct reading *r, unsigned *n)
{
	if (!isdigit((unsigned char)r->at[0]))
		return wrong(r, "no time (HH:MM)");
	*n = (unsigned)(*r->at++ - '0');
	if (isdigit((unsigned char)*r->at))
		*n = *n * 10 + (unsigned)(*r->at++ - '0');
	return 0;
}

static int
read_time(struct reading *r, uint16_t *minute)
{
	const char *begin = r->at;
	unsigned hour, min;

	if (read_digits(r, &hour) == -1)
		return -1;
	if (!take(r, ':'))
		return wrong(r, "no time (HH:MM)");
	if (!isdigit((unsigned char)r->at[0]) ||
	    !isdigit((unsigned char)r->at[1]))
		return wrong(r, "no minutes (MM)");
	read_digits(r, &min);
	if (min > 59 || hour * 60 + min > DAY_MIN) {
		r->at = begin;
		return wrong(r, "no time of a day");
	}
	*minute = (uint16_t)(hour * 60 + min);
	return 0;
}

static int
read_span(struct reading *r, struct hours_span *span)
{
	const char *begin = r->at;

	if (read_time(r, &span->from_min) == -1)
		return -1;
	skip_blanks(r);
	if (!take(r, '-'))
		return wrong(r, "no \"-\"");
	skip_blanks(r);
	if (read_time(r, &span->to_min) == -1)
		return -1;
	if (span->from_min == span->to_min || span->from_min == DAY_MIN) {
		r->at = begin;
		return wrong(r, "no time between from and to");
	}
	if (span->to_min < span->from_min)
		span->to_min = (uint16_t)(span->to_min + DAY_MIN);
	return 0;
}

/* "Mon-Fri 08:00-13:00 15:00-20:00" */
static int
read_item(struct reading *r, struct hours *h)
{
	uint8_t days;

	if (read_days(r, &days) == -1)
		return -1;
	do {
		struct hours_span *span = &h->spans[h->count];

		if (h->count == HOURS_SPANS_MAX)
			return wrong(r, "too many times");
		span->days = days;
		if (read_span(r, span) == -1)
			return -1;
		h->count++;
		skip_blanks(r);
	} while (*r->at != ',' && *r->at != '\0');
	return 0;
}

static bool
is_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	return strncasecmp(text, word, len) == 0 &&
	    text[len + strspn(text + len, " \t")] == '\0';
}

int
hours_parse(const char *text, struct hours *h, char why[HOURS_WHY])
{
	struct reading r = { .begin = text, .at = text, .why = why };

	memset(h, 0, sizeof(*h));
	why[0] = '\0';
	skip_blanks(&r);
	if (*r.at == '\0' || is_word(r.at, "always"))
		return 0;
	h->limited = true;
	if (is_word(r.at, "never"))
		return 0;
	do {
		skip_blanks(&r);
		if (read_item(&r, h) == -1) {
			memset(h, 0, sizeof(*h));
			return -1;
		}
	} while (take(&r, ','));
	return 0;
}

static bool
span_holds(const struct hours_span *span, int weekday, int minute)
{
	int yesterday = (weekday + 6) % 7;

	if ((span->days >> weekday & 1) && minute >= span->from_min &&
	    minute < span->to_min)
		return true;
	return (span->days >> yesterday & 1) && minute + DAY_MIN < span->to_min;
}

bool
hours_open(const struct hours *h, int64_t unix_ms)
{
	time_t t = (time_t)(unix_ms / 1000 - (unix_ms % 1000 < 0));
	struct tm tm;

	if (!h->limited)
		return true;
	if (localtime_r(&t, &tm) == NULL)
		return true; /* a year beyond int: no time of ours */
	for (uint32_t i = 0; i < h->count; i++)
		if (span_holds(
			&h->spans[i], tm.tm_wday, tm.tm_hour * 60 + tm.tm_min))
			return true;
	return false;
}
