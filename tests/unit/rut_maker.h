/*
 * rut_maker: person number n has a RUT of their own, with its check digit.
 */
#ifndef PREGON_TESTS_RUT_MAKER_H
#define PREGON_TESTS_RUT_MAKER_H

#include <stdio.h>
#include <string.h>

#include "schemas/member.h"

static inline void
rut_make(int n, char rut[RUT_MAX + 1])
{
	int body = 10000000 + n, sum = 0, factor = 2;
	char text[24];

	for (int rest = body; rest > 0; rest /= 10) {
		sum += rest % 10 * factor;
		factor = factor == 7 ? 2 : factor + 1;
	}
	snprintf(text, sizeof(text), "%d-%c", body, "0K987654321"[sum % 11]);
	memcpy(rut, text, RUT_MAX + 1);
}

#endif
