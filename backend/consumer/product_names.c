/*
 * product_names: see the header.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/product_names.h"
#include "backend/store/read.h"
#include "lib/log.h"

#define FRESH_MS 60000

struct product_names {
	struct reader *reader;
	struct product_row *rows; /* by code */
	size_t count, cap;
	int64_t read_ms; /* 0: never */
	struct log_limit limit;
};

struct product_names *
product_names_new(const char *folder)
{
	struct product_names *names = calloc(1, sizeof(*names));

	if (names == NULL)
		return NULL;
	names->reader = reader_open_sqlite(folder);
	if (names->reader != NULL)
		return names;
	free(names);
	return NULL;
}

void
product_names_free(struct product_names *names)
{
	if (names == NULL)
		return;
	names->reader->ops->close(names->reader);
	free(names->rows);
	free(names);
}

static int
take_catalogue(void *ctx, const struct catalogue_row *row)
{
	(void)ctx, (void)row;
	return 0;
}

static int
take_product(void *ctx, const struct product_row *row)
{
	struct product_names *names = ctx;

	if (names->count == names->cap) {
		size_t cap = names->cap > 0 ? 2 * names->cap : 64;
		void *grown = realloc(names->rows, cap * sizeof(*names->rows));

		if (grown == NULL)
			return -1;
		names->rows = grown;
		names->cap = cap;
	}
	names->rows[names->count++] = *row;
	return 0;
}

static void
read_names(struct product_names *names)
{
	const struct reader_ops *ops = names->reader->ops;
	unsigned long held;

	names->count = 0;
	if (ops->products(names->reader, take_catalogue, take_product, names) ==
		0 ||
	    errno == ENOENT)
		return;
	if (log_limited(&names->limit, 60000, &held))
		log_warn("notify.products",
		    "held_back=%lu why=\"the products' names cannot be read: "
		    "%s\"",
		    held, strerror(errno));
}

const char *
product_name(struct product_names *names, uint32_t product, int64_t now_ms)
{
	size_t low = 0, high;

	if (names->read_ms == 0 || now_ms - names->read_ms > FRESH_MS) {
		names->read_ms = now_ms;
		read_names(names);
	}
	high = names->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (names->rows[middle].code < product)
			low = middle + 1;
		else
			high = middle;
	}
	return low < names->count && names->rows[low].code == product &&
		names->rows[low].name[0] != '\0'
	    ? names->rows[low].name
	    : NULL;
}
