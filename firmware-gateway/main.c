/*
 * pregon-gateway: on every cart, reads where it is and what it sells, and
 * gets each event to the guild exactly once in effect.
 */
#include <stdio.h>

#include "firmware-gateway/gateway.h"
#include "lib/log.h"

int
main(int argc, char **argv)
{
	struct settings settings = { .cart = NULL };
	enum config_verdict verdict;
	size_t words = 0;
	char why[512];
	int status = 1;

	log_init("pregon-gateway", LOG_INFO);
	verdict = config_load(
	    &settings_program, &settings, argc, argv, NULL, 0, &words);
	if (verdict == CONFIG_RUN) {
		log_init("pregon-gateway", (enum log_level)settings.log_level);
		if (gateway_run(&settings, why, sizeof(why)) == 0)
			status = 0;
		else
			log_error("gateway.cannot_start", "why=\"%s\"", why);
	}
	config_release(&settings_program, &settings);
	if (verdict == CONFIG_DONE)
		return 0;
	return verdict == CONFIG_BAD ? 2 : status;
}
