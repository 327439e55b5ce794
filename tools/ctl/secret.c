/*
 * pregonctl secret: makes the file of the guild's own secret, which pregon-api
 * and the role members share.
 */
#include <string.h>

#include "lib/secret.h"
#include "tools/ctl/ctl.h"

static enum ctl_status
run(struct ctl *ctl)
{
	char why[512];

	if (ctl->word_count != 2 || strcmp(ctl->words[0], "create") != 0)
		return ctl_misused(&ctl_secret);
	if (secret_create(ctl->words[1], why, sizeof(why)) == -1) {
		ctl_say("%s", why);
		return CTL_FAILED;
	}
	ctl_say("%s is made: keep a copy of it where the guild's other keys "
		"are; without it every cart needs a new password",
	    ctl->words[1]);
	return CTL_DONE;
}

const struct ctl_command ctl_secret = {
	.name = "secret",
	.usage = "create FILE",
	.summary = "the guild's own secret: who a RUT is in keys, what "
		   "passwords carts have; for pregon-api and the role members",
	.run = run,
};
