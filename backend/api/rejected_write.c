#include <jansson.h>
#include <string.h>

#include "backend/api/rejected_parts.h"

/* Printable ASCII as it is, every other byte and '\' as \xNN. */
static void
write_escaped(struct jsonw *j, const struct bytes *b)
{
	static const char digits[] = "0123456789abcdef";
	char text[4 * REASON_BYTES + 1], *s = text;

	for (size_t i = 0; i < b->len; i++) {
		unsigned char c = b->at[i];

		if (c >= ' ' && c < 0x7f && c != '\\') {
			*s++ = (char)c;
			continue;
		}
		*s++ = '\\';
		*s++ = 'x';
		*s++ = digits[c >> 4];
		*s++ = digits[c & 15];
	}
	*s = '\0';
	jsonw_text(j, text);
}

/* Text that others wrote, which may be none. */
static void
write_words(struct jsonw *j, const struct bytes *b)
{
	json_t *words = json_stringn((const char *)b->at, b->len);

	if (words != NULL && strlen(json_string_value(words)) == b->len)
		jsonw_text(j, json_string_value(words));
	else
		write_escaped(j, b);
	json_decref(words);
}

/* "pregon/AB1234/sale" or "topic_ventas/1/17"; else the record's key. */
static void
write_source(struct jsonw *j, const struct reject *row)
{
	static const char mqtt[] = "pregon/";
	const char *origin = (const char *)row->origin.at, *slash;
	const size_t lead = sizeof(mqtt) - 1;
	struct bytes topic = row->origin;
	const char *cart = (const char *)row->key.at;
	size_t cart_len = row->key.len;
	char plate[CART_MAX + 1];

	if (topic.len >= lead && memcmp(origin, mqtt, lead) == 0) {
		slash = memchr(origin + lead, '/', topic.len - lead);
		cart = origin + lead;
		cart_len = slash != NULL ? (size_t)(slash - cart)
					 : topic.len - lead;
	} else if (topic.len > 0 &&
	    (slash = memchr(origin, '/', topic.len)) != NULL) {
		topic.len = (size_t)(slash - origin);
	}
	jsonw_key(j, "topic");
	write_words(j, &topic);
	jsonw_key(j, "cart");
	if (cart_len <= CART_MAX && cart_is_valid(cart, cart_len)) {
		memcpy(plate, cart, cart_len);
		plate[cart_len] = '\0';
		jsonw_text(j, plate);
	} else {
		jsonw_null(j);
	}
}

void
rejected_write(struct jsonw *j, const struct reject *row)
{
	jsonw_open(j, '{');
	jsonw_key(j, "at");
	jsonw_time(j, row->at_ms);
	jsonw_key(j, "reason");
	write_words(j, &row->reason);
	write_source(j, row);
	jsonw_key(j, "origin");
	write_words(j, &row->origin);
	jsonw_key(j, "partition");
	jsonw_int(j, row->partition);
	jsonw_key(j, "offset");
	jsonw_int(j, row->offset);
	jsonw_key(j, "bytes");
	jsonw_int(j, (int64_t)row->size);
	jsonw_key(j, "preview");
	write_escaped(j, &row->preview);
	jsonw_close(j, '}');
}
