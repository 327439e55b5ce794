/*
 * envelope: what every message of a cart or to a cart begins and ends with:
 * [version, ..., appended].  For the codecs of schemas/ alone.
 */
#ifndef PREGON_ENVELOPE_H
#define PREGON_ENVELOPE_H

#include "schemas/mp.h"

/*
 * Reads the array's header and the version; at least `fields` values must
 * follow, and *appended more do, which we do not know.  -1: EBADMSG, or
 * ENOTSUP where the version is another one (1..65535).
 */
int envelope_begin(struct mp_reader *, const char *name, int64_t version,
    uint32_t fields, uint32_t *appended);
/* Passes what was appended, and sees that nothing follows. */
int envelope_end(struct mp_reader *, const char *name, uint32_t appended);

/* An epoch is a bin of 5 bytes, big-endian, not 0. */
void epoch_write(uint64_t epoch, struct mp_writer *);
int epoch_read(struct mp_reader *, const char *field, uint64_t *epoch);

/* Bytes written, or -1 with ENOBUFS: for the encoders that return that. */
int envelope_len(const struct mp_writer *);

#endif
