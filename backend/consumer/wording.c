/*
 * wording: see the header.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/wording.h"

#define SUBJECT "Subject: "

int
wording_parse(struct wording *t, const char *text, char *why, size_t why_cap)
{
	const char *end = strchr(text, '\n');

	*t = (struct wording){ NULL, NULL };
	if (strncmp(text, SUBJECT, strlen(SUBJECT)) != 0 || end == NULL ||
	    end[1] != '\n') {
		snprintf(why, why_cap,
		    "expected a line \"" SUBJECT "...\", an empty line, and "
		    "the words");
		errno = EINVAL;
		return -1;
	}
	text += strlen(SUBJECT);
	t->subject = strndup(text, (size_t)(end - text));
	t->body = strdup(end + 2);
	if (t->subject != NULL && t->body != NULL)
		return 0;
	wording_release(t);
	errno = ENOMEM;
	return -1;
}

void
wording_release(struct wording *t)
{
	free(t->subject);
	free(t->body);
	*t = (struct wording){ NULL, NULL };
}

/* A place for a value at `at`: its name, and where it ends; else NULL. */
static const char *
place_read(const char *at, const char *end, char name[WORDING_NAME_MAX + 1])
{
	const char *close;
	size_t len;

	if (end - at < 4 || at[0] != '{' || at[1] != '{')
		return NULL;
	close = memmem(at, (size_t)(end - at), "}}", 2);
	if (close == NULL)
		return NULL;
	len = (size_t)(close - at) - 2;
	if (len > WORDING_NAME_MAX)
		return NULL;
	memcpy(name, at + 2, len);
	name[len] = '\0';
	return close + 2;
}

/* Of one line without its line feed. */
struct line {
	bool asks; /* it has a place for a value */
	bool filled; /* and one of them has a value */
};

static struct line
line_fill(FILE *out, const char *at, const char *end,
    const struct wording_values *values)
{
	struct line line = { false, false };
	char name[WORDING_NAME_MAX + 1];

	while (at < end) {
		const char *next = place_read(at, end, name);
		const char *value;

		if (next == NULL) {
			if (out != NULL)
				fputc(*at, out);
			at++;
			continue;
		}
		at = next;
		line.asks = true;
		value = values->find(values->ctx, name);
		if (value == NULL || value[0] == '\0')
			continue;
		line.filled = true;
		if (out != NULL)
			fputs(value, out);
	}
	return line;
}

/* Lines that were left out leave no hole: one empty line after another is
 * left out too. */
static void
lines_fill(FILE *out, const char *at, const struct wording_values *values)
{
	bool blank = true;

	while (*at != '\0') {
		const char *end = at + strcspn(at, "\n");
		bool empty = end == at;
		/* Looked at first: what is written cannot be taken back. */
		struct line line = line_fill(NULL, at, end, values);

		if ((!line.asks || line.filled) && !(empty && blank)) {
			line_fill(out, at, end, values);
			if (*end == '\n')
				fputc('\n', out);
			blank = empty;
		}
		at = *end == '\n' ? end + 1 : end;
	}
}

static void
whole_fill(FILE *out, const char *at, const struct wording_values *values)
{
	line_fill(out, at, at + strlen(at), values);
}

static char *
fill(const char *words, const struct wording_values *values,
    void (*write)(FILE *, const char *, const struct wording_values *))
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	bool failed;

	if (out == NULL)
		return NULL;
	write(out, words, values);
	failed = ferror(out) != 0;
	if (fclose(out) == 0 && !failed)
		return text;
	free(text);
	errno = ENOMEM;
	return NULL;
}

char *
wording_fill(const char *words, const struct wording_values *values)
{
	return fill(words, values, lines_fill);
}

char *
wording_fill_line(const char *words, const struct wording_values *values)
{
	return fill(words, values, whole_fill);
}
