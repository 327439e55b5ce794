/*
 * role: what every role may ask of its context.
 */
#include <stdio.h>
#include <string.h>

#include "backend/consumer/role.h"

int
role_send(struct role_context *ctx, const struct outgoing *out)
{
	ctx->sends = true;
	return ctx->store->ops->outgoing_put(ctx->store, out);
}

int
role_tell(struct role_context *ctx, const struct notice *notice)
{
	uint8_t value[NOTICE_BYTES_MAX];
	struct outgoing out = {
		.topic = TOPIC_AVISOS,
		.key = notice->to,
		.key_len = strlen(notice->to),
		.value = value,
		.schema = SCHEMA_NOTICE,
	};
	int len = notice_encode(notice, value, sizeof(value));

	if (len == -1)
		return -1;
	out.value_len = (size_t)len;
	return role_send(ctx, &out);
}

int
role_reject(
    struct role_context *ctx, const struct record *record, const char *reason)
{
	const char *topic = topic_info(record->topic)->name;
	char origin[64];
	struct outgoing out = {
		.topic = TOPIC_RECHAZADOS,
		.key = record->key,
		.key_len = record->key_len,
		.value = record->value,
		.value_len = record->len,
		.schema = SCHEMA_REJECT,
		.reason = reason,
		.origin = origin,
	};

	snprintf(origin, sizeof(origin), "%s/%d/%lld", topic,
	    (int)record->partition, (long long)record->offset);
	ctx->tally[TALLY_REJECTED]++;
	return role_send(ctx, &out);
}

void
role_late(struct role_context *ctx, int64_t at_ms, int64_t record_ms)
{
	ctx->late[late_bucket(record_ms - at_ms)]++;
}
