/*
 * advance: the setting stock.auto_advance.
 */
#include <errno.h>

#include "backend/rules/advance.h"

#define WAIT_MAX_MS INT64_C(86400000)

/* Seconds with up to three decimals; *s is moved on.  0, or -1. */
static int
seconds_read(const char **s, int64_t *ms)
{
	const char *c = *s;
	int64_t n = 0;
	int decimals = 0;

	while (*c == ' ')
		c++;
	if (*c < '0' || *c > '9')
		return -1;
	for (; *c >= '0' && *c <= '9' && n <= WAIT_MAX_MS; c++)
		n = n * 10 + (*c - '0');
	n *= 1000;
	if (*c == '.') {
		int64_t unit = 100;

		for (c++; *c >= '0' && *c <= '9'; c++, decimals++) {
			n += (*c - '0') * unit;
			unit /= 10;
		}
		if (decimals < 1 || decimals > 3)
			return -1;
	}
	while (*c == ' ')
		c++;
	*s = c;
	*ms = n;
	return n <= WAIT_MAX_MS ? 0 : -1;
}

int
advance_parse(const char *text, struct advance *advance)
{
	*advance = (struct advance){ .set = false };
	if (*text == '\0')
		return 0;
	for (int i = 0; i < ORDER_FINALIZADO; i++) {
		if (seconds_read(&text, &advance->wait_ms[i]) == -1 ||
		    *text != (i < ORDER_FINALIZADO - 1 ? ',' : '\0')) {
			errno = EINVAL;
			return -1;
		}
		text++;
	}
	advance->set = true;
	return 0;
}

int64_t
advance_due_ms(
    const struct advance *advance, enum order_state state, int64_t state_ms)
{
	if (!advance->set || state >= ORDER_FINALIZADO)
		return INT64_MAX;
	return state_ms + advance->wait_ms[state];
}

enum order_state
advance_next(enum order_state state)
{
	return state < ORDER_FINALIZADO ? state + 1 : ORDER_STATES;
}
