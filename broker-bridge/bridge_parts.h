/*
 * bridge_parts: what bridge's own files share; nobody else's.
 */
#ifndef PREGON_BRIDGE_PARTS_H
#define PREGON_BRIDGE_PARTS_H

#include <stdatomic.h>

#include "broker-bridge/bridge.h"
#include "broker-bridge/downlink.h"
#include "broker-bridge/forward.h"
#include "broker-bridge/guild.h"
#include "lib/clock.h"
#include "lib/log.h"

#define CLIENT_ID_MAX 64
#define RETRY_MS 1000
#define LOOK_EVERY_MS 30000 /* at partition counts */
/* A retained message comes right after the subscription; then it is none. */
#define HEAR_MS 1500

enum bridge_state { BRIDGE_TOPICS, BRIDGE_GUILD, BRIDGE_RUN };

struct bridge {
	struct ev_loop *loop;
	const struct settings *settings;
	struct figures *figures;
	struct kafka_settings kafka;
	struct topics_settings topics;
	struct forward *forward;
	struct downlink *downlink;
	struct mqtt *up, *down;
	char up_id[CLIENT_ID_MAX], down_id[CLIENT_ID_MAX];
	char beat_topic[CLIENT_ID_MAX + 16];
	int64_t heard_ms; /* our own beat, from the MQTT broker */
	struct log_limit deaf;
	struct ev_timer tick;
	struct ev_io reports;
	struct ev_prepare acks;

	enum bridge_state state;
	int status;
	int partitions[TOPIC_COUNT];
	int64_t next_try_ms; /* boottime, as all of these */
	int64_t next_second_ms;
	int64_t next_look_ms;
	int64_t doubt_ms; /* not before */
	bool made_topics; /* the log is ours to begin */
	bool looked_twice; /* another bridge had time to begin it */
	bool subscribed;
	bool log_doubt;
	bool reread;
	struct guild_word word;
	int64_t hear_until_ms;
	int64_t ahead_since_ms;
	struct log_limit waiting, mqtt_limit;

	/* for bridge_health(), any thread */
	_Atomic int seen_state;
	_Atomic bool up_stands, down_stands, kafka_answers;
	_Atomic int64_t oldest_ms, beat_ms;
};

static inline int64_t
bridge_now_ms(void)
{
	return clock_boottime_ms(&clock_system);
}

/* bridge_log.c: Kafka's side. */

void bridge_say_waiting(struct bridge *, const char *what, const char *why);
/* One try at what BRIDGE_TOPICS or BRIDGE_GUILD waits for. */
void bridge_step(struct bridge *);
/* Partition counts, and whether Kafka answers: up to 1 s. */
bool bridge_look(struct bridge *, char *why, size_t why_cap);
/* topic_comandos from its beginning; false: said, try again. */
bool bridge_read_commands(struct bridge *);
/* The ledger as the parts know it. */
void bridge_tell_ledger(struct bridge *);
/* Says the guild's word where it is due, and mends a lower ledger. */
void bridge_see_to_guild(struct bridge *, int64_t now);

/* bridge_mqtt.c: the connections. */

/* Before anything that has a name.  -1: errno, no randomness. */
int bridge_choose_ids(struct bridge *);
int bridge_connect(struct bridge *, char *why, size_t why_cap);
void bridge_subscribe(struct bridge *);
/* The retained statuses once more. */
void bridge_subscribe_statuses(struct bridge *);
void bridge_say_guild(struct bridge *);
/* Each second: a word to ourselves, which becomes a beat when it is heard. */
void bridge_beat(struct bridge *, int64_t now);

#endif
