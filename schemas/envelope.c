/*
 * envelope: versions, appended fields, epochs.
 */
#include <errno.h>
#include <limits.h>

#include "schemas/envelope.h"
#include "schemas/identity.h"

#define EPOCH_BYTES (EPOCH_BITS / 8)

void
epoch_write(uint64_t epoch, struct mp_writer *w)
{
	uint8_t bytes[EPOCH_BYTES];

	for (int i = 0; i < EPOCH_BYTES; i++)
		bytes[i] = (uint8_t)(epoch >> (8 * (EPOCH_BYTES - 1 - i)));
	mp_write_bin(w, bytes, sizeof(bytes));
}

int
epoch_read(struct mp_reader *r, const char *field, uint64_t *epoch)
{
	const uint8_t *start = r->at;
	const uint8_t *bytes;
	size_t len;

	*epoch = 0;
	if (mp_read_bin(r, field, EPOCH_BYTES, &bytes, &len) == 0 &&
	    len == EPOCH_BYTES) {
		for (size_t i = 0; i < len; i++)
			*epoch = *epoch << 8 | bytes[i];
		if (*epoch != 0)
			return 0;
	}
	r->at = start;
	return mp_refuse(r, field, "a bin of 5 bytes, not all 0");
}

int
envelope_begin(struct mp_reader *r, const char *name, int64_t version,
    uint32_t fields, uint32_t *appended)
{
	uint32_t count;
	int64_t is;

	if (mp_read_array(r, name, 1, UINT32_MAX, &count) == -1 ||
	    mp_read_int(r, name, 1, UINT16_MAX, &is) == -1)
		return -1;
	if (is != version) {
		mp_refuse(r, name, "a version that is known");
		errno = ENOTSUP;
		return -1;
	}
	if (count < 1 + fields)
		return mp_refuse(r, name, "more values");
	*appended = count - 1 - fields;
	return 0;
}

int
envelope_end(struct mp_reader *r, const char *name, uint32_t appended)
{
	if (mp_skip(r, name, appended) == -1)
		return -1;
	if (mp_left(r) != 0)
		return mp_refuse(r, name, "nothing after the array");
	return 0;
}

int
envelope_len(const struct mp_writer *w)
{
	if (w->full || w->len > INT_MAX) {
		errno = ENOBUFS;
		return -1;
	}
	return (int)w->len;
}
