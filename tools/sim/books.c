#include "tools/sim/books.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct books {
	FILE *file; /* NULL: none is kept */
	bool failed;
};

static const char *const types[] = {
	[PURCHASE_SALE] = "sale",
	[PURCHASE_ABANDONED] = "abandoned",
	[PURCHASE_REPEAT] = "repeat",
	[PURCHASE_VOID] = "void",
};

struct books *
books_open(const char *path)
{
	struct books *b = calloc(1, sizeof(*b));

	if (b == NULL || path[0] == '\0')
		return b;
	b->file = fopen(path, "w");
	if (b->file != NULL)
		return b;
	free(b);
	return NULL;
}

int
books_close(struct books *b)
{
	int rc;

	if (b == NULL)
		return 0;
	if (b->file != NULL && fclose(b->file) != 0)
		b->failed = true;
	rc = b->failed ? -1 : 0;
	free(b);
	return rc;
}

static json_t *
folio_text(const char *cart, uint64_t epoch, uint64_t seq)
{
	struct folio folio = { .epoch = epoch, .seq = seq };
	char text[FOLIO_MAX + 1];

	snprintf(folio.cart, sizeof(folio.cart), "%s", cart);
	folio_format(&folio, text);
	return json_string(text);
}

static json_t *
lines_array(const struct purchase *p)
{
	json_t *lines = json_array();

	for (uint32_t i = 0; i < p->line_count; i++) {
		const struct sale_line *line = &p->lines[i];

		json_array_append_new(lines,
		    json_pack("[i,i,I]", (int)line->product, (int)line->units,
			(json_int_t)line->amount));
	}
	return lines;
}

static void
add_content(json_t *o, const struct purchase *p)
{
	json_object_set_new(o, "customer", json_string(p->customer));
	json_object_set_new(o, "contact",
	    p->contact[0] != '\0' ? json_string(p->contact) : json_null());
	json_object_set_new(
	    o, "units", json_integer((json_int_t)purchase_units(p)));
	json_object_set_new(o, "amount", json_integer(purchase_amount(p)));
	json_object_set_new(o, "open_ms", json_integer(p->open_ms));
	json_object_set_new(o, "request_id", json_string(p->request_id));
	json_object_set_new(o, "lines", lines_array(p));
}

void
books_write(struct books *b, const char *cart, uint64_t epoch, uint64_t seq,
    const struct purchase *p)
{
	json_t *folio, *o;

	if (b->file == NULL)
		return;
	if (p->kind == PURCHASE_ABANDONED)
		folio = json_null();
	else if (p->kind == PURCHASE_VOID)
		folio = folio_text(cart, p->of_epoch, p->of_seq);
	else
		folio = folio_text(cart, epoch, seq);
	o = json_pack("{s:s,s:o,s:s,s:I}", "type", types[p->kind], "folio",
	    folio, "cart", cart, "at", (json_int_t)p->at_ms);
	if (o != NULL && p->kind == PURCHASE_REPEAT)
		json_object_set_new(
		    o, "of", folio_text(cart, p->of_epoch, p->of_seq));
	if (o != NULL && p->kind != PURCHASE_VOID)
		add_content(o, p);
	if (o == NULL || json_dumpf(o, b->file, JSON_COMPACT) == -1 ||
	    putc('\n', b->file) == EOF)
		b->failed = true;
	json_decref(o);
}

void
books_flush(struct books *b)
{
	if (b->file != NULL && fflush(b->file) != 0)
		b->failed = true;
}
