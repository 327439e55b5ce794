/*
 * settings: pregon-sim's configuration, from one table.
 */
#ifndef PREGON_SIM_SETTINGS_H
#define PREGON_SIM_SETTINGS_H

#include "lib/config.h"

struct settings {
	struct {
		char *host;
		int64_t port;
		char *user;
		char *password;
		char *password_file;
		char *cafile;
		int64_t connections;
		int64_t parallel;
	} mqtt;
	int64_t carts;
	int64_t first;
	char *prefix;
	int64_t seed;
	int64_t seconds;
	int64_t finish_s;
	int64_t connect_s;
	char *at;
	int64_t speed;
	char *books;
	bool drain;
	int64_t drain_fixes;
	int64_t drain_rounds;
	int64_t sales_per_minute;
	int64_t fix_interval_ms;
	int64_t linger_ms;
	int64_t heartbeat_s;
	int64_t ack_timeout_ms;
	int64_t abandoned, voided, repeated;
	struct {
		int64_t drop, duplicate, late;
		int64_t delay_ms;
		int64_t reconnects_per_hour;
		int64_t crashes_per_hour;
	} net;
	int log_level;
};

extern const struct config_program sim_program;

#endif
