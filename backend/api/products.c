/*
 * The guild's catalogue: shown, and laid down as a whole.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/api/forms.h"
#include "backend/api/handlers.h"
#include "backend/api/products_parts.h"
#include "backend/api/writes.h"

/* ---- what is there ---- */

static int
take_products(void *ctx, const void *value, size_t len)
{
	struct price_list *list = ctx;
	struct decode_error error = { 0 };

	list->bytes = malloc(len + 1);
	if (list->bytes == NULL)
		return -1;
	memcpy(list->bytes, value, len);
	if (products_decode(list->bytes, len, &list->products, &error) == -1) {
		errno = ENOENT;
		return -1;
	}
	return 0;
}

struct price_list *
price_list_read(struct charter *charter)
{
	struct price_list *list = calloc(1, sizeof(*list));

	if (list == NULL)
		return NULL;
	list->products.products = list->list;
	if (charter_get(charter, PRODUCTS_KEY, take_products, list) == 0)
		return list;
	price_list_free(list);
	return NULL;
}

void
price_list_free(struct price_list *list)
{
	int error = errno;

	if (list != NULL)
		free(list->bytes);
	free(list);
	errno = error;
}

static void
write_name(struct jsonw *j, const struct text *name)
{
	char text[TEXT_NAME_MAX + 1];

	snprintf(text, sizeof(text), "%.*s", (int)name->len, name->s);
	jsonw_text(j, text);
}

void
price_list_write_name(
    const struct price_list *list, uint32_t code, struct jsonw *j)
{
	size_t i;

	for (i = 0; list != NULL && i < list->products.count; i++)
		if (list->list[i].code == code) {
			write_name(j, &list->list[i].name);
			return;
		}
	jsonw_null(j);
}

static void
write_list(struct jsonw *j, const struct price_list *list)
{
	const struct products *products = list != NULL ? &list->products : NULL;
	size_t i;

	jsonw_open(j, '{');
	jsonw_key(j, "at");
	jsonw_time(j, products != NULL ? products->at_ms : INSTANT_MISSING);
	jsonw_key(j, "by");
	jsonw_text(j, products != NULL ? products->by : NULL);
	jsonw_key(j, "products");
	jsonw_open(j, '[');
	for (i = 0; products != NULL && i < products->count; i++) {
		jsonw_open(j, '{');
		jsonw_key(j, "code");
		jsonw_int(j, list->list[i].code);
		jsonw_key(j, "name");
		write_name(j, &list->list[i].name);
		jsonw_key(j, "price");
		jsonw_int(j, list->list[i].price);
		jsonw_close(j, '}');
	}
	jsonw_close(j, ']');
	jsonw_close(j, '}');
}

static void
write_cell(FILE *f, const struct text *name)
{
	size_t i;

	if (memchr(name->s, '"', name->len) == NULL &&
	    memchr(name->s, ',', name->len) == NULL) {
		fwrite(name->s, 1, name->len, f);
		return;
	}
	fputc('"', f);
	for (i = 0; i < name->len; i++) {
		if (name->s[i] == '"')
			fputc('"', f);
		fputc(name->s[i], f);
	}
	fputc('"', f);
}

/* As it is read back; jsonw takes the text over as it is. */
static void
write_csv(struct answer *a, const struct price_list *list)
{
	char *text = NULL;
	size_t i, len;
	FILE *f = open_memstream(&text, &len);

	a->type = TYPE_CSV;
	if (f == NULL) {
		jsonw_adopt(&a->body, NULL);
		return;
	}
	fputs("product_name,price,code\r\n", f);
	for (i = 0; list != NULL && i < list->products.count; i++) {
		write_cell(f, &list->list[i].name);
		fprintf(f, ",%lld,%u\r\n", (long long)list->list[i].price,
		    list->list[i].code);
	}
	fclose(f);
	jsonw_adopt(&a->body, text);
}

void
api_products(struct call *call)
{
	static const char *const formats[] = { "json", "csv", NULL };
	struct price_list *list;
	int format = 0;

	if (request_choice(
		call->request, "format", formats, &format, call->answer) == -1)
		return;
	list = price_list_read(call->api->charter);
	if (list == NULL && errno != ENOENT) {
		write_no_rule(call, NULL, "");
		return;
	}
	if (format == 1)
		write_csv(call->answer, list);
	else
		write_list(&call->answer->body, list);
	call->answer->cacheable = true;
	price_list_free(list);
}

/* ---- what is written ---- */

static void
answer_put(struct call *call, const struct catalogue *c, bool changed)
{
	struct jsonw *j = &call->answer->body;

	call->answer->status = changed ? 202 : 200;
	jsonw_open(j, '{');
	jsonw_key(j, "products");
	jsonw_int(j, (int64_t)c->count);
	jsonw_key(j, "changed");
	jsonw_bool(j, changed);
	jsonw_close(j, '}');
}

static void
submit_products(struct call *call, const struct catalogue *c)
{
	struct products products = {
		.at_ms = clock_realtime_ms(call->api->clock),
		.count = c->count,
		.products = c->products,
	};
	uint8_t *bytes = malloc(RULES_BYTES_MAX);
	int len = -1;

	write_by(call, products.by);
	if (bytes == NULL)
		answer_problem(call->answer, 503, NULL, NULL, "no memory");
	else if ((len = products_encode(&products, bytes, RULES_BYTES_MAX)) ==
	    -1)
		answer_problem(call->answer, 422, NULL, NULL,
		    "the catalogue does not fit into a cart's %d bytes: "
		    "shorten names, or leave products out",
		    RULES_BYTES_MAX);
	else if (write_rule(call, PRODUCTS_KEY, SCHEMA_PRODUCTS, bytes,
		     (size_t)len) == 0)
		answer_put(call, c, true);
	free(bytes);
}

/* Upon the list that is there, whose codes stay with their names. */
static void
lay_down(struct call *call, struct catalogue *c)
{
	struct price_list *old = price_list_read(call->api->charter);
	size_t count = old != NULL ? old->products.count : 0;

	if (old == NULL && errno != ENOENT) {
		write_no_rule(call, NULL, "");
		return;
	}
	catalogue_number(c, old != NULL ? old->list : NULL, count);
	if (old != NULL && catalogue_equals(c, old->list, count))
		answer_put(call, c, false);
	else
		submit_products(call, c);
	price_list_free(old);
}

void
api_products_put(struct call *call)
{
	const struct request *r = call->request;
	bool csv = r->body_len > 0 && request_is_type(r, TYPE_CSV), good;
	struct catalogue c;
	struct body body;

	body_init(&body);
	if (!csv && write_body(call, &body, false) == -1)
		return;
	if (catalogue_init(&c, r->body_len) == -1) {
		answer_problem(call->answer, 503, NULL, NULL, "no memory");
		body_release(&body);
		return;
	}
	if (csv && memchr(r->body, '\0', r->body_len) != NULL)
		answer_problem(call->answer, 400, NULL, NULL,
		    "the body is no text: it holds a NUL");
	else {
		good = csv ? form_products_csv(&body, r->body, &c)
			   : form_products(&body, &c);
		if (good)
			lay_down(call, &c);
		else
			body_refuse(&body, call->answer);
	}
	catalogue_rows_release(&c);
	body_release(&body);
}
