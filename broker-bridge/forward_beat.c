/*
 * forward_beat: the bridge's beats (schemas/report.h) into each partition
 * that holds carts.
 *
 * A beat says: whatever carts said until now is before it.  So there is none
 * while that would not be true: a second one waits for the first to be in
 * Kafka, and none follows a frame that was let fall.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker-bridge/forward_parts.h"
#include "schemas/report.h"

/* Partition 0 holds reports. */
#define FIRST_OF_CARTS 1

void
forward_beat(struct forward *fw, const char *bridge)
{
	int partitions = fw->partitions[TOPIC_COORDENADAS];
	struct beat beat = { .count = fw->beats++ };
	uint8_t bytes[BEAT_BYTES_MAX];
	struct kafka_record record = {
		.topic = TOPIC_COORDENADAS,
		.value = bytes,
		.schema = SCHEMA_BEAT,
	};
	int len;

	if (fw->let_fall) {
		fw->let_fall = false;
		return;
	}
	snprintf(beat.bridge, sizeof(beat.bridge), "%s", bridge);
	len = beat_encode(&beat, bytes, sizeof(bytes));
	if (len == -1)
		return;
	record.value_len = (size_t)len;
	if (partitions > BEAT_PARTITIONS_MAX)
		partitions = BEAT_PARTITIONS_MAX;
	for (int i = FIRST_OF_CARTS; i < partitions; i++) {
		if (fw->beat_under_way[i])
			continue;
		record.partition = i;
		record.opaque = forward_beat_opaque(i);
		if (kafka_produce(fw->producer, &record) == -1)
			return;
		fw->beat_under_way[i] = true;
		metric_add(fw->figures->beats, 1);
	}
}

void
forward_beat_delivered(struct forward *fw, const void *opaque)
{
	fw->beat_under_way[(uintptr_t)opaque >> 1] = false;
}
