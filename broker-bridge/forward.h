/*
 * forward: from a cart's message to a Kafka record, and back to its ack.
 *
 * A frame is examined whole, goes to the topic of its stream as it came (or
 * cut anew without its bad items), and is acknowledged when Kafka has it and
 * whatever of it was refused.  A status goes the same way, without an ack.
 *
 * Bounded: what would be more than the setting allows is let fall without an
 * ack; its cart sends it again.  One thread.
 */
#ifndef PREGON_FORWARD_H
#define PREGON_FORWARD_H

#include "broker-bridge/address.h"
#include "broker-bridge/figures.h"
#include "lib/kafka.h"
#include "lib/mqtt.h"

struct forward_settings {
	struct kafka_settings kafka;
	uint32_t max_frames;
	int64_t max_bytes;
};

struct forward;

/* NULL: `why` in words. */
struct forward *forward_new(const struct forward_settings *, struct figures *,
    char *why, size_t why_cap);
/* Waits at most timeout_ms for what is under way, and acks it. */
void forward_free(struct forward *, int timeout_ms);

/* The connection that acks go to; NULL: none. */
void forward_set_mqtt(struct forward *, struct mqtt *);
/* All partitions of each topic, the reserved included. */
void forward_set_partitions(struct forward *, const int[TOPIC_COUNT]);
struct kafka_producer *forward_producer(const struct forward *);

/* `retained`: a status that the broker had kept. */
void forward_message(
    struct forward *, const char *topic, const void *, size_t, bool retained);
/* Takes delivery reports and sends acks: when the producer's fd says so, and
 * now and then. */
void forward_poll(struct forward *);
/* Acks that the connection had no room for, once it has. */
void forward_flush_acks(struct forward *);

/* A tombstone for a command that was applied. */
void forward_erase_command(
    struct forward *, plate_t, const char *key, size_t key_len);

/* The bridge, of this name, has heard its own word from the MQTT broker, and
 * so whatever the broker had for it before. */
void forward_beat(struct forward *, const char *bridge);

/* Did Kafka say since the last call that a topic is not there? */
bool forward_take_log_doubt(struct forward *);
/* Was a retained status lost since the last `true`, and is there room for
 * it again? */
bool forward_take_retained_lost(struct forward *);
/* How long the oldest record waits for Kafka, ms; 0: none does. */
int64_t forward_oldest_ms(const struct forward *);
/* Brings the gauges up to date. */
void forward_gauges(struct forward *);

#endif
