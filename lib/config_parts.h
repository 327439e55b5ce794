/*
 * config_parts: what config's own files share; nobody else's.
 */
#ifndef PREGON_CONFIG_PARTS_H
#define PREGON_CONFIG_PARTS_H

#include <stdio.h>

#include "lib/config.h"

/* NULL: no such key. */
const struct config_key *config_find(
    const struct config_program *, const char *name);

/* Reads `value` into the key's field; -1: EINVAL with why, ENOMEM. */
int config_value_set(const struct config_key *, void *settings,
    const char *value, char *why, size_t why_cap);

/* Is `name` under the program's passed-through prefix? */
bool config_is_passed(const struct config_program *, const char *name);
/* Adds one, or takes the place of the same key's. -1: ENOMEM. */
int config_pass_set(
    const struct config_program *, const char *name, const char *value);

/* "outbox.path" to "PREGON_OUTBOX_PATH". */
#define CONFIG_VARIABLE_MAX 128
void config_variable(const char *name, char text[CONFIG_VARIABLE_MAX]);

/* What a key takes: "whole number", "true or false", "pos|sale". */
void config_value_words(const struct config_key *, char *text, size_t cap);

void config_print_help(const struct config_program *);
void config_print_reference(const struct config_program *);

/* What config_load works with. */
struct config_loader {
	const struct config_program *program;
	void *settings;
	const char *file; /* --config, or NULL */
	bool check_only;
	bool *given; /* by key: a value came from outside */
	int *line_of; /* by key: line in the file, 0: none */
	FILE *stream;
	int line; /* last one read from the stream */
	bool said; /* the error is on stderr already */
};

/* One line on stderr, after the program's name. */
void config_complain(struct config_loader *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Sets a key; `where` names the source and ends in ": ". */
int config_take(struct config_loader *, const char *where, const char *name,
    const char *value);

/* What must be known before the file is read: --config, --help, ... */
enum config_verdict config_flags_scan(
    struct config_loader *, int argc, char **argv);
/* Flags that set a key. */
int config_flags_take(struct config_loader *, int argc, char **argv);
int config_flags_words(struct config_loader *, int argc, char **argv,
    const char **words, size_t max, size_t *count);

#endif
