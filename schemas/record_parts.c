/*
 * record_parts: words, times, plates, places.
 */
#include <errno.h>
#include <string.h>

#include "schemas/record_parts.h"

int
record_text_read(struct mp_reader *r, const char *field, size_t max, char *text)
{
	const char *s;
	size_t len;

	text[0] = '\0';
	if (mp_read_nil(r))
		return 0;
	if (mp_read_str(r, field, max, &s, &len) == -1)
		return -1;
	memcpy(text, s, len);
	text[len] = '\0';
	return 0;
}

int
record_word_read(struct mp_reader *r, const char *field, size_t max, char *word)
{
	if (record_text_read(r, field, max, word) == -1)
		return -1;
	if (word[0] == '\0')
		return mp_refuse(r, field, "some text");
	return 0;
}

void
record_text_write(const char *text, struct mp_writer *w)
{
	mp_write_cstr(w, text[0] == '\0' ? NULL : text);
}

bool
record_id_is_valid(const char *id, size_t len, size_t max)
{
	if (len == 0 || len > max)
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = id[i];

		if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z') &&
		    (c < '0' || c > '9') && c != '_' && c != '-')
			return false;
	}
	return true;
}

int
record_id_read(struct mp_reader *r, const char *field, size_t max, char *id)
{
	if (record_word_read(r, field, max, id) == -1)
		return -1;
	if (!record_id_is_valid(id, strlen(id), max))
		return mp_refuse(r, field, "an id, [A-Za-z0-9_-]");
	return 0;
}

int
record_name_find(
    const char *const *names, int count, const char *name, size_t len)
{
	for (int i = 0; i < count; i++) {
		if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0)
			return i;
	}
	errno = EINVAL;
	return -1;
}

int
record_cart_read(
    struct mp_reader *r, const char *field, char cart[CART_MAX + 1])
{
	if (record_word_read(r, field, CART_MAX, cart) == -1)
		return -1;
	if (!cart_is_valid(cart, strlen(cart)))
		return mp_refuse(r, field, "a plate, [A-Z0-9]{4,8}");
	return 0;
}

int
record_choice_read(
    struct mp_reader *r, const char *field, int count, int *choice)
{
	int64_t value;

	if (mp_read_int(r, field, 0, count - 1, &value) == -1)
		return -1;
	*choice = (int)value;
	return 0;
}

int
record_uint32_read(
    struct mp_reader *r, const char *field, uint32_t min, uint32_t *value)
{
	int64_t wide;

	if (mp_read_int(r, field, min, UINT32_MAX, &wide) == -1)
		return -1;
	*value = (uint32_t)wide;
	return 0;
}

int
record_time_read(struct mp_reader *r, const char *field, int64_t *ms)
{
	return mp_read_int(r, field, TIME_MIN_MS, TIME_MAX_MS, ms);
}

int
record_moment_read(struct mp_reader *r, const char *field, int64_t *ms)
{
	*ms = INSTANT_MISSING;
	return mp_read_nil(r) ? 0 : record_time_read(r, field, ms);
}

int
record_point_read(
    struct mp_reader *r, const char *field, int32_t *lat_e6, int32_t *lon_e6)
{
	int64_t lat, lon;

	if (mp_read_int(r, field, -LAT_E6_MAX, LAT_E6_MAX, &lat) == -1 ||
	    mp_read_int(r, field, -LON_E6_MAX, LON_E6_MAX, &lon) == -1)
		return -1;
	*lat_e6 = (int32_t)lat;
	*lon_e6 = (int32_t)lon;
	return 0;
}

void
record_point_write(int32_t lat_e6, int32_t lon_e6, struct mp_writer *w)
{
	mp_write_int(w, lat_e6);
	mp_write_int(w, lon_e6);
}
