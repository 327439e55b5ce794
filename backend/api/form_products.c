#include <stdio.h>
#include <string.h>

#include "backend/api/forms.h"

/* Where a row of the list is wrong, for catalogue_add. */
static void
wrong_in_list(void *ctx, int line, const char *column, const char *expected)
{
	const struct node *product = ctx;
	struct node field;

	(void)line;
	if (column[0] == '\0') {
		body_wrong(product, "%s", expected);
		return;
	}
	field = body_field(
	    product, strcmp(column, "product_name") == 0 ? "name" : column);
	body_wrong(&field, "%s", expected);
}

static void
read_product(const struct node *node, struct catalogue *c)
{
	static const char *const known[] = { "code", "name", "price", NULL };
	const struct catalogue_critic critic = { wrong_in_list,
		(void *)(uintptr_t)node };
	struct node code = body_field(node, "code");
	struct node name = body_field(node, "name");
	struct node price = body_field(node, "price");
	const char *text = NULL;
	int64_t number = -1, amount = 0;
	bool good;

	if (!body_object(node, known))
		return;
	good = body_text(&name, 1, TEXT_NAME_MAX, &text);
	good = body_int(&price, 0, AMOUNT_MAX, &amount) && good;
	if (body_has(&code))
		good = body_int(&code, 0, PRODUCT_MAX, &number) && good;
	if (good)
		catalogue_add(
		    c, (int)node->index + 1, text, amount, number, &critic);
}

bool
form_products(struct body *body, struct catalogue *c)
{
	struct node root = body_root(body);
	size_t i, count;

	if (!body_list(&root, 1, CATALOGUE_MAX, &count))
		return false;
	for (i = 0; i < count; i++) {
		struct node product = body_item(&root, i);

		read_product(&product, c);
	}
	return body_is_good(body);
}

static void
wrong_in_csv(void *ctx, int line, const char *column, const char *expected)
{
	char field[40];

	snprintf(field, sizeof(field), "line %d%s%s", line,
	    column[0] != '\0' ? ", " : "", column);
	body_wrong_field(ctx, field, "expected %s", expected);
}

bool
form_products_csv(struct body *body, const char *text, struct catalogue *c)
{
	const struct catalogue_critic critic = { wrong_in_csv, body };

	if (catalogue_read_csv(c, text, &critic) == 0 && c->count == 0 &&
	    body_is_good(body))
		body_wrong_field(body, "", "expected at least one product");
	return body_is_good(body);
}
