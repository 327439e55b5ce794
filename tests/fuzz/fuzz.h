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

/*
 * What is read fits into `most` bytes when it is written, and reads and
 * writes to the same again.  `into` is the struct to read into.
 */
#define must_come_back(data, size, into, decode, encode, most)                 \
	do {                                                                   \
		static uint8_t first_[most], second_[most];                    \
		struct decode_error error_;                                    \
		int len_;                                                      \
                                                                               \
		if (decode((data), (size), (into), &error_) == -1) {           \
			must_be_said(&error_);                                 \
			break;                                                 \
		}                                                              \
		len_ = encode((into), first_, sizeof(first_));                 \
		must(len_ > 0);                                                \
		must(decode(first_, (size_t)len_, (into), &error_) == 0);      \
		must(encode((into), second_, sizeof(second_)) == len_);        \
		must(memcmp(first_, second_, (size_t)len_) == 0);              \
	} while (0)

#endif
