/*
 * pregon-gateway: on every cart, reads where it is and what it sells, and
 * gets each event to the guild exactly once in effect.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "firmware-gateway/bare.h"
#include "firmware-gateway/enrol.h"
#include "firmware-gateway/gateway.h"
#include "lib/log.h"

#define ADDRESS_MAX 700
#define WAIT_S 900

/* What is asked for beside the settings. */
struct asked {
	char address[ADDRESS_MAX]; /* of --enrol; "": to run */
	struct enrol enrol;
};

static void
add_words(struct asked *asked, const char *words)
{
	size_t len = strlen(asked->address);

	snprintf(asked->address + len, sizeof(asked->address) - len, "%s%s",
	    len > 0 ? " " : "", words);
}

/* The address by a pipe: arguments are seen by everyone. */
static void
read_address(struct asked *asked)
{
	size_t len = 0;
	ssize_t n;

	while (len < sizeof(asked->address) - 1 &&
	    (n = read(STDIN_FILENO, asked->address + len,
		 sizeof(asked->address) - 1 - len)) > 0)
		len += (size_t)n;
	asked->address[len] = '\0';
}

/* --enrol URL, or --enrol GUILD CODE in as many words as it was typed. */
static int
take_enrol(struct asked *asked, int argc, char **argv, int at)
{
	if (strncmp(argv[at], "--enrol=", 8) == 0)
		add_words(asked, argv[at] + 8);
	while (at + 1 < argc && strncmp(argv[at + 1], "--", 2) != 0)
		add_words(asked, argv[++at]);
	if (strcmp(asked->address, "-") == 0)
		read_address(asked);
	return at;
}

static int
refuse(const char *words)
{
	fprintf(stderr, "pregon-gateway: %s; see --help\n", words);
	return -1;
}

/*
 * Takes out of argv what is of no table: --enrol, --enrol-ca, --enrol-json,
 * --wait.  How many are left; -1: said on stderr.
 */
static int
take_asked(struct asked *asked, int argc, char **argv)
{
	bool enrol = false;
	int left = 1;

	for (int i = 1; i < argc; i++) {
		const char *flag = argv[i];

		if (strcmp(flag, "--enrol") == 0 ||
		    strncmp(flag, "--enrol=", 8) == 0) {
			enrol = true;
			i = take_enrol(asked, argc, argv, i);
		} else if (strcmp(flag, "--enrol-json") == 0) {
			asked->enrol.say.json = true;
		} else if (strcmp(flag, "--wait") == 0) {
			asked->enrol.wait_s = WAIT_S;
		} else if (strncmp(flag, "--wait=", 7) == 0) {
			asked->enrol.wait_s = atoi(flag + 7);
			if (asked->enrol.wait_s <= 0)
				return refuse("--wait: give seconds");
		} else if (strncmp(flag, "--enrol-ca", 10) == 0) {
			/* The setting's own name. */
			argv[i][7] = '.';
			argv[left++] = argv[i];
		} else {
			argv[left++] = argv[i];
		}
	}
	if (!enrol && (asked->enrol.wait_s != 0 || asked->enrol.say.json))
		return refuse("--wait and --enrol-json go with --enrol");
	if (enrol && asked->address[0] == '\0')
		return refuse("--enrol needs what stands under the guild's QR "
			      "code: its address, or the guild's and the code");
	return left;
}

static int
run(struct settings *settings)
{
	char why[512];
	int rc = 1;

	if (settings->cart[0] == '\0')
		rc = bare_run(settings, why, sizeof(why));
	if (rc == 1)
		rc = gateway_run(settings, why, sizeof(why));
	if (rc == 0)
		return 0;
	log_error("gateway.cannot_start", "why=\"%s\"", why);
	return 1;
}

int
main(int argc, char **argv)
{
	struct settings settings = { .cart = NULL };
	struct asked asked = { .address = "" };
	enum config_verdict verdict;
	size_t words = 0;
	int status = 1;

	log_init("pregon-gateway", LOG_INFO);
	argc = take_asked(&asked, argc, argv);
	if (argc == -1)
		return 2;
	settings.enrolling = asked.address[0] != '\0';
	verdict = config_load(
	    &settings_program, &settings, argc, argv, NULL, 0, &words);
	if (verdict == CONFIG_RUN) {
		log_init("pregon-gateway", (enum log_level)settings.log_level);
		asked.enrol.settings = &settings;
		asked.enrol.address = asked.address;
		if (settings.enrolling)
			status = enrol_run(&asked.enrol) == 0 ? 0 : 1;
		else
			status = run(&settings);
	}
	config_release(&settings_program, &settings);
	if (verdict == CONFIG_DONE)
		return 0;
	return verdict == CONFIG_BAD ? 2 : status;
}
