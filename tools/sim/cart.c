#include "tools/sim/cart.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define BACKOFF_MAX_MS 5000
/* As the gateway does: a frame of ledger 0 would have to be sent again. */
#define LEDGER_WAIT_US INT64_C(3000000)

/* Never of the seed: a second run would use numbers twice. */
static int
draw_epoch(struct cart *c)
{
	do {
		if (getrandom(&c->epoch, sizeof(c->epoch), 0) !=
		    sizeof(c->epoch))
			return -1;
		c->epoch &= EPOCH_MAX;
	} while (c->epoch == 0);
	return 0;
}

int
cart_init(struct cart *c, struct world *w, size_t index)
{
	const struct settings *s = w->settings;
	uint64_t number = (uint64_t)s->first + index, run;
	struct link_timing timing = { (int)s->ack_timeout_ms, BACKOFF_MAX_MS };
	struct stall_habits habits = { s->abandoned, s->voided, s->repeated };

	memset(c, 0, sizeof(*c));
	c->index = index;
	snprintf(c->plate, sizeof(c->plate), "%.1s%07llu", s->prefix,
	    (unsigned long long)number % 10000000);
	if (draw_epoch(c) == -1)
		return -1;
	run = c->epoch;
	c->dice = dice_new((uint64_t)s->seed ^ 0x63617274, number);
	queue_init(&c->queue);
	link_init(&c->link, &timing, 0, dice_throw(&c->dice));
	walk_init(&c->walk, (uint64_t)s->seed, number);
	stall_init(&c->stall, (uint64_t)s->seed, number, run, &habits);
	c->pos_since_us = c->beat_us = CART_NEVER;
	return 0;
}

void
cart_release(struct cart *c)
{
	queue_release(&c->queue);
	free(c->old);
	c->old = NULL;
}

void
cart_crash(struct cart *c, struct world *w, const struct moment *now)
{
	struct link_timing timing = c->link.timing;

	w->tally->crashes++;
	draw_epoch(c);
	link_init(&c->link, &timing, c->link.ledger, dice_throw(&c->dice));
	c->statuses = c->connections = 0;
	if (c->up)
		cart_connected(c, w, now);
}

/* ---- status ---- */

size_t
cart_status(struct cart *c, struct world *w, const struct moment *now,
    enum status_state state, void *buf, size_t cap)
{
	struct status status = {
		.epoch = c->epoch,
		.count = c->statuses++,
		/* The will speaks for the connection to come. */
		.connection = c->connections + (state == STATUS_LOST),
		.state = state,
		.at.ms = now->at_ms,
		.boot = w->boot,
		.fix_mode = c->has_fix ? FIX_MODE_3D : FIX_MODE_NO_FIX,
		.has_fix = c->has_fix && state != STATUS_LOST,
		.fix = c->fix,
		.day_open = true,
		.backlog = c->queue.unacked > UINT32_MAX
		    ? UINT32_MAX
		    : (uint32_t)c->queue.unacked,
		.battery = BATTERY_UNKNOWN,
		.ledger = c->link.ledger,
		.applied = c->applied,
		.version = "sim " PREGON_VERSION,
	};
	int len = status_encode(&status, buf, cap);

	return len > 0 ? (size_t)len : 0;
}

static void
send_status(struct cart *c, struct world *w, const struct moment *now)
{
	uint8_t buf[STATUS_BYTES_MAX];
	size_t len;

	if (w->settings->heartbeat_s == 0)
		return;
	len = cart_status(c, w, now, STATUS_ONLINE, buf, sizeof(buf));
	if (len > 0)
		w->send(w->ctx, c->index, "status", buf, len, true);
	c->beat_us = now->us + w->settings->heartbeat_s * 1000000;
}

/* ---- frames ---- */

static void
keep_old(struct cart *c, const struct world *w, enum stream stream, size_t len)
{
	uint8_t *copy;

	if (w->settings->net.late == 0 || dice_below(&c->dice, 4) != 0)
		return;
	copy = realloc(c->old, len);
	if (copy == NULL)
		return;
	memcpy(copy, w->frame, len);
	c->old = copy;
	c->old_len = len;
	c->old_stream = stream;
}

static void
send_frame(struct cart *c, struct world *w, const struct moment *now,
    enum stream stream, bool again)
{
	struct outbox_range range;
	uint64_t next;
	size_t len;

	/* What of the fixes does not go now goes with their ack. */
	if (stream == STREAM_POS)
		c->pos_since_us = CART_NEVER;
	if (!queue_next(&c->queue, stream, &range) ||
	    queue_cut(&c->queue, stream, &range, c->link.ledger, w->frame,
		sizeof(w->frame), &len, &next) == -1)
		return;
	w->send(w->ctx, c->index, stream_name(stream), w->frame, len, false);
	link_sent(&c->link, stream, range.epoch, range.first_seq, next,
	    now->us / 1000);
	w->tally->frames++;
	w->tally->resent += again;
	if (!again)
		c->first_sent_us[stream] = now->us;
	if (stream == STREAM_POS && next == range.end_seq &&
	    c->beat_us != CART_NEVER)
		c->beat_us = now->us + w->settings->heartbeat_s * 1000000;
	keep_old(c, w, stream, len);
}

static int64_t
pos_due_us(const struct cart *c, const struct world *w)
{
	if (c->pos_since_us == CART_NEVER)
		return CART_NEVER;
	return c->pos_since_us + w->settings->linger_ms * 1000;
}

bool
cart_ready(const struct cart *c, const struct moment *now)
{
	return c->up &&
	    (c->heard_guild || now->us - c->up_us >= LEDGER_WAIT_US);
}

void
cart_pump(struct cart *c, struct world *w, const struct moment *now)
{
	if (!cart_ready(c, now))
		return;
	for (int i = 0; i < STREAM_COUNT; i++) {
		enum stream stream = (enum stream)i;

		if (link_must_resend(&c->link, stream, now->us / 1000))
			send_frame(c, w, now, stream, true);
		if (!link_may_send(&c->link, stream))
			continue;
		if (stream == STREAM_POS && pos_due_us(c, w) > now->us)
			continue;
		send_frame(c, w, now, stream, false);
	}
	if (now->us >= c->beat_us)
		send_status(c, w, now);
}

int64_t
cart_due_us(const struct cart *c, const struct world *w)
{
	int64_t due = link_next_ms(&c->link), pos = pos_due_us(c, w);

	if (!c->up)
		return CART_NEVER;
	if (due != CART_NEVER)
		due *= 1000;
	if (link_may_send(&c->link, STREAM_POS) && pos < due)
		due = pos;
	if (c->beat_us < due)
		due = c->beat_us;
	if (!c->heard_guild && c->up_us + LEDGER_WAIT_US < due)
		due = c->up_us + LEDGER_WAIT_US;
	return due;
}

bool
cart_done(struct cart *c)
{
	struct outbox_range range;

	for (int i = 0; i < STREAM_COUNT; i++) {
		if (queue_next(&c->queue, (enum stream)i, &range))
			return false;
	}
	return true;
}

/* ---- from above ---- */

void
cart_connected(struct cart *c, struct world *w, const struct moment *now)
{
	c->up = true;
	c->up_us = now->us;
	c->connections++;
	link_connected(&c->link, now->us / 1000);
	/* Whatever waited goes now. */
	c->pos_since_us = now->us - w->settings->linger_ms * 1000;
	send_status(c, w, now);
	cart_pump(c, w, now);
}

void
cart_disconnected(struct cart *c)
{
	c->up = false;
	c->beat_us = CART_NEVER;
}

void
cart_take_ack(struct cart *c, struct world *w, const struct moment *now,
    const void *bytes, size_t len)
{
	const struct link_stream *s;
	struct decode_error error;
	struct outbox_range range = { 0, 0, 0 };
	struct ack ack;
	uint64_t let_go, before = c->queue.unacked;
	bool awaited;

	if (ack_decode(bytes, len, &ack, &error) == -1) {
		w->tally->unreadable++;
		return;
	}
	queue_range_of(&c->queue, ack.stream, ack.epoch, &range);
	s = &c->link.streams[ack.stream];
	awaited = s->under_way && s->epoch == ack.epoch;
	if (link_ack(&c->link, &ack, range.first_seq, range.end_seq, &let_go) ==
	    LINK_IGNORED) {
		w->tally->acks_ignored++;
		return;
	}
	w->tally->acks++;
	if (awaited)
		tally_latency(w->tally, now->us - c->first_sent_us[ack.stream]);
	queue_acknowledge(&c->queue, ack.stream, ack.epoch, let_go);
	w->tally->acked += before - c->queue.unacked;
	/* What came meanwhile has waited long enough. */
	if (ack.stream == STREAM_POS && c->pos_since_us == CART_NEVER)
		c->pos_since_us = now->us;
	if (c->old != NULL && dice_permille(&c->dice, w->settings->net.late))
		w->send(w->ctx, c->index, stream_name(c->old_stream), c->old,
		    c->old_len, false);
	cart_pump(c, w, now);
}

void
cart_take_cmd(struct cart *c, struct world *w, const struct moment *now,
    const void *bytes, size_t len)
{
	struct decode_error error;
	struct cmd cmd;

	if (cmd_decode(bytes, len, &cmd, &error) == -1) {
		w->tally->unreadable++;
		return;
	}
	if (cmd.id <= c->applied)
		return;
	c->applied = cmd.id;
	send_status(c, w, now);
}

void
cart_take_guild(struct cart *c, struct world *w, const struct moment *now,
    const struct guild *guild)
{
	bool first = c->link.ledger == 0;

	c->heard_guild = true;
	if (guild->ledger > c->link.ledger) {
		link_raise(&c->link, guild->ledger);
		/* The first one heard is only kept. */
		if (!first && guild->since_ms >= 0)
			queue_raise(&c->queue, guild->since_ms);
		c->applied = 0;
		c->pos_since_us = now->us - w->settings->linger_ms * 1000;
	}
	cart_pump(c, w, now);
}
