/*
 * forward: the way in.  A frame costs no allocation of ours: a slot from the
 * pool, the ack on the stack.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker-bridge/forward_parts.h"
#include "schemas/status.h"

int
forward_produce(struct forward *fw, struct inflight_slot *slot,
    const struct kafka_record *record)
{
	if (kafka_produce(fw->producer, record) == 0) {
		slot->waiting++;
		return 0;
	}
	if (errno == EIO)
		fw->log_doubt = true;
	metric_add(fw->figures->dropped[DROPPED_KAFKA], 1);
	fw->let_fall = true;
	slot->failed = true;
	if (slot->waiting == 0)
		forward_slot_done(fw, slot);
	return -1;
}

static struct inflight_slot *
slot_take(struct forward *fw, const struct arrival *in,
    const struct inflight_key *key)
{
	struct inflight_slot *slot = inflight_take(
	    fw->inflight, key, in->len, in->received_us);

	if (slot == NULL) {
		metric_add(fw->figures->dropped[errno == EEXIST ? DROPPED_REPEAT
								: DROPPED_FULL],
		    1);
		fw->let_fall |= errno != EEXIST;
	}
	return slot;
}

/* Bytes of the cart to the topic where its stream or status belongs. */
static struct kafka_record
record_of(const struct forward *fw, const struct arrival *in, enum topic topic,
    const char *schema, struct inflight_slot *slot)
{
	return (struct kafka_record){
		.topic = topic,
		.partition = topic_partition(topic, in->from.cart,
		    in->from.cart_len, fw->partitions[topic]),
		.key = in->from.cart,
		.key_len = in->from.cart_len,
		.value = in->bytes,
		.value_len = in->len,
		.schema = schema,
		.timestamp_ms = in->received_ms,
		.opaque = slot,
	};
}

/* "field: expected ..."; the longest of both fits. */
#define WHY_MAX 160
static void
error_words(const struct decode_error *error, char why[WHY_MAX])
{
	snprintf(
	    why, WHY_MAX, "%s: expected %s", error->field, error->expected);
}

static void
forward_frame(struct forward *fw, const struct arrival *in)
{
	enum stream stream = in->from.stream;
	struct inflight_slot *slot;
	enum recut_verdict verdict;
	struct inflight_key key;
	struct kafka_record record;
	struct decode_error error;
	struct frame frame;
	char why[WHY_MAX];

	metric_add(fw->figures->frames[stream], 1);
	if (frame_decode(in->bytes, in->len, &frame, &error) == -1) {
		enum refusal refusal = errno == ENOTSUP ? REFUSED_VERSION
							: REFUSED_ENVELOPE;

		if (in->len > FRAME_BYTES_MAX)
			refusal = REFUSED_SIZE;
		error_words(&error, why);
		refuse_whole(fw, in, refusal, why);
		return;
	}
	verdict = recut_frame(&fw->recut, &frame, stream);
	if (verdict == RECUT_HOPELESS) {
		refuse_whole(fw, in, REFUSED_ENVELOPE, fw->recut.reason);
		return;
	}
	if (verdict != RECUT_GOOD)
		refuse_count(fw, in,
		    verdict == RECUT_SOME ? REFUSED_ITEM : REFUSED_ALL,
		    fw->recut.reason);
	key = (struct inflight_key){ .plate = in->from.plate,
		.epoch = frame.epoch,
		.first_seq = frame.first_seq,
		.ledger = (uint32_t)frame.ledger,
		.stream = (uint8_t)stream };
	slot = slot_take(fw, in, &key);
	if (slot == NULL)
		return;
	slot->next_seq = frame.first_seq + frame.count;
	slot->wants_ack = true;
	record = record_of(
	    fw, in, topic_of_stream(stream), schema_of_stream(stream), slot);
	if (verdict != RECUT_GOOD) {
		record.value = fw->recut.bytes;
		record.value_len = fw->recut.len;
	}
	if (forward_produce(fw, slot, &record) == 0 && verdict != RECUT_GOOD)
		refuse_keep(fw, slot, in, fw->recut.reason);
}

static void
forward_status(struct forward *fw, const struct arrival *in)
{
	struct inflight_slot *slot;
	struct inflight_key key;
	struct kafka_record record;
	struct decode_error error;
	struct status status;
	char why[WHY_MAX];

	if (in->len == 0)
		return; /* a retained one was cleared: no news of a cart */
	metric_add(fw->figures->statuses, 1);
	if (status_decode(in->bytes, in->len, &status, &error) == -1) {
		error_words(&error, why);
		refuse_whole(fw, in, REFUSED_STATUS, why);
		return;
	}
	/* A will may have the count of a status, but not its state too. */
	key = (struct inflight_key){ .plate = in->from.plate,
		.epoch = status.epoch,
		.first_seq = status.count,
		.ledger = (uint32_t)(status.connection << 2 | status.state),
		.stream = INFLIGHT_STATUS };
	slot = slot_take(fw, in, &key);
	if (slot == NULL) {
		fw->retained_lost |= in->retained && errno == ENOBUFS;
		return;
	}
	slot->retained = in->retained;
	record = record_of(fw, in, TOPIC_COORDENADAS, SCHEMA_STATUS, slot);
	forward_produce(fw, slot, &record);
}

void
forward_message(struct forward *fw, const char *topic, const void *bytes,
    size_t len, bool retained)
{
	struct arrival in = {
		.topic = topic,
		.bytes = bytes,
		.len = len,
		.received_us = forward_now_us(CLOCK_MONOTONIC),
		.received_ms = forward_now_us(CLOCK_REALTIME) / 1000,
		.retained = retained,
	};

	if (address_read(topic, &in.from) == -1) {
		in.from = (struct address){ .cart_len = 0 };
		refuse_whole(fw, &in, REFUSED_ADDRESS,
		    "topic: expected pregon/<plate>/<stream>");
	} else if (in.from.is_status) {
		forward_status(fw, &in);
	} else {
		forward_frame(fw, &in);
	}
}

void
forward_erase_command(
    struct forward *fw, plate_t plate, const char *key, size_t key_len)
{
	char cart[CART_MAX + 1];
	size_t cart_len = plate_text(plate, cart);
	struct kafka_record record = {
		.topic = TOPIC_COMANDOS,
		.partition = topic_partition(TOPIC_COMANDOS, cart, cart_len,
		    fw->partitions[TOPIC_COMANDOS]),
		.key = key,
		.key_len = key_len,
		.tombstone = true,
	};

	if (kafka_produce(fw->producer, &record) == 0)
		metric_add(fw->figures->commands_erased, 1);
	else
		metric_add(fw->figures->dropped[DROPPED_KAFKA], 1);
}

void
forward_poll(struct forward *fw)
{
	forward_flush_acks(fw);
	kafka_producer_poll(fw->producer);
}

bool
forward_take_log_doubt(struct forward *fw)
{
	bool doubt = fw->log_doubt;

	fw->log_doubt = false;
	return doubt;
}

bool
forward_take_retained_lost(struct forward *fw)
{
	if (!fw->retained_lost || !inflight_is_calm(fw->inflight))
		return false;
	fw->retained_lost = false;
	return true;
}

int64_t
forward_oldest_ms(const struct forward *fw)
{
	int64_t oldest = inflight_oldest_us(fw->inflight);

	return oldest == INT64_MAX
	    ? 0
	    : (forward_now_us(CLOCK_MONOTONIC) - oldest) / 1000;
}

void
forward_gauges(struct forward *fw)
{
	metric_set(fw->figures->in_flight, inflight_frames(fw->inflight));
	metric_set(fw->figures->in_flight_bytes, inflight_bytes(fw->inflight));
}

void
forward_set_mqtt(struct forward *fw, struct mqtt *mqtt)
{
	fw->mqtt = mqtt;
}

void
forward_set_partitions(struct forward *fw, const int partitions[TOPIC_COUNT])
{
	memcpy(fw->partitions, partitions, sizeof(fw->partitions));
}

struct kafka_producer *
forward_producer(const struct forward *fw)
{
	return fw->producer;
}

struct forward *
forward_new(const struct forward_settings *settings, struct figures *figures,
    char *why, size_t why_cap)
{
	struct forward *fw = calloc(1, sizeof(*fw));

	if (fw == NULL)
		goto no_memory;
	fw->figures = figures;
	fw->inflight = inflight_new(settings->max_frames, settings->max_bytes);
	fw->seen = seen_new();
	fw->unsent_cap = settings->max_frames;
	fw->unsent = calloc(fw->unsent_cap, sizeof(struct inflight_slot *));
	if (fw->inflight == NULL || fw->seen == NULL || fw->unsent == NULL)
		goto no_memory;
	fw->producer = kafka_producer_new(
	    &settings->kafka, forward_delivered, fw, why, why_cap);
	if (fw->producer == NULL)
		goto free_forward;
	return fw;
no_memory:
	snprintf(why, why_cap, "inflight.max_frames: %s", strerror(ENOMEM));
free_forward:
	forward_free(fw, 0);
	return NULL;
}

void
forward_free(struct forward *fw, int timeout_ms)
{
	if (fw == NULL)
		return;
	/* Its last reports still need the slots. */
	if (fw->producer != NULL)
		kafka_producer_free(fw->producer, timeout_ms);
	inflight_free(fw->inflight);
	seen_free(fw->seen);
	free(fw->unsent);
	free(fw);
}
