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
	{ .name = "stock.target",
	    .type = CONFIG_INT,
	    .offset = AT(role.stock_target),
	    .initial = "0",
	    .unit = "units",
	    .text = "a restock order brings a product up to it; 0: to the "
		    "day's first level, or 200 where none is known",
	    .min = 0,
	    .max = UNITS_MAX },
	{ .name = "stock.lot_size",
	    .type = CONFIG_INT,
	    .offset = AT(role.lot_size),
	    .initial = "5",
	    .unit = "orders",
	    .text = "so many orders travel in one delivery",
	    .min = 1,
	    .max = 64 },
	{ .name = "stock.lot_wait_s",
	    .type = CONFIG_INT,
	    .offset = AT(role.lot_wait_s),
	    .initial = "900",
	    .unit = "s",
	    .text = "or fewer, once the first has waited so long",
	    .min = 0,
	    .max = 86400 },
	{ .name = "stock.depot",
	    .type = CONFIG_TEXT,
	    .offset = AT(role.depot),
	    .initial = "",
	    .unit = "",
	    .text = "where deliveries start, LAT,LON in degrees" },
	{ .name = "stock.auto_advance",
	    .type = CONFIG_TEXT,
	    .offset = AT(role.auto_advance),
	    .initial = "",
	    .unit = "",
	    .text = "orders move by themselves after so many seconds as "
		    "recibido, preparando and entregando, for example 5,5,5; "
		    "empty: the depot moves them" },
	{ .name = "stock.confirm_wait_s",
	    .type = CONFIG_INT,
	    .offset = AT(role.confirm_wait_s),
	    .initial = "43200",
	    .unit = "s",
	    .text = "what was delivered counts as there for so long, until "
		    "the cart confirms it",
	    .min = 0,
	    .max = 864000 },
	{ .name = "missing.s",
	    .type = CONFIG_INT,
	    .offset = AT(role.missing_s),
	    .initial = "60",
	    .unit = "s",
	    .text = "a cart silent for so long is missing",
	    .min = 5,
	    .max = 86400 },
	{ .name = "hours",
	    .type = CONFIG_TEXT,
	    .offset = AT(role.hours),
	    .initial = "",
	    .unit = "",
	    .text = "when carts work, for example Mon-Fri 08:00-20:00, Sat "
		    "09:00-14:00; empty: always" },
	{ .name = "zone.dwell_s",
	    .type = CONFIG_INT,
	    .offset = AT(role.zone_dwell_s),
	    .initial = "60",
	    .unit = "s",
	    .text = "a cart outside its zones for so long is astray",
	    .min = 0,
	    .max = 86400 },
	{ .name = "report.radius_m",
	    .type = CONFIG_INT,
	    .offset = AT(role.report_radius_m),
	    .initial = "100",
	    .unit = "m",
	    .text = "a strange cart reported so near to one of the guild's is "
		    "taken for it",
	    .min = 1,
	    .max = 10000 },
	{ .name = "report.window_s",
	    .type = CONFIG_INT,
	    .offset = AT(role.report_window_s),
	    .initial = "600",
	    .unit = "s",
	    .text = "if that cart was there so long before or after",
	    .min = 1,
	    .max = 86400 },
	{ .name = "fugitive.fade_s",
	    .type = CONFIG_INT,
	    .offset = AT(role.fugitive_fade_s),
	    .initial = "7200",
	    .unit = "s",
	    .text = "a report that no cart explains is shown for so long",
	    .min = 1,
	    .max = 864000 },
	{ .name = "backlog.s",
	    .type = CONFIG_INT,
	    .offset = AT(role.backlog_s),
	    .initial = "3600",
	    .unit = "s",
	    .text = "a cart that keeps an event for so long is an alert",
	    .min = 1,
	    .max = 864000 },
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
