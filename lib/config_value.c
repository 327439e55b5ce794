/*
 * One value: from text into the field that its key names.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/config_parts.h"

static void *
field(const struct config_key *key, void *settings)
{
	return (char *)settings + key->offset;
}

static bool
is_text(const struct config_key *key)
{
	return key->type == CONFIG_TEXT || key->type == CONFIG_SECRET;
}

const struct config_key *
config_find(const struct config_program *program, const char *name)
{
	for (size_t i = 0; i < program->key_count; i++)
		if (strcmp(program->keys[i].name, name) == 0)
			return &program->keys[i];
	return NULL;
}

static int
parse_integer(const char *text, bool suffixes, int64_t *value)
{
	static const char units[] = "kMG";
	const char *unit;
	char *end;
	int64_t n;

	errno = 0;
	n = strtoll(text, &end, 10);
	if (end == text || errno != 0 || isspace((unsigned char)*text))
		return -1;
	if (suffixes && *end != '\0' &&
	    (unit = strchr(units, *end == 'K' ? 'k' : *end)) != NULL) {
		for (; unit >= units; unit--)
			if (__builtin_mul_overflow(n, 1024, &n))
				return -1;
		end++;
	}
	if (*end != '\0')
		return -1;
	*value = n;
	return 0;
}

static int
parse_bool(const char *text, bool *value)
{
	static const char *const words[] = { "false", "true", "no", "yes",
		"off", "on", "0", "1" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (strcasecmp(text, words[i]) == 0) {
			*value = i % 2 == 1;
			return 0;
		}
	}
	return -1;
}

static int
parse_choice(const struct config_key *key, const char *text, int *value)
{
	for (int i = 0; key->choices[i] != NULL; i++) {
		if (strcmp(text, key->choices[i]) == 0) {
			*value = i;
			return 0;
		}
	}
	return -1;
}

static int
set_text(char **to, const char *value)
{
	char *copy = strdup(value);

	if (copy == NULL)
		return -1;
	free(*to);
	*to = copy;
	return 0;
}

void
config_value_words(const struct config_key *key, char *text, size_t cap)
{
	size_t n = 0;

	text[0] = '\0';
	switch (key->type) {
	case CONFIG_TEXT:
	case CONFIG_SECRET:
		snprintf(text, cap, "text");
		break;
	case CONFIG_INT:
		snprintf(text, cap,
		    "a whole number from %" PRId64 " to %" PRId64, key->min,
		    key->max);
		break;
	case CONFIG_BYTES:
		snprintf(text, cap,
		    "a number of bytes from %" PRId64 " to %" PRId64
		    " (k, M, G may follow)",
		    key->min, key->max);
		break;
	case CONFIG_BOOL:
		snprintf(text, cap, "true or false");
		break;
	case CONFIG_CHOICE:
		for (int i = 0; key->choices[i] != NULL && n < cap; i++)
			n += (size_t)snprintf(text + n, cap - n, "%s%s",
			    i > 0 ? " or " : "", key->choices[i]);
		break;
	}
}

int
config_value_set(const struct config_key *key, void *settings,
    const char *value, char *why, size_t why_cap)
{
	char words[256];
	int64_t n = 0;
	int rc = -1;

	switch (key->type) {
	case CONFIG_TEXT:
	case CONFIG_SECRET:
		rc = set_text(field(key, settings), value);
		if (rc == -1)
			snprintf(why, why_cap, "%s", strerror(errno));
		return rc;
	case CONFIG_INT:
	case CONFIG_BYTES:
		rc = parse_integer(value, key->type == CONFIG_BYTES, &n);
		if (rc == 0 && (n < key->min || n > key->max))
			rc = -1;
		if (rc == 0)
			*(int64_t *)field(key, settings) = n;
		break;
	case CONFIG_BOOL:
		rc = parse_bool(value, field(key, settings));
		break;
	case CONFIG_CHOICE:
		rc = parse_choice(key, value, field(key, settings));
		break;
	}
	if (rc == -1) {
		config_value_words(key, words, sizeof(words));
		snprintf(why, why_cap, "%s takes %s, not \"%s\"", key->name,
		    words, value);
		errno = EINVAL;
	}
	return rc;
}

bool
config_is_passed(const struct config_program *program, const char *name)
{
	size_t len;

	if (program->pass == NULL)
		return false;
	len = strlen(program->pass->prefix);
	return strncmp(name, program->pass->prefix, len) == 0 &&
	    name[len] == '.' && name[len + 1] != '\0';
}

int
config_pass_set(
    const struct config_program *program, const char *name, const char *value)
{
	struct config_pass *pass = program->pass;
	const char *key = name + strlen(pass->prefix) + 1;
	struct config_pair *grown, pair = { NULL, NULL };

	for (size_t i = 0; i < pass->count; i++)
		if (strcmp(pass->pairs[i].key, key) == 0)
			return set_text(&pass->pairs[i].value, value);
	grown = realloc(pass->pairs, (pass->count + 1) * sizeof(*grown));
	if (grown == NULL)
		return -1;
	pass->pairs = grown;
	if (set_text(&pair.key, key) == -1 ||
	    set_text(&pair.value, value) == -1) {
		free(pair.key);
		return -1;
	}
	pass->pairs[pass->count++] = pair;
	return 0;
}

int
config_set(const struct config_program *program, void *settings,
    const char *name, const char *value, char *why, size_t why_cap)
{
	const struct config_key *key = config_find(program, name);

	if (key != NULL)
		return config_value_set(key, settings, value, why, why_cap);
	if (config_is_passed(program, name)) {
		if (config_pass_set(program, name, value) == 0)
			return 0;
		snprintf(why, why_cap, "%s", strerror(errno));
		return -1;
	}
	snprintf(why, why_cap, "unknown key %s", name);
	errno = EINVAL;
	return -1;
}

void
config_release(const struct config_program *program, void *settings)
{
	struct config_pass *pass = program->pass;

	for (size_t i = 0; i < program->key_count; i++) {
		if (is_text(&program->keys[i])) {
			char **text = field(&program->keys[i], settings);

			free(*text);
			*text = NULL;
		}
	}
	if (pass == NULL)
		return;
	for (size_t i = 0; i < pass->count; i++) {
		free(pass->pairs[i].key);
		free(pass->pairs[i].value);
	}
	free(pass->pairs);
	pass->pairs = NULL;
	pass->count = 0;
}
