#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/ctl/catalogue_file.h"

enum column { COLUMN_NAME, COLUMN_PRICE, COLUMN_CODE, COLUMNS };
static const char *const column_names[COLUMNS] = { "product_name", "price",
	"code" };

#define CELLS_MAX 32

struct reading {
	struct catalogue_file *catalogue;
	size_t name_bytes; /* of catalogue->names in use */
	int place[COLUMNS]; /* of each column in a line; -1: not there */
	const char *at;
	int line;
	char *why;
	size_t why_cap;
};

static int
refuse(struct reading *r, const char *expected)
{
	snprintf(r->why, r->why_cap, "line %d: expected %s", r->line, expected);
	return -1;
}

static bool
is_known(
    const struct catalogue_file *c, uint32_t code, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < c->count; i++)
		if (c->products[i].code == code ||
		    (c->products[i].name.len == len &&
			memcmp(c->products[i].name.s, name, len) == 0))
			return true;
	return false;
}

/* The name is copied; there is room for all names of the text. */
static int
add(struct reading *r, long long code, const char *name, long long price)
{
	struct catalogue_file *c = r->catalogue;
	size_t len = strlen(name);
	char *copy = c->names + r->name_bytes;

	if (c->count == CATALOGUE_MAX)
		return refuse(r, "at most 2000 products");
	if (len == 0 || len > TEXT_NAME_MAX)
		return refuse(r, "product_name: 1 to 80 bytes");
	if (price < 0 || price > AMOUNT_MAX)
		return refuse(r, "price: CLP, 0 to 10^12");
	if (code < 0 || code > PRODUCT_MAX)
		return refuse(r, "code: 0 to 65535");
	if (is_known(c, (uint32_t)code, name, len))
		return refuse(r, "a name and a code that no line above has");
	memcpy(copy, name, len);
	r->name_bytes += len;
	c->products[c->count++] = (struct product){
		.code = (uint32_t)code,
		.name = { copy, len },
		.price = price,
	};
	return 0;
}

/* ---- CSV ---- */

/* One cell (RFC 4180) into `cell`; true: another one follows in the line. */
static int
read_cell(struct reading *r, char *cell, size_t cap, bool *more)
{
	bool quoted = *r->at == '"', open = quoted;
	size_t len = 0;

	if (quoted)
		r->at++;
	for (; *r->at != '\0'; r->at++) {
		if (quoted && r->at[0] == '"') {
			if (r->at[1] != '"') {
				r->at++;
				open = false;
				break;
			}
			r->at++;
		} else if (*r->at == '\n' ||
		    (!quoted && (*r->at == ',' || *r->at == '\r'))) {
			break;
		}
		if (len + 1 == cap)
			return refuse(r, "shorter cells");
		cell[len++] = *r->at;
	}
	cell[len] = '\0';
	if (open)
		return refuse(r, "a closing quote in the line");
	*more = *r->at == ',';
	if (*more) {
		r->at++;
		return 0;
	}
	if (*r->at == '\r')
		r->at++;
	if (*r->at == '\n')
		r->at++;
	else if (*r->at != '\0')
		return refuse(r, "a comma or the line's end after a quote");
	return 0;
}

typedef char cells_t[CELLS_MAX][TEXT_NAME_MAX + 8];

/* Number of cells; 0: the text's end; -1. */
static int
read_line(struct reading *r, cells_t cells)
{
	bool more = true;
	int count = 0;

	if (*r->at == '\0')
		return 0;
	r->line++;
	while (more) {
		if (count == CELLS_MAX)
			return refuse(r, "fewer columns");
		if (read_cell(r, cells[count++], sizeof(cells[0]), &more) == -1)
			return -1;
	}
	return count;
}

static int
read_head(struct reading *r, cells_t cells)
{
	int i, c, count = read_line(r, cells);

	if (count == -1)
		return -1;
	for (c = 0; c < COLUMNS; c++) {
		r->place[c] = -1;
		for (i = 0; i < count; i++)
			if (strcmp(cells[i], column_names[c]) == 0)
				r->place[c] = i;
	}
	if (r->place[COLUMN_NAME] == -1 || r->place[COLUMN_PRICE] == -1) {
		r->line = 1;
		return refuse(r, "the columns product_name,price");
	}
	return 0;
}

static int
read_number(const char *text, long long *n)
{
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return -1;
	errno = 0;
	*n = strtoll(text, &end, 10);
	return errno == 0 && *end == '\0' ? 0 : -1;
}

static int
read_product(struct reading *r, cells_t cells, int count)
{
	long long code = (long long)r->catalogue->count, price;
	int c;

	for (c = 0; c < COLUMNS; c++)
		if (r->place[c] >= count)
			return refuse(r, "as many cells as in the first line");
	if (read_number(cells[r->place[COLUMN_PRICE]], &price) == -1)
		return refuse(r, "price: a whole number of CLP");
	if (r->place[COLUMN_CODE] != -1 &&
	    read_number(cells[r->place[COLUMN_CODE]], &code) == -1)
		return refuse(r, "code: a whole number");
	return add(r, code, cells[r->place[COLUMN_NAME]], price);
}

static int
read_csv(struct reading *r)
{
	cells_t cells;
	int count;

	/* What spreadsheets put before UTF-8. */
	if (strncmp(r->at, "\xef\xbb\xbf", 3) == 0)
		r->at += 3;
	if (read_head(r, cells) == -1)
		return -1;
	while ((count = read_line(r, cells)) > 0) {
		if (count == 1 && cells[0][0] == '\0')
			continue;
		if (read_product(r, cells, count) == -1)
			return -1;
	}
	return count;
}

/* ---- JSON ---- */

static int
read_object(struct reading *r, json_t *o)
{
	json_t *code = json_object_get(o, "code");
	const char *name = json_string_value(json_object_get(o, "name"));
	json_t *price = json_object_get(o, "price");

	if (name == NULL || !json_is_integer(price) ||
	    (code != NULL && !json_is_integer(code)))
		return refuse(r,
		    "{\"name\": text, \"price\": CLP}, and maybe "
		    "\"code\": number");
	return add(r,
	    code != NULL ? json_integer_value(code)
			 : (long long)r->catalogue->count,
	    name, json_integer_value(price));
}

/* A "line" is then a place in the list, from 1. */
static int
read_json(struct reading *r)
{
	json_error_t error;
	json_t *root = json_loads(r->at, JSON_REJECT_DUPLICATES, &error);
	json_t *list = json_is_object(root) ? json_object_get(root, "products")
					    : root;
	int rc = 0;
	size_t i;

	if (root == NULL) {
		snprintf(
		    r->why, r->why_cap, "line %d: %s", error.line, error.text);
		return -1;
	}
	if (!json_is_array(list))
		rc = refuse(r, "a list of products");
	for (i = 0; rc == 0 && i < json_array_size(list); i++) {
		r->line = (int)i + 1;
		rc = read_object(r, json_array_get(list, i));
	}
	json_decref(root);
	return rc;
}

int
catalogue_file_read(
    struct catalogue_file *c, const char *text, char *why, size_t why_cap)
{
	struct reading r = {
		.catalogue = c, .at = text, .why = why, .why_cap = why_cap
	};
	const char *first = text + strspn(text, " \t\r\n");
	int rc;

	*c = (struct catalogue_file){ .products = NULL };
	c->products = calloc(CATALOGUE_MAX, sizeof(*c->products));
	c->names = malloc(strlen(text) + 1);
	if (c->products == NULL || c->names == NULL) {
		snprintf(why, why_cap, "no memory");
		catalogue_file_release(c);
		return -1;
	}
	rc = *first == '[' || *first == '{' ? read_json(&r) : read_csv(&r);
	if (rc == 0 && c->count == 0) {
		snprintf(why, why_cap, "it has no products");
		rc = -1;
	}
	if (rc == -1)
		catalogue_file_release(c);
	return rc;
}

void
catalogue_file_release(struct catalogue_file *c)
{
	free(c->products);
	free(c->names);
	*c = (struct catalogue_file){ .products = NULL };
}
