/*
 * pregonctl outbox: a cart's file, when the cart itself cannot hand it in.
 */
#include <string.h>

#include "tools/ctl/outbox_cmd.h"

static const struct config_key keys[] = {
	CTL_KAFKA_KEYS,
	CTL_TEXT("cart", cart, "", "import: the plate of the file's cart"),
	CTL_BOOL(
	    "all", all, "import: also what was acknowledged and is still kept"),
};

static enum ctl_status
run(struct ctl *ctl)
{
	if (ctl->word_count == 2 && strcmp(ctl->words[0], "list") == 0)
		return ctl_outbox_list(ctl);
	if (ctl->word_count == 2 && strcmp(ctl->words[0], "import") == 0)
		return ctl_outbox_import(ctl);
	return ctl_misused(&ctl_outbox);
}

const struct ctl_command ctl_outbox = {
	.name = "outbox",
	.usage = "list FILE|import FILE --cart=PLATE [--all]",
	.summary = "shows what a cart's file holds, or hands in what the "
		   "guild lacks (twice is harmless)",
	.keys = keys,
	.key_count = sizeof(keys) / sizeof(keys[0]),
	.kafka = true,
	.run = run,
};
