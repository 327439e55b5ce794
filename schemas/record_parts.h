/*
 * record_parts: what the guild's own records share: words, times, plates,
 * places.  For the codecs of schemas/ alone.
 */
#ifndef PREGON_RECORD_PARTS_H
#define PREGON_RECORD_PARTS_H

#include "schemas/event_parts.h"
#include "schemas/identity.h"

/* Text into an array of max + 1, ended with NUL; it may not be empty. */
int record_word_read(
    struct mp_reader *, const char *field, size_t max, char *word);
/* The same, nil where it is "". */
int record_text_read(
    struct mp_reader *, const char *field, size_t max, char *text);
void record_text_write(const char *text, struct mp_writer *);

/* An id that may stand in a key and in a path: [A-Za-z0-9_-]{1,max}. */
bool record_id_is_valid(const char *, size_t len, size_t max);
int record_id_read(struct mp_reader *, const char *field, size_t max, char *id);

/* Which of `count` names it is; -1 (EINVAL): of none. */
int record_name_find(
    const char *const *names, int count, const char *name, size_t len);

int record_cart_read(
    struct mp_reader *, const char *field, char cart[CART_MAX + 1]);

/* One of `count` values from 0 on: an enum. */
int record_choice_read(
    struct mp_reader *, const char *field, int count, int *choice);
int record_uint32_read(
    struct mp_reader *, const char *field, uint32_t min, uint32_t *value);

/* Unix ms, from 2020 to 2100. */
int record_time_read(struct mp_reader *, const char *field, int64_t *ms);
/* The same; nil: INSTANT_MISSING (written by moment_write). */
int record_moment_read(struct mp_reader *, const char *field, int64_t *ms);

/* Two values: latitude and longitude. */
int record_point_read(
    struct mp_reader *, const char *field, int32_t *lat_e6, int32_t *lon_e6);
void record_point_write(int32_t lat_e6, int32_t lon_e6, struct mp_writer *);

#endif
