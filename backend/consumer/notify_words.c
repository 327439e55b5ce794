/*
 * notify_words: see the header.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backend/consumer/notify_words.h"

#define RFC3339_LEN 20 /* "2026-11-20T16:00:00Z" */

static const char *
value_of(const struct notice *notice, const char *name)
{
	for (uint32_t i = 0; i < notice->value_count; i++) {
		if (strcmp(notice->values[i].name, name) == 0)
			return notice->values[i].value;
	}
	return NULL;
}

/* On the wall, as people of that language write it. */
static const char *
moment_text(struct words *w, int64_t ms)
{
	const char *format = templates_word(
	    w->n->templates, w->language, "time", "format");
	time_t s = (time_t)(ms / 1000);
	struct tm tm;

	localtime_r(&s, &tm);
	if (strftime(w->text, sizeof(w->text),
		format != NULL ? format : "%Y-%m-%d %H:%M", &tm) == 0)
		w->text[0] = '\0';
	return w->text;
}

/* "20 x 3": so many units of that product. */
static int
line_text(
    struct words *w, uint32_t units, uint32_t product, char *text, size_t cap)
{
	const struct templates *t = w->n->templates;
	const char *name = product_name(w->n->products, product, w->n->now_ms);
	const char *plain = templates_word(t, w->language, "lines", "product");
	const char *full = templates_word(t, w->language, "lines", "fill");
	char number[64];

	if (name == NULL) {
		snprintf(number, sizeof(number), "%.40s %u",
		    plain != NULL ? plain : "product", product);
		name = number;
	}
	/* Not fixed yet: what is missing when it is prepared. */
	if (units == 0)
		return snprintf(
		    text, cap, "%s %s", full != NULL ? full : "?", name);
	return snprintf(text, cap, "%u × %s", units, name);
}

/* Units of products with what they are called; else as it came. */
static const char *
lines_text(struct words *w, const char *value)
{
	size_t len = 0;
	const char *at = value;

	w->text[0] = '\0';
	while (*at != '\0') {
		unsigned units, product;
		char line[TEXT_NAME_MAX + 100];
		int read = 0, n;

		if (sscanf(at, "%9u x %9u%n", &units, &product, &read) != 2)
			return value;
		n = line_text(w, units, product, line, sizeof(line));
		if (len + (size_t)n + 3 >= sizeof(w->text))
			break;
		len += (size_t)snprintf(w->text + len, sizeof(w->text) - len,
		    "%s%s", len > 0 ? ", " : "", line);
		at += read;
		at += strspn(at, ", ");
	}
	return w->text;
}

static const char *
said(struct words *w, const char *name, const char *value)
{
	const char *word = templates_word(
	    w->n->templates, w->language, name, value);
	const char *code = value_of(w->notice, "code");
	int64_t ms;

	/* A reason of the guild's own has a code, and words for it in each
	 * language; one that a person wrote stands as it is. */
	if (word == NULL && code != NULL && strcmp(name, "reason") == 0)
		word = templates_word(
		    w->n->templates, w->language, "code", code);
	if (word != NULL)
		return word;
	if (strcmp(name, "lines") == 0)
		return lines_text(w, value);
	if (strlen(value) == RFC3339_LEN && value[RFC3339_LEN - 1] == 'Z' &&
	    clock_parse(value, &ms) == 0)
		return moment_text(w, ms);
	return value;
}

/* Of wording_fill: what the notice says comes first. */
static const char *
words_find(void *ctx, const char *name)
{
	struct words *w = ctx;
	const struct role_settings *s = w->n->settings;
	const char *value = value_of(w->notice, name);

	if (value != NULL)
		return said(w, name, value);
	if (strcmp(name, "guild") == 0)
		return s->guild_name;
	if (strcmp(name, "guild_contact") == 0)
		return s->guild_contact;
	if (strcmp(name, "first_name") == 0)
		return w->first_name;
	if (strcmp(name, "list") == 0)
		return w->list;
	if (strcmp(name, "id") == 0)
		return w->notice->subject;
	if (strcmp(name, "at") == 0)
		return moment_text(w, w->notice->at_ms);
	return NULL;
}

void
words_begin(struct words *w, struct notify *n, const struct notice *notice,
    const struct contact *contact)
{
	const char *language = value_of(notice, "language");

	if (language == NULL || language[0] == '\0')
		language = contact->language;
	*w = (struct words){ .n = n,
		.notice = notice,
		.language = language[0] != '\0' ? language
						: n->settings->language,
		.first_name = contact->first_name };
}

char *
words_subject(const struct wording *wording, struct words *w)
{
	char *text = wording_fill_line(
	    wording->subject, &(struct wording_values){ words_find, w });
	size_t len = 0;

	for (const char *at = text; text != NULL && *at != '\0'; at++) {
		bool space = (unsigned char)*at <= ' ';

		if (!space || (len > 0 && text[len - 1] != ' '))
			text[len++] = space ? ' ' : *at;
	}
	if (text != NULL)
		text[len] = '\0';
	return text;
}

char *
words_body(const struct wording *wording, struct words *w)
{
	return wording_fill(
	    wording->body, &(struct wording_values){ words_find, w });
}
