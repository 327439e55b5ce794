/*
 * alert_tell: see the header.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "backend/consumer/alert_tell.h"

#define ADMINS "admins"
#define VALUE_TEXT 40

int
alert_tell(struct role_context *ctx, const struct alert_event *event)
{
	const char *key = event->cart[0] != '\0' ? event->cart : event->id;
	uint8_t bytes[ALERT_BYTES_MAX];
	int len = alert_encode(event, bytes, sizeof(bytes));
	struct outgoing out = {
		.topic = TOPIC_ALERTAS,
		.key = key,
		.key_len = strlen(key),
		.value = bytes,
		.schema = SCHEMA_ALERT,
	};

	if (len == -1)
		return -1;
	out.value_len = (size_t)len;
	return role_send(ctx, &out);
}

/* The values of a notice, and the room for their texts. */
struct values {
	struct notice *notice;
	char text[NOTICE_VALUES_MAX][VALUE_TEXT];
};

static void
add_text(struct values *values, const char *name, const char *value)
{
	struct notice *notice = values->notice;

	if (value[0] != '\0' && notice->value_count < NOTICE_VALUES_MAX)
		notice->values[notice->value_count++] = (struct notice_value){
			name, value
		};
}

static char *
room(struct values *values)
{
	return values->text[values->notice->value_count];
}

static void
add_moment(struct values *values, const char *name, int64_t ms)
{
	time_t s = (time_t)(ms / 1000);
	struct tm tm;

	if (ms == INSTANT_MISSING ||
	    values->notice->value_count == NOTICE_VALUES_MAX)
		return;
	gmtime_r(&s, &tm);
	strftime(room(values), VALUE_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm);
	add_text(values, name, room(values));
}

static void
add_number(struct values *values, const char *name, int64_t n)
{
	if (values->notice->value_count == NOTICE_VALUES_MAX)
		return;
	snprintf(room(values), VALUE_TEXT, "%" PRId64, n);
	add_text(values, name, room(values));
}

static void
add_degrees(struct values *values, const char *name, int32_t e6)
{
	if (values->notice->value_count == NOTICE_VALUES_MAX)
		return;
	snprintf(room(values), VALUE_TEXT, "%.6f", e6 / 1e6);
	add_text(values, name, room(values));
}

static void
add_all(struct values *values, const struct alert_event *event)
{
	add_text(values, "cart", event->cart);
	add_text(values, "cause", alert_cause_name(event->cause));
	add_moment(values, "since", event->since_ms);
	add_moment(values, "until", event->until_ms);
	if (event->known != KNOWN_NOTHING)
		add_text(values, "known", alert_known_name(event->known));
	if (event->why != WHY_UNKNOWN)
		add_text(values, "why", alert_why_name(event->why));
	if (event->has_place) {
		add_degrees(values, "lat", event->lat_e6);
		add_degrees(values, "lon", event->lon_e6);
	}
	if (event->moved_m >= 0)
		add_number(values, "moved_m", event->moved_m);
	if (event->count > 0)
		add_number(values, "count", event->count);
	add_text(values, "subject", event->subject);
	add_text(values, "by", event->by);
	add_text(values, "note", event->note);
}

int
alert_notify(struct role_context *ctx, const struct alert_event *event)
{
	char id[NOTICE_ID_MAX + 1];
	struct notice notice = {
		.id = id,
		.to = ADMINS,
		.event = event->state == ALERT_OPENED ? "alert.opened"
						      : "alert.resolved",
		.subject = event->id,
		.at_ms = event->at_ms,
	};
	struct values values = { .notice = &notice };

	snprintf(id, sizeof(id), "%s/%" PRIu32, event->id, event->revision);
	add_all(&values, event);
	return role_tell(ctx, &notice);
}
