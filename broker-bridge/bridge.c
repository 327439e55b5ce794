/*
 * bridge: three states: the topics are seen to, the guild's record is read or
 * made, and then it runs.  Doubts about the log lead back to the first one;
 * the connections stay and frames go unacknowledged meanwhile.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker-bridge/bridge_parts.h"

#define TICK_S 0.25
#define DOUBT_EVERY_MS 5000
#define LOOK_AGAIN_MS 5000 /* when the last look failed */
#define STALE_MS 10000 /* a record that waits so long: unwell */
#define FLUSH_MS 2000

static void
on_guild(void *ctx, const struct guild *record, bool live)
{
	struct bridge *b = ctx;

	switch (guild_take(&b->word, record)) {
	case GUILD_OLD:
	case GUILD_SAME:
		return;
	case GUILD_NEW_LOG:
		b->reread |= live;
		break;
	case GUILD_NEW_WORD:
		break;
	}
	bridge_tell_ledger(b);
	bridge_say_guild(b);
}

static void
on_log_doubt(void *ctx)
{
	struct bridge *b = ctx;

	b->log_doubt = true;
	b->reread = true;
}

static void
see_to_log(struct bridge *b, int64_t now)
{
	char why[512];

	b->log_doubt |= forward_take_log_doubt(b->forward);
	if (b->log_doubt && now >= b->doubt_ms) {
		log_warn("bridge.log_doubted",
		    "why=\"a topic is gone, or "
		    "shorter than it was\"");
		b->log_doubt = false;
		b->doubt_ms = now + DOUBT_EVERY_MS;
		b->state = BRIDGE_TOPICS;
		b->next_try_ms = 0;
		return;
	}
	if (b->reread && !b->log_doubt) {
		b->reread = !bridge_read_commands(b);
		return;
	}
	if (now >= b->next_look_ms)
		b->next_look_ms = bridge_now_ms() +
		    (bridge_look(b, why, sizeof(why)) ? LOOK_EVERY_MS
						      : LOOK_AGAIN_MS);
}

static void
each_second(struct bridge *b, int64_t now)
{
	b->next_second_ms = now + 1000;
	forward_gauges(b->forward);
	downlink_tick(b->downlink);
	bridge_beat(b, now);
	if (downlink_sees_no_broker(b->downlink) &&
	    b->next_look_ms > now + LOOK_AGAIN_MS)
		b->next_look_ms = now;
	/* The retained ones come again with a new subscription. */
	if (b->subscribed && forward_take_retained_lost(b->forward))
		bridge_subscribe_statuses(b);
}

static void
tell_health(struct bridge *b)
{
	bool up = mqtt_is_connected(b->up), down = mqtt_is_connected(b->down);

	atomic_store(&b->seen_state, (int)b->state);
	atomic_store(&b->up_stands, up);
	atomic_store(&b->down_stands, down);
	atomic_store(&b->oldest_ms, forward_oldest_ms(b->forward));
	atomic_store(&b->beat_ms, bridge_now_ms());
	metric_set(b->figures->connected, up && down);
}

static void
on_tick(struct ev_loop *loop, struct ev_timer *watcher, int events)
{
	struct bridge *b = watcher->data;
	int64_t now = bridge_now_ms();

	(void)loop;
	(void)events;
	if (b->state == BRIDGE_RUN) {
		see_to_log(b, now);
		bridge_see_to_guild(b, now);
	} else if (now >= b->next_try_ms) {
		b->next_try_ms = now + RETRY_MS;
		bridge_step(b);
	}
	if (now >= b->next_second_ms)
		each_second(b, now);
	/* Not only when its fd says so: a fatal error is mended in time. */
	forward_poll(b->forward);
	tell_health(b);
}

static void
on_reports(struct ev_loop *loop, struct ev_io *watcher, int events)
{
	struct bridge *b = watcher->data;

	(void)loop;
	(void)events;
	forward_poll(b->forward);
}

static void
on_acks(struct ev_loop *loop, struct ev_prepare *watcher, int events)
{
	struct bridge *b = watcher->data;

	(void)loop;
	(void)events;
	forward_flush_acks(b->forward);
}

int
bridge_health(void *ctx, char *why, size_t why_cap)
{
	struct bridge *b = ctx;
	int64_t oldest = atomic_load(&b->oldest_ms);

	if (bridge_now_ms() - atomic_load(&b->beat_ms) > STALE_MS)
		snprintf(why, why_cap, "the loop does not turn");
	else if (atomic_load(&b->seen_state) == BRIDGE_TOPICS)
		snprintf(why, why_cap, "waiting for Kafka at %s",
		    b->settings->brokers);
	else if (atomic_load(&b->seen_state) == BRIDGE_GUILD)
		snprintf(why, why_cap, "waiting for the guild's record");
	else if (!atomic_load(&b->up_stands) || !atomic_load(&b->down_stands))
		snprintf(why, why_cap,
		    "not connected to the MQTT broker at "
		    "%s:%d",
		    b->settings->mqtt.host, (int)b->settings->mqtt.port);
	else if (oldest > STALE_MS)
		snprintf(why, why_cap,
		    "Kafka takes no records: the oldest "
		    "waits for %lld s",
		    (long long)(oldest / 1000));
	else if (!atomic_load(&b->kafka_answers))
		snprintf(why, why_cap, "Kafka at %s does not answer",
		    b->settings->brokers);
	else
		return 0;
	return -1;
}

int
bridge_status(const struct bridge *b)
{
	return b->status;
}

static int
make_parts(struct bridge *b, char *why, size_t why_cap)
{
	static const struct downlink_handler downlink_handler = {
		.guild = on_guild,
		.log_doubt = on_log_doubt,
	};
	struct forward_settings forward = {
		.kafka = b->kafka,
		.max_frames = (uint32_t)b->settings->inflight.max_frames,
		.max_bytes = b->settings->inflight.max_bytes,
	};
	struct downlink_settings downlink = {
		.kafka = b->kafka,
		.postbox = { .max_bytes = b->settings->commands.max_bytes,
		    .resend_ms = (int)b->settings->commands.resend_ms,
		    .resend_max_ms = 300000 },
	};

	b->forward = forward_new(&forward, b->figures, why, why_cap);
	if (b->forward == NULL)
		return -1;
	b->downlink = downlink_new(b->loop, &downlink, b->forward, b->figures,
	    &downlink_handler, b, why, why_cap);
	if (b->downlink == NULL || bridge_connect(b, why, why_cap) == -1)
		return -1;
	forward_set_mqtt(b->forward, b->up);
	downlink_set_mqtt(b->downlink, b->down);
	return 0;
}

static void
start_watchers(struct bridge *b)
{
	ev_timer_init(&b->tick, on_tick, 0., TICK_S);
	ev_io_init(&b->reports, on_reports,
	    kafka_producer_fd(forward_producer(b->forward)), EV_READ);
	ev_prepare_init(&b->acks, on_acks);
	b->tick.data = b->reports.data = b->acks.data = b;
	ev_timer_start(b->loop, &b->tick);
	ev_io_start(b->loop, &b->reports);
	ev_prepare_start(b->loop, &b->acks);
}

struct bridge *
bridge_new(struct ev_loop *loop, const struct settings *settings,
    struct figures *figures, char *why, size_t why_cap)
{
	struct bridge *b = calloc(1, sizeof(*b));

	if (b == NULL) {
		snprintf(why, why_cap, "%s", strerror(errno));
		return NULL;
	}
	b->loop = loop;
	b->settings = settings;
	b->figures = figures;
	b->topics = settings_topics(settings);
	b->kafka = (struct kafka_settings){ .bootstrap = settings->brokers,
		.client_id = b->up_id,
		.pass = bridge_program.pass };
	atomic_store(&b->beat_ms, bridge_now_ms());
	snprintf(why, why_cap, "mqtt.client_id: %s", strerror(EIO));
	if (bridge_choose_ids(b) == -1 || make_parts(b, why, why_cap) == -1) {
		bridge_free(b);
		return NULL;
	}
	start_watchers(b);
	return b;
}

void
bridge_free(struct bridge *b)
{
	if (b == NULL)
		return;
	ev_timer_stop(b->loop, &b->tick);
	ev_io_stop(b->loop, &b->reports);
	ev_prepare_stop(b->loop, &b->acks);
	downlink_free(b->downlink);
	/* Before its connection: the last reports bring acks. */
	forward_free(b->forward, b->state == BRIDGE_RUN ? FLUSH_MS : 0);
	mqtt_free(b->down);
	mqtt_free(b->up);
	free(b);
}
