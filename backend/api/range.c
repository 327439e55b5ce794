#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "backend/api/range.h"

#define UNIT "bytes="

/* Digits alone, which strtoull is not content with; what no number of 64 bits
 * holds is the largest. */
static bool
take_number(const char **s, uint64_t *number)
{
	char *end;

	if (**s < '0' || **s > '9')
		return false;
	*number = strtoull(*s, &end, 10);
	*s = end;
	return true;
}

static struct range
part(uint64_t from, uint64_t last, uint64_t size)
{
	if (from >= size)
		return (struct range){ .kind = RANGE_NONE };
	if (last >= size)
		last = size - 1;
	return (struct range){ RANGE_PART, from, last - from + 1 };
}

struct range
range_find(const char *asked, uint64_t size)
{
	const struct range whole = { .kind = RANGE_WHOLE };
	uint64_t from = 0, last = UINT64_MAX;
	bool has_from, has_last;

	if (asked == NULL || strncasecmp(asked, UNIT, strlen(UNIT)) != 0)
		return whole;
	asked += strlen(UNIT);
	asked += strspn(asked, " \t");
	has_from = take_number(&asked, &from);
	if (*asked++ != '-')
		return whole;
	has_last = take_number(&asked, &last);
	asked += strspn(asked, " \t");
	if (*asked != '\0' || (!has_from && !has_last) ||
	    (has_from && from > last))
		return whole;
	if (has_from)
		return part(from, last, size);
	if (last == 0)
		return (struct range){ .kind = RANGE_NONE };
	if (size == 0)
		return whole; /* there is no last byte to begin from */
	return part(last < size ? size - last : 0, UINT64_MAX, size);
}

void
range_format(const struct range *r, uint64_t size, char text[RANGE_TEXT_MAX])
{
	if (r->kind == RANGE_PART)
		snprintf(text, RANGE_TEXT_MAX,
		    "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, r->from,
		    r->from + r->len - 1, size);
	else
		snprintf(text, RANGE_TEXT_MAX, "bytes */%" PRIu64, size);
}
