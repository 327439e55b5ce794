/*
 * rules: what the guild has laid down for its carts, and what they sell.
 * schemas/rules.md is the text.
 */
#include <string.h>

#include "schemas/envelope.h"
#include "schemas/record_parts.h"
#include "schemas/rules.h"

int
rules_encode(const struct rules *rules, void *buf, size_t cap)
{
	struct mp_writer w;

	mp_writer_init(&w, buf, cap);
	mp_write_array(&w, 5);
	mp_write_int(&w, RULES_VERSION);
	mp_write_cstr(&w, rules->scope);
	mp_write_int(&w, rules->at_ms);
	mp_write_cstr(&w, rules->by);
	settings_encode(rules->settings, rules->count, &w);
	return envelope_len(&w);
}

static int
scope_read(struct mp_reader *r, struct rules *rules)
{
	if (record_word_read(r, "rules.scope", CART_MAX, rules->scope) == -1)
		return -1;
	if (strcmp(rules->scope, RULES_ALL) != 0 &&
	    !cart_is_valid(rules->scope, strlen(rules->scope)))
		return mp_refuse(r, "rules.scope", "a plate, or *");
	return 0;
}

/* One whole value, whose reader wants it alone. */
static int
value_find(
    struct mp_reader *r, const char *field, const uint8_t **bytes, size_t *len)
{
	*bytes = r->at;
	if (mp_skip(r, field, 1) == -1)
		return -1;
	*len = (size_t)(r->at - *bytes);
	return 0;
}

int
rules_decode(const void *bytes, size_t len, struct rules *rules,
    struct decode_error *error)
{
	const uint8_t *settings;
	struct mp_reader r;
	size_t settings_len;
	uint32_t appended;

	mp_reader_init(&r, bytes, len, error);
	if (envelope_begin(&r, "rules", RULES_VERSION, 4, &appended) == -1 ||
	    scope_read(&r, rules) == -1 ||
	    record_time_read(&r, "rules.at", &rules->at_ms) == -1 ||
	    record_word_read(&r, "rules.by", TEXT_NAME_MAX, rules->by) == -1 ||
	    value_find(&r, "rules.settings", &settings, &settings_len) == -1 ||
	    settings_decode(settings, settings_len, rules->settings,
		&rules->count, error) == -1)
		return -1;
	return envelope_end(&r, "rules", appended);
}

int
products_encode(const struct products *products, void *buf, size_t cap)
{
	struct mp_writer w;

	mp_writer_init(&w, buf, cap);
	mp_write_array(&w, 4);
	mp_write_int(&w, RULES_VERSION);
	mp_write_int(&w, products->at_ms);
	mp_write_cstr(&w, products->by);
	catalogue_encode(products->products, products->count, &w);
	return envelope_len(&w);
}

int
products_decode(const void *bytes, size_t len, struct products *products,
    struct decode_error *error)
{
	const uint8_t *catalogue;
	struct mp_reader r;
	size_t catalogue_len;
	uint32_t appended;

	mp_reader_init(&r, bytes, len, error);
	if (envelope_begin(&r, "products", RULES_VERSION, 3, &appended) == -1 ||
	    record_time_read(&r, "products.at", &products->at_ms) == -1 ||
	    record_word_read(&r, "products.by", TEXT_NAME_MAX, products->by) ==
		-1 ||
	    value_find(&r, "products.catalogue", &catalogue, &catalogue_len) ==
		-1 ||
	    catalogue_decode(catalogue, catalogue_len, products->products,
		CATALOGUE_MAX, &products->count, error) == -1)
		return -1;
	return envelope_end(&r, "products", appended);
}
