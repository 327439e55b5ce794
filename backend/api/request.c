#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "backend/api/request.h"
#include "lib/clock.h"
#include "schemas/event.h"

const char *
request_param(const struct request *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->param_count; i++)
		if (strcmp(r->params[i].name, name) == 0)
			return r->params[i].value[0] != '\0'
			    ? r->params[i].value
			    : NULL;
	return NULL;
}

static int
refuse(struct answer *a, const char *name, const char *expected)
{
	answer_problem(a, 400, name, NULL, "%s: expected %s", name, expected);
	return -1;
}

/* Digits alone, with an optional minus: strtoll also takes " +1x". */
static int
parse_int(const char *s, int64_t min, int64_t max, int64_t *out)
{
	const char *digits = s[0] == '-' ? s + 1 : s;
	long long n;

	if (digits[0] == '\0' || digits[strspn(digits, "0123456789")] != '\0')
		return -1;
	errno = 0;
	n = strtoll(s, NULL, 10);
	if (errno != 0 || n < min || n > max)
		return -1;
	*out = n;
	return 0;
}

int
request_bool(
    const struct request *r, const char *name, bool *out, struct answer *a)
{
	const char *s = request_param(r, name);

	if (s == NULL)
		return 0;
	if (strcmp(s, "true") != 0 && strcmp(s, "false") != 0)
		return refuse(a, name, "true or false");
	*out = s[0] == 't';
	return 0;
}

int
request_int(const struct request *r, const char *name, int64_t min, int64_t max,
    int64_t *out, struct answer *a)
{
	const char *s = request_param(r, name);
	char expected[80];

	if (s == NULL || parse_int(s, min, max, out) == 0)
		return 0;
	snprintf(expected, sizeof(expected),
	    "an integer from %" PRId64 " to %" PRId64, min, max);
	return refuse(a, name, expected);
}

int
request_time(
    const struct request *r, const char *name, int64_t *out, struct answer *a)
{
	static const char expected[] =
	    "a time as 2026-11-20T13:05:00-03:00 or in ms since 1970";
	const char *s = request_param(r, name);
	char text[48];
	char *space;

	if (s == NULL)
		return 0;
	if (parse_int(s, TIME_MIN_MS, TIME_MAX_MS, out) == 0)
		return 0;
	if (strlen(s) >= sizeof(text))
		return refuse(a, name, expected);
	strcpy(text, s);
	/* The + of +00:00, typed as it is, means a space in a query. */
	space = strrchr(text, ' ');
	if (space != NULL && space != text + 10)
		*space = '+';
	if (clock_parse(text, out) == -1 || *out < TIME_MIN_MS ||
	    *out > TIME_MAX_MS)
		return refuse(a, name, expected);
	return 0;
}

static bool
date_exists(int year, int month, int day)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	if (year < 2020 || year > 2100 || month < 1 || month > 12 || day < 1)
		return false;
	return day <= days[month - 1] + (month == 2 && leap ? 1 : 0);
}

int
request_date(
    const struct request *r, const char *name, char out[11], struct answer *a)
{
	const char *s = request_param(r, name);
	int year, month, day, end = 0;

	if (s == NULL)
		return 0;
	if (strlen(s) != 10 || strspn(s, "0123456789-") != 10 ||
	    sscanf(s, "%4d-%2d-%2d%n", &year, &month, &day, &end) != 3 ||
	    end != 10 || !date_exists(year, month, day))
		return refuse(a, name, "a day as 2026-11-20");
	memcpy(out, s, 11);
	return 0;
}

int
request_cart(const struct request *r, const char *name, const char **out,
    struct answer *a)
{
	const char *s = request_param(r, name);

	if (s == NULL)
		return 0;
	if (!cart_is_valid(s, strlen(s)))
		return refuse(a, name, "a plate: 4 to 8 of A-Z and 0-9");
	*out = s;
	return 0;
}

int
request_choice(const struct request *r, const char *name,
    const char *const *choices, int *out, struct answer *a)
{
	const char *s = request_param(r, name);
	char expected[80] = "one of";
	int i;

	if (s == NULL)
		return 0;
	for (i = 0; choices[i] != NULL; i++)
		if (strcmp(s, choices[i]) == 0) {
			*out = i;
			return 0;
		}
	for (i = 0; choices[i] != NULL; i++) {
		size_t len = strlen(expected);

		snprintf(
		    expected + len, sizeof(expected) - len, " %s", choices[i]);
	}
	return refuse(a, name, expected);
}

int
request_only(
    const struct request *r, const char *const *known, struct answer *a)
{
	size_t i, k;

	if (r->bad_param != NULL) {
		answer_problem(a, 400, r->bad_param, NULL,
		    "%s: not text that can be read, or one of too many",
		    r->bad_param);
		return -1;
	}
	for (i = 0; i < r->param_count; i++) {
		const char *name = r->params[i].name;

		for (k = 0; known[k] != NULL; k++)
			if (strcmp(known[k], name) == 0)
				break;
		if (known[k] == NULL) {
			answer_problem(a, 400, name, NULL,
			    "%s: there is no such parameter here", name);
			return -1;
		}
		for (k = 0; k < i; k++)
			if (strcmp(r->params[k].name, name) == 0) {
				answer_problem(a, 400, name, NULL,
				    "%s: given twice", name);
				return -1;
			}
	}
	return 0;
}

bool
request_is_type(const struct request *r, const char *type)
{
	size_t len = strlen(type);

	return r->type != NULL && strncasecmp(r->type, type, len) == 0 &&
	    strchr("; \t", r->type[len]) != NULL;
}
