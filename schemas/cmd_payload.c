/*
 * What commands carry: settings, the catalogue, messages (declared in
 * down.h; order news are in order.c).
 */
#include "schemas/down.h"
#include "schemas/envelope.h"

static int
text_read(struct mp_reader *r, const char *field, size_t max, struct text *text)
{
	return mp_read_str(r, field, max, &text->s, &text->len);
}

/* A payload is a list of at most `max` arrays. */
static int
list_begin(struct mp_reader *r, const void *bytes, size_t len, const char *name,
    size_t max, uint32_t *count, struct decode_error *error)
{
	uint32_t most = max > UINT32_MAX ? UINT32_MAX : (uint32_t)max;

	mp_reader_init(r, bytes, len, error);
	return mp_read_array(r, name, 0, most, count);
}

int
settings_decode(const void *bytes, size_t len,
    struct setting settings[SETTINGS_MAX], size_t *count,
    struct decode_error *error)
{
	uint32_t n, fields;
	struct mp_reader r;

	if (list_begin(&r, bytes, len, "settings", SETTINGS_MAX, &n, error) ==
	    -1)
		return -1;
	for (uint32_t i = 0; i < n; i++) {
		if (mp_read_array(&r, "settings", 2, UINT32_MAX, &fields) ==
			-1 ||
		    text_read(&r, "settings.key", TEXT_NAME_MAX,
			&settings[i].key) == -1 ||
		    text_read(&r, "settings.value", TEXT_NOTE_MAX,
			&settings[i].value) == -1 ||
		    mp_skip(&r, "settings", fields - 2) == -1)
			return -1;
	}
	*count = n;
	return envelope_end(&r, "settings", 0);
}

void
settings_encode(
    const struct setting *settings, size_t count, struct mp_writer *w)
{
	mp_write_array(w, (uint32_t)count);
	for (size_t i = 0; i < count; i++) {
		mp_write_array(w, 2);
		mp_write_str(w, settings[i].key.s, settings[i].key.len);
		mp_write_str(w, settings[i].value.s, settings[i].value.len);
	}
}

int
catalogue_decode(const void *bytes, size_t len, struct product *products,
    size_t cap, size_t *count, struct decode_error *error)
{
	uint32_t n, fields;
	struct mp_reader r;
	int64_t code;

	if (list_begin(&r, bytes, len, "catalogue",
		cap < CATALOGUE_MAX ? cap : CATALOGUE_MAX, &n, error) == -1)
		return -1;
	for (uint32_t i = 0; i < n; i++) {
		if (mp_read_array(&r, "catalogue", 3, UINT32_MAX, &fields) ==
			-1 ||
		    mp_read_int(&r, "catalogue.code", 0, PRODUCT_MAX, &code) ==
			-1 ||
		    text_read(&r, "catalogue.name", TEXT_NAME_MAX,
			&products[i].name) == -1 ||
		    mp_read_int(&r, "catalogue.price", 0, AMOUNT_MAX,
			&products[i].price) == -1 ||
		    mp_skip(&r, "catalogue", fields - 3) == -1)
			return -1;
		products[i].code = (uint32_t)code;
	}
	*count = n;
	return envelope_end(&r, "catalogue", 0);
}

void
catalogue_encode(
    const struct product *products, size_t count, struct mp_writer *w)
{
	mp_write_array(w, (uint32_t)count);
	for (size_t i = 0; i < count; i++) {
		mp_write_array(w, 3);
		mp_write_uint(w, products[i].code);
		mp_write_str(w, products[i].name.s, products[i].name.len);
		mp_write_int(w, products[i].price);
	}
}

int
message_decode(const void *bytes, size_t len, struct message *message,
    struct decode_error *error)
{
	struct mp_reader r;
	uint32_t fields;

	mp_reader_init(&r, bytes, len, error);
	if (mp_read_array(&r, "message", 2, UINT32_MAX, &fields) == -1 ||
	    mp_read_int(&r, "message.at", TIME_MIN_MS, TIME_MAX_MS,
		&message->at_ms) == -1 ||
	    text_read(&r, "message.text", TEXT_NOTE_MAX, &message->text) == -1)
		return -1;
	return envelope_end(&r, "message", fields - 2);
}

void
message_encode(const struct message *message, struct mp_writer *w)
{
	mp_write_array(w, 2);
	mp_write_int(w, message->at_ms);
	mp_write_str(w, message->text.s, message->text.len);
}
