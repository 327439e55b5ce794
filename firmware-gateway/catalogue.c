#include "firmware-gateway/catalogue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int
catalogue_set(struct catalogue *c, const void *bytes, size_t len,
    struct decode_error *error)
{
	struct catalogue fresh = { .len = len };
	struct product *fitted;

	/* Room for the most there can be: most of it is never touched. */
	fresh.bytes = malloc(len > 0 ? len : 1);
	fresh.products = calloc(CATALOGUE_MAX, sizeof(*fresh.products));
	if (fresh.bytes == NULL || fresh.products == NULL) {
		errno = ENOMEM;
		goto free_fresh;
	}
	memcpy(fresh.bytes, bytes, len);
	if (catalogue_decode(fresh.bytes, len, fresh.products, CATALOGUE_MAX,
		&fresh.count, error) == -1)
		goto free_fresh;
	fitted = realloc(
	    fresh.products, (fresh.count + 1) * sizeof(*fresh.products));
	if (fitted != NULL)
		fresh.products = fitted;
	catalogue_release(c);
	*c = fresh;
	return 0;
free_fresh:
	free(fresh.bytes);
	free(fresh.products);
	return -1;
}

void
catalogue_release(struct catalogue *c)
{
	free(c->bytes);
	free(c->products);
	memset(c, 0, sizeof(*c));
}

const struct product *
catalogue_by_code(const struct catalogue *c, uint32_t code)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->products[i].code == code)
			return &c->products[i];
	return NULL;
}

static void
trim(struct text *t)
{
	while (t->len > 0 && t->s[0] == ' ') {
		t->s++;
		t->len--;
	}
	while (t->len > 0 && t->s[t->len - 1] == ' ')
		t->len--;
}

const struct product *
catalogue_by_name(const struct catalogue *c, const char *name, size_t len)
{
	struct text wanted = { name, len };

	trim(&wanted);
	for (size_t i = 0; i < c->count; i++) {
		struct text has = c->products[i].name;

		trim(&has);
		if (has.len == wanted.len &&
		    strncasecmp(has.s, wanted.s, has.len) == 0)
			return &c->products[i];
	}
	return NULL;
}
