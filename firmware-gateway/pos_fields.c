#include "firmware-gateway/pos_fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const json_t *
field(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return value == NULL || json_is_null(value) ? NULL : value;
}

/* Names are shown on one line; notes may have several. */
static bool
has_control(const char *s, size_t len, bool lines)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] < ' ' && !(lines && s[i] == '\n'))
			return true;
	return false;
}

int
field_text(const json_t *object, const char *name, size_t max,
    struct text *text, struct shop_error *error)
{
	const json_t *value = field(object, name);

	*text = (struct text){ NULL, 0 };
	if (value == NULL)
		return 0;
	if (!json_is_string(value))
		return shop_refuse(error, name, "%s: expected text", name);
	if (json_string_length(value) > max)
		return shop_refuse(error, name,
		    "%s: expected at most %zu bytes, got %zu", name, max,
		    json_string_length(value));
	if (has_control(json_string_value(value), json_string_length(value),
		max > TEXT_NAME_MAX))
		return shop_refuse(error, name,
		    "%s: expected text without control characters", name);
	if (json_string_length(value) > 0)
		*text = (struct text){ json_string_value(value),
			json_string_length(value) };
	return 0;
}

int
field_int(const json_t *object, const char *name, int64_t min, int64_t max,
    bool *given, int64_t *out, struct shop_error *error)
{
	const json_t *value = field(object, name);

	*given = value != NULL;
	if (value == NULL)
		return 0;
	if (!json_is_integer(value) || json_integer_value(value) < min ||
	    json_integer_value(value) > max)
		return shop_refuse(error, name,
		    "%s: expected a whole number from %lld to %lld", name,
		    (long long)min, (long long)max);
	*out = json_integer_value(value);
	return 0;
}

int
field_time(const json_t *object, const char *name, int64_t *unix_ms,
    struct shop_error *error)
{
	const json_t *value = field(object, name);

	*unix_ms = INSTANT_MISSING;
	if (value == NULL)
		return 0;
	if (!json_is_string(value) ||
	    clock_parse(json_string_value(value), unix_ms) == -1)
		return shop_refuse(error, name,
		    "%s: expected a time such as 2026-11-20T13:05:00-03:00",
		    name);
	return 0;
}

int
field_product(const json_t *object, const struct shop *shop, uint32_t *product,
    struct shop_error *error)
{
	const json_t *value = field(object, "product");
	struct text name;
	int64_t code;

	if (value == NULL)
		return shop_product(
		    shop, NULL, NULL, "product", product, error);
	if (json_is_integer(value)) {
		code = json_integer_value(value);
		return shop_product(
		    shop, &code, NULL, "product", product, error);
	}
	if (field_text(object, "product", TEXT_NAME_MAX, &name, error) == -1)
		return -1;
	return shop_product(shop, NULL, name.s != NULL ? &name : NULL,
	    "product", product, error);
}

/* FNV-1a, 64 bits: tells a retry from a mistake, not from an attack. */
static uint64_t
digest(const char *s)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * UINT64_C(1099511628211);
	return h;
}

int
field_request(const json_t *object, struct shop_request *request,
    struct shop_error *error)
{
	json_t *rest;
	char *text;

	request->digest = 0;
	if (field_text(
		object, "request_id", TEXT_NAME_MAX, &request->id, error) == -1)
		return -1;
	if (request->id.s == NULL)
		return 0;
	/* cppcheck-suppress constParameter */
	rest = json_copy((json_t *)(uintptr_t)object);
	if (rest == NULL || json_object_del(rest, "request_id") == -1)
		goto no_memory;
	text = json_dumps(rest, JSON_COMPACT | JSON_SORT_KEYS);
	if (text == NULL)
		goto no_memory;
	request->digest = digest(text);
	free(text);
	json_decref(rest);
	return 0;
no_memory:
	json_decref(rest);
	shop_refuse(error, "", "no memory");
	error->fault = SHOP_STORAGE;
	return -1;
}

/* The line's price from the catalogue; -1: there is none. */
static int64_t
reckon_amount(const struct shop *shop, const struct sale_line *line)
{
	const struct product *p = catalogue_by_code(
	    &shop->catalogue, line->product);

	if (p == NULL || p->price > AMOUNT_MAX / UNITS_MAX)
		return -1;
	return p->price * line->units;
}

static int
read_line(const json_t *object, const struct shop *shop, struct sale_line *line,
    int32_t *after, struct shop_error *error)
{
	bool has_units, has_amount, has_after;
	int64_t units = 0, level = 0;

	if (field_product(object, shop, &line->product, error) == -1 ||
	    field_int(object, "units", 1, UNITS_MAX, &has_units, &units,
		error) == -1 ||
	    field_int(object, "amount", 0, AMOUNT_MAX, &has_amount,
		&line->amount, error) == -1 ||
	    field_int(object, "stock_after", -UNITS_MAX, UNITS_MAX, &has_after,
		&level, error) == -1)
		return -1;
	if (!has_units)
		return shop_refuse(error, "units", "units: missing");
	line->units = (uint32_t)units;
	if (!has_amount)
		line->amount = reckon_amount(shop, line);
	if (line->amount < 0)
		return shop_refuse(error, "amount",
		    "amount: missing, and the catalogue has no price");
	*after = has_after ? (int32_t)level : SHOP_COUNT_DOWN;
	return 0;
}

static int
read_lines(const json_t *lines, const struct shop *shop, struct sale *sale,
    int32_t *after, struct shop_error *error)
{
	size_t count = json_array_size(lines);

	if (!json_is_array(lines) || count > SALE_LINES_MAX)
		return shop_refuse(error, "lines",
		    "lines: expected a list of at most %d", SALE_LINES_MAX);
	for (size_t i = 0; i < count; i++) {
		const json_t *line = json_array_get(lines, i);
		char inner[sizeof(error->field)];

		if (!json_is_object(line))
			return shop_refuse(error, "lines",
			    "lines[%zu]: expected an object", i);
		if (read_line(line, shop, &sale->lines[i], &after[i], error) ==
		    0)
			continue;
		memcpy(inner, error->field, sizeof(inner));
		snprintf(error->field, sizeof(error->field), "lines[%zu].%.16s",
		    i, inner);
		return -1;
	}
	sale->line_count = (uint32_t)count;
	return 0;
}

int
field_lines(const json_t *object, const struct shop *shop, struct sale *sale,
    int32_t after[SALE_LINES_MAX], struct shop_error *error)
{
	static const char *const alone[] = { "product", "units", "amount",
		"stock_after" };
	const json_t *lines = field(object, "lines");
	bool has_alone = false;

	for (size_t i = 0; i < sizeof(alone) / sizeof(*alone); i++)
		has_alone = has_alone || field(object, alone[i]) != NULL;
	if (lines != NULL && has_alone)
		return shop_refuse(error, "lines",
		    "lines: with lines, product, units, amount and stock_after"
		    " belong into each");
	if (lines != NULL) {
		if (read_lines(lines, shop, sale, after, error) == -1)
			return -1;
	} else if (has_alone || sale->confirmed) {
		if (read_line(
			object, shop, &sale->lines[0], &after[0], error) == -1)
			return -1;
		sale->line_count = 1;
	}
	if (sale->confirmed && sale->line_count == 0)
		return shop_refuse(
		    error, "lines", "lines: a sale has at least one");
	return 0;
}
