/*
 * pregonctl ledger: the number of the guild's memory.  Raised after a log
 * was lost, it makes every cart send again what it still holds.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "lib/clock.h"
#include "tools/ctl/cluster.h"

static const struct config_key keys[] = {
	CTL_KAFKA_KEYS,
	CTL_TEXT("since", since, "",
	    "raise: the guild wants again what was made since then "
	    "(2026-11-20T13:05:00-03:00); it must lie before the loss"),
	CTL_INT("broker-ledger", broker_ledger, "0", "",
	    "raise: the ledger that carts may have heard, if it is higher "
	    "than Kafka's (pregonctl state shows a cart's)",
	    0, LEDGER_MAX - 1),
	CTL_BOOL("yes", yes, "raise: do it, do not only say what would be"),
};

static void
print_guild(const struct guild *guild)
{
	char since[CLOCK_TEXT] = "nothing is wanted again";
	size_t i;

	if (guild->since_ms >= 0)
		clock_format(guild->since_ms, since);
	printf("ledger: %" PRIu64 "\nsince: %s\nlog: ", guild->ledger, since);
	for (i = 0; guild->has_log_id && i < sizeof(guild->log_id); i++)
		printf("%02x", guild->log_id[i]);
	printf("%s\n", guild->has_log_id ? "" : "without an identity");
}

/* 0 found, 1 none, -1 said. */
static int
read_guild(const struct ctl *ctl, struct guild *guild)
{
	const struct kafka_settings settings = cluster_settings(ctl);
	char why[300];
	int rc = kafka_guild_read(
	    &settings, (int)ctl->set.timeout_s * 1000, guild, why, sizeof(why));

	if (rc == -1)
		ctl_say("%s", why);
	return rc;
}

static enum ctl_status
show(const struct ctl *ctl)
{
	struct guild guild = { .since_ms = -1 };

	switch (read_guild(ctl, &guild)) {
	case 0:
		print_guild(&guild);
		return CTL_DONE;
	case 1:
		ctl_say("this log has no ledger yet: the bridge writes it at "
			"its first start");
		return CTL_FAILED;
	default:
		return CTL_FAILED;
	}
}

static int
parse_since(const struct ctl *ctl, int64_t *since_ms)
{
	int64_t now = clock_realtime_ms(&clock_system);

	if (ctl->set.since[0] == '\0') {
		ctl_say("--since is missing: a time before the loss, as "
			"2026-11-20T13:05:00-03:00");
		return -1;
	}
	if (clock_parse(ctl->set.since, since_ms) == -1) {
		ctl_say("--since: expected a time as "
			"2026-11-20T13:05:00-03:00, got \"%s\"",
		    ctl->set.since);
		return -1;
	}
	if (*since_ms < TIME_MIN_MS || *since_ms > now) {
		ctl_say("--since: expected a time that has been, after 2019");
		return -1;
	}
	return 0;
}

/* The record to write; -1 said. */
static int
next_guild(const struct ctl *ctl, struct guild *guild)
{
	uint64_t over = (uint64_t)ctl->set.broker_ledger;
	int found;

	*guild = (struct guild){ .since_ms = -1 };
	found = read_guild(ctl, guild);
	if (found == -1)
		return -1;
	if (found == 0 && guild->ledger > over)
		over = guild->ledger;
	if (!guild->has_log_id) {
		if (getrandom(guild->log_id, sizeof(guild->log_id), 0) !=
		    (ssize_t)sizeof(guild->log_id)) {
			ctl_say("no random bytes: %s", strerror(errno));
			return -1;
		}
		guild->has_log_id = true;
	}
	guild->ledger = guild_next_ledger(
	    clock_realtime_ms(&clock_system), over);
	if (guild->ledger > LEDGER_MAX) {
		ctl_say("there is no ledger above %" PRIu64, over);
		return -1;
	}
	return 0;
}

static enum ctl_status
raise_it(const struct ctl *ctl)
{
	const struct kafka_settings settings = cluster_settings(ctl);
	struct guild guild;
	int64_t since_ms;
	char why[300];

	if (parse_since(ctl, &since_ms) == -1)
		return CTL_USAGE;
	if (next_guild(ctl, &guild) == -1)
		return CTL_FAILED;
	guild.since_ms = since_ms;
	if (!ctl->set.yes) {
		puts("would be written (say --yes to do it):");
		print_guild(&guild);
		return CTL_DONE;
	}
	if (kafka_guild_write(&settings, (int)ctl->set.timeout_s * 1000, &guild,
		why, sizeof(why)) == -1) {
		ctl_say("%s", why);
		return CTL_FAILED;
	}
	print_guild(&guild);
	return CTL_DONE;
}

static enum ctl_status
run(struct ctl *ctl)
{
	if (ctl->word_count == 1 && strcmp(ctl->words[0], "show") == 0)
		return show(ctl);
	if (ctl->word_count == 1 && strcmp(ctl->words[0], "raise") == 0)
		return raise_it(ctl);
	return ctl_misused(&ctl_ledger);
}

const struct ctl_command ctl_ledger = {
	.name = "ledger",
	.usage = "show|raise --since=TIME [--yes]",
	.summary = "shows the number of the guild's memory, or raises it "
		   "after a log was lost: carts then send again",
	.keys = keys,
	.key_count = sizeof(keys) / sizeof(keys[0]),
	.kafka = true,
	.run = run,
};
