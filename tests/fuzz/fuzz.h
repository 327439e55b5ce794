/*
 * fuzz: what the fuzzers share.
 */
#ifndef PREGON_FUZZ_H
#define PREGON_FUZZ_H

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/mp.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* An invariant; the fuzzer keeps the input that breaks it. */
#define must(what)                                                             \
	do {                                                                   \
		if (!(what)) {                                                 \
			fprintf(                                               \
			    stderr, "%s:%d: %s\n", __FILE__, __LINE__, #what); \
			abort();                                               \
		}                                                              \
	} while (0)

/* Whatever is refused is refused with words. */
static inline void
must_be_said(const struct decode_error *error)
{
	must(errno == EBADMSG || errno == ENOTSUP);
	must(memchr(error->field, '\0', sizeof(error->field)) != NULL);
	must(memchr(error->expected, '\0', sizeof(error->expected)) != NULL);
	must(error->field[0] != '\0' && error->expected[0] != '\0');
}

#endif
