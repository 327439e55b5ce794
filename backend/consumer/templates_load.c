/*
 * templates_load: reads a folder of languages.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/templates_parts.h"

#define FILE_MAX 65536
#define SUFFIX ".txt"
#define WORDS "words"

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

int
templates_load(
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
