/*
 * refuse: what cannot be read, kept whole in topic_rechazados.
 */
#include <errno.h>
#include <string.h>

#include "broker-bridge/forward_parts.h"

/* A stranger's topic may be 64 kB long. */
#define ORIGIN_MAX 200

static const char *const names[REFUSALS] = {
	[REFUSED_ADDRESS] = "address",
	[REFUSED_SIZE] = "size",
	[REFUSED_VERSION] = "version",
	[REFUSED_ENVELOPE] = "envelope",
	[REFUSED_ITEM] = "item",
	[REFUSED_ALL] = "payload",
	[REFUSED_STATUS] = "status",
};

void
refuse_count(struct forward *fw, const struct arrival *in, enum refusal refusal,
    const char *reason)
{
	bool is_sale = in->from.cart_len > 0 && !in->from.is_status &&
	    in->from.stream == STREAM_SALE;
	unsigned long held;

	metric_add(fw->figures->refused[refusal], 1);
	if (is_sale) {
		metric_add(fw->figures->refused_sales, 1);
		if (log_limited(&fw->sale_limit, 1000, &held))
			log_error("bridge.sale_refused",
			    "cart=%.*s class=%s bytes=%zu held_back=%lu "
			    "why=\"%s\" kept_in=topic_rechazados",
			    (int)in->from.cart_len, in->from.cart,
			    names[refusal], in->len, held, reason);
		return;
	}
	if (log_limited(&fw->refused_limit, 5000, &held))
		log_warn("bridge.refused",
		    "topic=\"%.*s\" class=%s bytes=%zu held_back=%lu "
		    "why=\"%s\"",
		    ORIGIN_MAX, in->topic, names[refusal], in->len, held,
		    reason);
}

int
refuse_keep(struct forward *fw, struct inflight_slot *slot,
    const struct arrival *in, const char *reason)
{
	bool known = in->from.cart_len > 0;
	char origin[ORIGIN_MAX + 1];
	struct kafka_record record = {
		.topic = TOPIC_RECHAZADOS,
		.key = known ? in->from.cart : origin,
		.value = in->bytes,
		.value_len = in->len,
		.schema = SCHEMA_REJECT,
		.reason = reason,
		.origin = origin,
		.timestamp_ms = in->received_ms,
		.opaque = slot,
	};
	size_t origin_len = strnlen(in->topic, ORIGIN_MAX);

	memcpy(origin, in->topic, origin_len);
	origin[origin_len] = '\0';
	record.key_len = known ? in->from.cart_len : origin_len;
	record.partition = topic_partition(TOPIC_RECHAZADOS, record.key,
	    record.key_len, fw->partitions[TOPIC_RECHAZADOS]);
	return forward_produce(fw, slot, &record);
}

void
refuse_whole(struct forward *fw, const struct arrival *in, enum refusal refusal,
    const char *reason)
{
	struct inflight_slot *slot;
	struct inflight_key key = { .plate = in->from.plate,
		.stream = INFLIGHT_REFUSED };

	refuse_count(fw, in, refusal, reason);
	if (in->len > REFUSED_BYTES_MAX) {
		metric_add(fw->figures->refused_huge, 1);
		return;
	}
	key.epoch = seen_hash(in->topic, in->bytes, in->len);
	if (seen_has(fw->seen, key.epoch)) {
		metric_add(fw->figures->refused_known, 1);
		return;
	}
	slot = inflight_take(fw->inflight, &key, in->len, in->received_us);
	if (slot == NULL) {
		metric_add(fw->figures->dropped[errno == EEXIST ? DROPPED_REPEAT
								: DROPPED_FULL],
		    1);
		return;
	}
	slot->remember = key.epoch;
	refuse_keep(fw, slot, in, reason);
}
