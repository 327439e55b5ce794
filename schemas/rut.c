/*
 * rut: Chile's tax number, as people write it (declared in member.h).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "schemas/member.h"

#define RUT_DIGITS 8 /* before the check digit */
#define RUT_NUMBERS 100000000

/* https://es.wikipedia.org/wiki/Rol_%C3%9Anico_Tributario: from the right the
 * digits count 2, 3, ..., 7, 2, ...; what the sum lacks of a multiple of 11. */
static char
check_digit(uint32_t number)
{
	uint32_t sum = 0, factor = 2;

	for (; number > 0; number /= 10) {
		sum += number % 10 * factor;
		factor = factor == 7 ? 2 : factor + 1;
	}
	return "0123456789K0"[11 - sum % 11];
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/*
 * The digits before the check digit, in groups of three where there are
 * dots: from the right, so that each dot has a multiple of three after it.
 */
static int
read_number(const char *s, size_t len, uint32_t *number)
{
	uint32_t power = 1;
	size_t digits = 0;
	bool after_dot = true; /* so that none ends it */

	*number = 0;
	for (size_t i = len; i-- > 0;) {
		if (s[i] == '.' && !after_dot && digits % 3 == 0) {
			after_dot = true;
			continue;
		}
		if (!is_digit(s[i]) || digits == RUT_DIGITS)
			return -1;
		*number += (uint32_t)(s[i] - '0') * power;
		power *= 10;
		digits++;
		after_dot = false;
	}
	return after_dot || *number == 0 ? -1 : 0;
}

static int
read_rut(const char *s, size_t len, uint32_t *number, char *check)
{
	if (len < 2)
		return -1;
	*check = s[len - 1];
	if (*check == 'k')
		*check = 'K';
	if (!is_digit(*check) && *check != 'K')
		return -1;
	len--;
	if (s[len - 1] == '-')
		len--;
	return read_number(s, len, number);
}

/* What fits of it, in whole characters. */
static void
keep(const char *s, size_t len, char rut[RUT_MAX + 1])
{
	size_t kept = strnlen(s, len < RUT_MAX + 1 ? len : RUT_MAX + 1);

	if (kept > RUT_MAX)
		for (kept = RUT_MAX;
		     kept > 0 && ((unsigned char)s[kept] & 0xc0) == 0x80;)
			kept--;
	memcpy(rut, s, kept);
	rut[kept] = '\0';
}

int
rut_parse(const char *s, size_t len, char rut[RUT_MAX + 1])
{
	uint32_t number;
	char check;

	if (len > 0 && read_rut(s, len, &number, &check) == 0) {
		if (check_digit(number) == check) {
			/* Of so many digits, which the compiler cannot see. */
			snprintf(rut, RUT_MAX + 1, "%u-%c",
			    number % RUT_NUMBERS, check);
			return 0;
		}
		errno = EDOM;
	} else {
		errno = EINVAL;
	}
	keep(len == 0 ? "" : s, len, rut);
	return -1;
}
