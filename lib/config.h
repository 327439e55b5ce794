/*
 * config: a program's settings from one table: INI file, then environment,
 * then flags; the table also prints --help and the reference page.
 *
 * A key "outbox.path" is `path` under [outbox] in the file,
 * PREGON_OUTBOX_PATH in the environment and --outbox.path=VALUE as a flag.
 * Unknown keys and wrong values are refused with file and line.
 */
#ifndef PREGON_CONFIG_H
#define PREGON_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum config_type {
	CONFIG_TEXT, /* char * */
	CONFIG_SECRET, /* char *; never printed */
	CONFIG_INT, /* int64_t, min..max */
	CONFIG_BYTES, /* int64_t; takes k, M, G (1024s) */
	CONFIG_BOOL, /* bool; true/false, yes/no, on/off, 1/0 */
	CONFIG_CHOICE /* int: index into `choices` */
};

struct config_key {
	const char *name; /* "outbox.path" */
	enum config_type type;
	size_t offset; /* into the program's settings struct */
	const char *initial; /* as it would be typed; NULL: required */
	const char *unit; /* "ms", "bytes", "" */
	const char *text; /* one line for --help */
	int64_t min, max; /* CONFIG_INT, CONFIG_BYTES */
	const char *const *choices; /* CONFIG_CHOICE, NULL at the end */
};

/* Keys "<prefix>.<anything>" passed through in order (librdkafka's). */
struct config_pass {
	const char *prefix; /* "kafka" */
	struct config_pair *pairs; /* owned here */
	size_t count;
};
struct config_pair {
	char *key; /* without the prefix */
	char *value;
};

struct config_program {
	const char *name; /* "pregon-bridge" */
	const char *summary; /* one line */
	const char *usage; /* words after the flags, e.g. "ROLE"; or "" */
	const struct config_key *keys;
	size_t key_count;
	struct config_pass *pass; /* NULL: none */
	/* What the table cannot say of the whole (NULL: nothing): 0, or -1
	 * with `why` in words.  Also asked by --check-config. */
	int (*check)(void *settings, char *why, size_t why_cap);
};

enum config_verdict {
	CONFIG_RUN, /* go on */
	CONFIG_DONE, /* --help, --version, --check-config good:
				   exit with 0 */
	CONFIG_BAD /* said on stderr: exit with 2 */
};

/*
 * Fills the struct at `settings` (zeroed before; text values are allocated).
 * --config=FILE names the INI file; --check-config, --help, --reference
 * (Markdown table), --version are answered here.  Words that are no flags go to
 * words[0..*word_count-1] (at most word_max, more are refused; they point
 * into argv).
 */
enum config_verdict config_load(const struct config_program *, void *settings,
    int argc, char **argv, const char **words, size_t word_max,
    size_t *word_count);
void config_release(const struct config_program *, void *settings);

/*
 * Sets one key from text, as a flag would (settings that came down to a
 * cart): 0, or -1 with errno EINVAL and `why` in words; nothing changed then.
 */
int config_set(const struct config_program *, void *settings, const char *key,
    const char *value, char *why, size_t why_cap);

#define PREGON_VERSION "0.1.0"

#endif
