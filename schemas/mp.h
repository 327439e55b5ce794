/*
 * mp: MessagePack, bounded: a cursor over bytes from strangers, and a writer
 * into the caller's buffer.
 *
 * Neither allocates.  The reader never believes a length: an array header
 * only says how many elements to expect, and each must then be there.  (Why
 * not libmsgpack-c: its unpacker allocates what an array header claims.)
 */
#ifndef PREGON_MP_H
#define PREGON_MP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What was wrong, for the person who reads the log. */
struct decode_error {
	char field[48]; /* the field's name, e.g. "sale.lines" */
	char expected[64]; /* e.g. "an integer from 0 to 359" */
};

/* Nesting that mp_skip follows; deeper is an error (EBADMSG). */
#define MP_DEPTH_MAX 8

struct mp_reader {
	const uint8_t *at;
	const uint8_t *end;
	struct decode_error *error; /* the caller's; never NULL */
};

enum mp_type {
	MP_NIL,
	MP_BOOL,
	MP_INT,
	MP_FLOAT,
	MP_STR,
	MP_BIN,
	MP_ARRAY,
	MP_MAP,
	MP_EXT,
	MP_NONE /* at the end, or a byte that starts nothing */
};

void mp_reader_init(
    struct mp_reader *, const void *, size_t, struct decode_error *);
enum mp_type mp_peek(const struct mp_reader *);
size_t mp_left(const struct mp_reader *);

/*
 * Each reads one value called `field` and returns 0, or -1 with errno
 * EBADMSG, *error filled and the cursor where it was.
 */
int mp_read_int(
    struct mp_reader *, const char *field, int64_t min, int64_t max, int64_t *);
int mp_read_uint(
    struct mp_reader *, const char *field, uint64_t max, uint64_t *);
int mp_read_bool(struct mp_reader *, const char *field, bool *);
/* Accepts nil and moves past it (true), else leaves it (false). */
bool mp_read_nil(struct mp_reader *);
/* The bytes stay in the input; valid UTF-8 is required of a str. */
int mp_read_str(struct mp_reader *, const char *field, size_t max_len,
    const char **, size_t *len);
int mp_read_bin(struct mp_reader *, const char *field, size_t max_len,
    const uint8_t **, size_t *len);
/* An array header of min..max elements. */
int mp_read_array(struct mp_reader *, const char *field, uint32_t min,
    uint32_t max, uint32_t *count);
/* Moves past `count` whole values of any type (appended fields). */
int mp_skip(struct mp_reader *, const char *field, uint32_t count);
/* Says that `field` is not what was expected: fills *error, EBADMSG, -1. */
int mp_refuse(struct mp_reader *, const char *field, const char *expected);

/* Writes past `cap` are not done and set `full`; look once, at the end. */
struct mp_writer {
	uint8_t *buf;
	size_t cap;
	size_t len;
	bool full;
};

void mp_writer_init(struct mp_writer *, void *buf, size_t cap);
void mp_write_int(struct mp_writer *, int64_t); /* shortest form */
void mp_write_uint(struct mp_writer *, uint64_t); /* shortest form */
void mp_write_bool(struct mp_writer *, bool);
void mp_write_nil(struct mp_writer *);
void mp_write_str(struct mp_writer *, const char *, size_t len);
void mp_write_cstr(struct mp_writer *, const char *); /* NULL: nil */
void mp_write_bin(struct mp_writer *, const void *, size_t len);
void mp_write_array(struct mp_writer *, uint32_t count);
/* Bytes that are MessagePack already. */
void mp_write_raw(struct mp_writer *, const void *, size_t len);

#endif
