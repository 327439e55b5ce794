/*
 * Flags and words of argv.
 */
#include <stdio.h>
#include <string.h>

#include "lib/config_parts.h"

#define FLAG_MAX 256

/*
 * One flag of argv, from *at: "--name=value" or "--name value".  Moves *at to
 * its last word.  The name is copied to `name`; NULL: no value there.
 */
static const char *
split_flag(int argc, char **argv, int *at, char *name, size_t cap)
{
	const char *flag = argv[*at] + 2, *equals = strchr(flag, '=');

	if (equals != NULL) {
		snprintf(name, cap, "%.*s", (int)(equals - flag), flag);
		return equals + 1;
	}
	snprintf(name, cap, "%s", flag);
	if (*at + 1 >= argc || strncmp(argv[*at + 1], "--", 2) == 0)
		return NULL;
	return argv[++*at];
}

/* Flags that set a key; --config was taken before the file was read. */
int
config_flags_take(struct config_loader *l, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		char name[FLAG_MAX];
		const char *value;

		if (strcmp(argv[i], "--") == 0)
			break;
		if (strcmp(argv[i], "--check-config") == 0 ||
		    strncmp(argv[i], "--", 2) != 0)
			continue;
		value = split_flag(argc, argv, &i, name, sizeof(name));
		if (strcmp(name, "config") == 0)
			continue;
		if (config_find(l->program, name) == NULL &&
		    !config_is_passed(l->program, name)) {
			config_complain(
			    l, "unknown flag --%s; see --help", name);
			return -1;
		}
		if (value == NULL) {
			config_complain(l, "--%s needs a value", name);
			return -1;
		}
		if (config_take(l, "", name, value) == -1)
			return -1;
	}
	return 0;
}

/* What must be known before the file is read. */
enum config_verdict
config_flags_scan(struct config_loader *l, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const char *flag = argv[i];
		char name[FLAG_MAX];
		const char *value;

		if (strcmp(flag, "--") == 0)
			break;
		if (strcmp(flag, "--help") == 0 || strcmp(flag, "-h") == 0) {
			config_print_help(l->program);
			return CONFIG_DONE;
		}
		if (strcmp(flag, "--reference") == 0) {
			config_print_reference(l->program);
			return CONFIG_DONE;
		}
		if (strcmp(flag, "--version") == 0) {
			printf("%s %s\n", l->program->name, PREGON_VERSION);
			return CONFIG_DONE;
		}
		if (strcmp(flag, "--check-config") == 0) {
			l->check_only = true;
			continue;
		}
		if (strncmp(flag, "--", 2) != 0)
			continue;
		value = split_flag(argc, argv, &i, name, sizeof(name));
		if (strcmp(name, "config") != 0)
			continue;
		if (value == NULL) {
			config_complain(l, "--config needs a file");
			return CONFIG_BAD;
		}
		l->file = value;
	}
	return CONFIG_RUN;
}

int
config_flags_words(struct config_loader *l, int argc, char **argv,
    const char **words, size_t max, size_t *count)
{
	bool only_words = false;

	*count = 0;
	for (int i = 1; i < argc; i++) {
		char name[FLAG_MAX];

		if (!only_words && strcmp(argv[i], "--") == 0) {
			only_words = true;
			continue;
		}
		if (!only_words && strcmp(argv[i], "--check-config") == 0)
			continue;
		if (!only_words && strncmp(argv[i], "--", 2) == 0) {
			split_flag(argc, argv, &i, name, sizeof(name));
			continue;
		}
		if (!only_words && argv[i][0] == '-' && argv[i][1] != '\0') {
			config_complain(
			    l, "unknown flag %s; see --help", argv[i]);
			return -1;
		}
		if (*count == max) {
			config_complain(
			    l, "one word too many: %s; see --help", argv[i]);
			return -1;
		}
		words[(*count)++] = argv[i];
	}
	return 0;
}
