/*
 * settings: what an operator can set, and where it goes.
 */
#ifndef PREGON_BRIDGE_SETTINGS_H
#define PREGON_BRIDGE_SETTINGS_H

#include "lib/config.h"
#include "lib/mqtt.h"
#include "schemas/topics_admin.h"

struct settings {
	char *brokers;
	int64_t replication;
	int64_t min_insync;
	int64_t partitions[TOPIC_COUNT];
	struct {
		char *host;
		int64_t port;
		char *client_id;
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
	} health;
	struct {
		int64_t max_frames;
		int64_t max_bytes;
	} inflight;
	struct {
		int64_t max_bytes;
		int64_t resend_ms;
	} commands;
	int log_level;
};

extern const struct config_program bridge_program;

/* The password of mqtt.password_file, if one is named, into mqtt.password.
 * -1: errno, and `why` in words. */
int settings_read_password(struct settings *, char *why, size_t why_cap);

struct topics_settings settings_topics(const struct settings *);
/* `client_id` outlives the result. */
struct mqtt_settings settings_mqtt(
    const struct settings *, const char *client_id);

#endif
