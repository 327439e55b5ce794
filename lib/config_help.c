/*
 * The table as --help and as the reference page.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "lib/config_parts.h"

void
config_variable(const char *name, char text[CONFIG_VARIABLE_MAX])
{
	size_t n = (size_t)snprintf(
	    text, CONFIG_VARIABLE_MAX, "PREGON_%s", name);

	for (size_t i = 0; i < n && text[i] != '\0'; i++)
		text[i] = text[i] == '.'
		    ? '_'
		    : (char)toupper((unsigned char)text[i]);
}

/* What stands for the default; a secret has none to show. */
static const char *
initial_words(const struct config_key *key)
{
	if (key->initial == NULL)
		return "required";
	if (key->type == CONFIG_SECRET || key->initial[0] == '\0')
		return "none";
	return key->initial;
}

void
config_print_help(const struct config_program *program)
{
	printf(
	    "%s %s: %s\n\n", program->name, PREGON_VERSION, program->summary);
	printf("usage: %s [--config FILE] [--KEY=VALUE ...]%s%s\n\n",
	    program->name, program->usage[0] != '\0' ? " " : "",
	    program->usage);
	printf("A key \"a.b\" is `b` under [a] in FILE, PREGON_A_B in the "
	       "environment and\n--a.b=VALUE as a flag; the later wins.\n\n");
	printf("  --config FILE    settings from FILE\n"
	       "  --check-config   say whether the settings are good, and end\n"
	       "  --reference      these keys as a Markdown table\n"
	       "  --version        the version\n"
	       "  --help           this text\n\nkeys:\n");
	for (size_t i = 0; i < program->key_count; i++) {
		const struct config_key *key = &program->keys[i];
		char words[256];

		config_value_words(key, words, sizeof(words));
		printf("  %s (%s%s%s)\n      %s", key->name, initial_words(key),
		    key->unit[0] != '\0' ? " " : "", key->unit, key->text);
		if (key->type != CONFIG_TEXT && key->type != CONFIG_SECRET)
			printf(" [%s]", words);
		putchar('\n');
	}
	if (program->pass != NULL)
		printf("  %s.<property>\n      any property of the library, "
		       "passed through\n",
		    program->pass->prefix);
}

/* A table's cell must not end early. */
static void
print_cell(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '|')
			putchar('\\');
		putchar(*text);
	}
}

void
config_print_reference(const struct config_program *program)
{
	printf("## %s\n\n%s\n\n", program->name, program->summary);
	printf("| key | environment | default | unit | takes | what |\n"
	       "|---|---|---|---|---|---|\n");
	for (size_t i = 0; i < program->key_count; i++) {
		const struct config_key *key = &program->keys[i];
		char variable[CONFIG_VARIABLE_MAX], words[256];

		config_variable(key->name, variable);
		config_value_words(key, words, sizeof(words));
		printf("| `%s` | `%s` | ", key->name, variable);
		print_cell(initial_words(key));
		printf(" | %s | ", key->unit);
		print_cell(words);
		printf(" | ");
		print_cell(key->text);
		printf(" |\n");
	}
	if (program->pass != NULL)
		printf("| `%s.<property>` | | | | text | any property of the "
		       "library, passed through |\n",
		    program->pass->prefix);
}
