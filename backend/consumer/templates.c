/*
 * templates: see the header.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/templates.h"

#define FILE_MAX 65536
#define LANGUAGE_LEN 2
#define SUFFIX ".txt"
#define WORDS "words"

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

struct entry {
	char *name; /* of an event, or "cause.missing" */
	struct wording words; /* of an event */
	char *word;
};
struct entries {
	struct entry *list;
	size_t count;
};
struct language {
	char name[LANGUAGE_LEN + 1];
	struct entries events, words;
};
struct templates {
	struct language *languages;
	size_t count;
	char language[LANGUAGE_LEN + 1]; /* the guild's */
};

static struct entry *
entry_find(const struct entries *entries, const char *name)
{
	for (size_t i = 0; i < entries->count; i++) {
		if (strcmp(entries->list[i].name, name) == 0)
			return &entries->list[i];
	}
	return NULL;
}

/* Takes `name` over, also when it fails: NULL, ENOMEM. */
static struct entry *
entry_add(struct entries *entries, char *name)
{
	struct entry *grown = name == NULL
	    ? NULL
	    : realloc(entries->list, (entries->count + 1) * sizeof(*grown));

	if (grown == NULL) {
		free(name);
		return NULL;
	}
	entries->list = grown;
	grown += entries->count++;
	*grown = (struct entry){ .name = name };
	return grown;
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

/* The caller frees it.  NULL: errno. */
static char *
read_whole(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text;
	size_t len;

	if (file == NULL)
		return NULL;
	text = malloc(FILE_MAX + 1);
	if (text != NULL) {
		len = fread(text, 1, FILE_MAX, file);
		text[len] = '\0';
		if (ferror(file) != 0 || fgetc(file) != EOF) {
			errno = ferror(file) != 0 ? EIO : EFBIG;
			free(text);
			text = NULL;
		}
	}
	fclose(file);
	return text;
}

static char *
trim(char *text)
{
	size_t len;

	while (isspace((unsigned char)*text))
		text++;
	len = strlen(text);
	while (len > 0 && isspace((unsigned char)text[len - 1]))
		len--;
	text[len] = '\0';
	return text;
}

/* Lines "name = word"; '#' begins one that says nothing. */
static int
words_parse(struct entries *words, char *text, char *why, size_t why_cap)
{
	char *rest = text, *line;

	while ((line = strsep(&rest, "\n")) != NULL) {
		char *equals = strchr(line, '=');
		struct entry *entry;

		line = trim(line);
		if (line[0] == '\0' || line[0] == '#')
			continue;
		if (equals == NULL) {
			snprintf(why, why_cap,
			    "expected NAME.VALUE = WORDS, not \"%s\"", line);
			errno = EINVAL;
			return -1;
		}
		*equals = '\0';
		entry = entry_add(words, strdup(trim(line)));
		if (entry == NULL)
			return -1;
		entry->word = strdup(trim(equals + 1));
		if (entry->word == NULL)
			return -1;
	}
	return 0;
}

static int
text_parse(struct language *language, const char *name, char *text, char *why,
    size_t why_cap)
{
	struct entry *entry;

	if (strcmp(name, WORDS) == 0)
		return words_parse(&language->words, text, why, why_cap);
	entry = entry_add(&language->events, strdup(name));
	if (entry == NULL)
		return -1;
	return wording_parse(&entry->words, text, why, why_cap);
}

/* FOLDER/es/alert.opened.txt; `why` names the file. */
static int
file_load(struct language *language, const char *path, const char *name,
    char *why, size_t why_cap)
{
	char *text = read_whole(path), what[200] = "";
	int rc;

	if (text == NULL) {
		snprintf(why, why_cap, "%s: %s", path, strerror(errno));
		return -1;
	}
	rc = text_parse(language, name, text, what, sizeof(what));
	if (rc == -1)
		snprintf(why, why_cap, "%s: %s", path,
		    what[0] != '\0' ? what : strerror(errno));
	free(text);
	return rc;
}

static int
language_load(
    struct language *language, const char *path, char *why, size_t why_cap)
{
	DIR *dir = opendir(path);
	char file[PATH_MAX], name[NAME_MAX + 1];
	const struct dirent *entry;
	int rc = 0;

	if (dir == NULL) {
		snprintf(why, why_cap, "%s: %s", path, strerror(errno));
		return -1;
	}
	while (rc == 0 && (entry = readdir(dir)) != NULL) {
		size_t len = strlen(entry->d_name);

		if (entry->d_name[0] == '.' || len <= strlen(SUFFIX) ||
		    strcmp(entry->d_name + len - strlen(SUFFIX), SUFFIX) != 0)
			continue;
		snprintf(name, sizeof(name), "%.*s",
		    (int)(len - strlen(SUFFIX)), entry->d_name);
		if (snprintf(file, sizeof(file), "%s/%s", path,
			entry->d_name) >= (int)sizeof(file))
			continue;
		rc = file_load(language, file, name, why, why_cap);
	}
	closedir(dir);
	return rc;
}

static bool
is_language(const char *name)
{
	return strlen(name) == LANGUAGE_LEN &&
	    islower((unsigned char)name[0]) && islower((unsigned char)name[1]);
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
languages_load(
    struct templates *t, const char *folder, char *why, size_t why_cap)
{
	DIR *dir = opendir(folder);
	char path[PATH_MAX];
	const struct dirent *entry;
	int rc = 0;

	if (dir == NULL) {
		snprintf(why, why_cap, "notify.templates: %s: %s", folder,
		    strerror(errno));
		return -1;
	}
	while (rc == 0 && (entry = readdir(dir)) != NULL) {
		struct language *grown;

		if (!is_language(entry->d_name) ||
		    snprintf(path, sizeof(path), "%s/%s", folder,
			entry->d_name) >= (int)sizeof(path))
			continue;
		grown = realloc(t->languages, (t->count + 1) * sizeof(*grown));
		if (grown == NULL) {
			snprintf(why, why_cap, "%s", strerror(errno));
			rc = -1;
			break;
		}
		t->languages = grown;
		grown += t->count++;
		memset(grown, 0, sizeof(*grown));
		memcpy(grown->name, entry->d_name, LANGUAGE_LEN);
		rc = language_load(grown, path, why, why_cap);
	}
	closedir(dir);
	return rc;
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
			    "notify.templates: there is no %s/%s/%s" SUFFIX,
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
	if (languages_load(t, folder, why, why_cap) == 0 &&
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
