/*
 * config_parts: what config's own files share; nobody else's.
 */
#ifndef PREGON_CONFIG_PARTS_H
#define PREGON_CONFIG_PARTS_H

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

#endif
