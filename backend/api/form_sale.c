/*
 * A purchase that somebody tells by phone.  Its times are its own: what a
 * repeat says is then the same, to the last byte.
 */
#include <string.h>

#include "backend/api/forms.h"
#include "lib/clock.h"

/* A phone's clock may be ahead; of more the roles would not believe it. */
#define AHEAD_MAX_MS 120000

static bool
read_time(const struct node *node, int64_t *unix_ms)
{
	const char *s = json_string_value(node->json);
	int64_t ms;

	if (s == NULL || clock_parse(s, &ms) == -1 || ms < TIME_MIN_MS ||
	    ms > TIME_MAX_MS) {
		body_wrong(node, "a time as 2026-11-20T13:05:00-03:00");
		return false;
	}
	*unix_ms = ms;
	return true;
}

static bool
read_end(const struct node *end, int64_t now_ms, struct sale *sale)
{
	if (!read_time(end, &sale->at.ms))
		return false;
	if (sale->at.ms <= now_ms + AHEAD_MAX_MS)
		return true;
	body_wrong(end, "a time that has come: is the phone's clock right?");
	return false;
}

static void
read_times(const struct node *root, int64_t now_ms, struct sale *sale)
{
	struct node opened = body_field(root, "opened_at");
	struct node confirmed = body_field(root, "confirmed_at");
	struct node abandoned = body_field(root, "abandoned_at");
	const struct node *end = &confirmed;
	int64_t opened_ms;
	bool ended;

	if (body_has(&abandoned) && body_has(&confirmed))
		body_wrong(
		    &abandoned, "confirmed_at or abandoned_at, not both");
	else if (body_has(&abandoned))
		end = &abandoned;
	sale->confirmed = end == &confirmed;
	ended = read_end(end, now_ms, sale);
	if (!body_has(&opened) || !read_time(&opened, &opened_ms) || !ended)
		return;
	sale->open_ms = sale->at.ms - opened_ms;
	if (sale->open_ms < 0 || sale->open_ms > BOOT_MS_MAX)
		body_wrong(&opened, "a time before %s, by ten years at most",
		    end->key);
}

/* One that stands in a line, or beside what is told of the sale itself. */
static void
read_line(const struct node *node, struct form_sale *form)
{
	struct node product = body_field(node, "product");
	struct node units = body_field(node, "units");
	struct node amount = body_field(node, "amount");
	struct node after = body_field(node, "stock_after");
	int64_t code = 0, count = 0, level = 0;
	uint32_t i = form->sale.line_count;
	struct sale_line *line = &form->sale.lines[i];
	bool good = true;

	if (body_has(&product))
		good = body_int(&product, 0, PRODUCT_MAX, &code);
	good = body_int(&units, 1, UNITS_MAX, &count) && good;
	good = body_int(&amount, 0, AMOUNT_MAX, &line->amount) && good;
	if (body_has(&after))
		good = body_int(&after, -UNITS_MAX, UNITS_MAX, &level) && good;
	if (!good)
		return;
	line->product = (uint32_t)code;
	line->units = (uint32_t)count;
	form->level_told[i] = body_has(&after);
	form->levels[i] = (int32_t)level;
	form->sale.line_count++;
}

static void
read_lines(const struct node *lines, struct form_sale *form)
{
	static const char *const known[] = { "product", "units", "amount",
		"stock_after", NULL };
	size_t i, count;

	if (!body_list(
		lines, form->sale.confirmed ? 1 : 0, SALE_LINES_MAX, &count))
		return;
	for (i = 0; i < count; i++) {
		struct node line = body_item(lines, i);

		if (body_object(&line, known))
			read_line(&line, form);
	}
}

static bool
has_line_alone(const struct node *root)
{
	static const char *const alone[] = { "product", "units", "amount",
		"stock_after" };
	size_t i;

	for (i = 0; i < sizeof(alone) / sizeof(alone[0]); i++) {
		struct node field = body_field(root, alone[i]);

		if (body_has(&field))
			return true;
	}
	return false;
}

/* An abandoned purchase may have none. */
static void
read_what(const struct node *root, struct form_sale *form)
{
	struct node lines = body_field(root, "lines");
	bool alone = has_line_alone(root);

	if (body_has(&lines) && alone)
		body_wrong(&lines,
		    "product, units, amount and stock_after within each line");
	else if (body_has(&lines))
		read_lines(&lines, form);
	else if (alone || form->sale.confirmed)
		read_line(root, form);
}

static void
read_name(const struct node *root, const char *key, struct text *text)
{
	struct node node = body_field(root, key);
	const char *s;

	if (body_has(&node) && body_text(&node, 1, TEXT_NAME_MAX, &s))
		*text = (struct text){ s, strlen(s) };
}

static void
read_place(const struct node *root, struct place *place)
{
	struct node lat = body_field(root, "lat");
	struct node lon = body_field(root, "lon");

	if (!body_has(&lat) && !body_has(&lon))
		return;
	place->given = true;
	body_degrees(&lat, LAT_E6_MAX, &place->lat_e6);
	body_degrees(&lon, LON_E6_MAX, &place->lon_e6);
}

bool
form_sale(struct body *body, int64_t now_ms, struct form_sale *form)
{
	static const char *const known[] = { "cart", "customer", "contact",
		"request_id", "product", "units", "amount", "stock_after",
		"lines", "opened_at", "confirmed_at", "abandoned_at", "lat",
		"lon", NULL };
	struct node root = body_root(body);
	struct node cart = body_field(&root, "cart");

	memset(form, 0, sizeof(*form));
	form->sale.open_ms = -1;
	if (!body_object(&root, known))
		return false;
	body_cart(&cart, form->cart);
	read_times(&root, now_ms, &form->sale);
	read_what(&root, form);
	read_name(&root, "customer", &form->sale.customer);
	read_name(&root, "contact", &form->sale.contact);
	read_name(&root, "request_id", &form->sale.request_id);
	read_place(&root, &form->sale.place);
	return body_is_good(body);
}

bool
form_void(struct body *body, char reason[TEXT_NOTE_MAX + 1])
{
	static const char *const known[] = { "reason", NULL };
	struct node root = body_root(body);
	struct node node = body_field(&root, "reason");

	if (!body_object(&root, known))
		return false;
	body_note(&node, 1, TEXT_NOTE_MAX, reason);
	return body_is_good(body);
}
