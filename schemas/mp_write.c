/*
 * mp's writer: always the shortest form, so that equal values have equal
 * bytes.
 */
#include <string.h>

#include "schemas/mp.h"

void
mp_writer_init(struct mp_writer *w, void *buf, size_t cap)
{
	*w = (struct mp_writer){ .buf = buf, .cap = cap };
}

void
mp_write_raw(struct mp_writer *w, const void *bytes, size_t len)
{
	if (w->full || len > w->cap - w->len) {
		w->full = true;
		return;
	}
	if (len > 0)
		memcpy(w->buf + w->len, bytes, len);
	w->len += len;
}

/* One byte of form, then `value` in `width` bytes, big-endian. */
static void
write_wide(struct mp_writer *w, uint8_t form, uint64_t value, size_t width)
{
	uint8_t bytes[9];

	bytes[0] = form;
	for (size_t i = 0; i < width; i++)
		bytes[1 + i] = (uint8_t)(value >> (8 * (width - 1 - i)));
	mp_write_raw(w, bytes, 1 + width);
}

void
mp_write_uint(struct mp_writer *w, uint64_t v)
{
	if (v < 0x80)
		write_wide(w, (uint8_t)v, 0, 0);
	else if (v <= UINT8_MAX)
		write_wide(w, 0xcc, v, 1);
	else if (v <= UINT16_MAX)
		write_wide(w, 0xcd, v, 2);
	else if (v <= UINT32_MAX)
		write_wide(w, 0xce, v, 4);
	else
		write_wide(w, 0xcf, v, 8);
}

void
mp_write_int(struct mp_writer *w, int64_t v)
{
	if (v >= 0)
		mp_write_uint(w, (uint64_t)v);
	else if (v >= -32)
		write_wide(w, (uint8_t)v, 0, 0);
	else if (v >= INT8_MIN)
		write_wide(w, 0xd0, (uint64_t)v, 1);
	else if (v >= INT16_MIN)
		write_wide(w, 0xd1, (uint64_t)v, 2);
	else if (v >= INT32_MIN)
		write_wide(w, 0xd2, (uint64_t)v, 4);
	else
		write_wide(w, 0xd3, (uint64_t)v, 8);
}

void
mp_write_bool(struct mp_writer *w, bool v)
{
	write_wide(w, v ? 0xc3 : 0xc2, 0, 0);
}

void
mp_write_nil(struct mp_writer *w)
{
	write_wide(w, 0xc0, 0, 0);
}

void
mp_write_str(struct mp_writer *w, const char *s, size_t len)
{
	if (len < 32)
		write_wide(w, (uint8_t)(0xa0 | len), 0, 0);
	else if (len <= UINT8_MAX)
		write_wide(w, 0xd9, len, 1);
	else if (len <= UINT16_MAX)
		write_wide(w, 0xda, len, 2);
	else if (len <= UINT32_MAX)
		write_wide(w, 0xdb, len, 4);
	else
		w->full = true;
	mp_write_raw(w, s, len);
}

void
mp_write_cstr(struct mp_writer *w, const char *s)
{
	if (s == NULL)
		mp_write_nil(w);
	else
		mp_write_str(w, s, strlen(s));
}

void
mp_write_bin(struct mp_writer *w, const void *bytes, size_t len)
{
	if (len <= UINT8_MAX)
		write_wide(w, 0xc4, len, 1);
	else if (len <= UINT16_MAX)
		write_wide(w, 0xc5, len, 2);
	else if (len <= UINT32_MAX)
		write_wide(w, 0xc6, len, 4);
	else
		w->full = true;
	mp_write_raw(w, bytes, len);
}

void
mp_write_array(struct mp_writer *w, uint32_t count)
{
	if (count < 16)
		write_wide(w, (uint8_t)(0x90 | count), 0, 0);
	else if (count <= UINT16_MAX)
		write_wide(w, 0xdc, count, 2);
	else
		write_wide(w, 0xdd, count, 4);
}
