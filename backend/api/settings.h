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
	int64_t connections;
	int64_t connections_per_address;
	int64_t head_s;
	int64_t body_s;
	int64_t viewers;
	int64_t under_way;
	int64_t cache_ms;
	char *brokers;
	bool auth_reads;
	int64_t session_hours;
	bool session_secure;
	char *trusted_proxy;
	int64_t public_burst;
	int64_t public_every_s;
	char *database;
	char *web_root;
	char *site_name;
	char *site_url;
	int64_t enrol_hours;
	int site_language; /* index into site_languages */
	char *tiles_url;
	char *tiles_attribution;
	char *timezone;
	int64_t live_s;
	char *tls_cert;
	char *tls_key;
	char *secret_file; /* lib/secret.h */
	char *mqtt_host;
	int64_t mqtt_port;
	bool mqtt_tls;
	char *mqtt_cafile;
	int log_level; /* enum log_level */
};

/* "es", "en"; NULL at the end. */
extern const char *const site_languages[];

/* Its `pass` holds kafka.<property>. */
extern const struct config_program api_program;

#endif
