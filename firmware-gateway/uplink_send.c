/*
 * The sending half: which stream's frame goes now, and when to look again.
 */
#include <errno.h>
#include <string.h>

#include "firmware-gateway/uplink_parts.h"
#include "lib/log.h"

/* A cart that never heard the guild's ledger waits for it before its first
 * frame: an ack for ledger 0 would let go of nothing. */
#define LEDGER_WAIT_MS 3000

int64_t
uplink_now_ms(const struct uplink *u)
{
	return clock_boottime_ms(u->needs.clock);
}

void
uplink_storage_failed(struct uplink *u, const char *what)
{
	unsigned long held;

	u->counts.storage_errors++;
	if (log_limited(&u->said_storage, 10000, &held))
		log_error("outbox.failed", "doing=%s why=\"%s\" held=%lu", what,
		    strerror(errno), held);
}

static bool
ledger_known(const struct uplink *u)
{
	return outbox_ledger(u->needs.outbox) != 0 ||
	    uplink_now_ms(u) - u->connected_ms >= LEDGER_WAIT_MS;
}

/* 1: cut and handed to the connection; 0: there is nothing; -1. */
static int
send_frame(struct uplink *u, enum stream stream, bool again)
{
	struct outbox *ob = u->needs.outbox;
	struct outbox_range range;
	uint64_t next;
	size_t len;
	int rc = outbox_next(ob, stream, &range);

	if (rc == 1)
		rc = outbox_cut(ob, stream, &range, u->link.ledger, 0, u->frame,
			 sizeof(u->frame), &len, &next) == -1
		    ? -1
		    : 1;
	if (rc == -1)
		uplink_storage_failed(u, "cut");
	if (rc != 1)
		return rc;
	/* Too much waits to be written: the timers try again. */
	if (mqtt_publish(u->mqtt, u->topics[stream], u->frame, len, 0, false) ==
	    -1)
		return -1;
	link_sent(&u->link, stream, range.epoch, range.first_seq, next,
	    uplink_now_ms(u));
	u->counts.frames++;
	u->counts.resent += again;
	u->counts.bytes += len;
	if (stream == STREAM_POS) {
		/* What did not fit goes on with the ack. */
		u->pos_at_once = next < range.end_seq ||
		    range.epoch != outbox_epoch(ob);
		u->pos_since_ms = UPLINK_NEVER;
		if (!u->pos_at_once && !again)
			beacon_shown(&u->beacon, uplink_now_ms(u));
	}
	return 1;
}

static int64_t
pos_due_ms(const struct uplink *u)
{
	int64_t linger = u->needs.settings->link.linger_s * 1000;

	if (u->pos_at_once)
		return 0;
	return u->pos_since_ms == UPLINK_NEVER ? UPLINK_NEVER
					       : u->pos_since_ms + linger;
}

static void
pump_stream(struct uplink *u, enum stream stream)
{
	int64_t now = uplink_now_ms(u);
	int rc;

	if (link_must_resend(&u->link, stream, now)) {
		mqtt_doubt(u->mqtt);
		(void)send_frame(u, stream, true);
		return;
	}
	if (!link_may_send(&u->link, stream))
		return;
	if (!u->look[stream] && outbox_depth(u->needs.outbox, stream) == 0)
		return;
	if (stream == STREAM_POS && now < pos_due_ms(u))
		return;
	rc = send_frame(u, stream, false);
	if (rc == 0)
		u->look[stream] = false;
}

/* The timer for the next resend and the end of lingering. */
static void
set_wake(struct uplink *u)
{
	int64_t now = uplink_now_ms(u), due = pos_due_ms(u);
	int64_t at = link_next_ms(&u->link);

	ev_timer_stop(u->loop, &u->wake);
	/* Ticks see to what is overdue (the connection takes nothing). */
	if (link_may_send(&u->link, STREAM_POS) && due > now &&
	    (due < at || at <= now))
		at = due;
	if (!u->counts.connected || at == UPLINK_NEVER || at <= now)
		return;
	ev_timer_set(&u->wake, (double)(at - now) / 1000 + 0.001, 0);
	ev_timer_start(u->loop, &u->wake);
}

void
uplink_pump(struct uplink *u)
{
	/* What people wait for goes first. */
	static const enum stream order[] = { STREAM_SALE, STREAM_STOCK,
		STREAM_HELP, STREAM_POS };

	if (!u->counts.connected || !ledger_known(u))
		return;
	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
		pump_stream(u, order[i]);
	set_wake(u);
}

void
uplink_look_again(struct uplink *u)
{
	for (int s = 0; s < STREAM_COUNT; s++)
		u->look[s] = true;
	u->pos_at_once = true;
}
