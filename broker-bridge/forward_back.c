/*
 * forward_back: the way back: Kafka's word on a record, and the cart's ack.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "broker-bridge/forward_parts.h"

#define ACK_TOPIC_MAX (sizeof("pregon//ack") + CART_MAX)
/* Of the 1 MiB that the connection takes. */
#define UNSENT_ACKS_BYTES (512 << 10)

int64_t
forward_now_us(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* 0, or -1 with errno: ENOBUFS above all. */
static int
ack_send(struct forward *fw, const struct inflight_slot *slot)
{
	struct ack ack = {
		.ledger = slot->key.ledger,
		.stream = (enum stream)slot->key.stream,
		.epoch = slot->key.epoch,
		.first_seq = slot->key.first_seq,
		.next_seq = slot->next_seq,
		.server_time_ms = forward_now_us(CLOCK_REALTIME) / 1000,
	};
	char topic[ACK_TOPIC_MAX] = "pregon/";
	char *at = topic + sizeof("pregon/") - 1;
	uint8_t bytes[ACK_BYTES_MAX];
	int len = ack_encode(&ack, bytes, sizeof(bytes));

	at += plate_text(slot->key.plate, at);
	memcpy(at, "/ack", sizeof("/ack"));
	if (fw->mqtt == NULL || len == -1) {
		errno = ENOTCONN;
		return -1;
	}
	return mqtt_publish(fw->mqtt, topic, bytes, (size_t)len, 0, false);
}

static bool
ack_waits(struct forward *fw, struct inflight_slot *slot)
{
	uint32_t at = fw->unsent_first + fw->unsent_count;

	if (fw->unsent_count == fw->unsent_cap)
		return false;
	fw->unsent[at % fw->unsent_cap] = slot;
	fw->unsent_count++;
	return true;
}

/* The slot is at its end: what it was for is in Kafka. */
static void
ack_or_wait(struct forward *fw, struct inflight_slot *slot)
{
	if (fw->unsent_count > 0 || ack_send(fw, slot) == -1) {
		if ((fw->unsent_count > 0 || errno == ENOBUFS) &&
		    ack_waits(fw, slot))
			return;
		metric_add(fw->figures->acks_lost, 1);
	} else {
		metric_add(fw->figures->acks, 1);
	}
	inflight_release(fw->inflight, slot);
}

void
forward_flush_acks(struct forward *fw)
{
	while (fw->unsent_count > 0) {
		struct inflight_slot *slot = fw->unsent[fw->unsent_first];

		if (fw->mqtt != NULL && mqtt_is_connected(fw->mqtt) &&
		    mqtt_unsent(fw->mqtt) > UNSENT_ACKS_BYTES)
			return;
		if (ack_send(fw, slot) == 0)
			metric_add(fw->figures->acks, 1);
		else if (errno == ENOBUFS)
			return;
		else
			metric_add(fw->figures->acks_lost, 1);
		fw->unsent_first = (fw->unsent_first + 1) % fw->unsent_cap;
		fw->unsent_count--;
		inflight_release(fw->inflight, slot);
	}
}

static bool
is_topic_gone(rd_kafka_resp_err_t err)
{
	return err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
	    err == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
	    err == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
}

static void
delivery_failed(
    struct forward *fw, struct inflight_slot *slot, rd_kafka_resp_err_t err)
{
	unsigned long held;

	metric_add(fw->figures->failed, 1);
	if (is_topic_gone(err))
		fw->log_doubt = true;
	if (log_limited(&fw->failed_limit, 5000, &held))
		log_error("bridge.delivery_failed", "held_back=%lu why=\"%s\"",
		    held, rd_kafka_err2str(err));
	if (slot != NULL)
		slot->failed = true;
}

void
forward_slot_done(struct forward *fw, struct inflight_slot *slot)
{
	if (slot->failed) {
		fw->retained_lost |= slot->retained;
		inflight_release(fw->inflight, slot);
		return;
	}
	histogram_observe_ms(fw->figures->delivery,
	    (double)(forward_now_us(CLOCK_MONOTONIC) - slot->received_us) /
		1000);
	if (slot->remember != 0)
		seen_add(fw->seen, slot->remember);
	if (slot->wants_ack)
		ack_or_wait(fw, slot);
	else
		inflight_release(fw->inflight, slot);
}

void
forward_delivered(void *ctx, const struct kafka_delivery *delivery)
{
	struct forward *fw = ctx;
	struct inflight_slot *slot = delivery->opaque;

	if (forward_is_beat(slot)) {
		forward_beat_delivered(fw, slot);
		slot = NULL;
	}
	if (delivery->err != RD_KAFKA_RESP_ERR_NO_ERROR)
		delivery_failed(fw, slot, delivery->err);
	/* Without a slot: a beat, or a tombstone, which a restart would write
	 * again. */
	if (slot != NULL && --slot->waiting == 0)
		forward_slot_done(fw, slot);
}
