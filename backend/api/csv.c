/*
 * csv: see the header.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "backend/api/csv.h"
#include "lib/clock.h"

void
csv_init(struct csv *csv)
{
	memset(csv, 0, sizeof(*csv));
	csv->file = open_memstream(&csv->text, &csv->len);
}

/* false: there is nothing to write to. */
static bool
cell(struct csv *csv)
{
	if (csv->file == NULL)
		return false;
	if (csv->comma)
		fputc(',', csv->file);
	csv->comma = true;
	return true;
}

static bool
is_formula(const char *s)
{
	return *s != '\0' && strchr("=+-@\t\r\n", *s) != NULL;
}

void
csv_text(struct csv *csv, const char *s)
{
	bool quoted;

	if (!cell(csv) || s == NULL)
		return;
	quoted = strpbrk(s, ",\"\r\n") != NULL;
	if (quoted)
		fputc('"', csv->file);
	if (is_formula(s))
		fputc('\'', csv->file);
	for (; *s != '\0'; s++) {
		if (*s == '"')
			fputc('"', csv->file);
		fputc(*s, csv->file);
	}
	if (quoted)
		fputc('"', csv->file);
}

void
csv_int(struct csv *csv, int64_t n)
{
	if (cell(csv))
		fprintf(csv->file, "%" PRId64, n);
}

void
csv_decimal(struct csv *csv, int64_t value, unsigned places)
{
	int64_t one = 1;

	if (!cell(csv) || value < 0)
		return;
	for (unsigned i = 0; i < places; i++)
		one *= 10;
	fprintf(csv->file, "%" PRId64 ".%0*" PRId64, value / one, (int)places,
	    value % one);
}

void
csv_time(struct csv *csv, int64_t unix_ms)
{
	char text[CLOCK_TEXT] = "";

	if (unix_ms != INT64_MIN)
		clock_format(unix_ms, text);
	csv_text(csv, text);
}

void
csv_row_end(struct csv *csv)
{
	if (csv->file != NULL)
		fputs("\r\n", csv->file);
	csv->comma = false;
}

char *
csv_finish(struct csv *csv)
{
	char *text;
	bool failed = csv->file == NULL || ferror(csv->file) != 0;

	if (csv->file != NULL && fclose(csv->file) != 0)
		failed = true;
	csv->file = NULL;
	text = csv->text;
	csv->text = NULL;
	if (failed) {
		free(text);
		return NULL;
	}
	return text;
}
