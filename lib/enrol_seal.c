/*
 * enrol_code: whose a code is, and until when.  In a file of its own: who only
 * reads one needs no cryptography.
 */
#include <string.h>

#include "lib/enrol_code.h"

#define SPAN 4096 /* of 12 bits */

void
enrol_code_make(const struct secret *secret, const char *who, uint32_t n,
    int64_t *ends_ms, struct enrol_code *code)
{
	int64_t ends = (*ends_ms + ENROL_STEP_MS - 1) / ENROL_STEP_MS;

	code->place = n & ENROL_PLACE_MASK;
	code->ends = (uint32_t)(ends % SPAN);
	secret_enrol_seal(secret, who, n, ends, code->seal);
	*ends_ms = ends * ENROL_STEP_MS;
}

/* The time nearest to now that ends with these bits. */
static int64_t
whole_end(uint32_t ends, int64_t now_ms)
{
	int64_t now = now_ms / ENROL_STEP_MS;
	int64_t ahead = ((int64_t)ends - now % SPAN + SPAN) % SPAN;

	return now + (ahead >= SPAN / 2 ? ahead - SPAN : ahead);
}

bool
enrol_code_is(const struct enrol_code *code, const struct secret *secret,
    const char *who, uint32_t n, int64_t now_ms, int64_t *ends_ms)
{
	int64_t ends = whole_end(code->ends, now_ms);
	uint8_t seal[ENROL_SEAL_BYTES];
	unsigned differs = (n & ENROL_PLACE_MASK) ^ code->place;

	secret_enrol_seal(secret, who, n, ends, seal);
	for (size_t i = 0; i < sizeof(seal); i++)
		differs |= (unsigned)(seal[i] ^ code->seal[i]);
	explicit_bzero(seal, sizeof(seal));
	*ends_ms = ends * ENROL_STEP_MS;
	return differs == 0;
}
