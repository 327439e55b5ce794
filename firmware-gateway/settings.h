/*
 * settings: what the operator may say about a gateway, in one table.
 */
#ifndef PREGON_GATEWAY_SETTINGS_H
#define PREGON_GATEWAY_SETTINGS_H

#include "lib/config.h"

struct settings {
	char *cart;
	struct {
		char *host;
		int64_t port;
		char *user;
		char *password;
		char *password_file;
		char *cafile;
		char *certfile;
		char *keyfile;
		char *tls_version;
	} mqtt;
	struct {
		char *host;
		int64_t port;
		char *device;
	} gpsd;
	struct {
		int64_t max_error_m;
		int64_t max_speed_m_s;
	} fix;
	struct {
		int64_t distance_m;
		int64_t turn_deg;
		int64_t interval_s;
		int64_t park_s;
	} keep;
	struct {
		char *path;
		int64_t max_bytes;
		int64_t keep_days;
	} outbox;
	struct {
		char *socket;
		int64_t tcp_port;
	} pos;
	struct {
		int64_t port;
		char *host;
		char *pin;
	} page;
	struct {
		int trust; /* enum clock_trust */
		char *boot_id_file;
	} clock;
	struct {
		int64_t linger_s;
		int64_t ack_timeout_ms;
	} link;
	struct {
		int64_t moving_s;
		int64_t parked_s;
	} heartbeat;
	struct {
		char *file;
		char *ca;
		char *pin;
	} enrol;
	int log_level; /* enum log_level */
	/* Of no table: the gateway's number that credentials.h read, 0: none;
	 * and whether the program is about to fetch one: it may lack all. */
	uint32_t enrolment;
	bool enrolling;
};

extern const struct config_program settings_program;

/* May this key be set from above, by a command? */
bool settings_remote(const char *key, size_t len);

/*
 * What the table cannot say (config.h's check): names the setting and what to
 * do.  Reads mqtt.password_file into mqtt.password, and over both what
 * enrolment gave (credentials.h).
 */
int settings_check(void *settings, char *why, size_t why_cap);

#endif
