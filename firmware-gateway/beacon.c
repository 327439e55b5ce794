#include "firmware-gateway/beacon.h"

#include <stdio.h>

#include "firmware-gateway/battery.h"
#include "schemas/status.h"

bool
beacon_outdated(const struct beacon *b)
{
	return b->epoch != outbox_epoch(b->outbox);
}

static void
renew(struct beacon *b)
{
	if (!beacon_outdated(b))
		return;
	b->epoch = outbox_epoch(b->outbox);
	b->count = 0;
	b->connection = 0;
}

/* Fixes linger for a minute at most: what is younger needs no bytes. */
#define OLD_MS 120000

static struct instant
oldest(struct beacon *b, struct instant now)
{
	struct instant at = { .ms = INSTANT_MISSING };

	if (now.boot == 0 && outbox_depth(b->outbox, STREAM_COUNT) > 0)
		at.ms = outbox_oldest_ms(b->outbox);
	if (at.ms != INSTANT_MISSING && now.ms - at.ms < OLD_MS)
		at.ms = INSTANT_MISSING;
	return at;
}

static void
fill(struct beacon *b, enum status_state state, struct status *s)
{
	*s = (struct status){
		.epoch = b->epoch,
		.count = b->count,
		.connection = b->connection,
		.state = state,
		.at = timekeeper_now(b->time),
		.boot = b->time->boot,
		.fix_mode = b->locator->mode,
		.day_open = b->shop->day_open,
		.battery = battery_percent(BATTERY_FOLDER),
		.ledger = outbox_ledger(b->outbox),
		.applied = commands_applied(b->commands),
	};
	uint64_t depth = outbox_depth(b->outbox, STREAM_COUNT);

	s->oldest = oldest(b, s->at);
	s->backlog = depth > UINT32_MAX ? UINT32_MAX : (uint32_t)depth;
	snprintf(s->version, sizeof(s->version), "%s", PREGON_VERSION);
}

size_t
beacon_will(struct beacon *b, void *buf, size_t cap)
{
	struct status s;
	int len;

	renew(b);
	b->connection++;
	fill(b, STATUS_LOST, &s);
	len = status_encode(&s, buf, cap);
	return len > 0 ? (size_t)len : 0;
}

size_t
beacon_status(struct beacon *b, enum status_state state, void *buf, size_t cap)
{
	struct status s;
	int len;

	renew(b);
	b->count++;
	fill(b, state, &s);
	s.has_fix = locator_latest(b->locator, &s.fix);
	len = status_encode(&s, buf, cap);
	if (len <= 0)
		return 0;
	b->sent++;
	return (size_t)len;
}

void
beacon_shown(struct beacon *b, int64_t now_ms)
{
	b->shown_ms = now_ms;
}

bool
beacon_due(const struct beacon *b, int64_t now_ms)
{
	int64_t every_s = locator_standing(b->locator)
	    ? b->settings->heartbeat.parked_s
	    : b->settings->heartbeat.moving_s;

	return now_ms - b->shown_ms >= every_s * 1000;
}
