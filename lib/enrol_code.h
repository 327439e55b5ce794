/*
 * enrol_code: what a gateway is enrolled with, short enough to be typed:
 * "K7QF-9M2X-4TRB-0VWN", 80 bits in Crockford's base 32.
 *
 *	12 bits: the last ones of the gateway's number: whose code it may be
 *	12 bits: the last ones of when it ends, counted in ten minutes
 *	56 bits: the seal of both and of whose it is (lib/secret.h)
 *
 * So a code is made and checked with the guild's secret alone, and is kept
 * nowhere; that it is taken once is in the member's row.  Reading takes lower
 * case, I and L for 1, O for 0, and dashes, dots and spaces anywhere.
 */
#ifndef PREGON_ENROL_CODE_H
#define PREGON_ENROL_CODE_H

#include <stdbool.h>

#include "lib/secret.h"

#define ENROL_CODE_TEXT 19
#define ENROL_PLACE_MASK 0xfffu
#define ENROL_STEP_MS (INT64_C(10) * 60 * 1000)
/* The end is told by its last bits: no code may be of longer life. */
#define ENROL_LIFE_MAX_H 336

/*
 * After the code in its URL may stand the SHA-256 of the public key that the
 * guild's pages have, in base 64 for URLs: who got the code has it from the
 * guild, and needs to trust no other.
 */
#define ENROL_PIN_TEXT 43

struct enrol_code {
	uint32_t place; /* of the gateway's number */
	uint32_t ends; /* 12 bits */
	uint8_t seal[ENROL_SEAL_BYTES];
};

/* One that ends at `ends_ms`, or up to ten minutes after: *ends_ms is then
 * when. */
void enrol_code_make(const struct secret *, const char *who, uint32_t n,
    int64_t *ends_ms, struct enrol_code *);
void enrol_code_format(
    const struct enrol_code *, char text[ENROL_CODE_TEXT + 1]);
/* 0, or -1 (EINVAL): not 16 letters and digits. */
int enrol_code_parse(const char *, size_t len, struct enrol_code *);
/* Is it the code of this member's n-th gateway?  *ends_ms: until when, as of
 * now.  It takes the same time whatever the answer. */
bool enrol_code_is(const struct enrol_code *, const struct secret *,
    const char *who, uint32_t n, int64_t now_ms, int64_t *ends_ms);

#endif
