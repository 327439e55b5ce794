#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/catalogue.h"

enum column { COLUMN_NAME, COLUMN_PRICE, COLUMN_CODE, COLUMNS };
static const char *const column_names[COLUMNS] = { "product_name", "price",
	"code" };

#define CELLS_MAX 32

struct reading {
	struct catalogue *catalogue;
	const struct catalogue_critic *critic;
	int place[COLUMNS]; /* of each column in a line; -1: not there */
	const char *at;
	int line;
};

typedef char cells_t[CELLS_MAX][TEXT_NAME_MAX + 8];

static int
refuse(const struct reading *r, const char *column, const char *expected)
{
	r->critic->wrong(r->critic->ctx, r->line, column, expected);
	return -1;
}

/* One cell into `cell`; *more: another one follows in the line. */
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
			return refuse(r, "", "shorter cells");
		cell[len++] = *r->at;
	}
	cell[len] = '\0';
	if (open)
		return refuse(r, "", "a closing quote in the line");
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
		return refuse(r, "", "a comma or the line's end after a quote");
	return 0;
}

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
			return refuse(r, "", "fewer columns");
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
		return refuse(r, "", "the columns product_name,price");
	}
	return 0;
}

static int
read_number(const char *text, int64_t *n)
{
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return -1;
	errno = 0;
	*n = strtoll(text, &end, 10);
	return errno == 0 && *end == '\0' ? 0 : -1;
}

static void
read_product(struct reading *r, cells_t cells, int count)
{
	int64_t code = -1, price = -1;
	int c;

	for (c = 0; c < COLUMNS; c++)
		if (r->place[c] >= count) {
			refuse(r, "", "as many cells as in the first line");
			return;
		}
	/* What is no number is no price and no code either. */
	if (read_number(cells[r->place[COLUMN_PRICE]], &price) == -1)
		price = -1;
	/* A cell left empty: a product of no code yet. */
	if (r->place[COLUMN_CODE] != -1 &&
	    cells[r->place[COLUMN_CODE]][0] != '\0' &&
	    read_number(cells[r->place[COLUMN_CODE]], &code) == -1)
		code = -2;
	catalogue_add(r->catalogue, r->line, cells[r->place[COLUMN_NAME]],
	    price, code, r->critic);
}

int
catalogue_read_csv(struct catalogue *c, const char *text,
    const struct catalogue_critic *critic)
{
	struct reading r = { .catalogue = c, .critic = critic, .at = text };
	cells_t cells;
	int count;

	/* What spreadsheets put before UTF-8. */
	if (strncmp(r.at, "\xef\xbb\xbf", 3) == 0)
		r.at += 3;
	if (read_head(&r, cells) == -1)
		return -1;
	while ((count = read_line(&r, cells)) > 0)
		if (count > 1 || cells[0][0] != '\0')
			read_product(&r, cells, count);
	return count;
}
