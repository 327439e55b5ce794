#include <string.h>

#include "backend/api/forms.h"

/* Each product once. */
static void
read_line(
    const struct node *node, int64_t units_min, struct order_request *request)
{
	static const char *const known[] = { "product", "units", NULL };
	struct node product = body_field(node, "product");
	struct node units = body_field(node, "units");
	struct order_line *line = &request->lines[request->line_count];
	int64_t code = -1, count = 0;
	uint32_t i;
	bool good;

	if (!body_object(node, known))
		return;
	good = body_int(&product, 0, PRODUCT_MAX, &code);
	good = body_int(&units, units_min, UNITS_MAX, &count) && good;
	if (!good)
		return;
	for (i = 0; i < request->line_count; i++)
		if (request->lines[i].product == code) {
			body_wrong(&product, "each product once");
			return;
		}
	*line = (struct order_line){ (uint32_t)code, (uint32_t)count };
	request->line_count++;
}

static void
read_lines(
    const struct node *node, int64_t units_min, struct order_request *request)
{
	size_t i, count;

	request->line_count = 0;
	if (!body_list(node, 1, ORDER_LINES_MAX, &count))
		return;
	for (i = 0; i < count; i++) {
		struct node line = body_item(node, i);

		read_line(&line, units_min, request);
	}
}

/* Enough to refuse a name or a number; whether mail arrives is not to be
 * known from its address. */
static bool
is_mail(const char *s)
{
	const char *at = strchr(s, '@');

	return at != NULL && at != s && at[1] != '\0' &&
	    strchr(at + 1, '@') == NULL && s[strcspn(s, " ,;<>\"\\")] == '\0';
}

static void
read_mail(const struct node *node, char mail[TEXT_NAME_MAX + 1])
{
	const char *s;

	if (!body_text(node, 3, TEXT_NAME_MAX, &s))
		return;
	if (is_mail(s))
		memcpy(mail, s, strlen(s) + 1);
	else
		body_wrong(node, "one mail address, name@host");
}

bool
form_order(struct body *body, struct order_request *request)
{
	static const char *const known[] = { "cart", "lines", "mail", NULL };
	struct node root = body_root(body);
	struct node cart = body_field(&root, "cart");
	struct node lines = body_field(&root, "lines");
	struct node mail = body_field(&root, "mail");

	if (!body_object(&root, known))
		return false;
	request->mail[0] = '\0';
	body_cart(&cart, request->cart);
	read_lines(&lines, 1, request);
	if (body_has(&mail))
		read_mail(&mail, request->mail);
	return body_is_good(body);
}

/* recibido is where orders begin, and a cancel has its own form. */
static void
read_to(const struct node *node, enum order_state *to)
{
	static const enum order_state states[] = { ORDER_PREPARANDO,
		ORDER_ENTREGANDO, ORDER_FINALIZADO };
	const char *s = json_string_value(node->json);
	size_t i;

	for (i = 0; s != NULL && i < sizeof(states) / sizeof(states[0]); i++)
		if (strcmp(s, order_state_name(states[i])) == 0) {
			*to = states[i];
			return;
		}
	body_wrong(node, "preparando, entregando or finalizado");
}

bool
form_advance(struct body *body, struct order_request *request)
{
	static const char *const known[] = { "to", "lines", NULL };
	struct node root = body_root(body);
	struct node to = body_field(&root, "to");
	struct node lines = body_field(&root, "lines");

	if (!body_object(&root, known))
		return false;
	request->to = ORDER_STATES;
	request->line_count = 0;
	if (body_has(&to))
		read_to(&to, &request->to);
	if (body_has(&lines))
		read_lines(&lines, 0, request);
	if (body_has(&lines) && request->to == ORDER_ENTREGANDO)
		body_wrong(&lines,
		    "no lines here: units are said of what was prepared and "
		    "of what was delivered");
	return body_is_good(body);
}

bool
form_cancel(struct body *body, struct order_request *request)
{
	static const char *const known[] = { "reason", NULL };
	struct node root = body_root(body);
	struct node reason = body_field(&root, "reason");

	if (!body_object(&root, known))
		return false;
	body_note(&reason, 1, TEXT_NOTE_MAX, request->reason);
	return body_is_good(body);
}
