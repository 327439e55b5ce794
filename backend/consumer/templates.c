/*
 * templates: see the header.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/templates_parts.h"

/* What the guild itself has to tell: each must have words. */
static const char *const guild_events[] = { "alert.opened", "alert.resolved",
	"alert.digest", "order.recibido", "order.preparando",
	"order.entregando", "order.finalizado", "order.cancelado",
	"order.disputed", "member.received", "member.approved",
	"member.rejected", "member.refused", "member.suspended",
	"member.reinstated", "sale.thanks", "sale.apology", "ticket.opened",
	"ticket.reply" };
static const char *const guild_languages[] = { "es", "en" };

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static struct entry *
entry_find(const struct entries *entries, const char *name)
{
	for (size_t i = 0; i < entries->count; i++) {
		if (strcmp(entries->list[i].name, name) == 0)
			return &entries->list[i];
	}
	return NULL;
}

static void
entries_release(struct entries *entries)
{
	for (size_t i = 0; i < entries->count; i++) {
		free(entries->list[i].name);
		free(entries->list[i].word);
		wording_release(&entries->list[i].words);
	}
	free(entries->list);
}

static const struct language *
language_find(const struct templates *t, const char *name)
{
	for (size_t i = 0; i < t->count; i++) {
		if (strcmp(t->languages[i].name, name) == 0)
			return &t->languages[i];
	}
	return NULL;
}

static int
languages_check(
    const struct templates *t, const char *folder, char *why, size_t why_cap)
{
	for (size_t i = 0; i < LENGTH(guild_languages); i++) {
		const char *name = guild_languages[i];
		const struct language *language = language_find(t, name);

		for (size_t k = 0; k < LENGTH(guild_events); k++) {
			if (language != NULL &&
			    entry_find(&language->events, guild_events[k]) !=
				NULL)
				continue;
			snprintf(why, why_cap,
			    "notify.templates: there is no %s/%s/%s.txt",
			    folder, name, guild_events[k]);
			return -1;
		}
	}
	if (language_find(t, t->language) != NULL)
		return 0;
	snprintf(why, why_cap,
	    "notify.language: there are no templates of \"%s\" in %s",
	    t->language, folder);
	return -1;
}

struct templates *
templates_open(
    const char *folder, const char *language, char *why, size_t why_cap)
{
	struct templates *t = calloc(1, sizeof(*t));

	if (t == NULL) {
		snprintf(why, why_cap, "%s", strerror(errno));
		return NULL;
	}
	snprintf(t->language, sizeof(t->language), "%s", language);
	if (templates_load(t, folder, why, why_cap) == 0 &&
	    languages_check(t, folder, why, why_cap) == 0)
		return t;
	templates_close(t);
	return NULL;
}

void
templates_close(struct templates *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < t->count; i++) {
		entries_release(&t->languages[i].events);
		entries_release(&t->languages[i].words);
	}
	free(t->languages);
	free(t);
}

const struct wording *
templates_find(
    const struct templates *t, const char *language, const char *event)
{
	const char *const tried[] = { language, t->language };

	for (size_t i = 0; i < LENGTH(tried); i++) {
		const struct language *l = language_find(t, tried[i]);
		const struct entry *entry = l == NULL
		    ? NULL
		    : entry_find(&l->events, event);

		if (entry != NULL)
			return &entry->words;
	}
	return NULL;
}

const char *
templates_word(const struct templates *t, const char *language,
    const char *name, const char *value)
{
	const struct language *l = language_find(t, language);
	const struct entry *entry;
	char key[200];

	if (l == NULL)
		l = language_find(t, t->language);
	if (l == NULL ||
	    snprintf(key, sizeof(key), "%s.%s", name, value) >=
		(int)sizeof(key))
		return NULL;
	entry = entry_find(&l->words, key);
	return entry == NULL ? NULL : entry->word;
}
