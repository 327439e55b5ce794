/*
 * Where settings come from: the table's own values, then the file, the
 * environment and the flags, each over the one before.
 */
#include "lib/config.h"

#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/config_parts.h"

#define LINE_MAX_BYTES 4096

void
config_complain(struct config_loader *l, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fprintf(stderr, "%s: ", l->program->name);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	l->said = true;
}

int
config_take(struct config_loader *l, const char *where, const char *name,
    const char *value)
{
	const struct config_key *key = config_find(l->program, name);
	char why[512];

	if (config_set(
		l->program, l->settings, name, value, why, sizeof(why)) == -1) {
		config_complain(l, "%s%s", where, why);
		return -1;
	}
	if (key != NULL)
		l->given[key - l->program->keys] = true;
	return 0;
}

static int
take_defaults(struct config_loader *l)
{
	for (size_t i = 0; i < l->program->key_count; i++) {
		const struct config_key *key = &l->program->keys[i];
		char why[512];

		if (key->initial != NULL &&
		    config_value_set(key, l->settings, key->initial, why,
			sizeof(why)) == -1) {
			config_complain(l, "the table's own value: %s", why);
			return -1;
		}
	}
	return 0;
}

/* inih's reader: one call is one line, which is how we know its number. */
static char *
read_line(char *to, int cap, void *ctx)
{
	struct config_loader *l = ctx;

	if (l->said || fgets(to, cap, l->stream) == NULL)
		return NULL;
	l->line++;
	if (strchr(to, '\n') == NULL && !feof(l->stream)) {
		config_complain(l, "%s:%d: longer than %d bytes", l->file,
		    l->line, cap - 2);
		return NULL;
	}
	return to;
}

/* inih's handler: 0 is an error. */
static int
take_line(void *ctx, const char *section, const char *name, const char *value)
{
	struct config_loader *l = ctx;
	const struct config_key *key;
	char full[LINE_MAX_BYTES + 64], where[LINE_MAX_BYTES];

	snprintf(full, sizeof(full), "%s%s%s", section,
	    section[0] != '\0' ? "." : "", name);
	key = config_find(l->program, full);
	if (key == NULL && !config_is_passed(l->program, full)) {
		config_complain(l, "%s:%d: unknown key [%s] %s", l->file,
		    l->line, section, name);
		return 0;
	}
	if (key != NULL) {
		int *seen = &l->line_of[key - l->program->keys];

		if (*seen != 0) {
			config_complain(l,
			    "%s:%d: [%s] %s is given in line %d already",
			    l->file, l->line, section, name, *seen);
			return 0;
		}
		*seen = l->line;
	}
	snprintf(where, sizeof(where), "%s:%d: ", l->file, l->line);
	return config_take(l, where, full, value) == 0;
}

static int
take_file(struct config_loader *l)
{
	int bad;

	if (l->file == NULL)
		return 0;
	l->stream = fopen(l->file, "re");
	if (l->stream == NULL) {
		config_complain(l, "%s: %s", l->file, strerror(errno));
		return -1;
	}
	/* Debian's inih keeps these as variables of the library. */
	ini_use_stack = false;
	ini_initial_alloc = LINE_MAX_BYTES;
	ini_max_line = LINE_MAX_BYTES;
	ini_allow_multiline = false;
	ini_stop_on_first_error = true;
	bad = ini_parse_stream(read_line, l, take_line, l);
	if (bad > 0 && !l->said)
		config_complain(l, "%s:%d: neither [section] nor key = value",
		    l->file, bad);
	else if (bad < 0 && !l->said)
		config_complain(l, "%s: %s", l->file, strerror(ENOMEM));
	else if (ferror(l->stream))
		config_complain(l, "%s: cannot be read", l->file);
	fclose(l->stream);
	return l->said ? -1 : 0;
}

static int
take_environment(struct config_loader *l)
{
	for (size_t i = 0; i < l->program->key_count; i++) {
		char variable[CONFIG_VARIABLE_MAX];
		char where[CONFIG_VARIABLE_MAX + 2];
		const char *value;

		config_variable(l->program->keys[i].name, variable);
		value = getenv(variable);
		if (value == NULL)
			continue;
		snprintf(where, sizeof(where), "%s: ", variable);
		if (config_take(l, where, l->program->keys[i].name, value) ==
		    -1)
			return -1;
	}
	return 0;
}

static int
check_required(struct config_loader *l)
{
	for (size_t i = 0; i < l->program->key_count; i++) {
		const struct config_key *key = &l->program->keys[i];
		const char *dot = strrchr(key->name, '.');
		char variable[CONFIG_VARIABLE_MAX];

		if (key->initial != NULL || l->given[i])
			continue;
		config_variable(key->name, variable);
		if (dot != NULL)
			config_complain(l,
			    "%s is required (%s): set `%s` under [%.*s] in "
			    "the file, %s or --%s=",
			    key->name, key->text, dot + 1,
			    (int)(dot - key->name), key->name, variable,
			    key->name);
		else
			config_complain(l,
			    "%s is required (%s): set it in the file, %s or "
			    "--%s=",
			    key->name, key->text, variable, key->name);
	}
	return l->said ? -1 : 0;
}

static int
check_whole(struct config_loader *l)
{
	char why[512];

	if (l->program->check == NULL ||
	    l->program->check(l->settings, why, sizeof(why)) == 0)
		return 0;
	config_complain(l, "%s", why);
	return -1;
}

enum config_verdict
config_load(const struct config_program *program, void *settings, int argc,
    char **argv, const char **words, size_t word_max, size_t *word_count)
{
	struct config_loader l = { .program = program, .settings = settings };
	enum config_verdict verdict;

	*word_count = 0;
	l.given = calloc(program->key_count + 1, sizeof(*l.given));
	l.line_of = calloc(program->key_count + 1, sizeof(*l.line_of));
	if (l.given == NULL || l.line_of == NULL) {
		config_complain(&l, "%s", strerror(ENOMEM));
		verdict = CONFIG_BAD;
		goto out;
	}
	verdict = config_flags_scan(&l, argc, argv);
	if (verdict != CONFIG_RUN)
		goto out;
	if (take_defaults(&l) == -1 || take_file(&l) == -1 ||
	    take_environment(&l) == -1 ||
	    config_flags_take(&l, argc, argv) == -1 ||
	    config_flags_words(&l, argc, argv, words, word_max, word_count) ==
		-1 ||
	    check_required(&l) == -1 || check_whole(&l) == -1) {
		verdict = CONFIG_BAD;
	} else if (l.check_only) {
		printf("%s: the settings are good\n", program->name);
		verdict = CONFIG_DONE;
	}
out:
	if (verdict != CONFIG_RUN)
		config_release(program, settings);
	free(l.given);
	free(l.line_of);
	return verdict;
}
