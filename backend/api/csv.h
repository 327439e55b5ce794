/*
 * csv: writes a table as RFC 4180 has it, in UTF-8: commas between cells, CR
 * LF after a row, quotes around what needs them.
 *
 * Spreadsheets run a cell that begins with = + - @ (or a tab, or a new line)
 * as a formula, whoever wrote it: such a text gets an apostrophe before it,
 * which they take for "this is text".  Numbers are written as they are.
 *
 * A failure sticks; it shows at the end.
 */
#ifndef PREGON_API_CSV_H
#define PREGON_API_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct csv {
	FILE *file; /* NULL: no memory */
	char *text; /* owned until csv_finish */
	size_t len;
	bool comma; /* the next cell has one before it */
};

void csv_init(struct csv *);
void csv_text(struct csv *, const char *); /* NULL: an empty cell */
void csv_int(struct csv *, int64_t);
/* value * 10^-places; a negative one is no value: an empty cell. */
void csv_decimal(struct csv *, int64_t value, unsigned places);
/* RFC 3339 in UTC; INT64_MIN (INSTANT_MISSING): an empty cell. */
void csv_time(struct csv *, int64_t unix_ms);
void csv_row_end(struct csv *);

/* The text, NUL-terminated, which is the caller's to free; NULL: no memory. */
char *csv_finish(struct csv *);

#endif
