#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "tools/ctl/catalogue_file.h"

/* The first complaint, which is the one that is shown. */
struct complaint {
	char *why;
	size_t why_cap;
	bool made;
};

static void
complain(void *ctx, int line, const char *column, const char *expected)
{
	struct complaint *c = ctx;

	if (!c->made)
		snprintf(c->why, c->why_cap, "line %d: expected %s%s%s", line,
		    column, column[0] != '\0' ? ": " : "", expected);
	c->made = true;
}

static void
read_object(struct catalogue *c, int line, json_t *o,
    const struct catalogue_critic *critic)
{
	json_t *code = json_object_get(o, "code");
	const char *name = json_string_value(json_object_get(o, "name"));
	json_t *price = json_object_get(o, "price");

	if (name == NULL || !json_is_integer(price) ||
	    (code != NULL &&
		(!json_is_integer(code) || json_integer_value(code) < 0)))
		critic->wrong(critic->ctx, line, "",
		    "{\"name\": text, \"price\": CLP}, and maybe "
		    "\"code\": number");
	else
		catalogue_add(c, line, name, json_integer_value(price),
		    code != NULL ? json_integer_value(code) : -1, critic);
}

/* A "line" is then a place in the list, from 1. */
static void
read_json(struct catalogue *c, const char *text,
    const struct catalogue_critic *critic)
{
	json_error_t error;
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	json_t *list = json_is_object(root) ? json_object_get(root, "products")
					    : root;
	size_t i;

	if (root == NULL)
		critic->wrong(critic->ctx, error.line, "JSON", error.text);
	else if (!json_is_array(list))
		critic->wrong(critic->ctx, 0, "", "a list of products");
	for (i = 0; i < json_array_size(list); i++)
		read_object(c, (int)i + 1, json_array_get(list, i), critic);
	json_decref(root);
}

int
catalogue_file_read(
    struct catalogue *c, const char *text, char *why, size_t why_cap)
{
	struct complaint complaint = { .why = why, .why_cap = why_cap };
	const struct catalogue_critic critic = { complain, &complaint };
	const char *first = text + strspn(text, " \t\r\n");

	if (catalogue_init(c, strlen(text)) == -1) {
		snprintf(why, why_cap, "no memory");
		return -1;
	}
	if (*first == '[' || *first == '{')
		read_json(c, text, &critic);
	else
		catalogue_read_csv(c, text, &critic);
	if (!complaint.made && c->count == 0) {
		snprintf(why, why_cap, "it has no products");
		complaint.made = true;
	}
	if (complaint.made) {
		catalogue_rows_release(c);
		return -1;
	}
	catalogue_number(c, NULL, 0);
	return 0;
}
