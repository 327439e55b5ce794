/*
 * gap_alerts: see the header.
 */
#include "backend/consumer/gap_alerts.h"

/* A hole is shown once it is so old: it may close by itself (a resend). */
#define OPEN_AFTER_MS 60000
/* As long as it changes all the time, it is told so often. */
#define CHANGE_EVERY_MS 60000

struct walk {
	struct alerts *alerts;
	enum alert_cause cause;
	int64_t now_ms;
	bool caught_up;
	struct role_context *ctx;
	enum stream stream;
};

static enum alert_cause
cause_of(enum stream stream)
{
	return stream == STREAM_SALE ? ALERT_GAP_SALE
	    : stream == STREAM_STOCK ? ALERT_GAP_STOCK
				     : ALERT_GAP_POS;
}

/* A cart that has gaps. */
static int
see_gap(void *ctx, const char *cart, int64_t since_ms, int64_t count)
{
	struct walk *walk = ctx;
	const struct alert_event *open;
	struct alert_event event;

	if (alerts_find(walk->alerts, cart, walk->cause, &open) == -1)
		return -1;
	if (open == NULL && !walk->caught_up)
		return 0;
	if (open == NULL) {
		alert_begin(&event, cart, walk->cause, since_ms, walk->now_ms);
		event.count = count;
		return alerts_open(walk->alerts, &event);
	}
	if (open->count == count ||
	    walk->now_ms - open->at_ms < CHANGE_EVERY_MS)
		return 0;
	event = *open;
	event.count = count;
	event.at_ms = walk->now_ms;
	return alerts_change(walk->alerts, &event);
}

static int
see_open(void *ctx, const struct alert_event *open)
{
	struct walk *walk = ctx;
	struct runtime_store *store = walk->ctx->store;
	struct alert_event event;
	int64_t numbers;

	if (store->ops->gap_numbers(
		store, open->cart, walk->stream, &numbers) == -1)
		return -1;
	if (numbers > 0)
		return 0;
	event = *open;
	event.at_ms = event.until_ms = walk->now_ms;
	return alerts_resolve(walk->alerts, &event);
}

int
gap_alerts_tick(struct alerts *alerts, struct role_context *ctx,
    enum stream stream, int64_t now_ms, bool caught_up)
{
	struct walk walk = { .alerts = alerts,
		.cause = cause_of(stream),
		.now_ms = now_ms,
		.caught_up = caught_up,
		.ctx = ctx,
		.stream = stream };

	if (alerts_each(alerts, walk.cause, see_open, &walk) == -1)
		return -1;
	return ctx->store->ops->gap_carts(
	    ctx->store, stream, now_ms - OPEN_AFTER_MS, see_gap, &walk);
}
