#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/catalogue.h"

int
catalogue_init(struct catalogue *c, size_t name_cap)
{
	*c = (struct catalogue){ .name_cap = name_cap };
	c->products = calloc(CATALOGUE_MAX, sizeof(*c->products));
	c->names = malloc(name_cap + 1);
	if (c->products != NULL && c->names != NULL)
		return 0;
	catalogue_rows_release(c);
	errno = ENOMEM;
	return -1;
}

void
catalogue_rows_release(struct catalogue *c)
{
	free(c->products);
	free(c->names);
	*c = (struct catalogue){ .products = NULL };
}

static bool
same_name(const struct product *p, const struct product *q)
{
	return p->name.len == q->name.len &&
	    memcmp(p->name.s, q->name.s, p->name.len) == 0;
}

static const struct product *
find_name(const struct product *list, size_t count, const struct product *p)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (same_name(&list[i], p))
			return &list[i];
	return NULL;
}

static const struct product *
find_code(const struct product *list, size_t count, uint32_t code)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (list[i].code == code)
			return &list[i];
	return NULL;
}

struct row {
	const struct catalogue_critic *critic;
	int line;
	int wrong;
};

static void
refuse(struct row *row, const char *column, const char *expected)
{
	row->critic->wrong(row->critic->ctx, row->line, column, expected);
	row->wrong++;
}

static bool
has_control(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return true;
	return false;
}

int
catalogue_add(struct catalogue *c, int line, const char *name, int64_t price,
    int64_t code, const struct catalogue_critic *critic)
{
	struct row row = { critic, line, 0 };
	struct product p = { .code = CATALOGUE_NO_CODE,
		.name = { name, strlen(name) },
		.price = price };

	if (c->count == CATALOGUE_MAX) {
		refuse(&row, "", "at most 2000 products");
		return -1;
	}
	if (p.name.len == 0 || p.name.len > TEXT_NAME_MAX || has_control(name))
		refuse(&row, "product_name",
		    "1 to 80 bytes without control characters");
	else if (find_name(c->products, c->count, &p) != NULL)
		refuse(&row, "product_name", "a name that none above has");
	if (price < 0 || price > AMOUNT_MAX)
		refuse(&row, "price", "a whole number of CLP, 0 to 10^12");
	if (code < -1 || code > PRODUCT_MAX)
		refuse(&row, "code", "a whole number, 0 to 65535");
	else if (code != -1)
		p.code = (uint32_t)code;
	if (p.code != CATALOGUE_NO_CODE &&
	    find_code(c->products, c->count, p.code) != NULL)
		refuse(&row, "code", "a code that none above has");
	if (row.wrong == 0 && p.name.len > c->name_cap - c->name_bytes)
		refuse(&row, "", "shorter names");
	if (row.wrong > 0)
		return -1;
	p.name.s = memcpy(c->names + c->name_bytes, name, p.name.len);
	c->name_bytes += p.name.len;
	c->products[c->count++] = p;
	return 0;
}

static uint32_t
highest_code(const struct product *list, size_t count)
{
	uint32_t highest = 0;
	size_t i;

	for (i = 0; i < count; i++)
		if (list[i].code > highest)
			highest = list[i].code;
	return highest;
}

void
catalogue_number(
    struct catalogue *c, const struct product *old, size_t old_count)
{
	uint32_t next = old_count > 0 ? highest_code(old, old_count) + 1 : 0;
	const struct product *before;
	struct product *p;

	for (p = c->products; p < c->products + c->count; p++) {
		if (p->code != CATALOGUE_NO_CODE)
			continue;
		before = find_name(old, old_count, p);
		if (before != NULL &&
		    find_code(c->products, c->count, before->code) == NULL)
			p->code = before->code;
	}
	for (p = c->products; p < c->products + c->count; p++) {
		if (p->code != CATALOGUE_NO_CODE)
			continue;
		/* 2000 products cannot fill 65536 codes. */
		while (next > PRODUCT_MAX ||
		    find_code(c->products, c->count, next) != NULL)
			next = next >= PRODUCT_MAX ? 0 : next + 1;
		p->code = next++;
	}
}

bool
catalogue_equals(
    const struct catalogue *c, const struct product *list, size_t count)
{
	size_t i;

	if (c->count != count)
		return false;
	for (i = 0; i < count; i++)
		if (c->products[i].code != list[i].code ||
		    c->products[i].price != list[i].price ||
		    !same_name(&c->products[i], &list[i]))
			return false;
	return true;
}
