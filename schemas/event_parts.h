/*
 * event_parts: what the items of event.h share: how they begin, their times,
 * texts and places.  For the codecs of schemas/ alone.
 */
#ifndef PREGON_EVENT_PARTS_H
#define PREGON_EVENT_PARTS_H

#include "schemas/event.h"

/*
 * The start of an item: `fields` values that we know follow the kind, and
 * *appended more, which a later version put there.
 */
int item_begin(struct mp_reader *, const char *field, enum item_kind,
    uint32_t fields, uint32_t *appended);
void item_begin_write(struct mp_writer *, enum item_kind, uint32_t fields);

/* Half an instant each: ms or nil (INSTANT_MISSING), a boot or nil (0). */
void moment_write(struct mp_writer *, int64_t ms);
int moment_read(struct mp_reader *, const char *field, int64_t *ms);
void boot_write(struct mp_writer *, uint64_t boot);
int boot_read(struct mp_reader *, const char *field, uint64_t *boot);
/* The range of a moment is known only with its boot; a missing moment has
 * none. */
int moment_check(struct mp_reader *, const char *field, struct instant *);

/* nil where not given. */
void text_encode(struct text, struct mp_writer *);
int text_decode(
    struct mp_reader *, const char *field, size_t max, struct text *);
void place_encode(const struct place *, struct mp_writer *);
int place_decode(struct mp_reader *, const char *field, struct place *);

#endif
