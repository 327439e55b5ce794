/*
 * The table of settings.
 */
#include "backend/consumer/settings.h"

#include <stdio.h>

#define AT(field) offsetof(struct consumer_settings, field)

static const char *const levels[] = { "error", "warn", "info", "debug", NULL };

static const struct config_key keys[] = {
	{ .name = "brokers",
	    .type = CONFIG_TEXT,
	    .offset = AT(brokers),
	    .initial = "127.0.0.1:9092",
	    .unit = "",
	    .text = "Kafka's brokers, host:port with commas" },
	{ .name = "database",
	    .type = CONFIG_TEXT,
	    .offset = AT(database),
	    .initial = "/var/lib/pregon",
	    .unit = "",
	    .text = "folder of the role's database, ROLE.db" },
	{ .name = "group.instance_id",
	    .type = CONFIG_TEXT,
	    .offset = AT(instance_id),
	    .initial = "",
	    .unit = "",
	    .text = "name of this process in the role's group, kept over "
		    "restarts; empty: the role's name" },
	{ .name = "batch.max",
	    .type = CONFIG_INT,
	    .offset = AT(batch_max),
	    .initial = "8192",
	    .unit = "records",
	    .text = "most records of one transaction",
	    .min = 1,
	    .max = 1000000 },
	{ .name = "batch.wait_ms",
	    .type = CONFIG_INT,
	    .offset = AT(batch_wait_ms),
	    .initial = "20",
	    .unit = "ms",
	    .text = "a transaction is committed after so long, or when no "
		    "record waits",
	    .min = 1,
	    .max = 10000 },
	{ .name = "stock.threshold",
	    .type = CONFIG_INT,
	    .offset = AT(role.stock_threshold),
	    .initial = "20",
	    .unit = "units",
	    .text = "a level below it is restocked",
	    .min = 0,
	    .max = UNITS_MAX },
	{ .name = "stock.refill",
	    .type = CONFIG_INT,
	    .offset = AT(role.stock_refill),
	    .initial = "60",
	    .unit = "units",
	    .text = "a restock order asks for what is missing to this level",
	    .min = 1,
	    .max = UNITS_MAX },
	{ .name = "tracks.keep_days",
	    .type = CONFIG_INT,
	    .offset = AT(role.tracks_keep_days),
	    .initial = "400",
	    .unit = "days",
	    .text = "tracks are kept so long after they came; 0: for ever",
	    .min = 0,
	    .max = 36500 },
	{ .name = "timezone",
	    .type = CONFIG_TEXT,
	    .offset = AT(timezone),
	    .initial = "America/Santiago",
	    .unit = "",
	    .text = "whose days the sales are counted by" },
	{ .name = "health.host",
	    .type = CONFIG_TEXT,
	    .offset = AT(health_host),
	    .initial = "127.0.0.1",
	    .unit = "",
	    .text = "address of /healthz and /metrics" },
	{ .name = "health.port",
	    .type = CONFIG_INT,
	    .offset = AT(health_port),
	    .initial = "0",
	    .unit = "",
	    .text = "its port; 0: any free one, told in the log",
	    .min = 0,
	    .max = 65535 },
	{ .name = "log.level",
	    .type = CONFIG_CHOICE,
	    .offset = AT(log_level),
	    .initial = "info",
	    .unit = "",
	    .text = "least level that is logged",
	    .choices = levels },
};

static struct config_program
program(struct consumer_settings *settings)
{
	return (struct config_program){
		.name = "pregon-consumer",
		.summary = "applies the log to one role's read model",
		.usage = "ROLE",
		.keys = keys,
		.key_count = sizeof(keys) / sizeof(keys[0]),
		.pass = &settings->kafka,
	};
}

enum config_verdict
consumer_settings_load(struct consumer_settings *settings, int argc,
    char **argv, const char **role_name)
{
	struct config_program p;
	const char *words[1];
	size_t count = 0;
	enum config_verdict verdict;

	settings->kafka.prefix = "kafka";
	p = program(settings);
	verdict = config_load(&p, settings, argc, argv, words, 1, &count);
	*role_name = count == 1 ? words[0] : NULL;
	return verdict;
}

void
consumer_settings_release(struct consumer_settings *settings)
{
	struct config_program p = program(settings);

	config_release(&p, settings);
}
