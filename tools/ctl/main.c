/*
 * pregonctl: what an operator does by hand.  Chooses the command; everything
 * else is in the command's own file.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "tools/ctl/ctl.h"

static const struct ctl_command *const commands[] = { &ctl_tail, &ctl_topics,
	&ctl_sale, &ctl_abandoned, &ctl_void, &ctl_stock, &ctl_open, &ctl_close,
	&ctl_help, &ctl_inbox, &ctl_state, &ctl_catalogue, &ctl_message,
	&ctl_settings_down, &ctl_outbox, &ctl_ledger, &ctl_token, &ctl_secret };

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void
print_help(FILE *out)
{
	size_t i;

	fprintf(out,
	    "pregonctl %s: what an operator of Pregón does by hand\n"
	    "\nusage: pregonctl COMMAND [--KEY=VALUE ...] [WORDS]\n"
	    "       pregonctl COMMAND --help\n\n",
	    PREGON_VERSION);
	for (i = 0; i < COMMANDS; i++)
		fprintf(out, "  %s %s\n      %s\n", commands[i]->name,
		    commands[i]->usage, commands[i]->summary);
	fputs("\nExit status: 0 done; 1 it failed, and stderr says why; "
	      "2 wrong words or\nflags; 3 the gateway refused, and its answer "
	      "says why.\n",
	    out);
}

static bool
is_switch(const char *arg)
{
	return strcmp(arg, "--yes") == 0 || strcmp(arg, "--all") == 0 ||
	    strcmp(arg, "--help") == 0 || strcmp(arg, "--version") == 0 ||
	    strcmp(arg, "--reference") == 0 ||
	    strcmp(arg, "--check-config") == 0;
}

/*
 * Where the command's name stands: flags may come before it.  0: nowhere.
 */
static int
find_name(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (strncmp(argv[i], "--", 2) != 0)
			return argv[i][0] == '-' ? 0 : i;
		if (strchr(argv[i], '=') == NULL && !is_switch(argv[i]))
			i++;
	}
	return 0;
}

static const struct ctl_command *
find_command(const char *name)
{
	size_t i;

	for (i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

/* argv without the name at `at`, and with switches given their value. */
static void
take_out_name(int *argc, char **argv, int at)
{
	int i;

	memmove(argv + at, argv + at + 1, (size_t)(*argc - at) * sizeof(*argv));
	(*argc)--;
	for (i = 1; i < *argc; i++) {
		if (strcmp(argv[i], "--yes") == 0)
			argv[i] = "--yes=true";
		else if (strcmp(argv[i], "--all") == 0)
			argv[i] = "--all=true";
	}
}

static enum ctl_status
run(const struct ctl_command *command, int argc, char **argv)
{
	struct ctl ctl = { .pass = { .prefix = "kafka" } };
	char name[64];
	const struct config_program program = {
		.name = name,
		.summary = command->summary,
		.usage = command->usage,
		.keys = command->keys,
		.key_count = command->key_count,
		.pass = command->kafka ? &ctl.pass : NULL,
	};
	enum ctl_status status;
	char why[120];

	snprintf(name, sizeof(name), "pregonctl %s", command->name);
	/* We say ourselves what goes wrong; --kafka.log_level=6 has it told
	 * by the library as well. */
	if (command->kafka &&
	    config_set(&program, &ctl.set, "kafka.log_level", "0", why,
		sizeof(why)) == -1) {
		ctl_say("%s", why);
		return CTL_FAILED;
	}
	switch (config_load(&program, &ctl.set, argc, argv, ctl.words,
	    CTL_WORDS_MAX, &ctl.word_count)) {
	case CONFIG_DONE:
		return CTL_DONE;
	case CONFIG_BAD:
		return CTL_USAGE;
	case CONFIG_RUN:
		break;
	}
	status = command->run(&ctl);
	config_release(&program, &ctl.set);
	if (fflush(stdout) == EOF && status == CTL_DONE) {
		ctl_say("the output could not be written");
		status = CTL_FAILED;
	}
	return status;
}

int
main(int argc, char **argv)
{
	const struct ctl_command *command;
	int at = find_name(argc, argv);

	/* What the libraries have to say beside our own words. */
	log_init("pregonctl", LOG_ERROR);
	signal(SIGPIPE, SIG_IGN);
	if (at == 0) {
		bool asked = argc > 1 &&
		    (strcmp(argv[1], "--help") == 0 ||
			strcmp(argv[1], "-h") == 0);

		if (argc > 1 && strcmp(argv[1], "--version") == 0) {
			printf("pregonctl %s\n", PREGON_VERSION);
			return CTL_DONE;
		}
		print_help(asked ? stdout : stderr);
		return asked ? CTL_DONE : CTL_USAGE;
	}
	command = find_command(argv[at]);
	if (command == NULL) {
		ctl_say("there is no command \"%s\"; see pregonctl --help",
		    argv[at]);
		return CTL_USAGE;
	}
	take_out_name(&argc, argv, at);
	return (int)run(command, argc, argv);
}
