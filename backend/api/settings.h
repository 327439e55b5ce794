/*
 * settings: pregon-api's table of settings.
 */
#ifndef PREGON_API_SETTINGS_H
#define PREGON_API_SETTINGS_H

#include "lib/config.h"

struct api_settings {
	char *host;
	int64_t port;
	int64_t threads;
	int64_t held_bytes;
	char *database;
	char *timezone;
	int64_t live_s;
	char *tls_cert;
	char *tls_key;
	int log_level; /* enum log_level */
};

extern const struct config_program api_program;

#endif
