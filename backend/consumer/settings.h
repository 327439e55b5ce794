/*
 * settings: what pregon-consumer can be told.
 */
#ifndef PREGON_CONSUMER_SETTINGS_H
#define PREGON_CONSUMER_SETTINGS_H

#include "backend/consumer/role.h"
#include "lib/config.h"

struct consumer_settings {
	char *brokers;
	char *database; /* folder */
	char *instance_id; /* "": the role's name */
	int64_t batch_max;
	int64_t batch_wait_ms;
	char *timezone;
	char *health_host;
	int64_t health_port;
	int log_level;
	struct role_settings role;
	struct config_pass kafka;
};

/* `settings` zeroed before; *role_name points into argv. */
enum config_verdict consumer_settings_load(struct consumer_settings *settings,
    int argc, char **argv, const char **role_name);
void consumer_settings_release(struct consumer_settings *);

#endif
